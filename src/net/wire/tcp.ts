/**
 * The TCP header, RFC 9293 section 3.1.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-------------------------------+-------------------------------+
 *   0 |          Source Port          |       Destination Port        |
 *     +-------------------------------+-------------------------------+
 *   4 |                        Sequence Number                        |
 *     +---------------------------------------------------------------+
 *   8 |                    Acknowledgment Number                      |
 *     +-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
 *  12 |Offset |Reserv |C|E|U|A|P|R|S|F|            Window             |
 *     +-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
 *  16 |           Checksum            |         Urgent Pointer        |
 *     +-------------------------------+-------------------------------+
 *  20 |                       Options, padding                        |
 */
import { readInt32, readUint16, writeInt32, writeUint16 } from './bytes.js';

export const TCP_HEADER_BYTES = 20;
/** Offset of the checksum field in the header. */
export const TCP_CHECKSUM_AT = 16;

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;
export const ECE = 0x40;
export const CWR = 0x80;

/** The sender's port. */
export function sourcePort(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at);
}

/** The receiver's port. */
export function destinationPort(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + 2);
}

/** SEG.SEQ, as a signed 32-bit integer. */
export function sequenceNumber(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at + 4);
}

/** SEG.ACK, as a signed 32-bit integer. */
export function acknowledgmentNumber(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at + 8);
}

/** Header length in bytes (20 to 60 in a sound header): the data offset field, which counts 32-bit words. */
export function headerBytes(bytes: Uint8Array, at: number): number {
  return (bytes[at + 12]! >>> 4) << 2;
}

/** The eight flag bits, CWR to FIN. */
export function flags(bytes: Uint8Array, at: number): number {
  return bytes[at + 13]!;
}

/** The window field, unscaled. */
export function window(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + 14);
}

/** The checksum field as it stands. */
export function checksum(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + TCP_CHECKSUM_AT);
}

/** The urgent pointer, which counts only with URG. */
export function urgentPointer(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + 18);
}

/**
 * Writes the fixed part of a header at `at`, its checksum field zero. `length` is the header's with its options, a
 * multiple of four. Of the reserved bits only the lowest may be set: it is AE (`accurate-ecn.ts`), bit 8 of `flagBits`.
 */
export function writeHeader(
  bytes: Uint8Array,
  at: number,
  source: number,
  destination: number,
  sequence: number,
  acknowledgment: number,
  length: number,
  flagBits: number,
  windowField: number,
): void {
  writeUint16(bytes, at, source);
  writeUint16(bytes, at + 2, destination);
  writeInt32(bytes, at + 4, sequence);
  writeInt32(bytes, at + 8, acknowledgment);
  bytes[at + 12] = (length << 2) | ((flagBits >>> 8) & 1);
  bytes[at + 13] = flagBits;
  writeUint16(bytes, at + 14, windowField);
  writeInt32(bytes, at + 16, 0);
}
