/** The figures of chapter 5. */
import { delay, figure } from './lib/figure.js';
import { QUIET } from './lib/programs.js';
import { sumFigure } from './lib/sum.js';

export const figures = {
  header: sumFigure({
    title: 'The checksum of an IPv4 header',
    tells: 'Twenty bytes are ten words. The checksum field, bytes 10 and 11, is zero while we add.',
    bytes: '45 00 00 54 00 00 40 00 40 01 00 00 c0 a8 00 01 c0 a8 00 02',
  }),
  interval: figure({
    title: 'The sum of any interval is a subtraction',
    tells: 'A server has a file of 20,000 bytes in its cache, and the sums of its prefixes. Move both ends.',
    views: ['cache', 'exchange'],
    pictureFrames: 10,
    capture: true,
    world: () => ({
      hosts: { client: {}, server: { files: { '/book.txt': 20_000 } } },
      link: { both: { delay: 10_000 } },
      start: (world) => world.at(QUIET, (now) => now.get('client', 'server', '/book.txt')),
    }),
  }),
  damage: figure({
    title: 'A link that turns bits',
    tells: 'The link turns one bit in some of the frames. The receiver finds a wrong sum and drops the frame.',
    controls: {
      damage: { label: 'Damaged', unit: '%', value: 4, min: 0, max: 30, step: 1 },
      delay: delay(10),
    },
    views: ['exchange', 'ladder', 'sequence'],
    seed: 3,
    pictureFrames: 26,
    world: ({ damage, delay }) => ({
      hosts: { client: {}, server: { files: { '/book.txt': 30_000 } } },
      link: { both: { delay: delay * 1000 }, back: { corruption: damage / 100 } },
      start: (world) => world.at(QUIET, (now) => now.get('client', 'server', '/book.txt')),
    }),
  }),
};
