/** The figures of chapter 2. */
import { IpAddress } from '../../../src/net/wire/address.js';
import { delay, figure } from './lib/figure.js';
import { ping, QUIET } from './lib/programs.js';

export const figures = {
  question: figure({
    title: 'Who has 10.0.0.2?',
    tells: 'The client wants to ping the server. First it has to ask everybody for the server’s Ethernet address.',
    controls: { delay: delay(1) },
    capture: true,
    frame: 7,
    world: ({ delay }) => ({
      hosts: { client: {}, server: {}, printer: {} },
      link: { both: { delay: delay * 1000 } },
      start: (world) => {
        world.at(QUIET, (now) => ping(now.host('client'), now.host('server').address, 1));
        world.at(QUIET + 1_000_000, (now) => ping(now.host('client'), now.host('server').address, 2));
      },
    }),
  }),
  silence: figure({
    title: 'Nobody has 10.0.0.9',
    tells: 'The client asks three times, a second apart. Then it gives up and drops the ping that waited.',
    controls: { delay: delay(1) },
    world: ({ delay }) => ({
      hosts: { client: {}, server: {} },
      link: { both: { delay: delay * 1000 } },
      start: (world) => world.at(QUIET, (now) => ping(now.host('client'), IpAddress.parse('10.0.0.9'))),
    }),
  }),
  conflict: figure({
    title: 'Two hosts want the same address',
    tells:
      'The new host probes before it uses 10.0.0.1. The old host answers two probes, so the new host stays silent.',
    controls: { delay: delay(1) },
    hides: [],
    world: ({ delay }) => ({
      hosts: {
        old: { addresses: ['10.0.0.1/16'] },
        new: { addresses: ['10.0.0.1/16'], internet: { duplicateDetection: 'strict' } },
      },
      link: { both: { delay: delay * 1000 } },
    }),
  }),
};
