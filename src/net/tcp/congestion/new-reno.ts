/**
 * NewReno's windows: RFC 5681 section 3.1 (slow start, congestion avoidance) and equation 4 (loss).
 */
import { type CongestionControl, WindowPair } from './congestion.js';

export class NewReno extends WindowPair implements CongestionControl {
  readonly name = 'newreno';
  /** Bytes acknowledged towards the next increase (RFC 3465 section 2.1). */
  #counted = 0;

  onAck(acked: number, _nowMs: number, _smoothedRtt: number, _latestRtt: number): void {
    const left = this.slowStart(acked);
    if (left === 0) return;
    this.#counted += left;
    // One MSS for each window acknowledged. That is one a round trip, however often the peer sends ACKs. Only whole
    // segments are in flight (RFC 9293 section 3.8.6.2.1), so a window counts as a whole number of them. Otherwise a
    // window of 7.5 segments would take 7.5 / 7 round trips.
    const window = Math.max(this.cwnd - (this.cwnd % this.mss), this.mss);
    if (this.#counted >= window) {
      this.#counted -= window;
      this.cwnd += this.mss;
    }
  }

  onCongestion(flight: number): void {
    this.remember();
    // The flight does not include what limited transmit sent beyond cwnd (RFC 5681 section 3.2 step 2, RFC 6675 section
    // 5).
    this.ssthresh = Math.max(Math.floor(Math.min(flight, this.cwnd) / 2), 2 * this.mss);
    this.#counted = 0;
  }

  onTimeout(flight: number, first: boolean): void {
    if (first) this.onCongestion(flight);
    this.cwnd = this.mss;
    this.#counted = 0;
  }
}
