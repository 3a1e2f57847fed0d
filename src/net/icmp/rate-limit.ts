/**
 * A token bucket: so many events a second on average, and a burst. RFC 1812 section 4.3.2.8 and RFC 4443 section 2.4 f
 * ask for a limit of ICMP errors and name this algorithm.
 *
 * An event costs no token, one or two, by chance; one on average. With a fixed price an attacker could count: it sends
 * as many packets as there are tokens, from forged addresses, and then one from its own. If that one is answered, a
 * token was left, so one of the forged packets met an open port (SAD DNS, CVE-2020-25705). Linux does the same
 * (icmp_global_consume).
 */
import { type Clock, SECOND } from '../clock.js';
import type { Random } from '../random.js';

export class RateLimit {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: number;

  /** @param burst how many may come at once after a quiet time */
  constructor(clock: Clock, random: Random, perSecond: number, burst = perSecond) {
    this.#clock = clock;
    this.#random = random;
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledAt = clock.now;
  }

  /** Takes the tokens of an event; false if there is none. */
  take(): boolean {
    const { now } = this.#clock;
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) / SECOND) * this.#perSecond);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= (this.#random.nextInt32() >>> 0) % 3; // may leave a debt of less than one, or the average would grow
    return true;
  }
}
