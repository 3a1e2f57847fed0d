/**
 * IPv4 headers: RFC 791 section 3.1; RFC 1122 section 3.2.1 for what a host checks.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |Version|  IHL  |Type of Service|          Total Length         |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |         Identification        |Flags|      Fragment Offset    |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |  Time to Live |    Protocol   |         Header Checksum       |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                       Source Address                          |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                    Destination Address                        |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                    Options                    |    Padding    |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * `ip/ipv4-input.ts` reads it, `ip/output.ts` writes it. Options are skipped, never obeyed and never sent.
 */
import { readInt32, readUint16, writeInt32, writeUint16 } from './bytes.js';
import { finish, sum } from './checksum.js';

export const HEADER_BYTES = 20;
export const MAX_PACKET_BYTES = 65535;

const VERSION_IHL = 0;
export const TOS = 1;
export const TOTAL_LENGTH = 2;
const IDENTIFICATION = 4;
const FLAGS_OFFSET = 6;
const TTL = 8;
const PROTOCOL = 9;
export const CHECKSUM = 10;
export const SOURCE = 12;
export const DESTINATION = 16;

export const DONT_FRAGMENT = 0x4000;
export const MORE_FRAGMENTS = 0x2000;
const OFFSET_MASK = 0x1fff;

/** Results of `check`. */
export const OK = 0;
export const SHORT = 1;
export const BAD_VERSION = 2;
export const BAD_HEADER_LENGTH = 3;
export const BAD_TOTAL_LENGTH = 4;
export const BAD_CHECKSUM = 5;

/**
 * Checks the header in `bytes[from, to)`. `OK` guarantees that the whole header, options included, is there, that the
 * packet ends within the frame, and that the header's checksum is right (RFC 1122 sections 3.2.1.1 and 3.2.1.2).
 */
export function check(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < HEADER_BYTES) return SHORT;
  if (bytes[from]! >>> 4 !== 4) return BAD_VERSION;
  const headerBytes = headerLength(bytes, from);
  if (headerBytes < HEADER_BYTES || headerBytes > to - from) return BAD_HEADER_LENGTH;
  const length = totalLength(bytes, from);
  // The caller judges a 0: a super-segment's length does not fit the field (Linux "BIG TCP").
  if (length !== 0 && (length < headerBytes || length > to - from)) return BAD_TOTAL_LENGTH;
  if (sum(bytes, from, from + headerBytes) !== 0xffff) return BAD_CHECKSUM;
  return OK;
}

/** The header's length with options, bytes. */
export function headerLength(bytes: Uint8Array, at: number): number {
  return (bytes[at + VERSION_IHL]! & 15) << 2;
}

/** Type of Service: DSCP and ECN (RFC 2474, RFC 3168). */
export function tos(bytes: Uint8Array, at: number): number {
  return bytes[at + TOS]!;
}

/** The whole packet's length, bytes; 0 in a super-segment of more than 65,535. */
export function totalLength(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + TOTAL_LENGTH);
}

/** The Identification, by which fragments of one datagram are known. */
export function identification(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + IDENTIFICATION);
}

/** True if the packet is a piece of a larger one: more fragments follow, or its offset is not 0. */
export function isFragment(bytes: Uint8Array, at: number): boolean {
  return (readUint16(bytes, at + FLAGS_OFFSET) & (MORE_FRAGMENTS | OFFSET_MASK)) !== 0;
}

/** The flag MF: another fragment follows this one. */
export function moreFragments(bytes: Uint8Array, at: number): boolean {
  return (bytes[at + FLAGS_OFFSET]! & 0x20) !== 0;
}

/** The flag DF: routers must not fragment this packet. */
export function dontFragment(bytes: Uint8Array, at: number): boolean {
  return (bytes[at + FLAGS_OFFSET]! & 0x40) !== 0;
}

/** Where this fragment's data belongs in the whole, bytes (the field counts eights). */
export function fragmentOffset(bytes: Uint8Array, at: number): number {
  return (readUint16(bytes, at + FLAGS_OFFSET) & OFFSET_MASK) << 3;
}

/** Time to live: how many more routers may pass it on. */
export function ttl(bytes: Uint8Array, at: number): number {
  return bytes[at + TTL]!;
}

/** The number of the protocol that it carries (`protocol.ts`). */
export function protocol(bytes: Uint8Array, at: number): number {
  return bytes[at + PROTOCOL]!;
}

/** The source address as int32. */
export function source(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at + SOURCE);
}

/** The destination address as int32. */
export function destination(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at + DESTINATION);
}

/**
 * Writes a header of 20 bytes at `at`.
 * @param length the whole packet's length in bytes, 0 for a super-segment
 * @param flagsOffset the flags and the fragment offset in eights, as in the field
 * @param addressSum the partial sum of both addresses, which a route knows already
 */
export function emit(
  bytes: Uint8Array,
  at: number,
  typeOfService: number,
  length: number,
  id: number,
  flagsOffset: number,
  timeToLive: number,
  proto: number,
  from: number,
  to: number,
  addressSum: number,
): void {
  bytes[at + VERSION_IHL] = 0x45;
  bytes[at + TOS] = typeOfService;
  writeUint16(bytes, at + TOTAL_LENGTH, length);
  writeUint16(bytes, at + IDENTIFICATION, id);
  writeUint16(bytes, at + FLAGS_OFFSET, flagsOffset);
  bytes[at + TTL] = timeToLive;
  bytes[at + PROTOCOL] = proto;
  const fields = 0x4500 + typeOfService + length + id + flagsOffset + (timeToLive << 8) + proto;
  writeUint16(bytes, at + CHECKSUM, finish(fields + addressSum));
  writeInt32(bytes, at + SOURCE, from);
  writeInt32(bytes, at + DESTINATION, to);
}

/** Turns a fragment's header into the whole datagram's: sets `length` and `typeOfService`, no offset, the checksum. */
export function makeWhole(bytes: Uint8Array, at: number, length: number, typeOfService: number): void {
  bytes[at + TOS] = typeOfService;
  writeUint16(bytes, at + TOTAL_LENGTH, length);
  writeUint16(bytes, at + FLAGS_OFFSET, 0);
  writeUint16(bytes, at + CHECKSUM, 0);
  writeUint16(bytes, at + CHECKSUM, finish(sum(bytes, at, at + headerLength(bytes, at))));
}

/** True for 224.0.0.0/4 (RFC 1112 section 4). */
export function isMulticast(address: number): boolean {
  return address >>> 28 === 0xe;
}

/**
 * True for a source that no other host can have (RFC 1122 section 3.2.1.3, RFC 1812 section 5.3.7): 0.0.0.0/8,
 * 127.0.0.0/8, multicast, class E with the limited broadcast.
 */
export function isBadSource(address: number): boolean {
  const first = address >>> 24;
  return first === 0 || first === 127 || first >= 224;
}
