/**
 * The offload work of a network card, in software: completes a TCP or UDP checksum, and cuts a super-segment into
 * segments (TSO). Devices that carry frames as a wire does use it, so the stack needs only one code path.
 *
 * Read first: RFC 1071; the kernel's Documentation/networking/segmentation-offloads.rst. Callers: pair.ts, impaired.ts,
 * trace.ts (and through it captures).
 *
 * A super-segment is one packet with one set of headers and many segments' payload. Each segment cut from it gets the
 * headers with what differs: IP length and identification, sequence number, FIN and PSH only in the last one, CWR only
 * in the first (RFC 3168 section 6.1.2), and its own checksums.
 */
import { readInt32, readUint16, writeInt32, writeUint16 } from '../wire/bytes.js';
import { finish, fold, sum } from '../wire/checksum.js';
import * as Ethernet from '../wire/ethernet.js';
import { PROTOCOL } from '../wire/protocol.js';

const IPV6_BYTES = 40;
const TCP_CHECKSUM_AT = 16;
const UDP_CHECKSUM_AT = 6;
const TCP_FLAGS_AT = 13;
const FIN_AND_PSH = 0x09;
const CWR = 0x80;

/**
 * Where the TCP or UDP header starts in the frame `bytes[from, to)`, or -1 if there is none in the usual place (a
 * fragment, another protocol, IPv6 extension headers). If there is one, its IP header is complete. The frame may have a
 * VLAN tag.
 */
export function transportAt(bytes: Uint8Array, from: number, to: number): number {
  if (to < from + Ethernet.HEADER_BYTES + 20) return -1;
  const ip = from + Ethernet.headerLength(bytes, from);
  const type = Ethernet.contentType(bytes, from);
  let at: number;
  let protocol: number;
  if (type === Ethernet.TYPE_IPV4) {
    if (to < ip + 20) return -1;
    if ((readUint16(bytes, ip + 6) & 0x3fff) !== 0) return -1;
    at = ip + (bytes[ip]! & 15) * 4;
    protocol = bytes[ip + 9]!;
  } else {
    if (type !== Ethernet.TYPE_IPV6 || to < ip + IPV6_BYTES) return -1;
    at = ip + IPV6_BYTES;
    protocol = bytes[ip + 6]!;
  }
  if (protocol === PROTOCOL.TCP) return at + 20 <= to ? at : -1;
  return protocol === PROTOCOL.UDP && at + 8 <= to ? at : -1;
}

/**
 * Computes the TCP or UDP checksum of a frame, whatever its field holds now; true if the frame has such a checksum.
 * Ethernet padding is left out, by the length that IP states (0: all of it, a super-segment beyond 64 KiB).
 */
export function completeChecksum(bytes: Uint8Array, from: number, to: number): boolean {
  const at = transportAt(bytes, from, to);
  if (at < 0) return false;
  const end = packetEnd(bytes, from, to);
  if (end < at + 8) return false;
  const udp = protocolOf(bytes, from) === PROTOCOL.UDP;
  const field = at + (udp ? UDP_CHECKSUM_AT : TCP_CHECKSUM_AT);
  writeUint16(bytes, field, 0);
  const checksum = finish(pseudoHeaderSum(bytes, from, end - at) + sum(bytes, at, end));
  // RFC 768: a computed 0 is sent as all ones, because 0 means "none".
  writeUint16(bytes, field, udp && checksum === 0 ? 0xffff : checksum);
  return true;
}

/**
 * Cuts the TCP super-segment `bytes[from, to)` and hands over each segment in `scratch[0, length)`, checksums computed.
 * `scratch` holds at least the headers and `segmentBytes`. True if all were taken (`emit` returned true).
 */
export function cutSegments(
  bytes: Uint8Array,
  from: number,
  to: number,
  segmentBytes: number,
  scratch: Uint8Array,
  emit: (segment: Uint8Array, length: number) => boolean,
): boolean {
  const at = transportAt(bytes, from, to);
  const payload = at + (bytes[at + 12]! >>> 4) * 4;
  let all = true;
  for (let cut = payload; cut < to; cut += segmentBytes) {
    const length = Math.min(segmentBytes, to - cut);
    scratch.set(bytes.subarray(from, payload));
    scratch.set(bytes.subarray(cut, cut + length), payload - from);
    const end = payload - from + length;
    writeIpHeader(scratch, end, (cut - payload) / segmentBytes);
    writeTcpHeader(scratch, at - from, cut - payload, cut + length === to);
    completeChecksum(scratch, 0, end);
    all = emit(scratch, end) && all;
  }
  return all;
}

/** The lengths, IPv4's identification and header checksum of the segment with this index. */
function writeIpHeader(segment: Uint8Array, end: number, index: number): void {
  const ip = Ethernet.headerLength(segment, 0);
  if (isIpv6(segment, 0)) {
    writeUint16(segment, ip + 4, end - ip - IPV6_BYTES);
    return;
  }
  writeUint16(segment, ip + 2, end - ip);
  writeUint16(segment, ip + 4, readUint16(segment, ip + 4) + index);
  writeUint16(segment, ip + 10, 0);
  writeUint16(segment, ip + 10, finish(sum(segment, ip, ip + (segment[ip]! & 15) * 4)));
}

function writeTcpHeader(segment: Uint8Array, at: number, offset: number, last: boolean): void {
  writeInt32(segment, at + 4, readInt32(segment, at + 4) + offset);
  let flags = segment[at + TCP_FLAGS_AT]!;
  if (!last) flags &= ~FIN_AND_PSH;
  if (offset !== 0) flags &= ~CWR;
  segment[at + TCP_FLAGS_AT] = flags;
}

function isIpv6(bytes: Uint8Array, from: number): boolean {
  return Ethernet.contentType(bytes, from) === Ethernet.TYPE_IPV6;
}

function protocolOf(bytes: Uint8Array, from: number): number {
  return bytes[from + Ethernet.headerLength(bytes, from) + (isIpv6(bytes, from) ? 6 : 9)]!;
}

function packetEnd(bytes: Uint8Array, from: number, to: number): number {
  const ip = from + Ethernet.headerLength(bytes, from);
  const stated = isIpv6(bytes, from) ? readUint16(bytes, ip + 4) + IPV6_BYTES : readUint16(bytes, ip + 2);
  const none = isIpv6(bytes, from) ? IPV6_BYTES : 0;
  return stated === none ? to : Math.min(to, ip + stated);
}

/** RFC 9293 section 3.1, RFC 8200 section 8.1: addresses, protocol and length. */
function pseudoHeaderSum(bytes: Uint8Array, from: number, length: number): number {
  const ip = from + Ethernet.headerLength(bytes, from);
  const addresses = isIpv6(bytes, from) ? sum(bytes, ip + 8, ip + 40) : sum(bytes, ip + 12, ip + 20);
  return fold(addresses + protocolOf(bytes, from) + (length >>> 16) + (length & 0xffff));
}
