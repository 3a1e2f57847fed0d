/**
 * What a router does with a packet that is too long for the next link. It cuts a packet of IPv4 (RFC 791 section 3.2),
 * or, if that is forbidden, tells the sender which size would pass (RFC 1191 section 4). It never cuts a packet of IPv6
 * (RFC 8200 section 4.5): it always tells the sender (RFC 4443 section 3.2). A world's router leaves TTL and hop limit
 * as they are.
 */
import { IpAddress } from '../net/wire/address.js';
import { writeUint16 } from '../net/wire/bytes.js';
import { finish, sum } from '../net/wire/checksum.js';
import * as Ethernet from '../net/wire/ethernet.js';
import * as Icmp from '../net/wire/icmp.js';
import * as Icmpv6 from '../net/wire/icmpv6.js';
import * as Ipv4 from '../net/wire/ipv4.js';
import * as Ipv6 from '../net/wire/ipv6.js';
import { icmpv6Frame } from './icmpv6-frame.js';
import { QUOTED_BYTES, unreachableFrame } from './ipv4-frame.js';

/** Where the flags and the offset of a fragment are in the header. */
const FLAGS_OFFSET = 6;
/** The longest ICMPv6 error: it has as much of the packet as fits (RFC 4443 section 2.4 c). */
const LONGEST_V6_ERROR = 1280;

/** True if the frame has a whole IP packet that is longer than `mtu`. */
export function isTooLong(frame: Uint8Array, mtu: number): boolean {
  const at = Ethernet.HEADER_BYTES;
  if (frame.length <= at + mtu) return false;
  if (Ethernet.type(frame, 0) === Ethernet.TYPE_IPV6) {
    return Ipv6.check(frame, at, frame.length) === Ipv6.OK && lengthV6(frame) > mtu;
  }
  if (Ethernet.type(frame, 0) !== Ethernet.TYPE_IPV4) return false;
  return Ipv4.check(frame, at, frame.length) === Ipv4.OK && Ipv4.totalLength(frame, at) > mtu;
}

/** The packet in frames that fit `mtu`; empty if it must not be cut. */
export function cut(frame: Uint8Array, mtu: number): Uint8Array[] {
  const at = Ethernet.HEADER_BYTES;
  if (Ethernet.type(frame, 0) !== Ethernet.TYPE_IPV4 || Ipv4.dontFragment(frame, at)) return [];
  const header = Ipv4.headerLength(frame, at);
  const payload = frame.subarray(at + header, at + Ipv4.totalLength(frame, at));
  const step = (mtu - header) & ~7;
  const pieces: Uint8Array[] = [];
  for (let offset = 0; offset < payload.length; offset += step) {
    const part = payload.subarray(offset, offset + step);
    const piece = new Uint8Array(at + header + part.length);
    piece.set(frame.subarray(0, at + header));
    piece.set(part, at + header);
    const more = offset + part.length < payload.length || Ipv4.moreFragments(frame, at);
    const place = (Ipv4.fragmentOffset(frame, at) + offset) >>> 3;
    writeUint16(piece, at + FLAGS_OFFSET, place | (more ? Ipv4.MORE_FRAGMENTS : 0));
    writeUint16(piece, at + Ipv4.TOTAL_LENGTH, header + part.length);
    writeUint16(piece, at + Ipv4.CHECKSUM, 0);
    writeUint16(piece, at + Ipv4.CHECKSUM, finish(sum(piece, at, at + header)));
    pieces.push(piece);
  }
  return pieces;
}

/** The answer "packet too big" to the sender of a frame with IPv6, from the router's addresses. */
export function tooBig(frame: Uint8Array, mtu: number, router: IpAddress, mac: Uint8Array): Uint8Array {
  const at = Ethernet.HEADER_BYTES;
  const room = LONGEST_V6_ERROR - Ipv6.HEADER_BYTES - Icmpv6.HEADER_BYTES;
  return icmpv6Frame({
    macs: [frame.subarray(6, 12), mac],
    source: router,
    destination: IpAddress.readV6(frame, at + Ipv6.SOURCE),
    hopLimit: 64,
    type: Icmpv6.PACKET_TOO_BIG,
    rest: mtu,
    body: frame.subarray(at, at + Math.min(lengthV6(frame), room)),
  });
}

/** The answer "fragmentation needed" to the sender of a frame with IPv4, from the router's addresses. */
export function refusal(frame: Uint8Array, mtu: number, router: number, mac: Uint8Array): Uint8Array {
  const at = Ethernet.HEADER_BYTES;
  const quoteTo = Math.min(frame.length, at + Ipv4.headerLength(frame, at) + QUOTED_BYTES);
  const macs = { from: mac, to: frame.subarray(6, 12) };
  const quoted = frame.subarray(at, quoteTo);
  return unreachableFrame(macs, router, Ipv4.source(frame, at), Icmp.FRAGMENTATION_NEEDED, mtu, quoted);
}

function lengthV6(frame: Uint8Array): number {
  return Ipv6.HEADER_BYTES + Ipv6.payloadLength(frame, Ethernet.HEADER_BYTES);
}
