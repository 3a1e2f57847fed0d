/**
 * Mutated queries and zone files through the DNS server, a million of each unless told otherwise.
 * `node dist/scripts/fuzz-dns.js [count] [seed]`; a failure names its index, and `--one INDEX SEED` runs it again.
 */
import { askFuzzed, fuzzZone, QueryFuzz } from '../test/support/dns/fuzz.js';

const REPORT_EVERY = 100_000;
/** Every so many zones that load are asked. */
const ASK_EVERY = 100;

function attempt(what: string, index: number, seed: number, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw new Error(`${what} ${index} of seed ${seed}: ${(error as Error).stack}`);
  }
}

function run(from: number, to: number, seed: number): void {
  const queries = new QueryFuzz(seed);
  let loaded = 0;
  for (let index = from; index < to; index++) {
    attempt('query', index, seed, () => queries.run(index));
    attempt('zone', index, seed, () => {
      const zone = fuzzZone(seed, index);
      if (zone !== undefined && loaded++ % ASK_EVERY === 0) askFuzzed(zone);
    });
    if ((index + 1) % REPORT_EVERY === 0)
      console.log(`${index + 1} queries and zones, ${loaded} zones could be served`);
  }
}

const words = process.argv.slice(2);
if (words[0] === '--one') run(Number(words[1]), Number(words[1]) + 1, Number(words[2] ?? 1));
else run(0, Number(words[0] ?? 1_000_000), Number(words[1] ?? 1));
