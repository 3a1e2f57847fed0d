/**
 * Round-trip time and retransmission time-out: RFC 6298. All times in microseconds.
 */

/** Bounds of the time-out. */
export interface RtoBounds {
  readonly initialRto: number;
  readonly minimumRto: number;
  readonly maximumRto: number;
}

/** RFC 8985 section 6.2: the minimum of recent round trips; "recent" is two windows of this length. */
const MINIMUM_WINDOW = 5 * 60 * 1_000_000;

export class RoundTrip {
  /** SRTT; 0 before the first sample. */
  smoothed = 0;
  /** RTTVAR. */
  variance = 0;
  /** The last sample. */
  latest = 0;
  /** The least sample of the last five minutes or so; 0 before the first. */
  minimum = 0;
  /** How often the timer has expired in a row: each doubles the time-out (section 5.5). */
  backoff = 0;

  #minimumSince = 0;
  readonly #bounds: RtoBounds;
  #rto: number;

  constructor(bounds: RtoBounds) {
    this.#bounds = bounds;
    this.#rto = bounds.initialRto;
  }

  /** The time-out now, with its back-off (sections 2.5 and 5.5). */
  get rto(): number {
    return Math.min(this.#rto * 2 ** this.backoff, this.#bounds.maximumRto);
  }

  /** Takes a sample (sections 2.2 and 2.3); the caller sees to Karn's rule (section 3). */
  sample(microseconds: number, now: number): void {
    const r = Math.max(1, microseconds);
    this.latest = r;
    if (this.smoothed === 0) {
      this.smoothed = r;
      this.variance = r / 2;
    } else {
      this.variance += (Math.abs(this.smoothed - r) - this.variance) / 4;
      this.smoothed += (r - this.smoothed) / 8;
    }
    if (this.minimum === 0 || r <= this.minimum || now - this.#minimumSince > MINIMUM_WINDOW) {
      this.minimum = r;
      this.#minimumSince = now;
    }
    // The floor is put under the variance term and not, as section 2.4 has it, under the sum: like Linux, and never
    // less than section 2.4. So it also stands for the clock's granularity G of section 2.2.
    this.#setRto(this.smoothed + Math.max(this.#bounds.minimumRto, 4 * this.variance));
  }

  /** Section 5.7: the SYN or SYN-ACK timed out and nothing has been measured: 3 s when data starts. */
  restartAfterLostSyn(): void {
    if (this.smoothed === 0 && this.backoff > 0) this.#setRto(3_000_000);
    this.backoff = 0;
  }

  #setRto(microseconds: number): void {
    this.#rto = Math.min(Math.max(microseconds, this.#bounds.minimumRto), this.#bounds.maximumRto);
  }
}
