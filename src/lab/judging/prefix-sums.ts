/** The cases of the lab `prefix-sums`. */
import { BLOCK_BYTES, fillPrefixSums, SummedBytes } from '../../net/wire/summed-bytes.js';
import { type Case, hex16, same } from './case.js';
import { checkSums, plainSum } from './reference.js';

const LENGTH = 1000;
/** Bytes whose prefix sums wrap often, so that later ones may be less than earlier ones. */
const BYTES = Uint8Array.from({ length: LENGTH }, (_, i) => (i * 151 + 97 * (i >> 3)) & 0xff);

/** 0x0000 and 0xffff are the same number in ones' complement. */
const canonical = (sum: number) => sum % 0xffff;

/** The student's sum of an interval, and how many payload bytes were read for it. */
function measure(from: number, to: number): { sum: number; read: number } {
  const account = { payloadBytesRead: 0 };
  const sum = SummedBytes.of(BYTES).sum(from, to, account);
  return { sum, read: account.payloadBytesRead };
}

function sums(from: number, to: number): void {
  const came = canonical(measure(from, to).sum);
  same(`the sum of bytes ${from} to ${to}`, came, canonical(plainSum(BYTES, from, to)), hex16);
}

export const cases: readonly Case[] = [
  {
    name: 'the table holds the sum of every prefix that ends on a block edge, and the whole at its end',
    section: 'RFC 1071 section 2 (A)',
    nudge:
      'Entry n is the sum of the first n blocks, so entry 0 is 0. The last entry takes the rest of the bytes, too.',
    hint: 'Write `running` before you add the block: table[tableFrom + edge] = running; then the two entries at the end.',
    run: () => {
      const table = new Uint16Array(SummedBytes.tableLength(100) + 1);
      fillPrefixSums(new DataView(BYTES.buffer), 8, 100, table, 1);
      for (const [entry, bytes] of [0, 32, 64, 96, 100].entries()) {
        const expected = canonical(plainSum(BYTES, 8, 8 + bytes));
        same(`entry ${entry}, the sum of ${bytes} bytes`, canonical(table[1 + entry] ?? 0), expected, hex16);
      }
    },
  },
  {
    name: 'the last entry is the sum of all, also where the bytes end on a block edge',
    section: 'the docstring of tableLength',
    nudge: '64 bytes have the edges 0, 32 and 64, and behind them stands the sum of all: four entries.',
    hint: 'Write the two entries at the end in any case, even if they are the same number.',
    run: () => {
      for (const length of [64, 0]) {
        const entries = SummedBytes.tableLength(length);
        const table = new Uint16Array(entries).fill(0xabcd);
        fillPrefixSums(new DataView(BYTES.buffer), 8, length, table, 0);
        const expected = canonical(plainSum(BYTES, 8, 8 + length));
        same(`the last of ${entries} entries for ${length} bytes`, canonical(table[entries - 1] ?? 0), expected, hex16);
        same('the entry before it', canonical(table[entries - 2] ?? 0), expected, hex16);
      }
    },
  },
  {
    name: 'without a table the bytes are read, and counted',
    section: 'the docstring of `plain`',
    nudge: 'Bytes that are sent once get no table. #prefix is null then, and every byte of the interval is read.',
    hint: 'account.payloadBytesRead += to - from, and sum of checksum.ts, which begins at `from`: nothing is swapped.',
    run: () => {
      const account = { payloadBytesRead: 5 };
      const came = canonical(SummedBytes.plain(BYTES).sum(3, 100, account));
      same('the sum of bytes 3 to 100', came, canonical(plainSum(BYTES, 3, 100)), hex16);
      same('the account, which had 5 bytes', account.payloadBytesRead, 102);
    },
  },
  {
    name: 'an interval between block edges is a subtraction, in ones’ complement',
    section: 'RFC 1071 section 2, RFC 1624 section 2',
    nudge: 'The longer prefix may have the smaller sum, since sums wrap. What is minus in ones’ complement?',
    hint: 'subtract of checksum.ts: to subtract, add the complement and fold.',
    run: () => {
      for (let from = 0; from < 30 * BLOCK_BYTES; from += BLOCK_BYTES) sums(from, 31 * BLOCK_BYTES);
    },
  },
  {
    name: 'between block edges, and at the end of the bytes, no payload is read',
    section: 'docs/architecture.md, “Prefix sums”',
    nudge: 'The table exists so that the bytes need not be read. `payloadBytesRead` counts what you read.',
    hint: '#prefixAt: at the length it is #total, on an edge it is the entry of the table.',
    run: () => {
      same('bytes read for 32 to 960', measure(32, 960).read, 0);
      same('bytes read for 0 to 1000, the end', measure(0, LENGTH).read, 0);
    },
  },
  {
    name: 'an interval that begins or ends inside a block reads fewer than 32 bytes at that end',
    section: 'docs/architecture.md, “Prefix sums”',
    nudge: 'From the edge before it to the place is less than a block. Only those bytes have to be read, and counted.',
    hint: 'rest = at & (BLOCK_BYTES - 1): fold(entry + sum(bytes, at - rest, at)), and add rest to the account.',
    run: () => {
      sums(64, 70);
      sums(6, 640);
      same('bytes read for 6 to 70', measure(6, 70).read, 12);
      same('bytes read for 31 to 990', measure(31, 990).read, 61);
    },
  },
  {
    name: 'an interval that begins at an odd place has its bytes swapped',
    section: 'RFC 1071 section 2 (B)',
    nudge: 'The caller counts the first byte as the high byte of a word. In the prefix it was the low one.',
    hint: 'If from is odd, swap the two bytes of the difference.',
    run: () => {
      sums(1, 960);
      sums(1, 961);
      sums(33, 34);
      sums(37, 900);
    },
  },
  {
    name: 'any interval is right',
    section: 'RFC 1071 section 2',
    nudge: 'Which of the two ends is at fault? Try both on a block edge first.',
    hint: 'prefix(to) - prefix(from), swapped if from is odd. Nothing depends on the length.',
    run: () => {
      for (let from = 0; from < LENGTH; from += 7) {
        for (let to = from; to <= LENGTH; to += 61) sums(from, to);
      }
    },
  },
  {
    name: 'in the whole stack: ranges of a file go out with right checksums',
    section: 'RFC 9293 section 3.1, RFC 9110 section 14',
    nudge: 'Your table now makes the checksum of every segment that leaves the server.',
    hint: 'The range begins at an odd byte, and the segments are cut on block edges of the file.',
    run: async () => {
      const { World } = await import('../../browser/world.js');
      const world = new World({
        hosts: { client: {}, server: { files: { '/': 50_001 } } },
        start: (begun) => {
          begun.get('client', 'server', '/', { fields: ['Range: bytes=4097-40002'] });
        },
      });
      world.observe((event) => {
        if (event.kind === 'frame') checkSums(event.bytes);
      });
      world.runUntilIdle();
      same('bytes of the range that came', world.fetches[0]?.answers[0]?.bytes ?? 0, 35_906);
    },
  },
];
