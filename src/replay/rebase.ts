/**
 * Rewrites what a recorded client said about the recorded server's numbers, so that it is about ours: acknowledgment,
 * SACK edges, timestamp echo. Everything the client says of itself stays.
 *
 * Checksums are updated incrementally (RFC 1624), so a wrong one stays wrong.
 */
import { readInt32, readUint16, writeInt32, writeUint16 } from '../net/wire/bytes.js';
import { update } from '../net/wire/checksum.js';
import { TCP_CHECKSUM_AT, TCP_HEADER_BYTES } from '../net/wire/tcp.js';
import {
  OPTION_END,
  OPTION_NOP,
  OPTION_SACK,
  OPTION_SACK_PERMITTED,
  OPTION_TIMESTAMPS,
  OPTION_WINDOW_SCALE,
} from '../net/wire/tcp-options.js';

const ACKNOWLEDGMENT_AT = 8;

/** Options that both ends must agree on, as bits. */
export const ALLOW_WINDOW_SCALE = 1;
export const ALLOW_SACK = 2;
export const ALLOW_TIMESTAMPS = 4;
export const ALLOW_ALL = 7;

/** Mends the checksum at `checksumAt` after a 32-bit word under it changed; both of its halves stand at even places. */
export function mend(bytes: Uint8Array, checksumAt: number, before: number, after: number): void {
  const upper = update(readUint16(bytes, checksumAt), before >>> 16, after >>> 16);
  writeUint16(bytes, checksumAt, update(upper, before & 0xffff, after & 0xffff));
}

/**
 * Writes a 32-bit field of the segment whose checksum is at `checksumAt`, and mends that. At an odd place (among
 * options) the field's bytes belong to three words: then it counts byte-swapped.
 */
export function replaceInt32(bytes: Uint8Array, at: number, value: number, checksumAt: number): void {
  const before = readInt32(bytes, at);
  writeInt32(bytes, at, value);
  if (((at - checksumAt) & 1) === 0) mend(bytes, checksumAt, before, value);
  else mend(bytes, checksumAt, swapBytes(before), swapBytes(value));
}

/** abcd to badc: the sum of the four bytes one place further on, the last one wrapping round (RFC 1071 section 2 B). */
function swapBytes(word: number): number {
  return ((word & 0x00ff00ff) << 8) | ((word >>> 8) & 0x00ff00ff);
}

/** Sets the acknowledgment of the TCP header at `at`. */
export function setAcknowledgment(bytes: Uint8Array, at: number, value: number): void {
  replaceInt32(bytes, at + ACKNOWLEDGMENT_AT, value, at + TCP_CHECKSUM_AT);
}

/** The place in the TCP header at `at` (options up to `to`) where an option of this kind begins, or -1. */
export function findTcpOption(bytes: Uint8Array, at: number, to: number, wanted: number): number {
  let option = at + TCP_HEADER_BYTES;
  while (option < to) {
    const kind = bytes[option];
    if (kind === OPTION_END) return -1;
    if (kind === OPTION_NOP) {
      option++;
      continue;
    }
    const length = option + 1 < to ? bytes[option + 1]! : 0;
    if (length < 2 || option + length > to) return -1;
    if (kind === wanted) return option;
    option += length;
  }
  return -1;
}

/** Adds `delta` to both edges of every SACK block (RFC 2018 section 3). */
export function shiftSack(bytes: Uint8Array, at: number, to: number, delta: number): void {
  const option = findTcpOption(bytes, at, to, OPTION_SACK);
  if (option < 0) return;
  const end = option + bytes[option + 1]!;
  for (let edge = option + 2; edge + 4 <= end; edge += 4) {
    replaceInt32(bytes, edge, (readInt32(bytes, edge) + delta) | 0, at + TCP_CHECKSUM_AT);
  }
}

/** The place of the timestamps option's TSval, or -1. TSecr is four bytes behind it. */
export function timestampsAt(bytes: Uint8Array, at: number, to: number): number {
  const option = findTcpOption(bytes, at, to, OPTION_TIMESTAMPS);
  return option >= 0 && bytes[option + 1] === 10 ? option + 2 : -1;
}

/** The options in the header that both ends must agree on, as bits. */
export function agreedOptions(bytes: Uint8Array, at: number, to: number): number {
  return (
    (findTcpOption(bytes, at, to, OPTION_WINDOW_SCALE) >= 0 ? ALLOW_WINDOW_SCALE : 0) |
    (findTcpOption(bytes, at, to, OPTION_SACK_PERMITTED) >= 0 ? ALLOW_SACK : 0) |
    (findTcpOption(bytes, at, to, OPTION_TIMESTAMPS) >= 0 ? ALLOW_TIMESTAMPS : 0)
  );
}

/**
 * Replaces by NOPs what the client offered and the recorded server did not agree to: the client went on without it, and
 * would be taken for broken if our stack had agreed.
 */
export function withdrawOptions(bytes: Uint8Array, at: number, to: number, allowed: number): void {
  if (!(allowed & ALLOW_WINDOW_SCALE)) blank(bytes, at, to, OPTION_WINDOW_SCALE);
  if (!(allowed & ALLOW_SACK)) blank(bytes, at, to, OPTION_SACK_PERMITTED);
  if (!(allowed & ALLOW_TIMESTAMPS)) blank(bytes, at, to, OPTION_TIMESTAMPS);
}

function blank(bytes: Uint8Array, at: number, to: number, kind: number): void {
  const option = findTcpOption(bytes, at, to, kind);
  if (option < 0) return;
  const end = option + bytes[option + 1]!;
  for (let place = option; place < end; place++) {
    const wordAt = ((place - at) & 1) === 0 ? place : place - 1;
    const before = readUint16(bytes, wordAt);
    bytes[place] = OPTION_NOP;
    const checksumAt = at + TCP_CHECKSUM_AT;
    writeUint16(bytes, checksumAt, update(readUint16(bytes, checksumAt), before, readUint16(bytes, wordAt)));
  }
}
