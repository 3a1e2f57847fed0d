/**
 * Congestion control: how much may be in the network. RFC 5681 names the parts; NewReno (new-reno.ts) and CUBIC
 * (cubic.ts) fill them in. All sizes in bytes, all times in microseconds.
 *
 * A control decides three things: how cwnd grows on ACKs, what ssthresh becomes when something was lost, and where to
 * start again. loss-detection.ts and recovery.ts decide *when* that happens and what is sent meanwhile.
 */

export interface CongestionControl {
  readonly name: 'newreno' | 'cubic';
  /** The congestion window. */
  cwnd: number;
  /** The first window. After an idle time cwnd is no larger than this (RFC 5681 section 4.1). */
  readonly initialWindow: number;
  /** Slow start below it, congestion avoidance from it on. */
  ssthresh: number;
  /**
   * New data was acknowledged outside of recovery while the window was in full use.
   * @param acked bytes newly acknowledged
   * @param nowMs milliseconds of the clock
   * @param smoothedRtt SRTT, 0 if unknown
   * @param latestRtt this ACK's sample, 0 if none
   */
  onAck(acked: number, nowMs: number, smoothedRtt: number, latestRtt: number): void;
  /**
   * Loss was detected with `flight` bytes out, or ECN reported congestion: sets ssthresh. The caller brings cwnd down
   * to it.
   */
  onCongestion(flight: number): void;
  /**
   * The retransmission timer expired. `first`: the window has not been reduced for this loss yet. Sets cwnd, and if
   * `first` also ssthresh.
   */
  onTimeout(flight: number, first: boolean): void;
  /**
   * Nothing was sent for `idle` microseconds, longer than an RTO: cwnd falls to the initial window (RFC 5681 section
   * 4.1).
   */
  onIdle(idle: number): void;
  /** The last reduction was unnecessary (F-RTO, D-SACK, Eifel): cwnd and ssthresh go back to what they were. */
  undo(): void;
}

export const UNLIMITED = 0x7fffffff;

/** RFC 6928 section 2: min(10 * MSS, max(2 * MSS, 14600)), with `segments` in place of 10. */
export function initialWindow(mss: number, segments: number): number {
  return Math.min(segments * mss, Math.max(2 * mss, segments * 1460));
}

/** What both controls share: the two windows, slow start, and the way back from a false alarm. */
export abstract class WindowPair {
  readonly initialWindow: number;
  cwnd: number;
  ssthresh = UNLIMITED;
  protected readonly mss: number;
  #cwndBefore = 0;
  #ssthreshBefore = 0;

  constructor(mss: number, initialSegments: number) {
    this.mss = mss;
    this.initialWindow = initialWindow(mss, initialSegments);
    this.cwnd = this.initialWindow;
  }

  /**
   * Slow start: one byte for each byte acknowledged. This is RFC 3465's appropriate byte counting without its limit
   * of 2 MSS an ACK, which would cripple a receiver that acknowledges super-segments; RFC 9406 section 4.2 drops the
   * limit for paced senders. Growth is still bounded, since only data that was in flight can be acknowledged. Returns
   * the bytes that are left for congestion avoidance.
   */
  protected slowStart(acked: number): number {
    if (this.cwnd >= this.ssthresh) return acked;
    const grown = Math.min(this.cwnd + acked, this.ssthresh);
    const left = acked - (grown - this.cwnd);
    this.cwnd = grown;
    return left;
  }

  protected remember(): void {
    this.#cwndBefore = this.cwnd;
    this.#ssthreshBefore = this.ssthresh;
  }

  undo(): void {
    this.cwnd = Math.max(this.cwnd, this.#cwndBefore);
    this.ssthresh = Math.max(this.ssthresh, this.#ssthreshBefore);
  }

  onIdle(_idle: number): void {
    // ssthresh is at least three quarters of the old cwnd, as in Linux, so that slow start quickly leads back there.
    this.ssthresh = Math.max(this.ssthresh, Math.floor((this.cwnd * 3) / 4));
    this.cwnd = Math.min(this.cwnd, this.initialWindow);
  }
}
