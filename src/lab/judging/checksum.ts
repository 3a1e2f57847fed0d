/** The cases of the lab `checksum`. */
import { finish, fold, sum, update } from '../../net/wire/checksum.js';
import { type Case, hex16, hexBytes, same } from './case.js';
import { checkSums } from './reference.js';

/** The example of RFC 1071 section 3. */
const EXAMPLE = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);

const sums = (bytes: Uint8Array, from: number, to: number, expected: number) =>
  same(`sum(${hexBytes(bytes)}; from ${from} to ${to})`, sum(bytes, from, to), expected, hex16);

export const cases: readonly Case[] = [
  {
    name: 'fold adds the carries back in, twice if need be',
    section: 'RFC 1071 section 1',
    nudge: 'In ones’ complement a carry out of the top bit comes back in at the bottom: end-around carry.',
    hint: 'Add the upper 16 bits to the lower 16 bits. That sum may have 17 bits, so do it a second time.',
    run: () => {
      for (const [value, expected] of [
        [0xddf2, 0xddf2],
        [0x2ddf0, 0xddf2],
        [0x1ffff, 0x0001],
        [0xffffffff, 0xffff],
      ] as const) {
        same(`fold(${hex16(value)})`, fold(value), expected, hex16);
      }
    },
  },
  {
    name: 'sum adds 16-bit words in network byte order',
    section: 'RFC 1071 section 3',
    nudge: 'The first byte of each pair is the high one: big-endian, also on a machine that is not.',
    hint: 'A word is ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0). The ?? 0 is for TypeScript alone.',
    run: () => {
      sums(Uint8Array.of(0x12, 0x34), 0, 2, 0x1234);
      sums(EXAMPLE, 0, 8, 0xddf2);
    },
  },
  {
    name: 'sum takes a last odd byte as the high byte of a word',
    section: 'RFC 1071 section 4.1',
    nudge: 'With an odd number of bytes one is left over. Think of a zero byte behind it.',
    hint: 'After the loop over pairs: if at < to, add bytes[at] << 8.',
    run: () => {
      sums(Uint8Array.of(0x01, 0x02, 0x03), 0, 3, 0x0402);
      sums(Uint8Array.of(0x7f), 0, 1, 0x7f00);
    },
  },
  {
    name: 'sum looks at the bytes from `from` up to `to`, and at no other',
    section: 'RFC 1071 section 1',
    nudge: 'The range begins at any place, and `to` is the first byte that does not count.',
    hint: 'Begin the loop with at = from, and stop when at + 1 < to no longer holds. A last odd byte is alone.',
    run: () => {
      sums(Uint8Array.of(0x5a, 0x00, 0x01, 0xff), 1, 3, 0x0001);
      sums(EXAMPLE, 4, 4, 0);
      sums(Uint8Array.of(0x01, 0x02, 0x03, 0x04), 0, 3, 0x0402);
    },
  },
  {
    name: 'sum loses no carry over a megabyte of ones',
    section: 'RFC 1071 section 2 (C)',
    nudge: 'Bitwise operators work on 32 bits. Half a million words of 0xffff need more.',
    hint: 'Fold on the way, at the latest after 64 KiB.',
    run: () => {
      const ones = new Uint8Array(1_000_003).fill(0xff);
      sums(ones, 0, 1_000_000, 0xffff);
      sums(ones, 0, ones.length, 0xff00);
    },
  },
  {
    name: 'finish inverts the folded sum',
    section: 'RFC 1071 section 1',
    nudge: 'The field on the wire is the ones’ complement of the sum: each bit the other way round.',
    hint: '~x has 32 bits in JavaScript. Keep the lower 16.',
    run: () => {
      same('finish(0xddf2)', finish(0xddf2), 0x220d, hex16);
      same('finish(0x2ddf0)', finish(0x2ddf0), 0x220d, hex16);
    },
  },
  {
    name: 'update gives the field that a new computation would give',
    section: 'RFC 1624 section 3, equation 3',
    nudge: 'RFC 1141 had a formula that fails in one corner. RFC 1624 mends it, and has this example in section 4.',
    hint: 'HC’ = ~(~HC + ~m + m’): finish((~checksum & 0xffff) + (~was & 0xffff) + is).',
    run: () => {
      same('update(0xdd2f, 0x5555, 0x3285)', update(0xdd2f, 0x5555, 0x3285), 0x0000, hex16);
      same('update(0x220d, 0xf203, 0xf204)', update(0x220d, 0xf203, 0xf204), 0x220c, hex16);
    },
  },
  {
    name: 'every frame of a download has right checksums',
    section: 'RFC 9293 section 3.1',
    nudge: 'Your functions now work inside the whole stack. One frame is wrong: which length does it have?',
    hint: 'Compare the frame’s length with the cases above: odd, even, empty.',
    run: async () => {
      const { World } = await import('../../browser/world.js');
      const world = new World({
        hosts: { client: {}, server: { files: { '/': 'hello!!', '/long': 40_001 } } },
        start: (begun) => begun.get('client', 'server', ['/', '/long']),
      });
      world.observe((event) => {
        if (event.kind === 'frame') checkSums(event.bytes);
      });
      world.runUntilIdle();
      same('bytes of /long that came', world.fetches[0]?.answers[1]?.bytes ?? 0, 40_001);
    },
  },
];
