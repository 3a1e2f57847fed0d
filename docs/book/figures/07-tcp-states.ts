/** The figures of chapter 7. */
import { choice, delay, figure } from './lib/figure.js';
import { QUIET } from './lib/programs.js';

export const figures = {
  handshake: figure({
    title: 'Three segments, a question, an answer',
    tells: 'Both sides choose a first number and tell it to the other side. Then both count bytes from there.',
    controls: { delay: delay(20) },
    views: ['ladder', 'states', 'exchange'],
    capture: true,
    world: ({ delay }) => ({
      hosts: { client: {}, server: { files: { '/': 'hello' } } },
      link: { both: { delay: delay * 1000 } },
      start: (world) => world.at(QUIET, (now) => void now.get('client', 'server', '/')),
    }),
  }),
  refused: figure({
    title: 'Nobody listens',
    tells: 'The server has no program on this port. It answers the SYN with a reset, and the client gives up at once.',
    controls: { delay: delay(20) },
    views: ['ladder', 'states', 'exchange'],
    world: ({ delay }) => ({
      hosts: { client: {}, server: {} },
      link: { both: { delay: delay * 1000 } },
      start: (world) => world.at(QUIET, (now) => void now.get('client', 'server', '/')),
    }),
  }),
  lost: figure({
    title: 'One of the first three is lost',
    tells: 'Choose which one. The side that waits for an answer has a timer, and sends its segment again.',
    controls: {
      delay: delay(20),
      lost: choice('Lost', 2, [
        [1, 'the SYN'],
        [2, 'the SYN-ACK'],
        [3, 'the first request'],
      ]),
    },
    views: ['ladder', 'states'],
    world: ({ delay, lost }) => ({
      hosts: { client: {}, server: { files: { '/': 'hello' } } },
      link: {
        both: { delay: delay * 1000 },
        // In each direction two announcements and a frame of ARP come first.
        forth: lost === 1 ? { loseFrames: [4] } : lost === 3 ? { loseFrames: [5] } : {},
        back: lost === 2 ? { loseFrames: [4] } : {},
      },
      start: (world) => world.at(QUIET, (now) => void now.get('client', 'server', '/')),
    }),
  }),
};
