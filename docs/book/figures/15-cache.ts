/** The figures of chapter 15. */
import { bytes, delay, figure } from './lib/figure.js';
import { QUIET } from './lib/programs.js';

const FILES = { '/book.txt': 10_000 };

export const figures = {
  hit: figure({
    title: 'A hit: one small head, and the rest as it lies in memory',
    tells: 'The answer has two parts. The first is made anew each second. The second lies ready, with its sums.',
    controls: { delay: delay(10), size: bytes('File', 10_000, 0, 60_000) },
    views: ['exchange', 'cache', 'ladder'],
    capture: true,
    pictureFrames: 18,
    world: ({ delay, size }) => ({
      hosts: { client: {}, server: { files: { '/book.txt': size } } },
      link: { both: { delay: delay * 1000 } },
      start: (world) => world.at(QUIET, (now) => void now.get('client', 'server', '/book.txt')),
    }),
  }),
  cut: figure({
    title: 'The same object, cut in another way',
    tells: 'This client takes shorter packets. The object is the same, its sums are the same, only the cuts move.',
    controls: { mtu: bytes('MTU of the client', 1280, 576, 1500) },
    views: ['exchange', 'ladder', 'cache'],
    pictureFrames: 18,
    world: ({ mtu }) => ({
      hosts: { client: { mtu }, server: { files: FILES } },
      link: { both: { delay: 10_000 } },
      start: (world) => world.at(QUIET, (now) => void now.get('client', 'server', '/book.txt')),
    }),
  }),
  part: figure({
    title: 'A part of an object',
    tells: 'The client wants 5,000 bytes from an odd place on. The server reads a few bytes at the two ends.',
    controls: { from: { label: 'First byte', value: 2001, min: 0, max: 4999 } },
    views: ['exchange', 'cache', 'ladder'],
    world: ({ from }) => ({
      hosts: { client: {}, server: { files: FILES } },
      link: { both: { delay: 10_000 } },
      start: (world) =>
        world.at(QUIET, (now) => {
          now.get('client', 'server', '/book.txt', { fields: [`Range: bytes=${from}-${from + 4999}`] });
        }),
    }),
  }),
  again: figure({
    title: 'What is lost is sent from the cache again',
    tells:
      'The link loses one segment of data. The server keeps no copy of what it has sent: the object is still there.',
    controls: { delay: delay(10), lost: { label: 'Lost segment', value: 3, min: 1, max: 7 } },
    views: ['exchange', 'ladder', 'cache'],
    pictureFrames: 26,
    world: ({ delay, lost }) => ({
      hosts: { client: {}, server: { files: FILES } },
      link: { both: { delay: delay * 1000 }, back: { loseData: [lost] } },
      start: (world) => world.at(QUIET, (now) => void now.get('client', 'server', '/book.txt')),
    }),
  }),
};
