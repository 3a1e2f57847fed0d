/**
 * `npm run oracle -- [--steps 1000000] [--seed 1] [--without "text"]`
 *
 * Holds the early path for expected segments (src/net/expected) to the textbook path: two stacks, with it and without
 * it, must send the same frames and remember the same. Each seed has other settings and lives through 2,000 steps.
 * `--without` leaves a piece of the compiled path out, to see that the oracle notices.
 *
 * Exit status: 0 all equal, 1 a difference; then its seed and step are printed.
 */
import { register } from 'node:module';
import { parseArgs } from 'node:util';

const STEPS_PER_SEED = 2000;

function count(name: string, text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new Error(`--${name} wants a whole number from 1 on, not "${text}"`);
  return Number(text);
}

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    without: { type: 'string' },
  },
});
const steps = count('steps', values.steps);
const first = count('seed', values.seed);
register('./open-fields.js', { parentURL: import.meta.url, data: { without: values.without } });
const { runDuel } = await import('./duel.js');

const total = { steps: 0, expected: 0, frames: 0 };
for (let seed = first; total.steps < steps; seed++) {
  const result = runDuel(seed, Math.min(STEPS_PER_SEED, steps - total.steps));
  total.steps += result.steps;
  total.expected += result.expected;
  total.frames += result.frames;
  if (result.difference === undefined) continue;
  console.log(`DIFFERENT: ${result.difference}`);
  process.exitCode = 1;
  break;
}
const share = ((100 * total.expected) / total.steps).toFixed(0);
console.log(`${total.steps} steps, ${total.expected} taken early (${share} %), ${total.frames} frames sent`);
