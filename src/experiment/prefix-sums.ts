/** What a table of sums saves when a server sums its segments. RFC 1071; src/net/wire/summed-bytes.ts. */
import { pattern } from '../browser/files.js';
import type { World } from '../browser/world.js';
import { explainSum, prefixTable } from '../inspect/prefix-sums.js';
import { BLOCK_BYTES } from '../net/wire/summed-bytes.js';
import type { Experiment } from './experiment.js';
import { chosen, QUIET, ran, segmentsOf } from './run.js';

const FILE_BYTES = 100_000;
/** Where the part begins that the client asks for. */
const BEGINS = [1001, 333, 4097, 2050, 7000, 1500, 5555, 3210, 6095, 2600, 4455] as const;

export const prefixSums: Experiment = {
  name: 'prefix-sums',
  title: 'Prefix sums: what a precomputed sum saves',
  explanation: [
    'Each TCP segment carries a checksum over its bytes. A server that sends a file would read every byte of it again ' +
      'for each client, just to add it up.',
    'This server adds up a file once, when it loads it, and keeps a table: the sum of the first 32 bytes, of the first ' +
      '64, and so on. The sum of any part is then one subtraction: the sum up to its end minus the sum up to its ' +
      'beginning. Only bytes between an edge and the entry below it must be read. The server also cuts its segments at ' +
      'entries of the table where it can. Here a client asks for the file from some byte on.',
  ],
  run(seed) {
    const begin = chosen(seed, BEGINS);
    const world = ran({
      seed,
      hosts: { client: {}, server: { files: { '/file': FILE_BYTES } } },
      link: { both: { delay: 20_000 } },
      start: (world) =>
        world.at(QUIET, (now) => void now.get('client', 'server', '/file', { fields: [`Range: bytes=${begin}-`] })),
    });
    const { tableEntries, read, sent, withTable, without } = readsOf(world, begin);
    const share = (100 * read) / sent;
    return {
      picture: {
        kind: 'charts',
        charts: [
          {
            title: 'Bytes of the file that are read for checksums',
            xLabel: 'segments',
            yLabel: 'kB',
            xRange: [0, withTable.at(-1)?.[0] ?? 1],
            yRange: [0, sent / 1000],
            series: [
              { name: 'without the table', color: 'b', points: without },
              { name: 'with the table', color: 'd', points: withTable },
            ],
          },
        ],
      },
      findings: [
        `The client asks for the file from byte ${begin} on: ${sent} bytes.`,
        `The table has ${tableEntries} entries of two bytes. It takes ${Math.round((200 * tableEntries) / FILE_BYTES)} ` +
          '% of the size of the file.',
      ],
      question: {
        text: 'How many bytes of the file does the server read for all these checksums together?',
        unit: 'bytes',
        answer: read,
        hint: 'The client asks for the file from a certain byte on. How far is it behind the last entry of the table before it?',
        because:
          `It reads ${read} of ${sent} bytes, ${share.toFixed(3)} %. The first segment begins ${begin % BLOCK_BYTES} ` +
          `bytes behind an entry of the table, which has one every ${BLOCK_BYTES} bytes. All other edges lie on entries.`,
      },
    };
  },
};

/** The bytes that are read and sent for the file from `begin` on, and how both grow with the segments, kB. */
function readsOf(world: World, begin: number) {
  const head = world.fetches[0]?.answers[0]?.head.length ?? 0;
  const bytes = pattern(FILE_BYTES);
  const table = prefixTable(bytes);
  const withTable: [number, number][] = [[0, 0]];
  const without: [number, number][] = [[0, 0]];
  let [read, sent] = [0, 0];
  for (const [index, { isFromClient, length, sequence }] of segmentsOf(world).entries()) {
    // The head of the answer is no part of the file. Sequence number 0 is the SYN's.
    const end = begin + sequence - 1 - head + length;
    const from = Math.max(begin, end - length);
    if (isFromClient || end <= from) continue;
    read += explainSum(bytes, table, from, end).bytesRead;
    sent += end - from;
    withTable.push([index, read / 1000]);
    without.push([index, sent / 1000]);
  }
  return { tableEntries: table.length, read, sent, withTable, without };
}
