/** The figures of chapter 4. */
import { IpAddress } from '../../../src/net/wire/address.js';
import { delay, figure, loss } from './lib/figure.js';
import { datagram, ping, pings, QUIET } from './lib/programs.js';

export const figures = {
  ping: figure({
    title: 'Ping',
    tells: 'Four echo requests, a second apart. Set the loss higher, and change the seed.',
    controls: { delay: delay(20), loss: loss(10, 60) },
    hides: ['ARP'],
    seed: 12,
    frame: 7,
    capture: true,
    world: ({ delay, loss }) => ({
      hosts: { client: {}, server: {} },
      link: { both: { delay: delay * 1000, loss: loss / 100 } },
      start: (world) => pings(world, 'client', 'server', 4),
    }),
  }),
  closed: figure({
    title: 'Nobody listens there',
    tells: 'A datagram goes to a port that no program has opened. The error quotes the datagram that caused it.',
    controls: { delay: delay(5) },
    hides: ['ARP'],
    frame: 8,
    world: ({ delay }) => ({
      hosts: { client: {}, server: {} },
      link: { both: { delay: delay * 1000 } },
      start: (world) => world.at(QUIET, (now) => datagram(now, 'client', 'server', 40, 9)),
    }),
  }),
  limit: figure({
    title: 'A limit for errors',
    tells: 'Ten datagrams to a closed port at once. The server answers as many as its limit allows.',
    controls: {
      limit: { label: 'Errors a second', value: 4, min: 1, max: 100 },
      delay: delay(5),
    },
    hides: ['ARP'],
    pictureFrames: 20,
    world: ({ limit, delay }) => ({
      hosts: { client: {}, server: { internet: { icmpErrorsPerSecond: limit } } },
      link: { both: { delay: delay * 1000 } },
      start: (world) => {
        world.at(QUIET, (now) => ping(now.host('client'), IpAddress.parse('10.0.0.2')));
        for (let i = 0; i < 10; i++) {
          world.at(QUIET + 100_000 + i * 1000, (now) => datagram(now, 'client', 'server', 20, 9));
        }
      },
    }),
  }),
};
