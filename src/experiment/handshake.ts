/** A round trip passes before the first byte of a request leaves. RFC 9293 section 3.5. */
import { SYN } from '../net/wire/tcp.js';
import type { Experiment } from './experiment.js';
import { chosen, firstThat, framesPicture, ms, QUIET, ran, segmentsOf } from './run.js';

/** One way, milliseconds. */
const DELAYS = [20, 15, 25, 35, 40, 55, 30, 45, 10, 50, 65, 60, 75] as const;

export const handshake: Experiment = {
  name: 'handshake',
  title: 'The handshake: what a connection costs before its first byte',
  explanation: [
    'A client asks a server for a page. TCP first needs a connection: each side chooses a first sequence number and ' +
      'tells it to the other side. The client sends a SYN, the server answers with a SYN and an ACK, and the client ' +
      'acknowledges that. The request may leave with this acknowledgment, and not before.',
    'No side computes for long here. Nearly all of the time is the way through the network.',
  ],
  run(seed) {
    const delay = chosen(seed, DELAYS);
    const world = ran({
      seed,
      hosts: { client: {}, server: { files: { '/': 'hello' } } },
      link: { both: { delay: delay * 1000 } },
      start: (world) => world.at(QUIET, (now) => void now.get('client', 'server', '/')),
    });
    const segments = segmentsOf(world);
    const syn = firstThat(segments, ({ flags }) => (flags & SYN) !== 0, 'SYN');
    const request = firstThat(segments, (segment) => segment.isFromClient && segment.length > 0, 'request');
    const answer = firstThat(segments, (segment) => !segment.isFromClient && segment.length > 0, 'answer');
    const wait = request.sentAt - syn.sentAt;
    return {
      picture: framesPicture('The handshake', world),
      findings: [
        `A frame takes ${delay} ms from one host to the other.`,
        `The request has ${request.length} bytes, the answer ${answer.length}. No data travels before the request.`,
      ],
      question: {
        text: 'How many milliseconds after its SYN does the client send the request?',
        unit: 'ms',
        answer: wait,
        tolerance: 1,
        hint: 'Follow the frames: which ones arrive before the request leaves, and how long does each of them travel?',
        because:
          `The SYN travels for ${delay} ms, and the SYN-ACK for as long. So the request leaves after ${ms(wait)}: ` +
          'one round trip. The answer comes after a second one.',
      },
    };
  },
};
