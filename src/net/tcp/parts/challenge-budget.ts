/**
 * RFC 5961 section 10 asks for a limit on challenge ACKs. A fixed one can be counted from outside (CVE-2016-5696), so it
 * is drawn anew each second.
 */
import type { Clock } from '../../clock.js';
import { SECOND } from '../../clock.js';
import type { Random } from '../../random.js';

/** How many challenge ACKs may still be sent in this second, by all connections. */
export class ChallengeBudget {
  #left = 0;
  #renewAt = 0;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly perSecond: number,
  ) {}

  /** Takes one; false if there is none left. */
  take(): boolean {
    if (this.clock.now >= this.#renewAt) {
      this.#renewAt = this.clock.now + SECOND;
      const half = Math.ceil(this.perSecond / 2);
      this.#left = half + ((this.random.nextInt32() >>> 0) % Math.max(1, this.perSecond));
    }
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }
}
