/**
 * Time, as the stack sees it: a number that its driver sets.
 *
 * The stack never asks the machine what time it is. Its driver (the poll loop, a virtual network, a replayed capture)
 * sets `now` before it hands over a frame or runs the timers. So every run can be repeated exactly.
 *
 * Microseconds since the driver's start, as an integer in a double (exact for 285 years). It is kept in a typed array,
 * because in a plain field V8 would make a heap object for each value.
 *
 * @example
 * ```ts
 * import { Clock, SECOND } from 'fastpath';
 *
 * const clock = new Clock();
 * clock.now = 2 * SECOND; // a driver does this before it calls the stack
 * console.log(clock.milliseconds); // 2000
 * ```
 */
export class Clock {
  readonly #microseconds = new Float64Array(1);
  #stamp = 0;
  #milliseconds = 0;

  /** Microseconds since the driver's start. */
  get now(): number {
    return this.#microseconds[0]!;
  }

  /** Sets the time; it never goes back. */
  set now(microseconds: number) {
    if (!(microseconds > this.#microseconds[0]!)) return;
    this.#microseconds[0] = microseconds;
    this.#stamp = microseconds | 0;
    this.#milliseconds = Math.floor(microseconds / 1000);
  }

  /**
   * The same in whole microseconds modulo 2^32, as a signed integer: cheap to keep with each packet. Two stamps tell
   * how far they are apart, `(later - earlier) | 0`, if that is less than 35 minutes. Sequence numbers work alike.
   */
  get stamp(): number {
    return this.#stamp;
  }

  /** The same in whole milliseconds: a small integer for the first 24 days, and right after them too. */
  get milliseconds(): number {
    return this.#milliseconds;
  }
}

/**
 * One second in the clock's unit.
 *
 * @example
 * ```ts
 * import { SECOND } from 'fastpath';
 *
 * console.log(1.5 * SECOND); // 1500000
 * ```
 */
export const SECOND = 1_000_000;
/** One millisecond in the clock's unit. */
/**
 * A millisecond in the unit of the clock, microseconds.
 *
 * @example
 * ```ts
 * import { MILLISECOND } from 'fastpath';
 *
 * console.log(20 * MILLISECOND); // 20000
 * ```
 */
export const MILLISECOND = 1_000;
