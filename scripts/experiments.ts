/**
 * `npm run experiments`: fills the pictures of docs/experiments.md, and the findings below them. They are what the
 * experiments give with seed 1. test/experiment/experiments.test.ts compares.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { wrapped } from '../src/drawing/wrap.js';
import { type Outcome, pictureText } from '../src/experiment/experiment.js';
import { EXPERIMENTS, findExperiment } from '../src/experiment/experiments.js';

/** The page in the folder of the project. */
export const PAGE = fileURLToPath(new URL('../../docs/experiments.md', import.meta.url));
const SEED = 1;
/** Letters of a line. */
const WIDTH = 118;

function runOf(name: string, seed: number): Outcome {
  const experiment = findExperiment(name);
  if (experiment === undefined) throw new Error(`no experiment ${name}`);
  return experiment.run(seed);
}

/**
 * The page with its blocks filled anew: behind the line `fastpath experiment NAME` comes its picture.
 * @param outcomeOf a run of an experiment; for those who have one already
 */
export function filled(page: string, outcomeOf = runOf): string {
  let text = page;
  for (const { name } of EXPERIMENTS) {
    const { picture, findings } = outcomeOf(name, SEED);
    const lines = findings.flatMap((finding) => wrapped(finding, WIDTH));
    const block = `$ fastpath experiment ${name}\n${pictureText(picture)}\n\n${lines.join('\n')}\n`;
    const place = new RegExp(`(?<=^\`\`\`text\n)\\$ fastpath experiment ${name}\n[\\s\\S]*?(?=^\`\`\`$)`, 'm');
    if (!place.test(text))
      throw new Error(`docs/experiments.md has no block that begins with fastpath experiment ${name}`);
    text = text.replace(place, () => block);
  }
  return text;
}

if (process.argv.includes('--write')) writeFileSync(PAGE, filled(readFileSync(PAGE, 'utf8')));
