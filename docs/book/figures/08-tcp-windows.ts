/** The figures of chapter 8. */
import type { World } from '../../../src/browser/world.js';
import { MILLISECOND } from '../../../src/net/clock.js';
import type { Connection, ConnectionHandler } from '../../../src/net/tcp/handler.js';
import { SummedBytes } from '../../../src/net/wire/summed-bytes.js';
import { bytes, choice, delay, figure, onOff } from './lib/figure.js';
import { QUIET } from './lib/programs.js';

/** A program that reads all and says nothing. */
function reader(connection: Connection): ConnectionHandler {
  return {
    received: (_bytes, from, to) => to - from,
    acknowledged: () => {},
    ended: () => connection.close(),
    timedOut: () => {},
    closed: () => {},
  };
}

/** A client that calls `write` `writes` times, `interval` microseconds apart, with `length` bytes each; then closes. */
function writer(world: World, noDelay: boolean, writes: number, length: number, interval: number): void {
  world.host('server').stack.listen(7, reader);
  const piece = SummedBytes.of(new Uint8Array(length).fill(0x61));
  const begin = (connection: Connection): ConnectionHandler => {
    let left = writes;
    const write = () => {
      connection.send(piece, 0, length);
      left--;
      if (left > 0) connection.setTimeout(interval);
      else connection.close();
      connection.flush();
    };
    write();
    return { ...reader(connection), timedOut: write };
  };
  world
    .host('client')
    .stack.connect({ address: world.host('server').address, port: 7, noDelay }, { connected: begin, failed: () => {} });
}

export const figures = {
  limit: figure({
    title: 'A small window and a long way',
    tells: 'The receiver reads at once. Still the sender has to wait: it may have one window of data under way.',
    controls: { window: bytes('Window', 16_000, 4_000, 64_000), delay: delay(40) },
    views: ['sequence', 'ladder'],
    side: 'client',
    world: ({ window, delay }) => ({
      hosts: { client: {}, server: {} },
      link: { both: { delay: delay * MILLISECOND } },
      start: (world) =>
        world.at(QUIET, (now) => void now.transfer('client', 'server', { content: 150_000, receiveBuffer: window })),
    }),
  }),
  closed: figure({
    title: 'The program stops reading',
    tells: 'The buffer fills up and the window closes. The sender probes, until the program reads again.',
    controls: {
      update: choice('The window update', 0, [
        [0, 'arrives'],
        [1, 'is lost'],
      ]),
    },
    views: ['ladder', 'exchange'],
    side: 'client',
    pictureFrames: 24,
    capture: true,
    world: ({ update }) => ({
      hosts: { client: {}, server: {} },
      // Thirteen frames of the server: two announcements, one of ARP, the SYN-ACK, eight ACKs, and the update.
      link: { both: { delay: 10 * MILLISECOND }, back: update === 1 ? { loseFrames: [13] } : {} },
      start: (world) => {
        world.at(QUIET, (now) => {
          now.transfer('client', 'server', { content: 12_000, appetite: 2_000, receiveBuffer: 6_000 });
        });
        world.at(QUIET + 2_000 * MILLISECOND, (now) => now.transfers[0]?.read());
      },
    }),
  }),
  sips: figure({
    title: 'A program that reads in sips',
    tells: 'The program takes a few bytes at a time. The window opens only by steps that are worth a segment.',
    controls: { sip: bytes('A sip', 300, 50, 3_000), delay: delay(5) },
    views: ['ladder', 'sequence'],
    side: 'client',
    pictureFrames: 24,
    world: ({ sip, delay }) => ({
      hosts: { client: {}, server: {} },
      link: { both: { delay: delay * MILLISECOND } },
      start: (world) => {
        world.at(QUIET, (now) => {
          now.transfer('client', 'server', { content: 15_000, appetite: 0, receiveBuffer: 6_000 });
        });
        for (let i = 1; i * sip < 15_000 + sip; i++) {
          world.at(QUIET + (100 + 20 * i) * MILLISECOND, (now) => now.transfers[0]?.read(sip));
        }
      },
    }),
  }),
  nagle: figure({
    title: 'Small writes',
    tells: 'The client writes ten bytes, eight times. Turn Nagle off, and let the server delay its ACKs.',
    controls: {
      nagle: onOff('Nagle'),
      ack: { label: 'The server delays an ACK by', unit: 'ms', value: 40, min: 1, max: 400 },
      delay: delay(5),
    },
    views: ['ladder', 'exchange'],
    pictureFrames: 24,
    world: ({ nagle, ack, delay }) => ({
      hosts: { client: {}, server: { tcp: { quickAcks: 0, delayedAck: ack * MILLISECOND } } },
      link: { both: { delay: delay * MILLISECOND } },
      start: (world) => world.at(QUIET, (now) => writer(now, nagle === 0, 8, 10, 10 * MILLISECOND)),
    }),
  }),
};
