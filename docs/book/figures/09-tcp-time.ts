/** The figures of chapter 9. */
import { MILLISECOND } from '../../../src/net/clock.js';
import { choice, delay, figure } from './lib/figure.js';
import { QUIET, send } from './lib/programs.js';

/** A small first window, and only the time-out to find a loss. */
const PLAIN = { initialWindowSegments: 2, tailLossProbe: false, blackHoleDetection: false };

export const figures = {
  averages: figure({
    title: 'The time-out learns',
    tells: 'Each sample moves the smoothed round trip a little. The time-out keeps its distance above it.',
    controls: {
      delay: delay(30),
      jitter: { label: 'Jitter', unit: 'ms', value: 10, min: 0, max: 100 },
    },
    views: ['curves', 'sequence', 'ladder'],
    side: 'client',
    world: ({ delay, jitter }) => ({
      hosts: { client: {}, server: {} },
      link: { both: { delay: delay * MILLISECOND }, back: { jitter: Math.min(jitter, delay) * MILLISECOND } },
      start: send(200_000),
    }),
  }),
  backoff: figure({
    title: 'The cable is pulled out',
    tells: 'Nothing arrives for a while. Each time-out is twice as long as the one before.',
    controls: {
      gap: { label: 'Out for', unit: 'ms', value: 4_000, min: 0, max: 20_000, step: 100 },
      delay: delay(20),
    },
    views: ['ladder', 'sequence', 'curves'],
    side: 'client',
    pictureFrames: 24,
    capture: true,
    world: ({ gap, delay }) => ({
      hosts: { client: { tcp: PLAIN }, server: {} },
      link: { both: { delay: delay * MILLISECOND } },
      start: (world) => {
        send(8_000)(world);
        const from = QUIET + (4 * delay + 10) * MILLISECOND;
        world.at(from, (now) => now.link('client-server').forth.set({ loss: 1 }));
        world.at(from + gap * MILLISECOND, (now) => now.link('client-server').forth.set({ loss: 0 }));
      },
    }),
  }),
  karn: figure({
    title: 'Which of the two was acknowledged?',
    tells: 'The way becomes longer than the time-out. The doubled time-out stays until the new way is measured.',
    controls: {
      timestamps: choice('Timestamps', 0, [
        [0, 'off'],
        [1, 'on'],
      ]),
    },
    views: ['ladder', 'curves', 'sequence'],
    side: 'client',
    pictureFrames: 24,
    world: ({ timestamps }) => ({
      hosts: {
        client: { tcp: { timestamps: timestamps === 1, tailLossProbe: false } },
        server: { files: { '/': 'hello' } },
      },
      link: { both: { delay: 20 * MILLISECOND } },
      start: (world) => {
        world.at(QUIET, (now) => void now.get('client', 'server', ['/', '/', '/', '/'], { close: false }));
        // From here on the way to the server is longer by far: the route has changed.
        world.at(QUIET + 90 * MILLISECOND, (now) => now.link('client-server').forth.set({ delay: 400 * MILLISECOND }));
      },
    }),
  }),
};
