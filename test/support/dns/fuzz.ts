/** Mutated queries and zone files, repeatably: what the server may do with them is checked, whatever they are. */
import { type LoadedZone, loadZone, ZoneError } from '../../../src/dns/load.js';
import { SeededRandom } from '../../../src/net/random.js';
import { mutate } from '../mutate.js';
import { queryOf, seen } from './message.js';
import { DnsWorld, zoneOf } from './world.js';
import { RICH_ZONE } from './zone-text.js';

const LINES = RICH_ZONE.split('\n').filter(
  (line) => /^\S/.test(line) && !line.startsWith('$') && !line.startsWith('@'),
);
const HEAD = '$TTL 60\n@ SOA ns1 hostmaster 1 2 3 4 5\n NS ns1\nns1 A 192.0.2.1\n';
const SEEDS = [
  'web.example.org',
  'a.b.redirect.example.org',
  'x.sub.example.org',
  'nothing.example.org',
  'q.wild.example.org',
];
/** The most bytes of an answer over UDP that the settings allow. */
const MOST_BYTES = 1232;

const generator = (seed: number, index: number) => new SeededRandom((seed ^ Math.imul(index + 1, 0x9e3779b1)) | 0);

/** Asks mutated queries. */
export class QueryFuzz {
  readonly #world = new DnsWorld([zoneOf(RICH_ZONE)]);
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** @throws {Error} if the answer to query `index` breaks a rule, and whatever the server throws */
  run(index: number): void {
    const random = generator(this.#seed, index);
    const pick = (random.nextInt32() >>> 0) % (SEEDS.length * 4);
    const edns = (pick & 1) === 1;
    const plain = queryOf({ name: SEEDS[pick >> 2]!, type: pick & 2 ? 'A' : 'MX', edns, dnssec: edns }, index & 0xffff);
    const query = mutate(Buffer.concat([plain, Buffer.alloc(index % 3)]), random).subarray(0, 1400);
    const answer = this.#world.ask(query);
    if (answer === undefined) return;
    const { rcode, flags } = seen(answer);
    if (query.length < 12) throw new Error('what has no header was answered');
    if (answer[0] !== query[0] || answer[1] !== query[1]) throw new Error('the identifier is another');
    if (!flags.startsWith('QR') || rcode > 23) throw new Error(`flags ${flags}, result ${rcode}`);
    if (answer.length > MOST_BYTES) throw new Error(`an answer of ${answer.length} bytes`);
  }
}

/** Loads a mutated zone file; what can be served is asked. @throws {Error} for anything but a `ZoneError` */
export function fuzzZone(seed: number, index: number): LoadedZone | undefined {
  const random = generator(seed ^ 0x7a6f6e65, index);
  const lines = Array.from({ length: 4 }, () => LINES[(random.nextInt32() >>> 0) % LINES.length]!);
  const text = Buffer.from(mutate(Buffer.from(lines.join('\n'), 'latin1'), random)).toString('latin1');
  try {
    return loadZone({ zone: 'example.org', file: 'fuzz.zone', text: `${HEAD}${text}\n` });
  } catch (error) {
    if (!(error instanceof ZoneError)) throw error;
    if (error.problems.length === 0 || error.message === '') throw new Error('an error without a reason');
    return undefined;
  }
}

/** Asks a zone that came out of `fuzzZone` for names and types that may meet what is odd in it. */
export function askFuzzed(zone: LoadedZone): void {
  const world = new DnsWorld([zone]);
  for (const name of [...SEEDS, 'example.org']) {
    for (const type of ['A', 'MX', 'ANY', 'NS']) {
      const answer = world.ask(queryOf({ name, type, edns: true, dnssec: true }));
      if (answer === undefined) throw new Error(`${name} ${type} has no answer`);
      seen(answer);
    }
  }
}
