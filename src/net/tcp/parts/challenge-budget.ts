/**
 * RFC 5961 section 7 asks for a limit on challenge ACKs. An attacker can count a fixed limit from outside
 * (CVE-2016-5696), so each second has a random one.
 */
import type { Clock } from '../../clock.js';
import { SECOND } from '../../clock.js';
import type { Random } from '../../random.js';

/** How many challenge ACKs all connections together may still send in this second. */
export class ChallengeBudget {
  #left = 0;
  #renewAt = 0;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly perSecond: number,
  ) {}

  /** Takes one from the budget; false if none is left. */
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
