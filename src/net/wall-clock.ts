/** The time of day: whole seconds since 1970. Like every clock here, it is passed in by the caller. */
import { type Clock, SECOND } from './clock.js';

/**
 * Tells the time of day.
 *
 * @example
 * ```ts
 * import type { WallClock } from 'fastpath';
 *
 * export const systemTime: WallClock = {
 *   get seconds() {
 *     return Math.floor(Date.now() / 1_000);
 *   },
 * };
 * ```
 */
export interface WallClock {
  /** Seconds since 1970, an integer. */
  readonly seconds: number;
}

/**
 * The time of day derived from the stack's clock, so that a response costs no system call for its Date. The driver of
 * the stack calls `set` now and then (once a minute is plenty), to follow a clock that is being adjusted.
 *
 * @example
 * ```ts
 * import { Clock, DerivedWallClock, SECOND } from 'fastpath';
 *
 * const clock = new Clock();
 * const wallClock = new DerivedWallClock(clock, Date.UTC(2026, 0, 1)); // it is that time now
 * clock.now += 90 * SECOND;
 * console.log(new Date(wallClock.seconds * 1_000).toISOString()); // 2026-01-01T00:01:30.000Z
 * ```
 */
export class DerivedWallClock implements WallClock {
  readonly #clock: Clock;
  #offsetMicroseconds = 0;

  /** `epochMilliseconds`: what the time of day is now, as `Date.now()` gives it. */
  constructor(clock: Clock, epochMilliseconds: number) {
    this.#clock = clock;
    this.set(epochMilliseconds);
  }

  set(epochMilliseconds: number): void {
    this.#offsetMicroseconds = epochMilliseconds * 1000 - this.#clock.now;
  }

  /** Microseconds since 1970. */
  get microseconds(): number {
    return this.#clock.now + this.#offsetMicroseconds;
  }

  get seconds(): number {
    return Math.floor((this.#clock.now + this.#offsetMicroseconds) / SECOND);
  }
}
