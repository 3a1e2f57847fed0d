/**
 * Sequence numbers: arithmetic modulo 2^32 (RFC 9293 section 3.4). Nothing else in the stack compares them.
 *
 * A sequence number is kept as a *signed* 32-bit integer: V8 stores those unboxed, and `(a - b) | 0` is then at once
 * the distance and its sign. Print with `>>> 0`.
 *
 *     ... SND.UNA ------------ SND.NXT ------------ SND.UNA+SND.WND ...     "before" means: less than 2^31 away
 */

/** A sequence number, as a signed 32-bit integer. */
export type Sequence = number;

/** `sequence + count`, modulo 2^32. */
export function add(sequence: Sequence, count: number): Sequence {
  return (sequence + count) | 0;
}

/** How far `to` lies after `from`: negative if it lies before. */
export function distance(from: Sequence, to: Sequence): number {
  return (to - from) | 0;
}

/** a < b. */
export function isBefore(a: Sequence, b: Sequence): boolean {
  return ((a - b) | 0) < 0;
}

/** a <= b. */
export function isAtOrBefore(a: Sequence, b: Sequence): boolean {
  return ((a - b) | 0) <= 0;
}

/** a > b. */
export function isAfter(a: Sequence, b: Sequence): boolean {
  return ((a - b) | 0) > 0;
}

/** left <= sequence < left + size. */
export function isInWindow(sequence: Sequence, left: Sequence, size: number): boolean {
  return (sequence - left) >>> 0 < size;
}

/** The later of two. */
export function later(a: Sequence, b: Sequence): Sequence {
  return isBefore(a, b) ? b : a;
}

/** The earlier of two. */
export function earlier(a: Sequence, b: Sequence): Sequence {
  return isBefore(a, b) ? a : b;
}
