/**
 * ICMP: RFC 792; RFC 1122 section 3.2.2 for hosts, RFC 1191 section 4 for the MTU in "fragmentation needed".
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |     Type      |     Code      |          Checksum             |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |  by type: identifier and sequence number; unused and MTU;     |
 *     |           pointer; gateway address                            |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |  echo: data.  Errors: the offending packet's IP header and at |
 *     |  least 8 bytes behind it                                      |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * Used by `icmp/`. The checksum covers the whole message, without a pseudo-header.
 */
import { readInt32, readUint16, writeInt32, writeUint16 } from './bytes.js';

export const HEADER_BYTES = 8;

const TYPE = 0;
const CODE = 1;
export const CHECKSUM = 2;
const REST = 4;
const MTU = 6;

export const ECHO_REPLY = 0;
export const DESTINATION_UNREACHABLE = 3;
export const SOURCE_QUENCH = 4;
export const REDIRECT = 5;
export const ECHO_REQUEST = 8;
export const TIME_EXCEEDED = 11;
export const PARAMETER_PROBLEM = 12;

/** Codes of Destination Unreachable. */
export const NET_UNREACHABLE = 0;
export const HOST_UNREACHABLE = 1;
export const PROTOCOL_UNREACHABLE = 2;
export const PORT_UNREACHABLE = 3;
export const FRAGMENTATION_NEEDED = 4;
/** Code of Time Exceeded: the fragments did not all come in time. */
export const REASSEMBLY_TIMEOUT = 1;

/** True if `bytes[from, to)` holds the eight bytes of a header, on which all accessors rely. */
export function check(from: number, to: number): boolean {
  return to - from >= HEADER_BYTES;
}

export function type(bytes: Uint8Array, at: number): number {
  return bytes[at + TYPE]!;
}

export function code(bytes: Uint8Array, at: number): number {
  return bytes[at + CODE]!;
}

/** The checksum field as it stands. */
export function checksum(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + CHECKSUM);
}

/** Bytes 4 to 7 as int32: identifier and sequence number of an echo, the address of a redirect. */
export function rest(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at + REST);
}

/** The next hop's MTU in "fragmentation needed"; 0 from a router older than RFC 1191. */
export function mtu(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + MTU);
}

/** True for the types that report an error about a packet, which must never be answered by another (RFC 1122 section 3.2.2). */
export function isError(messageType: number): boolean {
  return (
    messageType === DESTINATION_UNREACHABLE ||
    messageType === SOURCE_QUENCH ||
    messageType === REDIRECT ||
    messageType === TIME_EXCEEDED ||
    messageType === PARAMETER_PROBLEM
  );
}

/** Writes a header of eight bytes; `checksumField` is the finished checksum of the whole message. */
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
