/** Whole frames with IPv4 that no stack has sent: those of a world's router, and those of somebody who lies. */
import { wordSum } from '../net/ip/packet.js';
import { writeUint16 } from '../net/wire/bytes.js';
import { finish, sum } from '../net/wire/checksum.js';
import * as Ethernet from '../net/wire/ethernet.js';
import * as Icmp from '../net/wire/icmp.js';
import * as Ipv4 from '../net/wire/ipv4.js';
import { PROTOCOL } from '../net/wire/protocol.js';

const TIME_TO_LIVE = 64;
/** What an ICMP error quotes behind the IP header: ports and sequence number (RFC 792). */
export const QUOTED_BYTES = 8;
export const IP_AT = Ethernet.HEADER_BYTES;
export const PAYLOAD_AT = IP_AT + Ipv4.HEADER_BYTES;

/** The Ethernet addresses of a frame. */
export interface Macs {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

/** A frame with its two headers, and room for `length` bytes behind them. Addresses are 32-bit numbers. */
export function ipv4Frame(macs: Macs, from: number, to: number, protocol: number, length: number): Uint8Array {
  const frame = new Uint8Array(PAYLOAD_AT + length);
  Ethernet.emit(frame, 0, macs.to, macs.from, Ethernet.TYPE_IPV4);
  const addresses = wordSum(from) + wordSum(to);
  const ipLength = Ipv4.HEADER_BYTES + length;
  Ipv4.emit(frame, IP_AT, 0, ipLength, 0, Ipv4.DONT_FRAGMENT, TIME_TO_LIVE, protocol, from, to, addresses);
  return frame;
}

/** The frame of a "destination unreachable" that quotes these bytes (RFC 792). `mtu`: RFC 1191 section 4. */
export function unreachableFrame(
  macs: Macs,
  from: number,
  to: number,
  code: number,
  mtu: number,
  quoted: Uint8Array,
): Uint8Array {
  const frame = ipv4Frame(macs, from, to, PROTOCOL.ICMP, Icmp.HEADER_BYTES + quoted.length);
  Icmp.emit(frame, PAYLOAD_AT, Icmp.DESTINATION_UNREACHABLE, code, 0, mtu);
  frame.set(quoted, PAYLOAD_AT + Icmp.HEADER_BYTES);
  writeUint16(frame, PAYLOAD_AT + Icmp.CHECKSUM, finish(sum(frame, PAYLOAD_AT, frame.length)));
  return frame;
}
