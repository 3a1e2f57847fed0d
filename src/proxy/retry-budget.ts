/**
 * How many retries an upstream gets. If all its servers fail, every request would be sent several times, just when they
 * have least to give. So a retry costs a token, and each request earns a part of one.
 */

/** A retry for each five requests, in the long run. */
const EARNED = 0.2;
/** What may be saved: a group with little traffic can retry too, and a burst of failures ends soon. */
const MOST = 20;

export class RetryBudget {
  #tokens = MOST;

  /** A client's request has come. */
  earn(): void {
    this.#tokens = Math.min(MOST, this.#tokens + EARNED);
  }

  /** False: no retry now. */
  spend(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
