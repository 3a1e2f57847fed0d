/** A link drops long packets and says nothing. RFC 2923 section 2.1, RFC 4821. */
import { NEVER_ARRIVES } from '../inspect/trace/findings.js';
import type { Experiment } from './experiment.js';
import { chosen, framesPicture, QUIET, ran, segmentsOf } from './run.js';

/** The longest packet that the link takes, bytes. */
const MTUS = [1400, 1300, 1480] as const;
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
    const world = ran({
      seed,
      hosts: { client: { mtu: 1500 }, server: { mtu: 1500, files: { '/file': BYTES } } },
      link: { both: { delay: 20_000 }, mtu },
      start: (world) => world.at(QUIET, (now) => void now.get('client', 'server', '/file')),
    });
    const data = segmentsOf(world).filter((segment) => !segment.isFromClient && segment.length > 0);
    const vanished = data.filter(({ findings }) => (findings & NEVER_ARRIVES) !== 0);
    const passed = data.filter((segment) => !vanished.includes(segment));
    const [first, through] = [data[0]?.sentAt ?? Number.NaN, passed[0]?.sentAt ?? Number.NaN];
    const done = (world.fetches[0]?.answers[0]?.doneAt ?? Number.NaN) / 1000;
    const lengths = passed.map(({ length }) => length);
    return {
      picture: framesPicture('A path MTU black hole', world),
      findings: [
        `The link takes packets of ${mtu} bytes. ${vanished.length} data segments vanish, and nobody says why.`,
        `The largest segment that gets through has ${Math.max(...lengths)} bytes.`,
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
