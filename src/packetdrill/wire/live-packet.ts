/**
 * Takes a frame of the stack apart, so that it can be compared with a script and shown to people. All checksums are
 * verified here, because the device under a script has no offload.
 */
import { IpAddress } from '../../net/wire/address.js';
import { readInt32, readUint16 } from '../../net/wire/bytes.js';
import { finish, sum } from '../../net/wire/checksum.js';
import * as ethernet from '../../net/wire/ethernet.js';
import * as ipv4 from '../../net/wire/ipv4.js';
import * as ipv6 from '../../net/wire/ipv6.js';
import * as wire from '../../net/wire/tcp.js';
import type { TcpOption } from '../language/ast.js';

export const TCP = 6;
export const UDP = 17;
export const ICMP = 1;
export const ICMPV6 = 58;

export interface LivePacket {
  /** When it left, microseconds of the stack's clock. */
  readonly time: number;
  readonly frame: Uint8Array;
  readonly link: LiveLink;
  readonly ip: LiveIp;
  readonly tcp: LiveTcp | undefined;
  readonly udp: { readonly source: number; readonly destination: number; readonly length: number } | undefined;
  readonly icmp: LiveIcmp | undefined;
  /** What is wrong whatever a script says: checksums, lengths, fragments, reserved bits. */
  readonly faults: readonly string[];
}

/** The two addresses of the Ethernet header. */
export interface LiveLink {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

export interface LiveIp {
  readonly version: 4 | 6;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly trafficClass: number;
  readonly timeToLive: number;
  readonly flowLabel: number;
  readonly protocol: number;
  /** IPv4: routers must not cut it. IPv6 is never cut on the way. */
  readonly dontFragment: boolean;
}

export interface LiveTcp {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Unsigned. */
  readonly sequence: number;
  readonly acknowledgment: number;
  /** The eight flag bits, and AE (RFC 9768) as bit 8. */
  readonly flags: number;
  readonly window: number;
  readonly urgentPointer: number;
  readonly options: readonly TcpOption[];
  readonly payload: Uint8Array;
}

/** A packet that is a TCP segment. */
export type LiveSegment = LivePacket & { readonly tcp: LiveTcp };

/** Whether the packet is a TCP segment. */
export function isSegment(packet: LivePacket): packet is LiveSegment {
  return packet.tcp !== undefined;
}

export interface LiveIcmp {
  readonly type: number;
  readonly code: number;
  /** The second word of the header: an identifier and number, or an MTU. */
  readonly rest: number;
  readonly body: Uint8Array;
}

export const AE = 0x100;
/** The word with the flags and the fragment offset in an IPv4 header, and the flag that RFC 791 keeps zero. */
const FLAGS_AT = 6;
const RESERVED_FLAG = 0x8000;

/** Takes a frame apart; `undefined` if it is no IP packet. The result refers to the frame, which must not change. */
export function parseFrame(frame: Uint8Array, time: number): LivePacket | undefined {
  const type = ethernet.type(frame, 0);
  const at = ethernet.HEADER_BYTES;
  if (type === ethernet.TYPE_IPV4) return parseV4(frame, at, time);
  return type === ethernet.TYPE_IPV6 ? parseV6(frame, at, time) : undefined;
}

function parseV4(frame: Uint8Array, at: number, time: number): LivePacket {
  const faults: string[] = [];
  const verdict = ipv4.check(frame, at, frame.length);
  if (verdict !== ipv4.OK) faults.push(`bad IPv4 header (reason ${verdict})`);
  if (ipv4.isFragment(frame, at)) faults.push('the packet is a fragment');
  if (readUint16(frame, at + FLAGS_AT) & RESERVED_FLAG) faults.push('the reserved flag of the IPv4 header is set');
  const ip: LiveIp = {
    version: 4,
    source: IpAddress.readV4(frame, at + ipv4.SOURCE),
    destination: IpAddress.readV4(frame, at + ipv4.DESTINATION),
    trafficClass: ipv4.tos(frame, at),
    timeToLive: ipv4.ttl(frame, at),
    flowLabel: 0,
    protocol: ipv4.protocol(frame, at),
    dontFragment: ipv4.dontFragment(frame, at),
  };
  const end = Math.min(frame.length, at + ipv4.totalLength(frame, at));
  const from = at + ipv4.headerLength(frame, at);
  return parseTransport({ frame, time, ip, from, end, addresses: sum(frame, at + 12, at + 20), faults });
}

function parseV6(frame: Uint8Array, at: number, time: number): LivePacket {
  const faults: string[] = [];
  const verdict = ipv6.check(frame, at, frame.length);
  if (verdict !== ipv6.OK) faults.push(`bad IPv6 header (reason ${verdict})`);
  const ip: LiveIp = {
    version: 6,
    source: IpAddress.readV6(frame, at + ipv6.SOURCE),
    destination: IpAddress.readV6(frame, at + ipv6.DESTINATION),
    trafficClass: ipv6.trafficClass(frame, at),
    timeToLive: ipv6.hopLimit(frame, at),
    flowLabel: readInt32(frame, at) & 0xf_ffff,
    protocol: ipv6.nextHeader(frame, at),
    dontFragment: true,
  };
  const from = at + ipv6.HEADER_BYTES;
  const end = Math.min(frame.length, from + ipv6.payloadLength(frame, at));
  return parseTransport({ frame, time, ip, from, end, addresses: sum(frame, at + 8, at + 40), faults });
}

interface Transport {
  readonly frame: Uint8Array;
  readonly time: number;
  readonly ip: LiveIp;
  readonly from: number;
  readonly end: number;
  /** The partial sum of both addresses. */
  readonly addresses: number;
  readonly faults: string[];
}

function parseTransport({ frame, time, ip, from, end, addresses, faults }: Transport): LivePacket {
  const link = { source: frame.subarray(6, 12), destination: frame.subarray(0, 6) };
  const packet = { time, frame, link, ip, tcp: undefined, udp: undefined, icmp: undefined, faults };
  if (end < frame.length) faults.push(`${frame.length - end} bytes follow the packet in its frame`);
  const pseudo = ip.protocol === ICMP ? 0 : addresses + ip.protocol + (end - from);
  const known = [TCP, UDP, ICMP, ICMPV6].includes(ip.protocol);
  if (known && finish(sum(frame, from, end) + pseudo) !== 0) faults.push('bad checksum');
  if (ip.protocol === TCP) return { ...packet, tcp: parseTcp(frame, from, end, faults) };
  if (ip.protocol === UDP) {
    const udp = { source: readUint16(frame, from), destination: readUint16(frame, from + 2), length: end - from - 8 };
    return { ...packet, udp };
  }
  if (ip.protocol !== ICMP && ip.protocol !== ICMPV6) return packet;
  const [type = 0, code = 0] = frame.subarray(from, from + 2);
  const body = frame.subarray(from + 8, end);
  return { ...packet, icmp: { type, code, rest: readInt32(frame, from + 4) >>> 0, body } };
}

function parseTcp(frame: Uint8Array, at: number, end: number, faults: string[]): LiveTcp {
  const headerEnd = at + wire.headerBytes(frame, at);
  if (headerEnd > end || headerEnd < at + wire.TCP_HEADER_BYTES) faults.push('bad TCP data offset');
  if ((frame[at + 12]! & 0x0e) !== 0) faults.push('reserved bits of the TCP header are set');
  return {
    sourcePort: wire.sourcePort(frame, at),
    destinationPort: wire.destinationPort(frame, at),
    sequence: wire.sequenceNumber(frame, at) >>> 0,
    acknowledgment: wire.acknowledgmentNumber(frame, at) >>> 0,
    flags: wire.flags(frame, at) | ((frame[at + 12]! & 1) * AE),
    window: wire.window(frame, at),
    urgentPointer: wire.urgentPointer(frame, at),
    options: readOptions(frame, at + wire.TCP_HEADER_BYTES, Math.min(headerEnd, end), faults),
    payload: frame.subarray(headerEnd, end),
  };
}

/** Reads the options in `[from, to)`, padding included, in the form that scripts have. */
export function readOptions(bytes: Uint8Array, from: number, to: number, faults: string[] = []): TcpOption[] {
  const options: TcpOption[] = [];
  for (let at = from; at < to; ) {
    const number = bytes[at]!;
    if (number === 0) {
      options.push({ kind: 'eol' });
      // MUST-69: only zeros may follow.
      if (bytes.subarray(at, to).some((byte) => byte !== 0)) faults.push('padding of the TCP header is not zero');
      return options;
    }
    const length = number === 1 ? 1 : (bytes[at + 1] ?? 0);
    if (length < 1 || at + length > to || (number !== 1 && length < 2)) {
      faults.push(`TCP option ${number} has a length of ${length}`);
      return options;
    }
    options.push(readOption(number, bytes.subarray(at + 2, at + length)));
    at += length;
  }
  return options;
}

function readOption(number: number, body: Uint8Array): TcpOption {
  const word = (at: number) => readInt32(body, at) >>> 0;
  if (number === 1) return { kind: 'nop' };
  if (number === 2 && body.length === 2) return { kind: 'mss', value: readUint16(body, 0) };
  if (number === 3 && body.length === 1) return { kind: 'wscale', value: body[0]! };
  if (number === 4 && body.length === 0) return { kind: 'sackOK' };
  if (number === 5 && body.length % 8 === 0) {
    const blocks = Array.from({ length: body.length / 8 }, (_, i) => [word(8 * i), word(8 * i + 4)] as const);
    return { kind: 'sack', blocks };
  }
  if (number === 8 && body.length === 8) {
    return { kind: 'TS', value: word(0), echo: word(4), anyValue: false, absoluteEcho: false };
  }
  return { kind: 'raw', number, bytes: body };
}
