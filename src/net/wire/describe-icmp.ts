/** ICMP and ICMPv6 messages as tcpdump prints them (RFC 792, RFC 4443, RFC 4861). See `describe.ts`. */
import { formatV4, formatV6 } from './address.js';
import { readInt32, readUint16 } from './bytes.js';
import * as icmp from './icmp.js';
import * as icmpv6 from './icmpv6.js';
import * as ipv4 from './ipv4.js';
import * as ipv6 from './ipv6.js';
import { PROTOCOL } from './protocol.js';
import { TransportSpan, walkExtensions } from './transport-span.js';

const V4_TYPES: Readonly<Record<number, string>> = {
  4: 'source quench',
  5: 'redirect',
  9: 'router advertisement',
  10: 'router solicitation',
  12: 'parameter problem',
  13: 'time stamp query',
  14: 'time stamp reply',
  17: 'address mask request',
  18: 'address mask reply',
};

const V6_TYPES: Readonly<Record<number, string>> = {
  3: 'time exceeded',
  4: 'parameter problem',
  130: 'multicast listener query',
  131: 'multicast listener report',
  132: 'multicast listener done',
  133: 'router solicitation',
  134: 'router advertisement',
  137: 'redirect',
  143: 'multicast listener report v2',
};

/** Codes of "destination unreachable" (RFC 4443 section 3.1). */
const V6_UNREACHABLE: Readonly<Record<number, string>> = {
  0: 'unreachable route',
  1: 'unreachable prohibited',
  2: 'beyond scope',
  3: 'unreachable address',
  4: 'unreachable port',
};

/** `ICMP echo request, id 1, seq 2, length 64` */
export function describeIcmp(bytes: Uint8Array, span: TransportSpan): string {
  const { from, to, length } = span;
  if (to - from < icmp.HEADER_BYTES) return `ICMP [|icmp], length ${length}`;
  const type = icmp.type(bytes, from);
  const code = icmp.code(bytes, from);
  if (type === icmp.ECHO_REQUEST) return `ICMP echo request, ${echo(bytes, from)}, length ${length}`;
  if (type === icmp.ECHO_REPLY) return `ICMP echo reply, ${echo(bytes, from)}, length ${length}`;
  if (type === icmp.TIME_EXCEEDED) {
    const what = code === icmp.REASSEMBLY_TIMEOUT ? 'ip reassembly time exceeded' : 'time exceeded in-transit';
    return `ICMP ${what}, length ${length}`;
  }
  if (type === icmp.DESTINATION_UNREACHABLE) return `ICMP ${unreachable(bytes, span, code)}, length ${length}`;
  return `ICMP ${V4_TYPES[type] ?? `type-#${type}`}${code === 0 ? '' : ` code-#${code}`}, length ${length}`;
}

/** The host, protocol or port that could not be reached, from the packet that the error quotes. */
function unreachable(bytes: Uint8Array, span: TransportSpan, code: number): string {
  const quoted = span.from + icmp.HEADER_BYTES;
  if (span.to - quoted < ipv4.HEADER_BYTES) return `unreachable, code ${code}`;
  const host = formatV4(ipv4.destination(bytes, quoted));
  const ports = quoted + ipv4.headerLength(bytes, quoted);
  if (code === icmp.NET_UNREACHABLE) return `net ${host} unreachable`;
  if (code === icmp.HOST_UNREACHABLE) return `host ${host} unreachable`;
  if (code === icmp.PROTOCOL_UNREACHABLE) return `${host} protocol ${ipv4.protocol(bytes, quoted)} unreachable`;
  if (code === icmp.FRAGMENTATION_NEEDED) {
    return `${host} unreachable - need to frag (mtu ${icmp.mtu(bytes, span.from)})`;
  }
  if (code === icmp.PORT_UNREACHABLE && span.to - ports >= 4) {
    const protocol = ipv4.protocol(bytes, quoted) === PROTOCOL.UDP ? 'udp' : 'tcp';
    return `${host} ${protocol} port ${readUint16(bytes, ports + 2)} unreachable`;
  }
  return `${host} unreachable, code ${code}`;
}

/** `ICMP6, neighbor solicitation, who has fe80::1, length 32` */
export function describeIcmpV6(bytes: Uint8Array, span: TransportSpan): string {
  const { from, to, length } = span;
  if (to - from < icmpv6.HEADER_BYTES) return `ICMP6 [|icmp6], length ${length}`;
  const type = icmpv6.type(bytes, from);
  const code = icmpv6.code(bytes, from);
  const isNeighbor = type === icmpv6.NEIGHBOR_SOLICITATION || type === icmpv6.NEIGHBOR_ADVERTISEMENT;
  if (isNeighbor && to - from >= icmpv6.NEIGHBOR_MESSAGE_BYTES) {
    const target = formatV6(bytes, from + icmpv6.TARGET);
    if (type === icmpv6.NEIGHBOR_SOLICITATION) {
      return `ICMP6, neighbor solicitation, who has ${target}, length ${length}`;
    }
    return `ICMP6, neighbor advertisement, tgt is ${target}, length ${length}`;
  }
  if (type === icmpv6.ECHO_REQUEST) return `ICMP6, echo request, ${echo(bytes, from)}, length ${length}`;
  if (type === icmpv6.ECHO_REPLY) return `ICMP6, echo reply, ${echo(bytes, from)}, length ${length}`;
  if (type === icmpv6.PACKET_TOO_BIG)
    return `ICMP6, packet too big, mtu ${readInt32(bytes, from + 4) >>> 0}, length ${length}`;
  if (type === icmpv6.DESTINATION_UNREACHABLE) {
    return `ICMP6, destination unreachable, ${unreachableV6(bytes, span, code)}, length ${length}`;
  }
  return `ICMP6, ${V6_TYPES[type] ?? `type-#${type}`}${code === 0 ? '' : ` code-#${code}`}, length ${length}`;
}

/** The same as `unreachable` for IPv6. */
function unreachableV6(bytes: Uint8Array, span: TransportSpan, code: number): string {
  const what = V6_UNREACHABLE[code] ?? `code ${code}`;
  const quoted = span.from + icmpv6.HEADER_BYTES;
  if (span.to - quoted < ipv6.HEADER_BYTES) return what;
  const host = formatV6(bytes, quoted + ipv6.DESTINATION);
  const inner = new TransportSpan();
  walkExtensions(bytes, quoted, span.to, inner);
  if (code !== icmpv6.PORT_UNREACHABLE || inner.to - inner.from < 4) return `${what}, ${host}`;
  const protocol = inner.protocol === PROTOCOL.UDP ? 'udp' : 'tcp';
  return `${what}, ${host} ${protocol} port ${readUint16(bytes, inner.from + 2)}`;
}

function echo(bytes: Uint8Array, at: number): string {
  return `id ${readUint16(bytes, at + 4)}, seq ${readUint16(bytes, at + 6)}`;
}
