/**
 * ICMPv6: RFC 4443 (errors and echo), RFC 4861 section 4 (neighbour discovery).
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |     Type      |     Code      |          Checksum             |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |  by type: identifier and sequence number; MTU; pointer; flags |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |  errors: as much of the offending packet as fits 1280 bytes   |
 *     |  neighbour discovery: addresses, then options                 |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * An option of neighbour discovery (RFC 4861 section 4.6): type, length in eights of bytes, data.
 *
 * Used by `icmp/` and `ndp/`. Unlike in IPv4 the checksum covers the pseudo-header too (RFC 8200 section 8.1).
 */
import { readInt32, readUint16 } from './bytes.js';

export { CHECKSUM, check, checksum, code, emit, HEADER_BYTES, rest, type } from './icmp-header.js';

export const DESTINATION_UNREACHABLE = 1;
export const PACKET_TOO_BIG = 2;
export const TIME_EXCEEDED = 3;
export const PARAMETER_PROBLEM = 4;
export const ECHO_REQUEST = 128;
export const ECHO_REPLY = 129;
/** Multicast listener discovery: a router asks who listens (RFC 3810 section 5.1). */
export const LISTENER_QUERY = 130;
export const ROUTER_SOLICITATION = 133;
export const ROUTER_ADVERTISEMENT = 134;
export const NEIGHBOR_SOLICITATION = 135;
export const NEIGHBOR_ADVERTISEMENT = 136;
export const REDIRECT = 137;
/** Version 2 of multicast listener discovery: a report (RFC 3810 section 5.2). */
export const LISTENER_REPORT_V2 = 143;

/** Codes of Destination Unreachable. */
export const ADDRESS_UNREACHABLE = 3;
export const PORT_UNREACHABLE = 4;
/** Code of Time Exceeded: the fragments did not all come in time. */
export const REASSEMBLY_TIMEOUT = 1;
/** Codes of Parameter Problem. */
export const ERRONEOUS_FIELD = 0;
export const UNKNOWN_NEXT_HEADER = 1;
export const UNKNOWN_OPTION = 2;
export const INCOMPLETE_FIRST_FRAGMENT = 3;

/** Neighbour solicitation, advertisement: the target address; redirect: the better first hop. */
export const TARGET = 8;
/** Redirect: the address that it is about. */
export const REDIRECT_DESTINATION = 24;
/** Lengths of the fixed parts, after which options follow. */
export const ROUTER_SOLICITATION_BYTES = 8;
export const ROUTER_ADVERTISEMENT_BYTES = 16;
export const NEIGHBOR_MESSAGE_BYTES = 24;
export const REDIRECT_BYTES = 40;

/** Flags of a neighbour advertisement, in `rest`. */
export const FLAG_ROUTER = 0x8000_0000 | 0;
export const FLAG_SOLICITED = 0x4000_0000;
export const FLAG_OVERRIDE = 0x2000_0000;

export const OPTION_SOURCE_MAC = 1;
export const OPTION_TARGET_MAC = 2;
export const OPTION_PREFIX = 3;
export const OPTION_MTU = 5;
/** A random number by which its sender knows a message again (RFC 3971 section 5.3.2, RFC 7527). */
export const OPTION_NONCE = 14;
/** Recursive DNS servers (RFC 8106). */
export const OPTION_RDNSS = 25;
/** The nonce that we send fills an option of eight bytes. */
export const NONCE_BYTES = 6;
/** The option that carries an Ethernet address: type, length 1, six bytes (RFC 2464 section 6). */
export const MAC_OPTION_BYTES = 8;
export const PREFIX_OPTION_BYTES = 32;

/** Types below 128 are errors (RFC 4443 section 2.1). */
export function isError(messageType: number): boolean {
  return messageType < 128;
}

/** Current hop limit that a router advises; 0: it says nothing. */
export function advertisedHopLimit(bytes: Uint8Array, at: number): number {
  return bytes[at + 4]!;
}

/** For how long the sender is a default router, seconds; 0: it is none. */
export function routerLifetime(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + 6);
}

/** For how long a confirmed neighbour counts as reachable, milliseconds; 0: it says nothing. */
export function reachableTimeMs(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at + 8) >>> 0;
}

/** The time between two solicitations, milliseconds; 0: it says nothing. */
export function retransTimerMs(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at + 12) >>> 0;
}

/** True if the options in `bytes[from, to)` fill it exactly and none has length 0 (RFC 4861 section 6.1, 7.1). */
export function optionsAreSound(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to) {
    const length = at + 1 < to ? bytes[at + 1]! << 3 : 0;
    if (length === 0 || at + length > to) return false;
    at += length;
  }
  return true;
}

/** Where the first option of `optionType` starts in sound options, or -1. */
export function findOption(bytes: Uint8Array, from: number, to: number, optionType: number): number {
  for (let at = from; at < to; at += bytes[at + 1]! << 3) if (bytes[at] === optionType) return at;
  return -1;
}

/** Writes an option with an Ethernet address. */
export function emitMacOption(bytes: Uint8Array, at: number, optionType: number, mac: Uint8Array): void {
  bytes[at] = optionType;
  bytes[at + 1] = 1;
  for (let i = 0; i < 6; i++) bytes[at + 2 + i] = mac[i]!;
}
