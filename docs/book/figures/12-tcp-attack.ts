/** The figures of chapter 12. */
import { type ForgedSegment, forgedSegment, forgedUnreachable } from '../../../src/browser/forge.js';
import type { World } from '../../../src/browser/world.js';
import { sendForgedSyn } from '../../../src/experiment/flood.js';
import { MILLISECOND, SECOND } from '../../../src/net/clock.js';
import type { Connection } from '../../../src/net/tcp/handler.js';
import * as Icmp from '../../../src/net/wire/icmp.js';
import { SummedBytes } from '../../../src/net/wire/summed-bytes.js';
import { ACK, PSH, RST, SYN } from '../../../src/net/wire/tcp.js';
import { choice, figure, onOff } from './lib/figure.js';
import { QUIET, send } from './lib/programs.js';

/** The client's port: the attacker knows it. */
const PORT = 50_000;
/** Beyond every window of these figures. */
const FAR = 1_000_000;
const NEAR = 1_000;
/** A router that does not exist. */
const ROUTER = 0x0a00_00fe;

/** What the attacker sends in the name of the client. */
const ATTACKS = [
  [1, 'a reset, far off'],
  [2, 'a reset in the window'],
  [3, 'a reset with the exact number'],
  [4, 'a SYN'],
  [5, 'data with a wrong ACK'],
] as const;

/** The forged segment of attack `kind`: it knows the addresses and ports, and as many numbers as the attack says. */
function forged(world: World, kind: number): ForgedSegment {
  const info = world.fetches[0]?.connection?.info();
  const [exact, ack] = [info?.sndNxt ?? 0, info?.rcvNxt ?? 0];
  const [from, to] = [world.host('client').address.word3, world.host('server').address.word3];
  const segment = { from, fromPort: PORT, to, toPort: 80 };
  if (kind === 4) return { ...segment, flags: SYN, sequence: exact + FAR };
  if (kind === 5) {
    const data = new TextEncoder().encode('DELETE /');
    return { ...segment, flags: PSH | ACK, sequence: exact, acknowledgment: ack + FAR, data };
  }
  return { ...segment, flags: RST, sequence: exact + (kind === 1 ? FAR : kind === 2 ? NEAR : 0) };
}

function attack(world: World, kind: number): void {
  const [attacker, { mac }] = [world.host('attacker'), world.host('server')];
  attacker.sendRaw(forgedSegment({ from: attacker.mac, to: mac }, forged(world, kind)));
}

/** A forged error about a segment of the client's transfer. */
function complain(world: World, code: number, isInFlight: boolean): void {
  const [attacker, client] = [world.host('attacker'), world.host('client')];
  const { sender } = world.transfers[0] ?? {};
  const about = {
    from: client.address.word3,
    fromPort: sender?.localPort ?? 0,
    to: world.host('server').address.word3,
    toPort: 9,
    flags: ACK,
    sequence: (sender?.info().sndUna ?? 0) + (isInFlight ? 0 : FAR),
  };
  const macs = { from: attacker.mac, to: client.mac };
  attacker.sendRaw(forgedUnreachable(macs, { from: ROUTER, code, mtu: 68, about }));
}

/** A client that begins a request, and then sends one more field of it every `interval` microseconds. */
function dawdle(world: World, interval: number): void {
  const say = (connection: Connection, text: string) => {
    const bytes = new TextEncoder().encode(text);
    connection.send(SummedBytes.of(bytes), 0, bytes.length);
    connection.setTimeout(interval);
    connection.flush();
  };
  world.host('client').stack.connect(
    { address: world.host('server').address, port: 80 },
    {
      connected: (connection) => {
        say(connection, 'GET / HTTP/1.1\r\n');
        return {
          received: (_bytes, from, to) => to - from,
          acknowledged: () => {},
          ended: () => connection.close(),
          timedOut: () => say(connection, 'X-Wait: 1\r\n'),
          closed: () => {},
        };
      },
      failed: () => {},
    },
  );
}

export const figures = {
  flood: figure({
    title: 'A list with room for two',
    tells: 'Three forged SYNs come from outside. They fill the list of half-open connections. Then a client comes.',
    controls: {
      cookies: choice('Cookies', 1, [
        [1, 'when the list is full'],
        [0, 'never'],
      ]),
    },
    views: ['exchange', 'ladder', 'states'],
    hides: ['ARP'],
    pictureFrames: 28,
    frame: 16,
    capture: 'server',
    world: ({ cookies }) => ({
      hosts: {
        client: {},
        server: {
          files: { '/': 'hello' },
          tcp: { backlog: 2, synAckRetries: 1, synCookies: cookies === 1 ? 'overflow' : 'off' },
        },
        outside: {},
      },
      link: { both: { delay: 5 * MILLISECOND } },
      start: (world) => {
        for (let i = 0; i < 3; i++) {
          world.at(QUIET + i * 25 * MILLISECOND, (now) => sendForgedSyn(now.host('outside'), now.host('server'), i));
        }
        world.at(QUIET + 100 * MILLISECOND, (now) => void now.get('client', 'server', '/'));
      },
    }),
  }),
  blind: figure({
    title: 'A segment from somebody else',
    tells: 'The attacker forges the client’s address, but does not see the connection’s numbers. Choose what to send.',
    controls: { attack: choice('The attacker sends', 2, ATTACKS) },
    views: ['exchange', 'ladder', 'states'],
    hides: ['ARP'],
    pictureFrames: 26,
    world: ({ attack: kind }) => ({
      hosts: { client: {}, server: { files: { '/': 'hello' } }, attacker: {} },
      link: { both: { delay: 5 * MILLISECOND } },
      start: (world) => {
        world.at(QUIET, (now) => void now.get('client', 'server', '/', { localPort: PORT, close: false }));
        world.at(QUIET + SECOND, (now) => attack(now, kind));
        world.at(QUIET + 2 * SECOND, (now) => now.fetches[0]?.connection?.close());
      },
    }),
  }),
  restart: figure({
    title: 'The client has lost its memory',
    tells: 'The client crashes and comes back with the same port. For the server, the old connection still exists.',
    views: ['exchange', 'ladder', 'states'],
    hides: ['ARP'],
    pictureFrames: 24,
    world: () => ({
      hosts: { client: {}, server: { files: { '/': 'hello' } } },
      link: { both: { delay: 20 * MILLISECOND } },
      start: (world) => {
        const ask = (now: World) => void now.get('client', 'server', '/', { localPort: PORT, close: false });
        world.at(QUIET, ask);
        // The crash: the connection is gone, and the peer does not hear of it.
        world.at(QUIET + SECOND, (now) => {
          const { forth } = now.link('client-server');
          forth.set({ loss: 1 });
          now.fetches[0]?.connection?.abort();
          forth.set({ loss: 0 });
        });
        world.at(QUIET + 2 * SECOND, ask);
      },
    }),
  }),
  error: figure({
    title: 'An error that no router sent',
    tells: 'The client sends 6,000 bytes. The attacker forges an ICMP error about them. Choose what it says.',
    controls: {
      error: choice('The error', 1, [
        [1, '“too big”, about a number in flight'],
        [2, '“too big”, about another number'],
        [3, '“nobody listens there”, in flight'],
      ]),
    },
    views: ['exchange', 'sequence', 'ladder'],
    side: 'client',
    hides: ['ARP'],
    pictureFrames: 28,
    world: ({ error }) => ({
      hosts: { client: {}, server: {}, attacker: {} },
      link: { both: { delay: 5 * MILLISECOND } },
      start: (world) => {
        send(6_000)(world);
        const code = error === 3 ? Icmp.PORT_UNREACHABLE : Icmp.FRAGMENTATION_NEEDED;
        world.at(QUIET + 42 * MILLISECOND, (now) => complain(now, code, error !== 2));
      },
    }),
  }),
  slow: figure({
    title: 'A request that never ends',
    tells: 'The client sends one more field of its request every few seconds. The server waits, but not for ever.',
    controls: {
      pause: { label: 'Pause', unit: 's', value: 3, min: 1, max: 9 },
      rate: onOff('A least rate'),
    },
    views: ['exchange', 'ladder', 'states'],
    hides: ['ARP'],
    start: { milliseconds: 30_000 },
    pictureFrames: 24,
    speed: 10,
    world: ({ pause, rate }) => ({
      hosts: { client: {}, server: { files: { '/': 'hello' }, http: rate === 1 ? {} : { requestRateBytes: 0 } } },
      link: { both: { delay: 20 * MILLISECOND } },
      start: (world) => world.at(QUIET, (now) => dawdle(now, pause * SECOND)),
    }),
  }),
};
