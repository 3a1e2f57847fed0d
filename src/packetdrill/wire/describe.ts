/**
 * Writes packets in the words of a script, for reports and for scripts made from captures.
 */
import type { IpInfo, Packet, TcpBody, TcpOption } from '../language/ast.js';
import { icmpName } from './icmp-names.js';
import { AE, type LivePacket, type LiveTcp } from './live-packet.js';

const ECN_NAMES = ['noecn', 'ect1', 'ect0', 'ce'];
/** Kinds of options: Accurate ECN with its counters in two orders, Fast Open, and experiments (RFC 4727). */
const ACCURATE_ECN = [172, 174];
const FAST_OPEN = 34;
const EXPERIMENT = 254;
const COUNTERS = ['e0b', 'ceb', 'e1b'];
const COUNTERS_REVERSED = ['e1b', 'ceb', 'e0b'];
/** In the order in which Linux's packetdrill prints them. */
const LETTERS: readonly (readonly [number, string])[] = [
  [0x01, 'F'],
  [0x02, 'S'],
  [0x04, 'R'],
  [0x08, 'P'],
  [0x20, 'U'],
  [0x40, 'E'],
  [0x80, 'W'],
  [AE, 'A'],
  [0x10, '.'],
];

/** Writes flags as letters; `-` for none. */
export function describeFlagBits(flags: number): string {
  const letters = LETTERS.filter(([bit]) => flags & bit).map(([, letter]) => letter);
  return letters.length === 0 ? '-' : letters.join('');
}

/** The bits of the flags of a script's packet. */
export function flagBits(flags: TcpBody['flags']): number {
  const bit = (set: boolean, value: number) => (set ? value : 0);
  return (
    bit(flags.fin, 1) |
    bit(flags.syn, 2) |
    bit(flags.rst, 4) |
    bit(flags.psh, 8) |
    bit(flags.ack, 16) |
    bit(flags.urg, 32) |
    bit(flags.ece, 64) |
    bit(flags.cwr, 128) |
    bit(flags.ae, AE)
  );
}

/** Describes a packet that the stack sent. Its numbers are already the script's. */
export function describeLive(packet: LivePacket): string {
  if (packet.tcp !== undefined) return describeTcp(packet.tcp);
  if (packet.udp !== undefined) {
    return `udp ${packet.udp.source} > ${packet.udp.destination} (${packet.udp.length})`;
  }
  if (packet.icmp !== undefined) return `icmp ${icmpName(packet.ip.version, packet.icmp.type, packet.icmp.code)}`;
  return `IP protocol ${packet.ip.protocol}`;
}

/** Describes a segment: flags, sequence numbers, ACK, window, options. */
export function describeTcp(tcp: LiveTcp): string {
  const end = (tcp.sequence + tcp.payload.length) % 2 ** 32;
  const parts = [describeFlagBits(tcp.flags), `${tcp.sequence}:${end}(${tcp.payload.length})`];
  if (tcp.flags & 0x10) parts.push(`ack ${tcp.acknowledgment}`);
  parts.push(`win ${tcp.window}`);
  if (tcp.urgentPointer !== 0) parts.push(`urg ${tcp.urgentPointer}`);
  if (tcp.options.length > 0) parts.push(`<${describeOptions(tcp.options)}>`);
  return parts.join(' ');
}

/** Writes options with commas between them, without the angle brackets. */
export function describeOptions(options: readonly TcpOption[]): string {
  return options.map(describeOption).join(',');
}

function describeOption(option: TcpOption): string {
  switch (option.kind) {
    case 'mss':
    case 'wscale':
      return `${option.kind} ${option.value}`;
    case 'sack':
      return `sack ${option.blocks.map(([left, right]) => `${left}:${right}`).join(' ')}`;
    case 'TS':
      return `TS val ${option.anyValue ? '...' : option.value} ecr ${option.echo}${option.absoluteEcho ? '!' : ''}`;
    case 'raw':
      return describeRaw(option.number, option.bytes);
    case 'field':
      return hex(option.bytes);
    default:
      return option.kind;
  }
}

/** Names an option by its kind alone, so that what a script says and what came can be compared as text. */
function describeRaw(number: number, bytes: Uint8Array): string {
  const order = ACCURATE_ECN.indexOf(number);
  if (order >= 0 && bytes.length % 3 === 0) return describeCounters(order === 0 ? COUNTERS : COUNTERS_REVERSED, bytes);
  if (number === FAST_OPEN) return `FO ${hex(bytes)}`.trimEnd();
  if (number === EXPERIMENT && bytes.length >= 2) {
    return `exp-${hex(bytes.subarray(0, 2))} ${hex(bytes.subarray(2))}`.trimEnd();
  }
  return `gen-${number} ${hex(bytes)}`.trimEnd();
}

/** Up to three counters of 24 bits (RFC 9768 section 3.2.3). */
function describeCounters(names: readonly string[], bytes: Uint8Array): string {
  const parts = ['ECN'];
  for (const [i, name] of names.entries()) {
    const [high, middle, low] = bytes.subarray(3 * i, 3 * i + 3);
    if (high === undefined || middle === undefined || low === undefined) break;
    parts.push(`${name} ${(high << 16) | (middle << 8) | low}`);
  }
  return parts.join(' ');
}

/** Writes out what a script expects or sends. */
export function describeExpected(packet: Packet): string {
  const ip = describeIpInfo(packet.ip);
  return `${ip === '' ? '' : `[${ip}] `}${describeBody(packet.body)}`;
}

function describeBody(body: Packet['body']): string {
  if (body.protocol === 'icmp') return `icmp ${body.type} ${body.code ?? ''}`.trimEnd();
  const ports = body.ports === undefined ? '' : `${body.ports.source} > ${body.ports.destination} `;
  if (body.protocol !== 'tcp') return `${body.protocol} ${ports}(${body.length})`;
  const { first, length, any } = body.sequence;
  const range = any ? `...(${length})` : `${first}:${(first + length) % 2 ** 32}(${length})`;
  const parts = [`${ports}${describeFlagBits(flagBits(body.flags))}`, range];
  if (body.acknowledgment !== undefined) parts.push(`ack ${body.acknowledgment}`);
  if (body.window !== undefined) parts.push(`win ${body.window}`);
  if (body.urgentPointer !== undefined) parts.push(`urg ${body.urgentPointer}`);
  if (body.options === undefined) parts.push('<...>');
  else if (body.options.length > 0) parts.push(`<${describeOptions(body.options)}>`);
  return parts.join(' ');
}

function describeIpInfo(ip: IpInfo): string {
  const parts: string[] = [];
  if (ip.ecn !== undefined) parts.push(ip.ecn);
  if (ip.trafficClass !== undefined) parts.push(`tos 0x${ip.trafficClass.toString(16)}`);
  if (ip.dscp !== undefined) parts.push(`dscp 0x${ip.dscp.toString(16)}`);
  if (ip.timeToLive !== undefined) parts.push(`ttl ${ip.timeToLive}`);
  if (ip.flowLabel !== undefined) parts.push(`flowlabel 0x${ip.flowLabel.toString(16)}`);
  return parts.join(', ');
}

/** The two ECN bits by name (RFC 3168 section 5). */
export function describeEcn(trafficClass: number): string {
  return ECN_NAMES[trafficClass & 3]!;
}

/** Writes bytes in hexadecimal, two digits each. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
