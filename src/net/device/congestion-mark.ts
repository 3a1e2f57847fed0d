/**
 * The mark of a router that is short of room: RFC 3168 section 5. It sets both ECN bits of a packet whose sender
 * understands them, and drops nothing. Caller: impairment.ts.
 */
import { CE, ECN_BITS, NOT_ECT } from '../wire/accurate-ecn.js';
import { readUint16, writeUint16 } from '../wire/bytes.js';
import { update } from '../wire/checksum.js';
import * as Ethernet from '../wire/ethernet.js';
import * as Ipv4 from '../wire/ipv4.js';
import * as Ipv6 from '../wire/ipv6.js';

/** The traffic class of IPv6 begins four bits after the packet: its ECN bits are the two above this one of byte 1. */
const IPV6_SHIFT = 4;

/**
 * Marks the IP packet in the frame `bytes[0, length)` as CE, if its sender is capable of ECN. Returns true if the
 * packet is marked now, also if it came with the mark.
 */
export function markCongestion(bytes: Uint8Array, length: number): boolean {
  if (length < Ethernet.HEADER_BYTES + Ethernet.TAG_BYTES) return false;
  const ip = Ethernet.headerLength(bytes, 0);
  const type = Ethernet.contentType(bytes, 0);
  if (type === Ethernet.TYPE_IPV4 && length >= ip + Ipv4.HEADER_BYTES) return markWord(bytes, ip, 0, true);
  if (type === Ethernet.TYPE_IPV6 && length >= ip + Ipv6.HEADER_BYTES) return markWord(bytes, ip, IPV6_SHIFT, false);
  return false;
}

/** Sets the ECN bits in the first 16 bits of a header; IPv4 has a checksum over them (RFC 1624). */
function markWord(bytes: Uint8Array, ip: number, shift: number, hasChecksum: boolean): boolean {
  const was = readUint16(bytes, ip);
  if (((was >>> shift) & ECN_BITS) === NOT_ECT) return false;
  const is = was | (CE << shift);
  writeUint16(bytes, ip, is);
  if (hasChecksum) {
    writeUint16(bytes, ip + Ipv4.CHECKSUM, update(readUint16(bytes, ip + Ipv4.CHECKSUM), was, is));
  }
  return true;
}
