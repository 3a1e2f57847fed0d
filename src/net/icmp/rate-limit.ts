/**
 * A token bucket: at most so many events a second on average, and a burst. RFC 1812 section 4.3.2.8 and RFC 4443
 * section 2.4 f ask for a limit of ICMP errors and name this algorithm.
 */
import { type Clock, SECOND } from '../clock.js';

export class RateLimit {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: number;

  /** @param burst how many may come at once after a quiet time */
  constructor(clock: Clock, perSecond: number, burst = perSecond) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledAt = clock.now;
  }

  /** Takes a token; false if there is none. */
  take(): boolean {
    const { now } = this.#clock;
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) / SECOND) * this.#perSecond);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
