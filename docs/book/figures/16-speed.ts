/** The figures of chapter 16. */
import { bytes, choice, delay, figure } from './lib/figure.js';
import { QUIET } from './lib/programs.js';

const FILES = { '/page.html': 100, '/book.txt': 50_000 };

/** So many requests for the small page. */
function pages(count: number): string[] {
  return Array.from({ length: count }, () => '/page.html');
}

export const figures = {
  frames: figure({
    title: 'How many frames for 50,000 bytes?',
    tells: 'A large frame costs little more than a small one. Make the frames larger and count them.',
    controls: { mtu: bytes('MTU', 1500, 576, 60_000) },
    views: ['exchange', 'ladder'],
    capture: true,
    pictureFrames: 20,
    world: ({ mtu }) => ({
      hosts: { client: { mtu }, server: { mtu, files: FILES } },
      link: { both: { delay: 1000 } },
      start: (world) => world.at(QUIET, (now) => void now.get('client', 'server', '/book.txt')),
    }),
  }),
  connections: figure({
    title: 'Four requests over one connection, or over four',
    tells: 'A request over an open connection is two frames. With a connection of its own it is seven.',
    controls: {
      delay: delay(1),
      way: choice('Connections', 2, [
        [1, 'one for all'],
        [2, 'one for each'],
      ]),
    },
    views: ['exchange', 'ladder'],
    pictureFrames: 40,
    world: ({ delay, way }) => ({
      hosts: { client: {}, server: { files: FILES } },
      link: { both: { delay: delay * 1000 } },
      start: (world) => {
        if (way === 1) world.at(QUIET, (now) => void now.get('client', 'server', pages(4)));
        else
          for (let i = 0; i < 4; i++)
            world.at(QUIET + i * 10_000, (now) => void now.get('client', 'server', '/page.html'));
      },
    }),
  }),
  loop: figure({
    title: 'A load generator that waits',
    tells: 'Each connection asks, waits for the answer, and asks again. The server needs no time at all in this world.',
    controls: {
      delay: delay(5),
      connections: { label: 'Connections', value: 1, min: 1, max: 8 },
    },
    views: ['exchange', 'ladder'],
    pictureFrames: 24,
    world: ({ delay, connections }) => ({
      hosts: { client: {}, server: { files: FILES } },
      link: { both: { delay: delay * 1000 } },
      start: (world) =>
        world.at(QUIET, (now) => {
          for (let i = 0; i < connections; i++) now.get('client', 'server', pages(8));
        }),
    }),
  }),
};
