/** The cases of the lab `cubic`. */
import { Cubic } from '../../net/tcp/congestion/cubic.js';
import { type Case, Mismatch, same } from './case.js';
import { scriptCase } from './script.js';

const MSS = 1000;
const SECOND = 1_000_000;
const C = 0.4;
/** No case has a larger window: one that doubles without end would keep the judge for ever. */
const MOST_SEGMENTS = 20_000;

/** A control that a loss at `segments` has just brought down. */
function afterLoss(segments: number): Cubic {
  const control = new Cubic(MSS, 10);
  control.cwnd = segments * MSS;
  control.ssthresh = segments * MSS;
  control.onCongestion(control.cwnd);
  control.cwnd = control.ssthresh;
  return control;
}

/** One round trip of `rtt` seconds from `time` on, each segment acknowledged, evenly spread. Returns the time after. */
function round(control: Cubic, time: number, rtt: number): number {
  const acks = Math.max(1, Math.floor(control.cwnd / MSS));
  if (acks > MOST_SEGMENTS) throw new Mismatch('the window', `${acks} segments`, 'a few hundred segments');
  for (let i = 1; i <= acks; i++) {
    control.onAck(MSS, (time + (i / acks) * rtt) * 1000, rtt * SECOND, rtt * SECOND);
  }
  return time + rtt;
}

/** The window is this many segments, give or take. */
function isNear(what: string, control: Cubic, expected: number, tolerance: number): void {
  const came = control.cwnd / MSS;
  if (Math.abs(came - expected) <= tolerance) return;
  throw new Mismatch(what, `${came.toFixed(2)} segments`, `${expected.toFixed(2)} segments, ± ${tolerance.toFixed(2)}`);
}

export const cases: readonly Case[] = [
  {
    name: 'a loss leaves seven tenths of the window, and two segments at least',
    section: 'RFC 9438 section 4.6',
    nudge: 'Reno halves. CUBIC comes back quickly to where it was, so it gives up less.',
    hint: 'ssthresh = max(floor(cwnd * BETA), 2 * mss).',
    run: () => {
      same('ssthresh after a loss at 100 segments', afterLoss(100).ssthresh, 70 * MSS);
      same('ssthresh after a loss at 2 segments', afterLoss(2).ssthresh, 2 * MSS);
    },
  },
  {
    name: 'the window follows C (t - K)³ + W_max, with its plateau at W_max after K seconds',
    section: 'RFC 9438 section 4.2',
    nudge: 'Seconds and segments: the clock gives milliseconds, the round trip is in microseconds, cwnd in bytes.',
    hint: 'K = cbrt((W_max - window) / C). The target is the curve at elapsed + RTT; go (target - window) / window an ACK.',
    run: () => {
      const [maximum, rtt] = [1000, 0.2];
      const control = afterLoss(maximum);
      const k = Math.cbrt((maximum * 0.3) / C);
      let time = round(control, 0, rtt);
      for (let i = 0; i < 70; i++) {
        const curve = C * (time - k) ** 3 + maximum;
        isNear(`the window ${time.toFixed(1)} s after a loss at 1000 segments`, control, curve, 0.03 * maximum);
        time = round(control, time, rtt);
      }
    },
  },
  {
    name: 'a round trip lets the window grow by half of itself at most',
    section: 'RFC 9438 section 4.2',
    nudge: 'Far beyond W_max the curve is steep. The target is held between window and 1.5 * window.',
    hint: 'target = min(max(curve, window), 1.5 * window).',
    run: () => {
      const control = afterLoss(10);
      control.onAck(MSS, 1, SECOND, SECOND);
      const before = control.cwnd;
      round(control, 1000, 1);
      const factor = control.cwnd / before;
      if (factor > 1.5 ** 1.2) {
        throw new Mismatch('growth in one round trip, long after', factor.toFixed(2), '1.73 at most (1.5 an RTT)');
      }
    },
  },
  {
    name: 'it is never slower than Reno would be',
    section: 'RFC 9438 section 4.3',
    nudge: 'With short round trips the cubic curve is flat for very many of them. Reno grows with each.',
    hint: 'Keep an estimate: += alpha * acked / window (alpha ALPHA_RENO, and 1 from the old window on); take the larger.',
    run: () => {
      const rtt = 0.005;
      const control = afterLoss(20);
      let [time, reno] = [0, 14];
      for (let i = 0; i < 100; i++) {
        time = round(control, time, rtt);
        reno += reno < 20 ? (3 * 0.3) / 1.7 : 1;
      }
      const came = control.cwnd / MSS;
      if (came < 0.9 * reno - 1) {
        throw new Mismatch(
          'the window after 100 round trips of 5 ms',
          came.toFixed(1),
          `${reno.toFixed(1)}, as Reno's`,
        );
      }
    },
  },
  {
    name: 'a second loss below the old maximum lowers the next one: fast convergence',
    section: 'RFC 9438 section 4.7',
    nudge: 'A flow that cannot get back to its maximum has a new neighbour. It makes room for it.',
    hint: 'W_max = window < W_max ? window * (1 + BETA) / 2 : window.',
    run: () => {
      const control = afterLoss(100);
      control.cwnd = 80 * MSS;
      control.onCongestion(control.cwnd);
      control.cwnd = control.ssthresh;
      const k = Math.cbrt((68 - 56) / C);
      let time = 0;
      while (time < k - 0.2) time = round(control, time, 0.2);
      isNear('the plateau after losses at 100 and at 80 segments', control, 68, 2.5);
    },
  },
  {
    name: 'a time-out leaves one segment, and forgets the old maximum',
    section: 'RFC 9438 section 4.8',
    nudge: 'After a time-out nothing is known about the path any more, apart from the threshold.',
    hint: 'onTimeout: if first, onCongestion; then cwnd = mss, W_max = 0, and no epoch runs (-1).',
    run: () => {
      const control = afterLoss(100);
      round(control, 0, 0.1);
      const before = control.cwnd;
      control.onTimeout(70 * MSS, true);
      same('cwnd after a time-out', control.cwnd, MSS);
      same('ssthresh', control.ssthresh, Math.floor(before * 0.7));
      let time = 10;
      while (control.cwnd < control.ssthresh) time = round(control, time, 0.1);
      const threshold = control.cwnd / MSS;
      round(control, time, 0.1);
      isNear('the window one round trip after slow start', control, threshold * 1.02, threshold * 0.06);
    },
  },
  scriptCase('cubic/seven-tenths.pkt', {
    name: 'in the whole stack: three SACKs cut the window of ten segments to seven',
    section: 'RFC 9438 section 4.6',
    nudge: 'Your window decides how much may be in flight. The script looks at ssthresh after the loss.',
    hint: 'onCongestion sets ssthresh alone; the caller brings cwnd down.',
  }),
];
