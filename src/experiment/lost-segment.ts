/** One segment of a download is lost. Fast retransmit repairs it: RFC 5681 section 3.2, RFC 8985. */

import { tcbEventsOf } from '../drawing/windows.js';
import { NEVER_ARRIVES } from '../inspect/trace/findings.js';
import type { Experiment } from './experiment.js';
import { chosen, firstThat, framesPicture, ms, QUIET, ran, segmentsOf } from './run.js';

/** Which segment with data is lost, from 1. Three must come behind it: they show the loss without a time-out. */
const LOST = [3, 2, 4, 5, 6, 7] as const;
const BYTES = 14_000;
/** One way, microseconds. */
const DELAY = 20_000;

export const lostSegment: Experiment = {
  name: 'lost-segment',
  title: 'A lost segment: how the sender finds out',
  explanation: [
    'A server sends a file of ten segments at once, and the network loses one of them. Nobody tells the server. But ' +
      'each segment that arrives behind the hole makes the client send an ACK.',
    'An ACK names the next byte that the client waits for. It cannot pass over the hole, so the same number comes ' +
      'again and again. With SACK it also lists what has arrived behind the hole. The server concludes which segment ' +
      'is missing, and sends it again.',
  ],
  run(seed) {
    const lost = chosen(seed, LOST);
    const world = ran({
      seed,
      hosts: { client: {}, server: { files: { '/file': BYTES } } },
      link: { both: { delay: DELAY }, back: { loseData: [lost] } },
      start: (world) => world.at(QUIET, (now) => void now.get('client', 'server', '/file')),
    });
    const segments = segmentsOf(world);
    const gone = firstThat(segments, ({ findings }) => (findings & NEVER_ARRIVES) !== 0, 'lost segment');
    const isCopy = (segment: (typeof segments)[number]) => segment !== gone && segment.sequence === gone.sequence;
    const again = firstThat(segments, (segment) => !segment.isFromClient && isCopy(segment), 'second copy');
    const repeats = segments.filter(
      (segment) => segment.isFromClient && segment.sack.length > 0 && segment.acknowledgment === gone.sequence,
    );
    const timeOut = tcbEventsOf(world.history.events, 'server').findLast(({ time }) => time <= again.sentAt * 1000)
      ?.view.info.rto;
    return {
      picture: framesPicture('A lost segment', world),
      findings: [
        `Data segment ${lost} of the server is lost. It has ${gone.length} bytes.`,
        `${repeats.length} ACKs with SACK blocks come from the client while the hole is open.`,
        `The server sends the segment again ${ms(again.sentAt - gone.sentAt)} after the first time: one round trip. ` +
          `Its time-out was ${ms((timeOut ?? Number.NaN) / 1000)}.`,
      ],
      question: {
        text: 'Which byte do all these ACKs wait for? Give the number behind `ack`.',
        answer: repeats[0]?.acknowledgment ?? Number.NaN,
        hint: 'Find the frame that ends in an x. Its `seq` has the byte with which it begins.',
        because:
          `The lost segment begins at byte ${gone.sequence}. An ACK is cumulative: it names the first byte that is ` +
          'missing, whatever came behind it. The SACK blocks say the rest.',
      },
    };
  },
};
