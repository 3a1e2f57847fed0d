/** Small programs for the hosts of a figure: ping, and datagrams. Call them in `start`, or within `World.at`. */
import type { Host } from '../../../../src/browser/host.js';
import { QUIET, type World } from '../../../../src/browser/world.js';
import { OutgoingFrame } from '../../../../src/net/device/frame.js';
import type { Stack } from '../../../../src/net/stack.js';
import type { UdpPort } from '../../../../src/net/udp/udp-port.js';
import type { IpAddress } from '../../../../src/net/wire/address.js';
import { finish, sum } from '../../../../src/net/wire/checksum.js';
import * as Icmp from '../../../../src/net/wire/icmp.js';
import * as Icmpv6 from '../../../../src/net/wire/icmpv6.js';
import { PROTOCOL } from '../../../../src/net/wire/protocol.js';
import { SummedBytes } from '../../../../src/net/wire/summed-bytes.js';

export { QUIET };

/** What a ping carries: ping(8) sends 56 bytes. */
const PING_BYTES = 56;

/** One echo request from a host to an address (RFC 792, RFC 4443 section 4.1). The answer is the other stack's. */
export function ping(host: Host, to: IpAddress, sequence = 1, length = PING_BYTES): void {
  const { internet } = host.stack;
  const route = internet.routeTo(to);
  if (route === undefined) return;
  const data = Uint8Array.from({ length }, (_, i) => i & 0xff);
  const frame = new OutgoingFrame();
  frame.reset();
  frame.end = frame.start + Icmp.HEADER_BYTES;
  const rest = (1 << 16) | sequence;
  const type = route.isV6 ? Icmpv6.ECHO_REQUEST : Icmp.ECHO_REQUEST;
  Icmp.emit(frame.header, frame.start, type, 0, 0, rest);
  const pseudo = route.isV6 ? route.addressSum + PROTOCOL.ICMPV6 + Icmp.HEADER_BYTES + length : 0;
  const checksum = finish(pseudo + sum(frame.header, frame.start, frame.end) + sum(data, 0, length));
  Icmp.emit(frame.header, frame.start, type, 0, checksum, rest);
  if (length > 0) frame.addFragment(SummedBytes.plain(data), 0, length);
  internet.send(frame, route, route.isV6 ? PROTOCOL.ICMPV6 : PROTOCOL.ICMP, 0);
}

/** Pings from one host to another from `QUIET` on, `interval` microseconds apart. */
export function pings(world: World, from: string, to: string, count = 1, interval = 1_000_000): void {
  for (let i = 0; i < count; i++) {
    world.at(QUIET + i * interval, (now) => ping(now.host(from), now.host(to).address, i + 1));
  }
}

/** Sends one datagram of so many bytes from port 5000 to `port` of another host. */
export function datagram(world: World, from: string, to: string, length: number, port = 7): void {
  const payload = SummedBytes.of(Uint8Array.from({ length }, (_, i) => 97 + (i % 26)));
  senderOf(world.host(from).stack).send(payload, world.host(to).address, port);
}

/** By stack: the port that its datagrams leave from. */
const SENDERS = new WeakMap<Stack, UdpPort>();

function senderOf(stack: Stack): UdpPort {
  const known = SENDERS.get(stack);
  if (known !== undefined) return known;
  const port = stack.bind(5000, { received: () => {} });
  SENDERS.set(stack, port);
  return port;
}

/** A UDP server that sends each datagram back (RFC 862). */
export function echo(world: World, host: string, port = 7): void {
  world.host(host).stack.bind(port, {
    received(query, bound) {
      const copy = query.bytes.slice(query.from, query.to);
      bound.reply(SummedBytes.of(copy), query);
    },
  });
}

/** For `start`: the client sends so many bytes, and keeps its connection open. */
export function send(content: number): (world: World) => void {
  return (world) => world.at(QUIET, (now) => void now.transfer('client', 'server', { content, close: false }));
}
