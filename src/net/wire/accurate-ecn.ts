/**
 * Accurate ECN on the wire: RFC 9768 sections 3.1 and 3.2. Three flags are one number, and an option has byte counters.
 *
 *     byte 12       byte 13
 *     |Offset|Rsrv|A|C|E|U|A|P|R|S|F|      ACE = AE·4 + CWR·2 + ECE; in a SYN the three are flags
 *                  E W C R C S S Y I
 *
 *     kind 172:  | 172 | length |  ECT(0) bytes + 1  |  CE bytes  |  ECT(1) bytes + 1  |   24 bits each,
 *     kind 174:  | 174 | length |  ECT(1) bytes + 1  |  CE bytes  |  ECT(0) bytes + 1  |   from the left as many as are
 *   needed
 */
import { CWR, ECE } from './tcp.js';

/** A flag beside those of byte 13: the lowest bit of byte 12, once ECN's nonce. */
export const AE = 0x100;

/** The two bits of the IP header (RFC 3168 section 5, RFC 8311). */
export const NOT_ECT = 0b00;
export const ECT_1 = 0b01;
export const ECT_0 = 0b10;
export const CE = 0b11;
export const ECN_BITS = 0b11;

/** The two options (section 3.2.3): their counters are in opposite order. */
export const OPTION_ACCURATE_ECN_0 = 172;
export const OPTION_ACCURATE_ECN_1 = 174;
/** Counters in one option, and the bytes of each. */
export const COUNTERS = 3;
export const COUNTER_BYTES = 3;
export const COUNTER_MASK = 0xff_ffff;
/** What the counters of ECT(0) and ECT(1) begin with, so that an option that has been zeroed shows. */
export const ECT_START = 1;
/** What the packet counter in ACE begins with (section 3.2.1). */
export const ACE_START = 5;
export const ACE_MASK = 0b111;

const NOP = 1;

/** ACE as the flags of a header. */
export function aceFlags(ace: number): number {
  return ((ace & 4) !== 0 ? AE : 0) | ((ace & 2) !== 0 ? CWR : 0) | ((ace & 1) !== 0 ? ECE : 0);
}

/** ACE of the header at `at`. */
export function aceOf(bytes: Uint8Array, at: number): number {
  return ((bytes[at + 12]! & 1) << 2) | (bytes[at + 13]! >>> 6);
}

/** Bytes of an option with `count` counters, padded to a multiple of four. */
export function optionBytes(count: number): number {
  return (2 + COUNTER_BYTES * count + 3) & ~3;
}

/** Writes kind 174 with the first `count` of its counters, and NOPs behind it; returns the index after them. */
export function writeAccurateEcn(
  bytes: Uint8Array,
  at: number,
  count: number,
  ect1Bytes: number,
  ceBytes: number,
  ect0Bytes: number,
): number {
  bytes[at] = OPTION_ACCURATE_ECN_1;
  bytes[at + 1] = 2 + COUNTER_BYTES * count;
  if (count > 0) writeCounter(bytes, at + 2, ect1Bytes + ECT_START);
  if (count > 1) writeCounter(bytes, at + 5, ceBytes);
  if (count > 2) writeCounter(bytes, at + 8, ect0Bytes + ECT_START);
  const end = at + optionBytes(count);
  for (let i = at + 2 + COUNTER_BYTES * count; i < end; i++) bytes[i] = NOP;
  return end;
}

function writeCounter(bytes: Uint8Array, at: number, count: number): void {
  bytes[at] = count >>> 16;
  bytes[at + 1] = count >>> 8;
  bytes[at + 2] = count;
}
