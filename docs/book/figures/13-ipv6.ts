/** The figures of chapter 13. */
import type { HostOptions } from '../../../src/browser/options.js';
import type { World } from '../../../src/browser/world.js';
import { MILLISECOND } from '../../../src/net/clock.js';
import { addressIn, stableAddressIn } from '../../../src/net/ndp/addresses.js';
import type { Connection, ConnectionHandler } from '../../../src/net/tcp/handler.js';
import { IpAddress, parseMac } from '../../../src/net/wire/address.js';
import { bytes, choice, delay, figure } from './lib/figure.js';
import { datagram, ping, QUIET } from './lib/programs.js';

/** What is said about the addresses of the link alone: the same for every host. */
const LINK_LOCAL = ['ICMP6, neighbor solicitation, who has fe80', 'ICMP6, neighbor advertisement, tgt is fe80'];
const REPORTS = 'ICMP6, multicast listener report';

/** A host of IPv6 with this number, which asks for no router. */
function host6(number: number, more: HostOptions = {}): HostOptions {
  const internet = { acceptRouterAdvertisements: false, ...more.internet };
  return { ...more, addresses: [`2001:db8::${number}/64`], internet };
}

// ── Addresses that a host makes ──

const SECRET = Uint8Array.from({ length: 16 }, (_, i) => 7 * i + 1);
const PREFIXES = ['2001:db8:1::', '2001:db8:2::'];
/** What the world gives to its second host. */
const SECOND_MAC = parseMac('02:fa:57:00:00:02');
const FROM_MAC = 1;
const FROM_SECRET = 2;

const identifiers = choice('Identifier', FROM_SECRET, [
  [FROM_MAC, 'from the Ethernet address'],
  [FROM_SECRET, 'from a secret (RFC 7217)'],
]);

/** A host without an address, which uses none before it has been checked. */
function newcomer(identifier: number): HostOptions {
  const stableSecret = identifier === FROM_SECRET ? SECRET : undefined;
  return { addresses: [], internet: { ipv6: true, duplicateDetection: 'strict', stableSecret } };
}

/** The address that the second host makes first. */
function firstAddress(identifier: number): string {
  const prefix = IpAddress.parse(PREFIXES[0] ?? '::');
  return String(
    identifier === FROM_SECRET ? stableAddressIn(prefix, SECOND_MAC, SECRET, 0) : addressIn(prefix, SECOND_MAC),
  );
}

// ── A client that tries two addresses ──

/** A client that says nothing: it closes as soon as it is connected. */
function closing(connection: Connection): ConnectionHandler {
  connection.close();
  return {
    received: (_bytes, from, to) => to - from,
    acknowledged: () => {},
    ended: () => {},
    timedOut: () => {},
    closed: () => {},
  };
}

/** Tries the first address, and the second one after `wait` microseconds or when the first fails (RFC 8305). */
function tryBoth(world: World, texts: readonly string[], wait: number): void {
  const { stack } = world.host('client');
  const attempts: Connection[] = [];
  let isOver = false;
  const attempt = (index: number) => {
    const text = texts[index];
    if (isOver || text === undefined || attempts.length > index) return;
    const connected = (connection: Connection) => {
      isOver = true;
      for (const other of attempts) if (other !== connection) other.abort();
      return closing(connection);
    };
    attempts[index] = stack.connect(
      { address: IpAddress.parse(text), port: 80 },
      { connected, failed: () => attempt(index + 1) },
    );
  };
  attempt(0);
  world.at(world.now + wait, () => attempt(1));
}

export const figures = {
  question: figure({
    title: 'Who has 2001:db8::2?',
    tells: 'The client pings the server. Its question goes to a group that only the server has joined.',
    controls: { delay: delay(1) },
    capture: true,
    since: QUIET,
    world: ({ delay }) => ({
      hosts: { client: host6(1), server: host6(2), printer: host6(3) },
      link: { both: { delay: delay * MILLISECOND } },
      start: (world) => {
        for (const number of [1, 2]) {
          world.at(QUIET + (number - 1) * 1_000_000, (now) =>
            ping(now.host('client'), now.host('server').address, number),
          );
        }
      },
    }),
  }),
  start: figure({
    title: 'From nothing to an address',
    tells: 'The host has no address. It makes one for the link, asks for a router, and makes another of its prefix.',
    controls: {
      identifier: identifiers,
      network: choice('Network', 1, [
        [1, '2001:db8:1::/64'],
        [2, '2001:db8:2::/64'],
      ]),
    },
    hides: [],
    world: ({ identifier, network }) => ({
      hosts: { host: newcomer(identifier) },
      routers: { router: { prefix: `${PREFIXES[network - 1]}/64` } },
      links: [{ ends: ['host', 'router'], both: { delay: MILLISECOND } }],
    }),
  }),
  conflict: figure({
    title: 'The address is taken',
    tells: 'The new host makes an address that the old one has already. The old host says so, twice.',
    controls: { identifier: identifiers },
    hides: [...LINK_LOCAL, REPORTS],
    pictureFrames: 17,
    world: ({ identifier }) => ({
      hosts: {
        old: { addresses: [`${firstAddress(identifier)}/64`], internet: { acceptRouterAdvertisements: false } },
        new: newcomer(identifier),
      },
      routers: { router: { prefix: `${PREFIXES[0]}/64` } },
      links: [
        { ends: ['old', 'router'], both: { delay: MILLISECOND } },
        { ends: ['router', 'new'], both: { delay: MILLISECOND } },
      ],
    }),
  }),
  fragments: figure({
    title: 'A datagram in fragments',
    tells: 'Only the source cuts. Each fragment has one more header between the IPv6 header and the data.',
    controls: { size: bytes('Data', 4000, 0, 20_000), delay: delay(5) },
    since: QUIET,
    world: ({ size, delay }) => ({
      hosts: { client: host6(1), server: host6(2) },
      link: { both: { delay: delay * MILLISECOND } },
      start: (world) => world.at(QUIET, (now) => datagram(now, 'client', 'server', size, 9)),
    }),
  }),
  narrow: figure({
    title: 'Packet too big',
    tells: 'The router may not cut. It drops what is too long, and says which size would pass.',
    controls: { mtu: bytes('MTU behind the router', 1400, 1280, 1500), delay: delay(5) },
    views: ['exchange', 'ladder', 'sequence'],
    pictureFrames: 28,
    side: 'client',
    since: QUIET,
    hides: ['ARP, Announcement', 'ICMP6, neighbor'],
    world: ({ mtu, delay }) => ({
      hosts: { client: host6(1, { mtu: 1500 }), server: host6(2, { mtu: 1500 }) },
      routers: { router: '2001:db8::fe' },
      links: [
        { ends: ['client', 'router'], both: { delay: delay * MILLISECOND } },
        { ends: ['router', 'server'], both: { delay: delay * MILLISECOND }, mtu },
      ],
      start: (world) => world.at(QUIET, (now) => now.transfer('client', 'server', { content: 4_000 })),
    }),
  }),
  families: figure({
    title: 'Two addresses, and the first one is dead',
    tells: 'The client knows 2001:db8::2 and 10.0.0.2 of the server. Choose how long it waits for the first one.',
    controls: {
      wait: { label: 'The second address is tried after', unit: 'ms', value: 250, min: 0, max: 10_000 },
      server: choice('The server has', 1, [
        [1, 'IPv4 alone'],
        [2, 'both'],
      ]),
      delay: delay(20),
    },
    since: QUIET,
    world: ({ wait, server, delay }) => ({
      hosts: {
        client: { ...host6(1), addresses: ['2001:db8::1/64', '10.0.0.1/16'] },
        server: {
          ...host6(2, { files: { '/': 'hello' } }),
          addresses: server === 1 ? ['10.0.0.2/16'] : ['2001:db8::2/64', '10.0.0.2/16'],
        },
      },
      link: { both: { delay: delay * MILLISECOND } },
      start: (world) => world.at(QUIET, (now) => tryBoth(now, ['2001:db8::2', '10.0.0.2'], wait * MILLISECOND)),
    }),
  }),
};
