/**
 * Sequence numbers: arithmetic modulo 2^32 (RFC 9293 section 3.4). Only this file computes or compares them, and the
 * compiler checks that: to it, a sequence number is a kind of symbol, and TypeScript refuses `<`, `+`, `-` and `>>>
 * 0` with symbols. (`===` is allowed: it is right for numbers that wrap, too.)
 *
 * At run time a sequence number is a *signed* 32-bit integer: V8 stores those unboxed, and `(a - b) | 0` is then at
 * once the distance and its sign. The functions below that only convert cost nothing.
 *
 *     ... SND.UNA ------------ SND.NXT ------------ SND.UNA+SND.WND ...     "before" means: less than 2^31 away
 */

declare const kind: unique symbol;

/** A sequence number: a signed 32-bit integer. Only this file computes with it. */
export type Sequence = symbol & { readonly [kind]: 'sequence number' };

/** The sequence number that a header, a cookie or a SACK block has as a word of 32 bits, signed or not. */
export function toSequence(word: number): Sequence {
  return (word | 0) as unknown as Sequence;
}

/** The word of 32 bits to write into a header: a signed integer. */
export function toWord(sequence: Sequence): number {
  return sequence as unknown as number;
}

/** The number as people write it: 0 to 2^32 - 1. */
export function toUnsigned(sequence: Sequence): number {
  return (sequence as unknown as number) >>> 0;
}

/** What a field holds while its number is not known yet. */
export const ZERO = toSequence(0);

/** `sequence + count`, modulo 2^32. */
export function add(sequence: Sequence, count: number): Sequence {
  return (((sequence as unknown as number) + count) | 0) as unknown as Sequence;
}

/** How far `to` lies after `from`: negative if it lies before. */
export function distance(from: Sequence, to: Sequence): number {
  return ((to as unknown as number) - (from as unknown as number)) | 0;
}

/** a < b. */
export function isBefore(a: Sequence, b: Sequence): boolean {
  return distance(b, a) < 0;
}

/** a <= b. */
export function isAtOrBefore(a: Sequence, b: Sequence): boolean {
  return distance(b, a) <= 0;
}

/** a > b. */
export function isAfter(a: Sequence, b: Sequence): boolean {
  return distance(b, a) > 0;
}

/** left <= sequence < left + size. */
export function isInWindow(sequence: Sequence, left: Sequence, size: number): boolean {
  return distance(left, sequence) >>> 0 < size;
}

/** The later of two. */
export function later(a: Sequence, b: Sequence): Sequence {
  return isBefore(a, b) ? b : a;
}

/** The earlier of two. */
export function earlier(a: Sequence, b: Sequence): Sequence {
  return isBefore(a, b) ? a : b;
}
