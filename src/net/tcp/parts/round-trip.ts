/**
 * Round-trip time and retransmission time-out: RFC 6298. All times in microseconds.
 *
 * The two averages are scaled integers, eight times SRTT and four times RTTVAR, so that the divisions of the RFC's
 * formulas are shifts. In 1988 Van Jacobson did that for speed. We do it because V8 makes a heap object of each
 * fraction that it stores, and these are stored with every ACK.
 */

/** Bounds of the time-out. */
export interface RtoBounds {
  readonly initialRto: number;
  readonly minimumRto: number;
  readonly maximumRto: number;
}

/** RFC 8985 section 6.2: only round trips of the last five minutes count for the minimum. */
const MINIMUM_WINDOW = 5 * 60 * 1_000_000;
/** The largest sample, two minutes: eight times that still fits 31 bits. */
const LARGEST_SAMPLE = 120 * 1_000_000;

export class RoundTrip {
  /** The last sample. */
  latest = 0;
  /** The least sample of the last five minutes or so; 0 before the first. */
  minimum = 0;
  /** The time-out now, with its back-off (sections 2.5 and 5.5). */
  rto: number;

  #smoothedTimes8 = 0;
  #varianceTimes4 = 0;
  #minimumSince = 0;
  #backoff = 0;
  #base: number;
  readonly #bounds: RtoBounds;

  constructor(bounds: RtoBounds) {
    this.#bounds = bounds;
    this.#base = bounds.initialRto;
    this.rto = bounds.initialRto;
  }

  /** SRTT; 0 before the first sample. */
  get smoothed(): number {
    return this.#smoothedTimes8 >> 3;
  }

  /** RTTVAR. */
  get variance(): number {
    return this.#varianceTimes4 >> 2;
  }

  /** How often the time-out has doubled since the last sample. */
  get backoff(): number {
    return this.#backoff;
  }

  /** The timer has expired: the time-out doubles (section 5.5). */
  backOff(): void {
    this.#backoff++;
    this.#applyBackoff();
  }

  /**
   * Takes a sample (sections 2.2 and 2.3), which ends the back-off (section 5, last paragraph). The caller applies
   * Karn's rule (section 3).
   * @param microseconds an integer
   * @param now a stamp of the clock (`Clock.stamp`)
   */
  sample(microseconds: number, now: number): void {
    const r = Math.min(Math.max(1, microseconds), LARGEST_SAMPLE);
    this.latest = r;
    if (this.#smoothedTimes8 === 0) {
      this.#smoothedTimes8 = r << 3;
      this.#varianceTimes4 = r << 1;
    } else {
      const error = r - (this.#smoothedTimes8 >> 3);
      this.#varianceTimes4 += Math.abs(error) - (this.#varianceTimes4 >> 2);
      this.#smoothedTimes8 += error;
    }
    if (this.minimum === 0 || r <= this.minimum || ((now - this.#minimumSince) | 0) > MINIMUM_WINDOW) {
      this.minimum = r;
      this.#minimumSince = now;
    }
    this.#backoff = 0;
    // The floor is under the variance term, as in Linux, and not under the sum, as in section 2.4. So the time-out is
    // never less than in section 2.4, and the floor also replaces the clock granularity G of section 2.2.
    this.#setRto((this.#smoothedTimes8 >> 3) + Math.max(this.#bounds.minimumRto, this.#varianceTimes4));
  }

  /** Section 5.7: the SYN or SYN-ACK timed out and nothing has been measured: 3 s when data starts. */
  restartAfterLostSyn(): void {
    if (this.#backoff === 0) return;
    this.#backoff = 0;
    this.#setRto(3_000_000);
  }

  #setRto(microseconds: number): void {
    this.#base = Math.min(Math.max(microseconds, this.#bounds.minimumRto), this.#bounds.maximumRto);
    this.#applyBackoff();
  }

  #applyBackoff(): void {
    this.rto = this.#backoff === 0 ? this.#base : Math.min(this.#base * 2 ** this.#backoff, this.#bounds.maximumRto);
  }
}
