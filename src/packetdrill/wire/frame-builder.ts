/**
 * Builds the frames of the scripted peer: Ethernet, IPv4 or IPv6, and TCP, UDP or ICMP, with right checksums.
 */
import type { IpAddress } from '../../net/wire/address.js';
import { writeInt32, writeUint16 } from '../../net/wire/bytes.js';
import { finish, sum } from '../../net/wire/checksum.js';
import * as ethernet from '../../net/wire/ethernet.js';
import * as ipv4 from '../../net/wire/ipv4.js';
import * as ipv6 from '../../net/wire/ipv6.js';
import * as wire from '../../net/wire/tcp.js';
import type { TcpOption } from '../language/ast.js';
import { ICMP, ICMPV6 } from './live-packet.js';

/** Both ends of the link, seen from the peer. */
export interface PeerLink {
  readonly peerMac: Uint8Array;
  readonly stackMac: Uint8Array;
}

/** Who talks to whom: the link, our stack's address and the scripted peer's. */
export interface Ends {
  readonly link: PeerLink;
  readonly local: IpAddress;
  readonly remote: IpAddress;
}

export interface IpFields {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly trafficClass: number;
  readonly timeToLive: number;
  readonly flowLabel: number;
}

export interface TcpFields {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  /** Nine bits; AE is the highest. */
  readonly flags: number;
  readonly window: number;
  readonly urgentPointer: number;
  readonly options: Uint8Array;
  readonly payload: Uint8Array;
}

/** Builds a whole frame around `transport`, which has its checksum field at `checksumAt`. */
export function buildFrame(
  link: PeerLink,
  ip: IpFields,
  protocol: number,
  transport: Uint8Array,
  checksumAt: number,
): Uint8Array {
  const packet = buildPacket(ip, protocol, transport, checksumAt);
  const frame = new Uint8Array(ethernet.HEADER_BYTES + packet.length);
  ethernet.emit(frame, 0, link.stackMac, link.peerMac, ip.source.isV4 ? ethernet.TYPE_IPV4 : ethernet.TYPE_IPV6);
  frame.set(packet, ethernet.HEADER_BYTES);
  return frame;
}

/** Builds the IP packet alone. */
export function buildPacket(ip: IpFields, protocol: number, transport: Uint8Array, checksumAt: number): Uint8Array {
  const v4 = ip.source.isV4;
  const at = v4 ? ipv4.HEADER_BYTES : ipv6.HEADER_BYTES;
  const packet = new Uint8Array(at + transport.length);
  packet.set(transport, at);
  const addresses = v4 ? writeV4(packet, ip, protocol) : writeV6(packet, ip, protocol);
  const pseudo = protocol === ICMP ? 0 : addresses + protocol + transport.length;
  writeUint16(packet, at + checksumAt, 0);
  writeUint16(packet, at + checksumAt, finish(sum(packet, at, packet.length) + pseudo));
  return packet;
}

function writeV4(packet: Uint8Array, ip: IpFields, protocol: number): number {
  ip.source.writeV4(packet, ipv4.SOURCE);
  ip.destination.writeV4(packet, ipv4.DESTINATION);
  const addresses = sum(packet, ipv4.SOURCE, ipv4.SOURCE + 8);
  const [from, to] = [ip.source.word3, ip.destination.word3];
  ipv4.emit(packet, 0, ip.trafficClass, packet.length, 0, 0, ip.timeToLive, protocol, from, to, addresses);
  return addresses;
}

function writeV6(packet: Uint8Array, ip: IpFields, protocol: number): number {
  ip.source.writeV6(packet, ipv6.SOURCE);
  ip.destination.writeV6(packet, ipv6.DESTINATION);
  ipv6.emit(packet, 0, ip.trafficClass, ip.flowLabel, packet.length - ipv6.HEADER_BYTES, protocol, ip.timeToLive);
  return sum(packet, ipv6.SOURCE, ipv6.SOURCE + 32);
}

/** Builds a TCP header and its payload; the checksum field is zero. */
export function buildTcp(fields: TcpFields): Uint8Array {
  const length = wire.TCP_HEADER_BYTES + Math.ceil(fields.options.length / 4) * 4;
  const segment = new Uint8Array(length + fields.payload.length);
  const { sourcePort, destinationPort, sequence, acknowledgment, flags, window } = fields;
  wire.writeHeader(segment, 0, sourcePort, destinationPort, sequence, acknowledgment, length, flags & 255, window);
  segment[12]! |= flags >>> 8;
  writeUint16(segment, 18, fields.urgentPointer);
  segment.set(fields.options, wire.TCP_HEADER_BYTES);
  segment.set(fields.payload, length);
  return segment;
}

/** Builds a UDP header and `length` zero bytes. */
export function buildUdp(source: number, destination: number, length: number): Uint8Array {
  const datagram = new Uint8Array(8 + length);
  writeUint16(datagram, 0, source);
  writeUint16(datagram, 2, destination);
  writeUint16(datagram, 4, datagram.length);
  return datagram;
}

/** Builds an ICMP or ICMPv6 message; the checksum field is zero. */
export function buildIcmp(type: number, code: number, rest: number, body: Uint8Array): Uint8Array {
  const message = new Uint8Array(8 + body.length);
  message[0] = type;
  message[1] = code;
  writeInt32(message, 4, rest);
  message.set(body, 8);
  return message;
}

/** The protocol number of ICMP in this family. */
export function icmpProtocol(address: IpAddress): number {
  return address.isV4 ? ICMP : ICMPV6;
}

/** Writes options in the script's order, without padding. */
export function encodeOptions(options: readonly TcpOption[]): Uint8Array {
  return Uint8Array.from(options.flatMap(encodeOption));
}

function encodeOption(option: TcpOption): number[] {
  switch (option.kind) {
    case 'nop':
      return [1];
    case 'eol':
      return [0];
    case 'mss':
      return [2, 4, option.value >> 8, option.value & 255];
    case 'wscale':
      return [3, 3, option.value];
    case 'sackOK':
      return [4, 2];
    case 'sack':
      return [5, 2 + 8 * option.blocks.length, ...option.blocks.flat().flatMap(word)];
    case 'TS':
      return [8, 10, ...word(option.value), ...word(option.echo)];
    case 'raw':
      return [option.number, 2 + option.bytes.length, ...option.bytes];
    case 'field':
      return [...option.bytes];
  }
}

function word(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
