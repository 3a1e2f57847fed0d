/**
 * The UDP header as bytes: RFC 768.
 *
 *      0              16             31
 *     +--------------+--------------+
 *     | source port  | destination  |
 *     +--------------+--------------+
 *     | length       | checksum     |   the length counts the header; checksum 0: none was computed
 *     +--------------+--------------+
 */
import { readUint16, writeUint16 } from './bytes.js';

export const UDP_HEADER_BYTES = 8;
export const UDP_SOURCE = 0;
export const UDP_DESTINATION = 2;
export const UDP_LENGTH = 4;
export const UDP_CHECKSUM = 6;
/** The most payload in one datagram: 65,535 less the headers of IPv4 (RFC 791) and UDP. */
export const MAX_PAYLOAD_V4 = 65_535 - 20 - UDP_HEADER_BYTES;
/** In IPv6 the length field alone bounds it (RFC 8200 section 3: the IP header is not counted). */
export const MAX_PAYLOAD_V6 = 65_535 - UDP_HEADER_BYTES;

/** The port that the datagram came from. */
export function sourcePort(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + UDP_SOURCE);
}

/** The port that it is for. */
export function destinationPort(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + UDP_DESTINATION);
}

/** Header and payload, bytes, as the header says. */
export function datagramLength(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + UDP_LENGTH);
}

/** Writes a header whose checksum is 0. */
export function writeHeader(bytes: Uint8Array, at: number, source: number, destination: number, length: number): void {
  writeUint16(bytes, at + UDP_SOURCE, source);
  writeUint16(bytes, at + UDP_DESTINATION, destination);
  writeUint16(bytes, at + UDP_LENGTH, length);
  writeUint16(bytes, at + UDP_CHECKSUM, 0);
}
