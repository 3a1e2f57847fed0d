/**
 * Requests by the million into our parser and into another: llhttp, which is in Node, or nginx. Where the two could be
 * made to see different requests in the same bytes, it says so and ends with 1. Run:
 *
 *     node dist/scripts/fuzz-requests/main.js [--nginx] [--count 1000000] [--seed 1]
 */
import { parseArgs } from 'node:util';
import { differenceOf, isStricter } from '../../test/support/request-fuzz/compare.js';
import { RequestGenerator } from '../../test/support/request-fuzz/generate.js';
import { isBeyondLlhttp, LlhttpReader, OurReader, type Reading } from '../../test/support/request-fuzz/readers.js';
import { NginxReader } from './nginx.js';

/** Connections to nginx at a time. */
const AT_ONCE = 32;
const BATCH = 1000;
/** Findings that are printed; all are counted. */
const PRINTED = 10;

/** What was found in all inputs together. */
class Findings {
  inputs = 0;
  /** Requests that we took, and inputs of which the other took less because it refused something. */
  taken = 0;
  refusedByThem = 0;
  /** Such a refusal that nobody has explained. */
  unexplained = 0;
  differences = 0;

  note(text: string, ours: Reading, theirs: Reading, mayRefuse: boolean): void {
    this.inputs++;
    this.taken += ours.requests.length;
    const difference = differenceOf(ours, theirs);
    const isRefused = difference === undefined && isStricter(theirs, ours);
    if (isRefused) this.refusedByThem++;
    if (isRefused && !mayRefuse) this.unexplained++;
    if (difference !== undefined) this.differences++;
    if ((difference !== undefined || (isRefused && !mayRefuse)) && this.differences + this.unexplained <= PRINTED) {
      console.error(`${difference ?? 'they refuse what we take'}: ${JSON.stringify(text)}`);
    }
  }
}

const { values } = parseArgs({
  options: {
    nginx: { type: 'boolean', default: false },
    count: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const count = Number(values.count ?? (values.nginx ? 100_000 : 1_000_000));
const seed = Number(values.seed);
if (!(Number.isInteger(count) && count > 0 && Number.isInteger(seed))) {
  console.error('usage: node dist/scripts/fuzz-requests/main.js [--nginx] [--count 1000000] [--seed 1]');
  process.exit(2);
}

const generator = new RequestGenerator(seed);
const findings = new Findings();
const started = Date.now();
if (values.nginx) await readWithNginx();
else readWithLlhttp();
const { inputs, taken, refusedByThem, unexplained, differences } = findings;
console.log(
  `${inputs} inputs, ${taken} requests taken by us, ${((Date.now() - started) / 1000).toFixed(1)} s: ` +
    `${differences} differences; ${refusedByThem} inputs in which the other refused what we took`,
);
process.exitCode = differences + unexplained > 0 ? 1 : 0;

function readWithLlhttp(): void {
  const ours = new OurReader(false);
  const llhttp = new LlhttpReader();
  for (let i = 0; i < count; i++) {
    const text = generator.next();
    const bytes = Buffer.from(text, 'latin1');
    findings.note(text, ours.read(bytes), llhttp.read(bytes), isBeyondLlhttp(text));
  }
}

async function readWithNginx(): Promise<void> {
  const ours = new OurReader(true);
  const nginx = await NginxReader.start();
  const one = async (): Promise<void> => {
    const text = generator.next();
    const bytes = Buffer.from(text, 'latin1');
    findings.note(text, ours.read(bytes), await nginx.read(bytes), true);
  };
  const many = async (): Promise<void> => {
    while (begun < count) {
      begun++;
      await one();
      if (begun % BATCH === 0 && process.stdout.isTTY) process.stdout.write(`\r${begun}`);
    }
  };
  let begun = 0;
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, many));
  } finally {
    nginx.stop();
  }
}
