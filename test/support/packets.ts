/**
 * Builds and reads packets for tests, on its own: nothing here uses `src/net/wire`, so that a mistake there shows.
 * Buffers are filled with 0xa5 first, so that a forgotten field shows too.
 */
import { IpAddress, parseMac } from '../../src/net/wire/address.js';

export const PEER_MAC = '02:fa:57:00:00:01';
export const OTHER_MAC = '02:fa:57:00:00:09';
export const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff';

/** The finished Internet checksum, the slow and plain way (RFC 1071). */
export function plainChecksum(...parts: (Uint8Array | number[])[]): number {
  const bytes = parts.flatMap((part) => Array.from(part));
  let total = 0;
  for (let i = 0; i < bytes.length; i += 2) total += bytes[i]! * 256 + (bytes[i + 1] ?? 0);
  while (total > 0xffff) total = (total % 0x10000) + Math.floor(total / 0x10000);
  return 0xffff - total;
}

export function concat(...parts: (Uint8Array | number[])[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** `length` bytes that differ from place to place. */
export function pattern(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8) * 13 + seed) & 255);
}

export function word16(value: number): number[] {
  return [(value >> 8) & 255, value & 255];
}

export function word32(value: number): number[] {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

/** The bytes of an address: 4, or 16 if it is written with colons. */
export function addressBytes(text: string): Uint8Array {
  const address = IpAddress.parse(text);
  const isV4 = !text.includes(':');
  const bytes = new Uint8Array(isV4 ? 4 : 16);
  if (isV4) address.writeV4(bytes, 0);
  else address.writeV6(bytes, 0);
  return bytes;
}

export function ethernet(destination: string, source: string, type: number, payload: Uint8Array): Uint8Array {
  return concat(parseMac(destination), parseMac(source), word16(type), payload);
}

export interface ArpFields {
  operation: number;
  senderMac: string;
  sender: string;
  targetMac?: string;
  target: string;
  hardwareType?: number;
  hardwareLength?: number;
  protocolType?: number;
  protocolLength?: number;
}

export function arp(fields: ArpFields): Uint8Array {
  return concat(
    word16(fields.hardwareType ?? 1),
    word16(fields.protocolType ?? 0x0800),
    [fields.hardwareLength ?? 6, fields.protocolLength ?? 4],
    word16(fields.operation),
    parseMac(fields.senderMac),
    addressBytes(fields.sender),
    parseMac(fields.targetMac ?? '00:00:00:00:00:00'),
    addressBytes(fields.target),
  );
}

export interface Ipv4Fields {
  source: string;
  destination: string;
  protocol: number;
  payload: Uint8Array;
  tos?: number;
  id?: number;
  /** Bytes. */
  offset?: number;
  more?: boolean;
  dontFragment?: boolean;
  ttl?: number;
  options?: number[];
  version?: number;
  ihl?: number;
  totalLength?: number;
  checksum?: number;
}

export function ipv4(fields: Ipv4Fields): Uint8Array {
  const options = fields.options ?? [];
  const ihl = fields.ihl ?? 5 + Math.ceil(options.length / 4);
  const padding = new Array<number>((4 - (options.length % 4)) % 4).fill(0);
  const total = fields.totalLength ?? 20 + options.length + padding.length + fields.payload.length;
  const flags = (fields.more ? 0x2000 : 0) | (fields.dontFragment ? 0x4000 : 0) | ((fields.offset ?? 0) >> 3);
  const header = concat(
    [((fields.version ?? 4) << 4) | ihl, fields.tos ?? 0],
    word16(total),
    word16(fields.id ?? 0x1234),
    word16(flags),
    [fields.ttl ?? 64, fields.protocol, 0, 0],
    addressBytes(fields.source),
    addressBytes(fields.destination),
    options,
    padding,
  );
  header.set(word16(fields.checksum ?? plainChecksum(header)), 10);
  return concat(header, fields.payload);
}

/** An ICMP message with a right checksum: `rest` is bytes 4 to 7. */
export function icmp(type: number, code: number, rest: number, data: Uint8Array | number[] = []): Uint8Array {
  const message = concat([type, code, 0, 0], word32(rest), data);
  message.set(word16(plainChecksum(message)), 2);
  return message;
}

/** A UDP datagram with a right checksum for these two addresses, or the one given. */
export function udp(source: string, destination: string, data: Uint8Array | number[], checksum?: number): Uint8Array {
  const [from, to] = [addressBytes(source), addressBytes(destination)];
  const length = 8 + data.length;
  const pseudo =
    from.length === 4 ? concat(from, to, [0, 17], word16(length)) : pseudoV6(source, destination, length, 17);
  const datagram = concat(word16(5353), word16(53), word16(length), [0, 0], data);
  datagram.set(word16(checksum ?? plainChecksum(pseudo, datagram)), 6);
  return datagram;
}

export interface Ipv6Fields {
  source: string;
  destination: string;
  next: number;
  payload: Uint8Array;
  trafficClass?: number;
  hopLimit?: number;
  payloadLength?: number;
  version?: number;
}

export function ipv6(fields: Ipv6Fields): Uint8Array {
  const first = (((fields.version ?? 6) << 28) | ((fields.trafficClass ?? 0) << 20)) >>> 0;
  return concat(
    word32(first),
    word16(fields.payloadLength ?? fields.payload.length),
    [fields.next, fields.hopLimit ?? 64],
    addressBytes(fields.source),
    addressBytes(fields.destination),
    fields.payload,
  );
}

/** An ICMPv6 message with a right checksum for these two addresses. */
export function icmpv6(
  source: string,
  destination: string,
  type: number,
  code: number,
  rest: number,
  data: Uint8Array | number[] = [],
): Uint8Array {
  const message = concat([type, code, 0, 0], word32(rest), data);
  message.set(word16(plainChecksum(pseudoV6(source, destination, message.length, 58), message)), 2);
  return message;
}

/** RFC 8200 section 8.1. */
export function pseudoV6(source: string, destination: string, length: number, next: number): Uint8Array {
  return concat(addressBytes(source), addressBytes(destination), word32(length), [0, 0, 0, next]);
}

export function hexMac(bytes: Uint8Array, at: number): string {
  return Array.from(bytes.subarray(at, at + 6), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** A sent frame taken apart; checksums are verified with `plainChecksum`. */
export interface SentFrame {
  bytes: Uint8Array;
  to: string;
  from: string;
  type: number;
  /** What follows the Ethernet header. */
  payload: Uint8Array;
}

export function readFrame(bytes: Uint8Array): SentFrame {
  return {
    bytes,
    to: hexMac(bytes, 0),
    from: hexMac(bytes, 6),
    type: bytes[12]! * 256 + bytes[13]!,
    payload: bytes.slice(14),
  };
}

export interface SentArp {
  operation: number;
  senderMac: string;
  sender: string;
  targetMac: string;
  target: string;
  ethernetTo: string;
}

export function readArp(frame: Uint8Array): SentArp {
  const { type, to, payload } = readFrame(frame);
  if (type !== 0x0806) throw new Error(`not ARP but ${type.toString(16)}`);
  return {
    operation: payload[7]!,
    senderMac: hexMac(payload, 8),
    sender: String(IpAddress.readV4(payload, 14)),
    targetMac: hexMac(payload, 18),
    target: String(IpAddress.readV4(payload, 24)),
    ethernetTo: to,
  };
}

export interface SentIp {
  isV6: boolean;
  source: string;
  destination: string;
  protocol: number;
  /** TTL or hop limit. */
  ttl: number;
  trafficClass: number;
  totalLength: number;
  id: number;
  dontFragment: boolean;
  more: boolean;
  /** Bytes. */
  offset: number;
  headerIsGood: boolean;
  payload: Uint8Array;
  ethernetTo: string;
}

export function readIp(frame: Uint8Array): SentIp {
  const { type, to, payload } = readFrame(frame);
  if (type === 0x86dd) return readIpv6(payload, to);
  if (type !== 0x0800) throw new Error(`not IP but ${type.toString(16)}`);
  const view = new DataView(payload.buffer);
  const flags = view.getUint16(6);
  return {
    isV6: false,
    source: String(IpAddress.readV4(payload, 12)),
    destination: String(IpAddress.readV4(payload, 16)),
    protocol: payload[9]!,
    ttl: payload[8]!,
    trafficClass: payload[1]!,
    totalLength: view.getUint16(2),
    id: view.getUint16(4),
    dontFragment: (flags & 0x4000) !== 0,
    more: (flags & 0x2000) !== 0,
    offset: (flags & 0x1fff) * 8,
    headerIsGood: payload[0] === 0x45 && plainChecksum(payload.subarray(0, 20)) === 0,
    payload: payload.slice(20),
    ethernetTo: to,
  };
}

function readIpv6(packet: Uint8Array, ethernetTo: string): SentIp {
  const view = new DataView(packet.buffer);
  const fragment = packet[6] === 44;
  const offsetField = fragment ? view.getUint16(42) : 0;
  return {
    isV6: true,
    source: String(IpAddress.readV6(packet, 8)),
    destination: String(IpAddress.readV6(packet, 24)),
    protocol: fragment ? packet[40]! : packet[6]!,
    ttl: packet[7]!,
    trafficClass: (view.getUint16(0) >> 4) & 255,
    totalLength: 40 + view.getUint16(4),
    id: fragment ? view.getUint32(44) : 0,
    dontFragment: true,
    more: (offsetField & 1) !== 0,
    offset: offsetField & 0xfff8,
    headerIsGood: packet[0]! >> 4 === 6 && 40 + view.getUint16(4) === packet.length,
    payload: packet.slice(fragment ? 48 : 40),
    ethernetTo,
  };
}

export interface SentIcmp {
  type: number;
  code: number;
  rest: number;
  data: Uint8Array;
  sumIsGood: boolean;
  ip: SentIp;
}

/** Reads an ICMP or ICMPv6 message that is not fragmented. */
export function readIcmp(frame: Uint8Array): SentIcmp {
  const ip = readIp(frame);
  if (ip.protocol !== (ip.isV6 ? 58 : 1)) throw new Error(`not ICMP but protocol ${ip.protocol}`);
  const message = ip.payload;
  const pseudo = ip.isV6 ? pseudoV6(ip.source, ip.destination, message.length, 58) : new Uint8Array(0);
  return {
    type: message[0]!,
    code: message[1]!,
    rest: new DataView(message.buffer).getUint32(4),
    data: message.slice(8),
    sumIsGood: plainChecksum(pseudo, message) === 0,
    ip,
  };
}
