/**
 * The eight bytes that ICMP (RFC 792) and ICMPv6 (RFC 4443 section 2.1) messages begin with. `icmp.ts` and `icmpv6.ts`
 * have the types and codes, which differ.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |     Type      |     Code      |          Checksum             |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                    depends on the type                        |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
import { readInt32, readUint16, writeInt32, writeUint16 } from './bytes.js';

export const HEADER_BYTES = 8;

const TYPE = 0;
const CODE = 1;
/** Offset of the checksum field. */
export const CHECKSUM = 2;
/** Offset of the four bytes whose meaning depends on the type. */
export const REST = 4;

/** True if `bytes[from, to)` holds the eight bytes of a header, which all accessors rely on. */
export function check(from: number, to: number): boolean {
  return to - from >= HEADER_BYTES;
}

/** The message type. */
export function type(bytes: Uint8Array, at: number): number {
  return bytes[at + TYPE]!;
}

/** The code, which details the type. */
export function code(bytes: Uint8Array, at: number): number {
  return bytes[at + CODE]!;
}

/** The checksum field as it stands. */
export function checksum(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + CHECKSUM);
}

/** Bytes 4 to 7 as int32: identifier and sequence number of an echo, an MTU, a pointer, flags, a gateway's address. */
export function rest(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at + REST);
}

/** Writes a header; `checksumField` is the finished checksum of the whole message, or 0 to be filled in later. */
export function emit(
  bytes: Uint8Array,
  at: number,
  messageType: number,
  messageCode: number,
  checksumField: number,
  restWord: number,
): void {
  bytes[at + TYPE] = messageType;
  bytes[at + CODE] = messageCode;
  writeUint16(bytes, at + CHECKSUM, checksumField);
  writeInt32(bytes, at + REST, restWord);
}
