/** A receiver that does not read closes its window. RFC 9293 section 3.8.6.1. */
import type { Experiment } from './experiment.js';
import { chosen, firstThat, framesPicture, QUIET, ran, segmentsOf } from './run.js';

/** How long the program does not read, seconds. */
const PAUSES = [2, 4, 1, 7, 9, 10, 5] as const;
const BUFFER = 8_000;
const BYTES = 16_000;

export const zeroWindow: Experiment = {
  name: 'zero-window',
  title: 'The zero window: a receiver that does not read',
  explanation: [
    'Each ACK says how many bytes the receiver still has room for: its window. If its program does not read, the room ' +
      'shrinks to nothing, and the sender must stop.',
    'Later the program reads, and an ACK opens the window. But an ACK can be lost, and nobody sends it again. So the ' +
      'sender asks from time to time with a window probe, and waits twice as long after each one.',
  ],
  run(seed) {
    const pause = chosen(seed, PAUSES);
    const world = ran({
      seed,
      hosts: { server: {}, client: {} },
      link: { both: { delay: 20_000 } },
      start: (world) =>
        world.at(QUIET, (now) => {
          now.transfer('server', 'client', { content: BYTES, appetite: 0, receiveBuffer: BUFFER });
          now.at(QUIET + pause * 1e6, (later) => later.transfers[0]?.read());
        }),
    });
    const segments = segmentsOf(world);
    const closed = firstThat(segments, (segment) => !segment.isFromClient && segment.window === 0, 'zero window');
    const isOpen = (segment: (typeof segments)[number]) =>
      !segment.isFromClient && segment.sentAt > closed.sentAt && segment.window > 0;
    const opened = firstThat(segments, isOpen, 'open window');
    const fills = segments.filter(({ isFromClient, length }) => isFromClient && length > 0);
    const last = firstThat(fills.reverse(), ({ sentAt }) => sentAt < closed.sentAt, 'segment that fills the window');
    const second = ({ sentAt }: { readonly sentAt: number }) => `${(sentAt / 1000).toFixed(3)} s`;
    const probes = world.host('server').stack.statistics.tcp.windowProbes;
    return {
      picture: framesPicture('The zero window', world),
      findings: [
        `The receiver has room for ${BUFFER} bytes. Its program reads nothing for ${pause} s.`,
        `At ${second(last)} the sender fills the window with ${last.length} bytes. This is data, and no probe.`,
        'It has waited for room for a whole segment before that (RFC 9293 section 3.8.6.2.1).',
        `The window is closed from ${second(closed)} to ${second(opened)}.`,
      ],
      question: {
        text:
          `How many window probes does the sender send from ${second(closed)} to ${second(opened)}, while the window ` +
          'is closed?',
        unit: 'probes',
        answer: probes,
        hint: 'A window probe carries no data. Begin to count below the first `win 0`.',
        because:
          'The first one comes after the time-out for retransmissions, and each further one ' +
          'after twice the time. The answers repeat the zero window, until the program has read.',
      },
    };
  },
};
