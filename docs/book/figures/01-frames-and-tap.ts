/** The figures of chapter 1. */
import { bytes, delay, figure, rate } from './lib/figure.js';
import { ping, QUIET } from './lib/programs.js';

export const figures = {
  request: figure({
    title: 'One request, frame by frame',
    tells: 'A client fetches a small page. Click a frame to see its bytes, layer by layer.',
    controls: { delay: delay(10) },
    views: ['exchange', 'ladder'],
    frame: 9,
    capture: true,
    pictureFrames: 12,
    world: ({ delay }) => ({
      hosts: { client: {}, server: { files: { '/': '<h1>Hello</h1>' } } },
      link: { both: { delay: delay * 1000 } },
      start: (world) => world.at(QUIET, (now) => now.get('client', 'server', '/')),
    }),
  }),
  time: figure({
    title: 'Where the time of a ping goes',
    tells:
      'A ping and its answer, after ARP is done. Change the size, the rate and the delay, and compare the round trip.',
    controls: { size: bytes('Data', 1400, 0, 1472), rate: rate(1), delay: delay(5) },
    world: ({ size, rate, delay }) => ({
      hosts: { client: {}, server: {} },
      link: { both: { delay: delay * 1000, rate: rate * 1_000_000 } },
      start: (world) => {
        for (const second of [0, 1]) {
          world.at(QUIET + second * 1_000_000, (now) =>
            ping(now.host('client'), now.host('server').address, second + 1, size),
          );
        }
      },
    }),
  }),
};
