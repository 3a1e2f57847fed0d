/** Builds the frames of the oracle's peers. Every field can be wrong if a step wants it so. */

import { type IpAddress, parseMac } from '../../src/net/wire/address.js';
import { writeInt32, writeUint16 } from '../../src/net/wire/bytes.js';
import { finish, sum } from '../../src/net/wire/checksum.js';

/** A segment and the packet and frame around it. */
export interface FrameFields {
  toMac: Uint8Array;
  fromMac: Uint8Array;
  source: IpAddress;
  destination: IpAddress;
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgment: number;
  /** The nine bits: AE, CWR … FIN. */
  flags: number;
  window: number;
  urgent: number;
  /** Raw bytes, a multiple of four. */
  options: readonly number[];
  data: Uint8Array;
  trafficClass: number;
  ttl: number;
  /** Raw bytes of IPv4 options, a multiple of four. */
  ipOptions: readonly number[];
  /** The flags and the fragment offset of IPv4. */
  fragment: number;
  /** Bytes behind the packet. */
  padding: number;
  /** A tag of IEEE 802.1Q with this content; -1: none. */
  tag: number;
  /** Added to the checksums of TCP and of the IPv4 header: not 0 makes them wrong. */
  spoilTcp: number;
  spoilIp: number;
  /** Added to the length field of IP. */
  lengthError: number;
}

export const NO_BYTES = new Uint8Array(0);

export const BROADCAST_MAC = parseMac('ff:ff:ff:ff:ff:ff');

/** The whole frame. */
export function buildFrame(fields: FrameFields): Uint8Array {
  const isV6 = !fields.source.isV4;
  const linkBytes = fields.tag < 0 ? 14 : 18;
  const ipBytes = isV6 ? 40 : 20 + fields.ipOptions.length;
  const tcpBytes = 20 + fields.options.length + fields.data.length;
  const frame = new Uint8Array(linkBytes + ipBytes + tcpBytes + fields.padding);
  frame.fill(0xa5, frame.length - fields.padding);
  frame.set(fields.toMac, 0);
  frame.set(fields.fromMac, 6);
  if (fields.tag >= 0) writeInt32(frame, 12, (0x8100 << 16) | fields.tag);
  writeUint16(frame, linkBytes - 2, isV6 ? 0x86dd : 0x0800);
  if (isV6) putV6(frame, linkBytes, tcpBytes, fields);
  else putV4(frame, linkBytes, ipBytes, tcpBytes, fields);
  putTcp(frame, linkBytes + ipBytes, tcpBytes, fields);
  return frame;
}

function putV4(frame: Uint8Array, at: number, headerBytes: number, length: number, fields: FrameFields): void {
  frame[at] = 0x40 | (headerBytes >> 2);
  frame[at + 1] = fields.trafficClass;
  writeUint16(frame, at + 2, headerBytes + length + fields.lengthError);
  writeUint16(frame, at + 4, 0x1234);
  writeUint16(frame, at + 6, fields.fragment);
  frame[at + 8] = fields.ttl;
  frame[at + 9] = 6;
  fields.source.writeV4(frame, at + 12);
  fields.destination.writeV4(frame, at + 16);
  frame.set(fields.ipOptions, at + 20);
  writeUint16(frame, at + 10, finish(sum(frame, at, at + headerBytes)) + fields.spoilIp);
}

function putV6(frame: Uint8Array, at: number, length: number, fields: FrameFields): void {
  writeInt32(frame, at, (6 << 28) | (fields.trafficClass << 20));
  writeUint16(frame, at + 4, length + fields.lengthError);
  frame[at + 6] = 6;
  frame[at + 7] = fields.ttl;
  fields.source.writeV6(frame, at + 8);
  fields.destination.writeV6(frame, at + 24);
}

function putTcp(frame: Uint8Array, at: number, length: number, fields: FrameFields): void {
  const headerBytes = 20 + fields.options.length;
  writeUint16(frame, at, fields.sourcePort);
  writeUint16(frame, at + 2, fields.destinationPort);
  writeInt32(frame, at + 4, fields.sequence);
  writeInt32(frame, at + 8, fields.acknowledgment);
  frame[at + 12] = (headerBytes << 2) | (fields.flags >> 8);
  frame[at + 13] = fields.flags;
  writeUint16(frame, at + 14, fields.window);
  writeUint16(frame, at + 18, fields.urgent);
  frame.set(fields.options, at + 20);
  frame.set(fields.data, at + headerBytes);
  const addresses = new Uint8Array(32);
  fields.source.writeV6(addresses, 0);
  fields.destination.writeV6(addresses, 16);
  // The prefix of an IPv4 address in IPv6 form, ::ffff, adds 0xffff: nothing in ones' complement.
  const total = sum(addresses, 0, 32) + 6 + (length & 0xffff) + (length >>> 16) + sum(frame, at, at + length);
  writeUint16(frame, at + 16, finish(total) + fields.spoilTcp);
}
