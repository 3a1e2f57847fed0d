/** The figures of chapter 6. */
import { IpAddress } from '../../../src/net/wire/address.js';
import { SummedBytes } from '../../../src/net/wire/summed-bytes.js';
import { bytes, delay, figure, loss, rate } from './lib/figure.js';
import { datagram, echo, QUIET } from './lib/programs.js';

export const figures = {
  echo: figure({
    title: 'Five questions by UDP',
    tells: 'The client sends five datagrams to an echo server. What is lost stays lost.',
    controls: { size: bytes('Data', 100, 0, 1472), delay: delay(20), loss: loss(15, 60) },
    hides: ['ARP'],
    seed: 38,
    frame: 7,
    capture: true,
    world: ({ size, delay, loss }) => ({
      hosts: { client: {}, server: {} },
      link: { both: { delay: delay * 1000, loss: loss / 100 } },
      start: (world) => {
        echo(world, 'server');
        for (let i = 0; i < 5; i++) world.at(QUIET + i * 200_000, (now) => datagram(now, 'client', 'server', size));
      },
    }),
  }),
  burst: figure({
    title: 'Too fast for the link',
    tells: 'Twenty datagrams at once, over a slow link with a short queue. Nothing tells the sender to wait.',
    controls: {
      count: { label: 'Datagrams', value: 20, min: 1, max: 60 },
      rate: rate(2),
      queue: bytes('Queue', 10_000, 2_000, 100_000),
    },
    hides: ['ARP'],
    pictureFrames: 24,
    world: ({ count, rate, queue }) => ({
      hosts: { client: {}, server: {} },
      link: { both: { delay: 10_000 }, forth: { rate: rate * 1_000_000, queueBytes: queue } },
      start: (world) => {
        world.host('server').stack.bind(9, { received: () => {} });
        world.at(QUIET, (now) => datagram(now, 'client', 'server', 10, 9));
        world.at(QUIET + 1_000_000, (now) => {
          for (let i = 0; i < count; i++) datagram(now, 'client', 'server', 1000, 9);
        });
      },
    }),
  }),
  group: figure({
    title: 'One datagram for a group',
    tells: 'Two of three hosts have joined the group 239.1.2.3. The sender sends once.',
    hides: ['ARP', 'IGMP'],
    world: () => ({
      hosts: { sender: {}, first: {}, second: {}, other: {} },
      link: { both: { delay: 5_000 } },
      start: (world) => {
        const group = IpAddress.parse('239.1.2.3');
        const listener = { received: () => {} };
        for (const name of ['first', 'second']) world.host(name).stack.bind(5353, listener).join(group);
        world.at(QUIET, (now) => {
          now
            .host('sender')
            .stack.bind(0, listener)
            .send(SummedBytes.of(new Uint8Array(50)), group, 5353);
        });
      },
    }),
  }),
};
