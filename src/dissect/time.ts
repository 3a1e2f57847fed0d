/** Times of frames, exact to the nanosecond, as text. */

/** Microseconds, and 0 to 999 nanoseconds more: exact in a double until the year 2255. */
export interface Time {
  readonly microseconds: number;
  readonly nanoseconds: number;
}

/** The latest time that a Date can hold, in microseconds. */
const MAX_DATE = 8.64e18;

/** `later - earlier`; it may be negative. */
export function timeBetween(earlier: Time, later: Time): Time {
  const nanoseconds = later.nanoseconds - earlier.nanoseconds;
  const borrow = nanoseconds < 0 ? 1 : 0;
  return {
    microseconds: later.microseconds - earlier.microseconds - borrow,
    nanoseconds: nanoseconds + 1000 * borrow,
  };
}

/** Seconds as decimal text with `digits` digits after the point, 6 or 9: `1.500000`. */
export function secondsText({ microseconds, nanoseconds }: Time, digits: 6 | 9 = 9): string {
  // A negative time counts back from the next microsecond.
  const isNegative = microseconds < 0;
  const borrow = isNegative && nanoseconds > 0 ? 1 : 0;
  const whole = isNegative ? -microseconds - borrow : microseconds;
  const rest = borrow ? 1000 - nanoseconds : nanoseconds;
  const seconds = Math.floor(whole / 1_000_000);
  const fraction = String(whole - seconds * 1_000_000).padStart(6, '0');
  const last = digits === 9 ? String(rest).padStart(3, '0') : '';
  return `${isNegative ? '-' : ''}${seconds}.${fraction}${last}`;
}

/** `2026-01-31T12:00:00.123456789Z`; a damaged time stamp beyond the calendar as microseconds. */
export function timestamp({ microseconds, nanoseconds }: Time, digits: 6 | 9 = nanoseconds === 0 ? 6 : 9): string {
  if (Math.abs(microseconds) > MAX_DATE) return `${microseconds} us`;
  const seconds = Math.floor(microseconds / 1_000_000);
  const fraction = String(microseconds - seconds * 1_000_000).padStart(6, '0');
  const last = digits === 9 ? String(nanoseconds).padStart(3, '0') : '';
  return `${new Date(seconds * 1000).toISOString().slice(0, -5)}.${fraction}${last}Z`;
}
