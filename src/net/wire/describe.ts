/**
 * Any frame as one readable line, as `tcpdump -n` prints it: for traces, failed tests, `fastpath dissect`.
 *
 *     IP 10.77.0.1.40000 > 10.77.0.2.80: Flags [S], seq 1000, win 64240, options [mss 1460,sackOK], length 0
 *     ARP, Request who-has 10.77.0.2 tell 10.77.0.1, length 28
 *
 * It builds strings, so it is not for the hot path. It reads only bytes that are there, and says `[|tcp]`, as tcpdump
 * does, where they end too early. It checks no checksum.
 */
import { formatMac, formatV4, formatV6 } from './address.js';
import * as arp from './arp.js';
import { readUint16 } from './bytes.js';
import { describeIcmp, describeIcmpV6 } from './describe-icmp.js';
import { ABSOLUTE, describeTcp, type SequenceBase } from './describe-tcp.js';
import * as ethernet from './ethernet.js';
import * as ipv4 from './ipv4.js';
import * as ipv6 from './ipv6.js';
import { PROTOCOL } from './protocol.js';
import { protocolName, TransportSpan, walkExtensions } from './transport-span.js';

const TYPE_VLAN = 0x8100;
const TYPE_PROVIDER_VLAN = 0x88a8;
const VLAN_TAG_BYTES = 4;
const UDP_HEADER_BYTES = 8;

/**
 * The Ethernet frame `bytes[from, to)` as a line.
 *
 * @example
 * ```ts
 * import { describeFrame } from 'fastpath';
 *
 * const frame = new Uint8Array(60); // to 00:00:00:00:00:00
 * frame.set([0x08, 0x06], 12); // ARP
 * console.log(describeFrame(frame, 0, 60).startsWith('ARP')); // true
 * ```
 */
export function describeFrame(bytes: Uint8Array, from: number, to: number, base: SequenceBase = ABSOLUTE): string {
  if (!ethernet.check(from, to)) return `[|ether] length ${to - from}`;
  let type = ethernet.type(bytes, from);
  let at = from + ethernet.HEADER_BYTES;
  let prefix = '';
  while ((type === TYPE_VLAN || type === TYPE_PROVIDER_VLAN) && to - at >= VLAN_TAG_BYTES) {
    prefix += `vlan ${readUint16(bytes, at) & 0xfff}, `;
    type = readUint16(bytes, at + 2);
    at += VLAN_TAG_BYTES;
  }
  return prefix + describePacket(type, bytes, at, to, base);
}

/** The packet `bytes[from, to)` of this EtherType as a line. */
export function describePacket(
  etherType: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  base: SequenceBase = ABSOLUTE,
): string {
  if (etherType === ethernet.TYPE_IPV4) return describeIpv4(bytes, from, to, base);
  if (etherType === ethernet.TYPE_IPV6) return describeIpv6(bytes, from, to, base);
  if (etherType === ethernet.TYPE_ARP) return describeArp(bytes, from, to);
  if (etherType < 1536) return `802.3, length ${to - from}`;
  return `ethertype 0x${etherType.toString(16).padStart(4, '0')}, length ${to - from}`;
}

function describeArp(bytes: Uint8Array, from: number, to: number): string {
  if (!arp.check(bytes, from, to)) return `ARP, unknown or cut short, length ${to - from}`;
  const sender = formatV4(arp.senderIp(bytes, from));
  if (arp.operation(bytes, from) === arp.REPLY) {
    return `ARP, Reply ${sender} is-at ${formatMac(bytes, from + arp.SENDER_MAC)}, length ${to - from}`;
  }
  const target = formatV4(arp.targetIp(bytes, from));
  if (sender === target) return `ARP, Announcement ${sender}, length ${to - from}`;
  if (sender === '0.0.0.0') return `ARP, Probe ${target}, length ${to - from}`;
  return `ARP, Request who-has ${target} tell ${sender}, length ${to - from}`;
}

function describeIpv4(bytes: Uint8Array, from: number, to: number, base: SequenceBase): string {
  if (to - from < ipv4.HEADER_BYTES) return `IP [|ip], length ${to - from}`;
  const header = ipv4.headerLength(bytes, from);
  const total = ipv4.totalLength(bytes, from) === 0 ? to - from : ipv4.totalLength(bytes, from);
  if (header < ipv4.HEADER_BYTES || total < header) return `IP bad-hlen ${header} or length ${total}`;
  const span = new TransportSpan();
  span.protocol = ipv4.protocol(bytes, from);
  span.from = Math.min(from + header, to);
  span.to = Math.min(from + total, to);
  span.length = total - header;
  const source = formatV4(ipv4.source(bytes, from));
  const destination = formatV4(ipv4.destination(bytes, from));
  const offset = ipv4.fragmentOffset(bytes, from);
  if (ipv4.isFragment(bytes, from)) {
    const more = ipv4.moreFragments(bytes, from) ? '+' : '';
    const piece = `frag ${ipv4.identification(bytes, from)}:${span.length}@${offset}${more}`;
    if (offset > 0) return `IP ${source} > ${destination}: ${protocolName(span.protocol)} (${piece})`;
    return `IP ${describeTransport(bytes, source, destination, span, base)} (${piece})`;
  }
  return `IP ${describeTransport(bytes, source, destination, span, base)}`;
}

function describeIpv6(bytes: Uint8Array, from: number, to: number, base: SequenceBase): string {
  if (to - from < ipv6.HEADER_BYTES) return `IP6 [|ip6], length ${to - from}`;
  const span = new TransportSpan();
  walkExtensions(bytes, from, to, span);
  const source = formatV6(bytes, from + ipv6.SOURCE);
  const destination = formatV6(bytes, from + ipv6.DESTINATION);
  const more = span.moreFragments ? '+' : '';
  const piece = `frag ${span.length}@${span.fragmentOffset}${more}`;
  if (span.fragmentOffset > 0) return `IP6 ${source} > ${destination}: ${protocolName(span.protocol)} (${piece})`;
  if (span.moreFragments) return `IP6 ${describeTransport(bytes, source, destination, span, base)} (${piece})`;
  return `IP6 ${describeTransport(bytes, source, destination, span, base)}`;
}

/** Addresses and what they say to each other. */
function describeTransport(
  bytes: Uint8Array,
  source: string,
  destination: string,
  span: TransportSpan,
  base: SequenceBase,
): string {
  const between = `${source} > ${destination}: `;
  switch (span.protocol) {
    case PROTOCOL.TCP:
      return describeTcp(bytes, source, destination, span, base);
    case PROTOCOL.UDP:
      return describeUdp(bytes, source, destination, span);
    case PROTOCOL.ICMP:
      return between + describeIcmp(bytes, span);
    case PROTOCOL.ICMPV6:
      return between + describeIcmpV6(bytes, span);
    default:
      return `${between}${protocolName(span.protocol)} ${span.length}`;
  }
}

function describeUdp(bytes: Uint8Array, source: string, destination: string, span: TransportSpan): string {
  if (span.to - span.from < UDP_HEADER_BYTES) return `${source} > ${destination}: [|udp]`;
  const ports = [readUint16(bytes, span.from), readUint16(bytes, span.from + 2)];
  const length = Math.max(0, readUint16(bytes, span.from + 4) - UDP_HEADER_BYTES);
  return `${source}.${ports[0]} > ${destination}.${ports[1]}: UDP, length ${length}`;
}
