/** What control blocks tell over time: windows, round trips, states. By the names of both ends. */
import type { ConnectionName, TcbView } from '../tcb-view.js';
import type { Curve } from './plot.js';

/** Points of one curve; a curve that grows too long keeps every second one. */
const MOST_POINTS = 20_000;
const MOST_CONNECTIONS = 4_096;

/** A value over time. It holds until it changes, so only its changes are points. */
class Points {
  #times: number[] = [];
  #values: number[] = [];

  get last(): number | undefined {
    return this.#values.at(-1);
  }

  add(time: number, value: number): void {
    if (!Number.isFinite(value) || value === this.last) return;
    this.#times.push(time);
    this.#values.push(value);
    if (this.#times.length < MOST_POINTS) return;
    this.#times = this.#times.filter((_, index) => index % 2 === 0);
    this.#values = this.#values.filter((_, index) => index % 2 === 0);
  }

  /** The last value holds up to `end`, if that is later. */
  curve(end: number): Curve {
    const { last } = this;
    const isHeld = last !== undefined && (this.#times.at(-1) ?? end) < end;
    const [times, values] = isHeld
      ? [
          [...this.#times, end],
          [...this.#values, last],
        ]
      : [this.#times, this.#values];
    return { times: Float64Array.from(times), values: Float64Array.from(values) };
  }

  /** The time of the last change; 0: there was none. */
  get lastTime(): number {
    return this.#times.at(-1) ?? 0;
  }
}

export class TcbCurve {
  readonly cwnd = new Points();
  readonly ssthresh = new Points();
  readonly rtt = new Points();
  readonly rto = new Points();
  readonly flight = new Points();
  state = '';

  /** All curves, up to `end` or to the last change of any of them, microseconds since the first frame. */
  upTo(end: number) {
    const { cwnd, ssthresh, rtt, rto, flight } = this;
    const last = Math.max(end, ...[cwnd, ssthresh, rtt, rto, flight].map(({ lastTime }) => lastTime));
    return {
      cwnd: cwnd.curve(last),
      ssthresh: ssthresh.curve(last),
      rtt: rtt.curve(last),
      rto: rto.curve(last),
      flight: flight.curve(last),
    };
  }
}

export class TcbCurves {
  readonly #known = new Map<string, TcbCurve>();

  clear(): void {
    this.#known.clear();
  }

  /** The curves of the block at `local`; both as the analyzer names ends. */
  of(local: string, remote: string): TcbCurve | undefined {
    return this.#known.get(`${local} ${remote}`);
  }

  /** Takes a snapshot; `time` counts from the first frame. */
  add(view: ConnectionName & Pick<TcbView, 'info'>, time: number): void {
    const { info } = view;
    const curve = this.#curveOf(view);
    curve.state = info.state;
    curve.cwnd.add(time, info.congestionWindow);
    curve.ssthresh.add(time, info.slowStartThreshold);
    if (info.smoothedRtt > 0) curve.rtt.add(time, info.smoothedRtt);
    curve.rto.add(time, info.rto);
    curve.flight.add(time, (info.sndNxt - info.sndUna) >>> 0);
  }

  /** A block is gone. */
  gone(name: ConnectionName, state: string): void {
    this.#curveOf(name).state = state;
  }

  #curveOf(view: ConnectionName): TcbCurve {
    const key = `${view.localAddress} port ${view.localPort} ${view.remoteAddress} port ${view.remotePort}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const curve = new TcbCurve();
    this.#known.set(key, curve);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_CONNECTIONS && oldest !== undefined) this.#known.delete(oldest);
    return curve;
  }
}
