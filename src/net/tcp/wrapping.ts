/**
 * Numbers that wrap at 2^32 and are no sequence numbers: timestamps of the option (RFC 7323 section 5.2), stamps of the
 * clock, the order of transmissions. Signed 32-bit integers, as everywhere.
 */

/** How much later `to` is than `from`: negative if it is earlier. */
export function elapsed(from: number, to: number): number {
  return (to - from) | 0;
}

/** True if `a` is earlier than `b`. */
export function isOlder(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}
