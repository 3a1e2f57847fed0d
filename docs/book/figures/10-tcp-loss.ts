/** The figures of chapter 10. */
import { MILLISECOND } from '../../../src/net/clock.js';
import { type Control, delay, figure, onOff } from './lib/figure.js';
import { QUIET, send } from './lib/programs.js';

/** A small first window, and nothing but F-RTO to find out about a needless time-out. */
const PLAIN = { initialWindowSegments: 4, timestamps: false, tailLossProbe: false };

/** Which data segments of the sender are lost, counted from 1. */
function lost(value: number, max: number, label = 'Lost segment'): Control {
  return { label, value, min: 0, max };
}

export const figures = {
  duplicates: figure({
    title: 'One segment is lost',
    tells: 'Without SACK: each later segment causes the same ACK again. The third of these is the sign.',
    controls: { lost: lost(5, 20), delay: delay(20) },
    views: ['ladder', 'sequence', 'curves'],
    side: 'client',
    pictureFrames: 30,
    world: ({ lost, delay }) => ({
      hosts: { client: { tcp: { sack: false } }, server: {} },
      link: { both: { delay: delay * MILLISECOND }, forth: { loseData: [lost] } },
      start: send(30_000),
    }),
  }),
  holes: figure({
    title: 'Three holes',
    tells:
      'Segments 2, 5 and 8 are lost. With SACK the sender sees all holes at once; without it, one in a round trip.',
    controls: {
      sack: onOff('SACK'),
      delay: delay(20),
    },
    views: ['ladder', 'sequence'],
    side: 'client',
    pictureFrames: 40,
    capture: true,
    world: ({ sack, delay }) => ({
      hosts: { client: { tcp: { sack: sack === 1 } }, server: {} },
      link: { both: { delay: delay * MILLISECOND }, forth: { loseData: [2, 5, 8] } },
      start: send(30_000),
    }),
  }),
  tail: figure({
    title: 'The end of a flight is lost',
    tells: 'Nothing comes behind it, so no ACK tells of the loss. A probe asks after two round trips.',
    controls: {
      probe: onOff('Tail loss probe'),
      lost: { label: 'Segments lost at the end', value: 2, min: 1, max: 3 },
      delay: delay(20),
    },
    views: ['ladder', 'sequence'],
    side: 'client',
    pictureFrames: 28,
    world: ({ probe, lost, delay }) => ({
      hosts: { client: { tcp: { tailLossProbe: probe === 1 } }, server: {} },
      link: { both: { delay: delay * MILLISECOND }, forth: { loseData: [5, 6, 7].slice(-lost) } },
      start: send(10_000),
    }),
  }),
  late: figure({
    title: 'Late, but not lost',
    tells: 'For a while the way takes much longer. The time-out comes, and F-RTO finds out that it was for nothing.',
    controls: {
      frto: onOff('F-RTO'),
    },
    views: ['ladder', 'sequence', 'curves'],
    side: 'client',
    pictureFrames: 40,
    world: ({ frto }) => ({
      hosts: { client: { tcp: { ...PLAIN, forwardRto: frto === 1 } }, server: {} },
      link: { both: { delay: 20 * MILLISECOND } },
      start: (world) => {
        send(20_000)(world);
        // From here on the way to the server is longer by far: the route has changed.
        world.at(QUIET + 110 * MILLISECOND, (now) => now.link('client-server').forth.set({ delay: 300 * MILLISECOND }));
      },
    }),
  }),
};
