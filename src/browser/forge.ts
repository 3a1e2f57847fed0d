/**
 * Frames that lie about who has sent them, for figures and experiments about attacks. A host puts them on its cable
 * with `Host.sendRaw`, as they are: its stack knows nothing of them. IPv4 only.
 */
import { writeUint16 } from '../net/wire/bytes.js';
import { finish, sum } from '../net/wire/checksum.js';
import * as Ethernet from '../net/wire/ethernet.js';
import * as Icmp from '../net/wire/icmp.js';
import * as Ipv4 from '../net/wire/ipv4.js';
import { PROTOCOL } from '../net/wire/protocol.js';
import * as Tcp from '../net/wire/tcp.js';

const WINDOW = 65_535;
const TIME_TO_LIVE = 64;
/** What an ICMP error quotes behind the IP header: ports and sequence number (RFC 792). */
const QUOTED_BYTES = 8;
const IP_AT = Ethernet.HEADER_BYTES;
const PAYLOAD_AT = IP_AT + Ipv4.HEADER_BYTES;

/** The Ethernet addresses of a frame. */
export interface Macs {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

/** A segment with a sender of our choice. Addresses and sequence numbers are 32-bit numbers, of either sign. */
export interface ForgedSegment {
  readonly from: number;
  readonly fromPort: number;
  readonly to: number;
  readonly toPort: number;
  readonly flags: number;
  readonly sequence: number;
  /** Default 0. */
  readonly acknowledgment?: number;
  readonly data?: Uint8Array;
}

/** The frame of a segment. All its sums are right. */
export function forgedSegment(macs: Macs, segment: ForgedSegment): Uint8Array {
  const { from, to, fromPort, toPort, flags, sequence, acknowledgment = 0, data = new Uint8Array(0) } = segment;
  const length = Tcp.TCP_HEADER_BYTES + data.length;
  const frame = framed(macs, from, to, PROTOCOL.TCP, length);
  const at = PAYLOAD_AT;
  Tcp.writeHeader(frame, at, fromPort, toPort, sequence, acknowledgment, Tcp.TCP_HEADER_BYTES, flags, WINDOW);
  frame.set(data, at + Tcp.TCP_HEADER_BYTES);
  const pseudo = sumOf(from) + sumOf(to) + PROTOCOL.TCP + length;
  writeUint16(frame, at + Tcp.TCP_CHECKSUM_AT, finish(sum(frame, at, frame.length) + pseudo));
  return frame;
}

/** An ICMP error by somebody, about a segment. */
export interface ForgedError {
  /** Who seems to complain. */
  readonly from: number;
  readonly code: number;
  /** For "fragmentation needed": the size that would pass, bytes. */
  readonly mtu?: number;
  /** The segment that it quotes. The error goes to the seeming sender of that segment. */
  readonly about: ForgedSegment;
}

/** The frame of a "destination unreachable". It quotes eight bytes of the segment, the least that RFC 792 asks for. */
export function forgedUnreachable(macs: Macs, { from, code, mtu = 0, about }: ForgedError): Uint8Array {
  const quoted = forgedSegment(macs, about).subarray(IP_AT, PAYLOAD_AT + QUOTED_BYTES);
  const frame = framed(macs, from, about.from, PROTOCOL.ICMP, Icmp.HEADER_BYTES + quoted.length);
  Icmp.emit(frame, PAYLOAD_AT, Icmp.DESTINATION_UNREACHABLE, code, 0, mtu);
  frame.set(quoted, PAYLOAD_AT + Icmp.HEADER_BYTES);
  writeUint16(frame, PAYLOAD_AT + Icmp.CHECKSUM, finish(sum(frame, PAYLOAD_AT, frame.length)));
  return frame;
}

/** A frame with its two headers, and room for `length` bytes behind them. */
function framed(macs: Macs, from: number, to: number, protocol: number, length: number): Uint8Array {
  const frame = new Uint8Array(PAYLOAD_AT + length);
  Ethernet.emit(frame, 0, macs.to, macs.from, Ethernet.TYPE_IPV4);
  const addresses = sumOf(from) + sumOf(to);
  const ipLength = Ipv4.HEADER_BYTES + length;
  Ipv4.emit(frame, IP_AT, 0, ipLength, 0, Ipv4.DONT_FRAGMENT, TIME_TO_LIVE, protocol, from, to, addresses);
  return frame;
}

/** The words of an address, added up. */
function sumOf(address: number): number {
  return (address >>> 16) + (address & 0xffff);
}
