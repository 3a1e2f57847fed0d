/** A link drops long packets and says nothing. RFC 2923 section 2.1, RFC 4821. */
import { NEVER_ARRIVES } from '../inspect/trace/findings.js';
import { FIRST_TRIAL } from '../net/tcp/send/path-search.js';
import { BLOCK_BYTES } from '../net/wire/summed-bytes.js';
import type { Experiment } from './experiment.js';
import { chosen, framesPicture, QUIET, ran, type SentSegment, segmentsOf } from './run.js';

/** The longest packet that the link takes, bytes. */
const MTUS = [1400, 1300, 1480] as const;
/** One way, milliseconds. */
const DELAYS = [30, 20, 10, 45, 60, 15, 80] as const;
/** What a packet has besides its data, bytes: 20 of IP, 20 of TCP, and 12 of the time stamps of each segment. */
const HEADERS = 52;
const BYTES = 60_000;

export const blackHole: Experiment = {
  name: 'black-hole',
  title: 'A path MTU black hole: long packets vanish',
  explanation: [
    'A host thinks that a packet may have 1500 bytes. A link on the way takes less. It should say so with an ICMP ' +
      'message, but a firewall drops that message, or nobody sends it. The handshake is short, so it gets through: the ' +
      'connection opens, and the first long answer never comes.',
    'The sender can only guess. This stack tries smaller segments when the large ones go unanswered. What gets through ' +
      'shows how long a packet may be, and the download goes on.',
  ],
  run(seed) {
    const mtu = chosen(seed, MTUS);
    const delay = chosen(seed, DELAYS);
    const world = ran({
      seed,
      hosts: { client: { mtu: 1500 }, server: { mtu: 1500, files: { '/file': BYTES } } },
      link: { both: { delay: delay * 1000 }, mtu },
      start: (world) => world.at(QUIET, (now) => void now.get('client', 'server', '/file')),
    });
    const segments = segmentsOf(world);
    const data = segments.filter((segment) => !segment.isFromClient && segment.length > 0);
    const vanished = data.filter(({ findings }) => (findings & NEVER_ARRIVES) !== 0);
    const passed = data.filter((segment) => !vanished.includes(segment));
    const [first, through] = [data[0]?.sentAt ?? Number.NaN, passed[0]?.sentAt ?? Number.NaN];
    const done = (world.fetches[0]?.answers[0]?.doneAt ?? Number.NaN) / 1000;
    const lengths = passed.map(({ length }) => length);
    return {
      picture: framesPicture('A path MTU black hole', world),
      findings: [
        `The link takes packets of ${mtu} bytes, and ${delay} ms to carry one. ${vanished.length} data segments ` +
          'vanish, and nobody says why.',
        ...asksTwice(segments),
        firstPieces(passed, data[0]?.length ?? 0),
        largestThrough(mtu, Math.max(...lengths)),
        `The whole file is there ${((done - first) / 1000).toFixed(2)} s after its first segment was sent.`,
      ],
      question: {
        text: 'How many milliseconds after its first data segment does the server send one that gets through?',
        unit: 'ms',
        answer: through - first,
        tolerance: 10,
        hint: 'Take the first line with data from the server, and the first one whose arrow arrives. Subtract their times.',
        because:
          'The server must wait for its time-outs. Only then does it try ' +
          `a small segment. It has ${lengths[0] ?? 0} bytes, and its ACK proves that the path lives.`,
      },
    };
  },
};

/** Why an ACK has a block that lies below its number: RFC 2883. */
function asksTwice(segments: readonly SentSegment[]): string[] {
  const report = segments.find(
    ({ isFromClient, acknowledgment, sack }) => !isFromClient && sack.length > 1 && (sack[1] ?? 0) <= acknowledgment,
  );
  if (report === undefined) return [];
  const [from, to] = report.sack;
  return [
    "The server's first ACK of the request travels in the segments that vanish. So the client asks a second time. " +
      `\`sack 1 {${from}:${to}}\` tells it that these bytes came twice: a block below the ACK is a D-SACK (RFC 2883).`,
  ];
}

/** In which pieces the first segment, of `length` bytes, gets through, and why in these. */
function firstPieces(passed: readonly SentSegment[], length: number): string {
  const pieces = passed.filter(({ sequence }) => sequence <= length).map((piece) => piece.length);
  return (
    `The first ${length} bytes get through in pieces of ${pieces.join(', ')} bytes. The server tries a packet of ` +
    `${FIRST_TRIAL} bytes: ${FIRST_TRIAL - HEADERS} of data, and ${HEADERS} of headers. It cuts segments where its ` +
    `table of sums has an entry, each ${BLOCK_BYTES} bytes of the file (see the experiment prefix-sums).`
  );
}

/** The largest segment that gets through, beside what the link has room for. */
function largestThrough(mtu: number, largest: number): string {
  const room = mtu - HEADERS;
  const why =
    largest === room
      ? 'That is just as much.'
      : largest + BLOCK_BYTES > room
        ? `The next cut is ${BLOCK_BYTES} bytes further on, and does not fit.`
        : `${room - largest} bytes more would fit: the search was not over.`;
  return (
    `A packet of ${mtu} bytes has room for ${room} bytes of data. The largest segment that gets through has ` +
    `${largest}. ${why}`
  );
}
