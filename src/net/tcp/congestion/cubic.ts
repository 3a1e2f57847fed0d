/**
 * CUBIC: RFC 9438. The window is a cubic function of the time since the last loss, and so does not depend on the
 * round-trip time. It grows quickly until it is near the window of the last loss, slowly around that, and quickly
 * beyond it.
 *
 *     W_cubic(t) = C * (t - K)^3 + W_max        C = 0.4, t in seconds, windows in segments
 *     K          = cbrt((W_max - cwnd_epoch) / C)
 */
import { type CongestionControl, WindowPair } from './congestion.js';
import { HyStart } from './hystart.js';

/** Section 4.1: how steep the curve is. Section 4.6: the part of the window that is left after a loss. */
const C = 0.4;
const BETA = 0.7;
/** Section 4.3: the additive increase that gives Reno the same average window with beta = 0.7. */
const ALPHA_RENO = (3 * (1 - BETA)) / (1 + BETA);

export class Cubic extends WindowPair implements CongestionControl {
  readonly name = 'cubic';
  /** W_max, in segments. */
  #maximum = 0;
  /** When the epoch began, milliseconds; -1: it begins with the next ACK. */
  #epochStart = -1;
  /** K, seconds. */
  #inflection = 0;
  /** W_est, segments: the window that Reno would have. */
  #renoEstimate = 0;
  /** cwnd_prior: the window when the last congestion was found, segments. */
  #prior = 0;
  /** Null until an ACK finds the window in full use. */
  #slowStartExit: HyStart | null = null;

  onAck(acked: number, nowMs: number, smoothedRtt: number, latestRtt: number): void {
    if (this.cwnd < this.ssthresh) {
      this.#slowStartExit ??= new HyStart();
      const divisor = this.#slowStartExit.onAck(acked, this.cwnd, latestRtt);
      if (divisor === 0) this.ssthresh = this.cwnd;
      else {
        const left = this.slowStart(divisor === 1 ? acked : Math.ceil(acked / divisor));
        if (left === 0) return;
      }
    }
    this.#avoid(acked, nowMs, smoothedRtt);
  }

  /** Section 4.2 to 4.5. */
  #avoid(acked: number, nowMs: number, smoothedRtt: number): void {
    const window = this.cwnd / this.mss;
    if (this.#epochStart < 0) this.#beginEpoch(window, nowMs);
    const elapsed = (nowMs - this.#epochStart) / 1e3;
    // Section 4.2: the target is where the window should be one round trip from now, at most half as large again.
    const cubic = C * (elapsed + smoothedRtt / 1e6 - this.#inflection) ** 3 + this.#maximum;
    const target = Math.min(Math.max(cubic, window), 1.5 * window);
    const ackedSegments = acked / this.mss;
    // Section 4.3: never slower than Reno, with Reno's full increase once the estimate has passed the old maximum.
    const alpha = this.#renoEstimate >= this.#prior ? 1 : ALPHA_RENO;
    this.#renoEstimate += alpha * (ackedSegments / window);
    const next = window + ((target - window) / window) * ackedSegments;
    this.cwnd = Math.floor(Math.max(next, Math.min(this.#renoEstimate, window + ackedSegments)) * this.mss);
  }

  #beginEpoch(window: number, nowMs: number): void {
    this.#epochStart = nowMs;
    this.#renoEstimate = window;
    // The plateau is here if the window is past the old maximum, or after a time-out (section 4.8).
    if (this.#maximum <= window) {
      this.#inflection = 0;
      this.#maximum = window;
    } else this.#inflection = Math.cbrt((this.#maximum - window) / C);
  }

  onCongestion(_flight: number): void {
    this.remember();
    const window = this.cwnd / this.mss;
    this.#prior = window;
    // Section 4.7, fast convergence: a flow that lost below its last maximum makes room for others.
    this.#maximum = window < this.#maximum ? (window * (1 + BETA)) / 2 : window;
    // Section 4.6 takes a part of the flight, but allows a part of cwnd if cwnd grows only when it is in full use, as
    // here.
    this.ssthresh = Math.max(Math.floor(this.cwnd * BETA), 2 * this.mss);
    this.#epochStart = -1;
  }

  /** Section 4.8: after a time-out congestion avoidance starts with a plateau of its own, K = 0. */
  onTimeout(flight: number, first: boolean): void {
    if (first) this.onCongestion(flight);
    this.cwnd = this.mss;
    this.#maximum = 0;
    this.#epochStart = -1;
  }

  /** Idle time does not count (section 4.2): the epoch moves with it. */
  override onIdle(idle: number): void {
    super.onIdle(idle);
    if (this.#epochStart >= 0) this.#epochStart += Math.floor(idle / 1000);
  }

  override undo(): void {
    super.undo();
    this.#epochStart = -1;
  }
}
