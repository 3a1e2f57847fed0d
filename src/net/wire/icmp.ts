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
import { readUint16 } from './bytes.js';

export { CHECKSUM, check, checksum, code, emit, HEADER_BYTES, rest, type } from './icmp-header.js';

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

/** The next hop's MTU in "fragmentation needed"; 0 from a router older than RFC 1191. */
export function mtu(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + MTU);
}

/** True for the types that report an error about a packet. Never answer one by another (RFC 1122 section 3.2.2). */
export function isError(messageType: number): boolean {
  return (
    messageType === DESTINATION_UNREACHABLE ||
    messageType === SOURCE_QUENCH ||
    messageType === REDIRECT ||
    messageType === TIME_EXCEEDED ||
    messageType === PARAMETER_PROBLEM
  );
}
