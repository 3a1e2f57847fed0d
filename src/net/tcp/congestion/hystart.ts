/**
 * HyStart++ (RFC 9406) leaves slow start when round trips grow, before anything is lost. At first it only slows down
 * for a few rounds ("conservative slow start"), in case the growth of the round trips was noise. CUBIC uses it.
 */

/** Sections 4.2 and 4.3. Times in microseconds. */
const MIN_RTT_THRESHOLD = 4_000;
const MAX_RTT_THRESHOLD = 16_000;
const MIN_RTT_DIVISOR = 8;
const RTT_SAMPLES = 8;
const CSS_GROWTH_DIVISOR = 4;
const CSS_ROUNDS = 5;

/** Watches the round trips of one slow start. */
export class HyStart {
  #roundLeft = 0;
  #samples = 0;
  #lastRoundMinimum = Number.POSITIVE_INFINITY;
  #roundMinimum = Number.POSITIVE_INFINITY;
  #baseline = Number.POSITIVE_INFINITY;
  #conservativeRounds = 0;

  /**
   * Returns the number that slow start divides its growth by: 1, more in the conservative phase, 0 when slow start is
   * over.
   */
  onAck(acked: number, cwnd: number, rtt: number): number {
    if (this.#roundLeft <= 0) this.#beginRound(cwnd);
    this.#roundLeft -= acked;
    if (rtt > 0) {
      this.#samples++;
      if (rtt < this.#roundMinimum) this.#roundMinimum = rtt;
    }
    if (this.#samples >= RTT_SAMPLES) this.#judge();
    if (this.#conservativeRounds > CSS_ROUNDS) return 0;
    return this.#conservativeRounds > 0 ? CSS_GROWTH_DIVISOR : 1;
  }

  /** A round is one window's worth of ACKs. */
  #beginRound(cwnd: number): void {
    this.#roundLeft = cwnd;
    this.#lastRoundMinimum = this.#roundMinimum;
    this.#roundMinimum = Number.POSITIVE_INFINITY;
    this.#samples = 0;
    if (this.#conservativeRounds > 0) this.#conservativeRounds++;
  }

  #judge(): void {
    if (this.#conservativeRounds > 0) {
      // The growth was noise: back to ordinary slow start.
      if (this.#roundMinimum < this.#baseline) this.#conservativeRounds = 0;
      return;
    }
    const wanted = this.#lastRoundMinimum / MIN_RTT_DIVISOR;
    const threshold = Math.min(Math.max(wanted, MIN_RTT_THRESHOLD), MAX_RTT_THRESHOLD);
    if (
      this.#lastRoundMinimum !== Number.POSITIVE_INFINITY &&
      this.#roundMinimum >= this.#lastRoundMinimum + threshold
    ) {
      this.#baseline = this.#roundMinimum;
      this.#conservativeRounds = 1;
    }
  }
}
