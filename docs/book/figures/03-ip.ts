/** The figures of chapter 3. */
import { bytes, delay, figure } from './lib/figure.js';
import { datagram, QUIET } from './lib/programs.js';

export const figures = {
  fragments: figure({
    title: 'A datagram in fragments',
    tells: 'The client sends one datagram of UDP. It is too long for the link, so IP cuts it. Change its size.',
    controls: { size: bytes('Data', 4000, 0, 20_000), delay: delay(5) },
    frame: 7,
    capture: true,
    world: ({ size, delay }) => ({
      hosts: { client: {}, server: {} },
      link: { both: { delay: delay * 1000 } },
      start: (world) => world.at(QUIET, (now) => datagram(now, 'client', 'server', size, 9)),
    }),
  }),
  missing: figure({
    title: 'One fragment is lost',
    tells: 'The second fragment never arrives. The server waits for a minute. Then it gives up, and says so.',
    controls: { lost: { label: 'Lost fragment', value: 2, min: 1, max: 3 }, delay: delay(5) },
    start: { milliseconds: 70_000 },
    hides: ['ARP'],
    world: ({ lost, delay }) => ({
      hosts: { client: {}, server: {} },
      // The client's first three frames are two announcements and the question of ARP.
      link: { both: { delay: delay * 1000 }, forth: { loseFrames: [3 + lost] } },
      start: (world) => world.at(QUIET, (now) => datagram(now, 'client', 'server', 4000, 9)),
    }),
  }),
  narrow: figure({
    title: 'A narrow link behind a router',
    tells: 'The server is behind a link with a smaller MTU. The router says so, and the client sends smaller packets.',
    controls: { mtu: bytes('MTU behind the router', 1300, 600, 1500), delay: delay(5) },
    views: ['exchange', 'ladder', 'sequence'],
    pictureFrames: 24,
    side: 'client',
    world: ({ mtu, delay }) => ({
      hosts: { client: { mtu: 1500 }, server: { mtu: 1500 } },
      routers: { router: '10.0.0.254' },
      links: [
        { ends: ['client', 'router'], both: { delay: delay * 1000 } },
        { ends: ['router', 'server'], both: { delay: delay * 1000 }, mtu },
      ],
      start: (world) => world.at(QUIET, (now) => now.transfer('client', 'server', { content: 4_000 })),
    }),
  }),
  hole: figure({
    title: 'A black hole',
    tells: 'The same link, but nobody says that a packet was too long. TCP notices that long packets never arrive.',
    controls: { mtu: bytes('MTU of the link', 1300, 600, 1500), delay: delay(10) },
    views: ['exchange', 'ladder', 'sequence'],
    pictureFrames: 22,
    side: 'client',
    world: ({ mtu, delay }) => ({
      hosts: { client: { mtu: 1500 }, server: { mtu: 1500 } },
      link: { mtu, both: { delay: delay * 1000 } },
      start: (world) => world.at(QUIET, (now) => now.transfer('client', 'server', { content: 4_000 })),
    }),
  }),
};
