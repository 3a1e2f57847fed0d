/** The cases of the lab `cubic`. */
import { Cubic } from '../../net/tcp/congestion/cubic.js';
import { type Case, Mismatch, same } from './case.js';
import { scriptCase } from './script.js';

const MSS = 1000;
const SECOND = 1_000_000;
const C = 0.4;
/** No case has a larger window: one that doubles without end would keep the judge for ever. */
const MOST_SEGMENTS = 20_000;

/** A segment is lost when the window has this many. */
function lose(control: Cubic, segments: number): void {
  control.cwnd = segments * MSS;
  control.onCongestion(control.cwnd);
  control.cwnd = control.ssthresh;
}

/** A control that a loss at `segments` has just brought down. */
function afterLoss(segments: number): Cubic {
  const control = new Cubic(MSS, 10);
  control.ssthresh = segments * MSS;
  lose(control, segments);
  return control;
}

/** An ACK of so many bytes, when it comes in milliseconds, and the RTT in seconds. */
type Ack = readonly [bytes: number, ms: number, rtt: number];

function acknowledge(control: Cubic, [bytes, ms, rtt]: Ack): void {
  control.onAck(bytes, ms, rtt * SECOND, rtt * SECOND);
}

/** A control after a loss at `segments`, and after the ACK that begins an epoch. */
function inEpoch(segments: number, rtt: number): Cubic {
  const control = afterLoss(segments);
  acknowledge(control, [MSS, 1, rtt]);
  return control;
}

/** One round trip of `rtt` seconds from `time` on, each segment acknowledged, evenly spread. Returns the time after. */
function round(control: Cubic, time: number, rtt: number): number {
  const acks = Math.max(1, Math.floor(control.cwnd / MSS));
  if (acks > MOST_SEGMENTS) throw new Mismatch('the window', `${acks} segments`, 'a few hundred segments');
  for (let i = 1; i <= acks; i++) acknowledge(control, [MSS, (time + (i / acks) * rtt) * 1000, rtt]);
  return time + rtt;
}

/** The window is this many segments, give or take. */
function isNear(what: string, control: Cubic, expected: number, tolerance: number): void {
  const came = control.cwnd / MSS;
  if (Math.abs(came - expected) <= tolerance) return;
  throw new Mismatch(what, `${came.toFixed(2)} segments`, `${expected.toFixed(2)} segments, ± ${tolerance.toFixed(2)}`);
}

/** After this ACK the window is this many segments, in whole bytes. */
function grows(what: string, control: Cubic, ack: Ack, segments: number): void {
  acknowledge(control, ack);
  const came = control.cwnd;
  // The last bit of a fraction may round either way.
  if (Number.isInteger(came) && Math.abs(came - Math.floor(segments * MSS)) <= 1) return;
  const expected = `${Math.floor(segments * MSS)} bytes${Number.isInteger(came) ? '' : ', a whole number'}`;
  throw new Mismatch(`${what}: cwnd`, `${came} bytes`, expected);
}

/** K, seconds, after a loss at `maximum` segments. */
const inflection = (maximum: number, window: number) => Math.cbrt((maximum - window) / C);

/** The growth from `window`, segments, with an ACK of one, whose target is the curve `t` seconds into the epoch. */
const step = (t: number, maximum: number, window: number) =>
  (C * (t - inflection(maximum, window)) ** 3 + maximum - window) / window;

interface Reno {
  /** How many round trips, and how long one takes, seconds. */
  readonly rounds: number;
  readonly rtt: number;
  /** Segments, at the beginning. */
  readonly window: number;
  /** The window of the last loss, segments. */
  readonly prior: number;
}

/** In these round trips the window grows as Reno's does. */
function growsLikeReno(what: string, control: Cubic, { rounds, rtt, window, prior }: Reno): void {
  let [time, reno] = [0, window];
  for (let i = 0; i < rounds; i++) {
    time = round(control, time, rtt);
    reno += reno < prior ? (3 * 0.3) / 1.7 : 1;
  }
  isNear(what, control, reno, 0.02 * reno);
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
      same('ssthresh after a loss at 12,345 bytes', afterLoss(12.345).ssthresh, 8641);
    },
  },
  {
    name: 'what a loss took is given back when the loss was none: remember() comes first',
    section: 'RFC 9438 section 4.9.1',
    nudge: 'undo() brings back what remember() has seen. What has changed by the time that you call it?',
    hint: 'onCongestion begins with this.remember(), before ssthresh changes.',
    run: () => {
      const control = afterLoss(100);
      lose(control, 90);
      control.undo();
      same('cwnd after undo()', control.cwnd, 90 * MSS);
      same('ssthresh after undo()', control.ssthresh, 70 * MSS);
    },
  },
  {
    name: 'an ACK of n segments moves the window by n steps towards the curve of one round trip later',
    section: 'RFC 9438 section 4.2',
    nudge:
      'Now t is 0, and the target is W(t + RTT). Mind the units: ms, µs, bytes. Reno’s estimate is below that here.',
    hint: 'next = window + ((target - window) / window) * n; the estimate += alpha * n / window; Math.floor of the bytes.',
    run: () => {
      const one = step(0.5, 100, 70);
      grows('one segment, RTT 0.5 s', afterLoss(100), [MSS, 5000, 0.5], 70 + one);
      grows('three segments, RTT 0.5 s', afterLoss(100), [3 * MSS, 5000, 0.5], 70 + 3 * one);
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
      const k = inflection(maximum, 0.7 * maximum);
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
      const control = inEpoch(10, 1);
      const before = control.cwnd;
      round(control, 1000, 1);
      const factor = control.cwnd / before;
      if (factor > 1.5 ** 1.2) {
        throw new Mismatch('growth in one round trip, long after', factor.toFixed(2), '1.73 at most (1.5 an RTT)');
      }
      const other = inEpoch(10, 1);
      const window = other.cwnd / MSS;
      grows('one segment, long after', other, [MSS, 1_000_000, 1], window + 0.5);
    },
  },
  {
    name: 'the window does not become smaller, where the curve is below it',
    section: 'RFC 9438 section 4.2',
    nudge: 'An undone loss can put the window above the curve. An ACK is no reason to bring it down.',
    hint: 'target = Math.max(curve, window), and then at most 1.5 * window.',
    run: () => {
      const control = inEpoch(100, 0.1);
      control.cwnd = 90 * MSS;
      grows('one segment, 20 above the curve', control, [MSS, 2, 0.1], 90);
    },
  },
  {
    name: 'it is never slower than Reno would be',
    section: 'RFC 9438 section 4.3',
    nudge: 'With short round trips the cubic curve is flat for very many of them. Reno grows with each.',
    hint: 'Keep an estimate: += alpha * acked / window (alpha ALPHA_RENO, and 1 from the old window on); take the larger.',
    run: () => {
      const what = 'the window after 100 round trips of 5 ms, a loss at 20 segments';
      growsLikeReno(what, afterLoss(20), { rounds: 100, rtt: 0.005, window: 14, prior: 20 });
    },
  },
  {
    name: 'Reno’s increase is a full segment from the window of the last loss on, which may be above W_max',
    section: 'RFC 9438 section 4.3',
    nudge: 'Two losses, at 100 and at 80 segments: fast convergence makes W_max 68. Until where is ALPHA_RENO right?',
    hint: 'onCongestion: #prior = window. #avoid: alpha = #renoEstimate >= #prior ? 1 : ALPHA_RENO.',
    run: () => {
      const rtt = 0.001;
      const control = afterLoss(100);
      lose(control, 80);
      const what = 'the window after 80 round trips of 1 ms, losses at 100 and 80 segments';
      growsLikeReno(what, control, { rounds: 80, rtt, window: 56, prior: 80 });
      const undone = afterLoss(100);
      undone.undo();
      undone.ssthresh = undone.cwnd;
      grows('one segment at #prior', undone, [MSS, 0, rtt], 100 + 1 / 100);
    },
  },
  {
    name: 'Reno’s estimate adds no more than the ACK acknowledges',
    section: 'RFC 9438 section 4.3, RFC 5681 section 3.1',
    nudge: 'When the window was brought down meanwhile, as after idle time, the estimate lies far above it.',
    hint: 'Math.min(this.#renoEstimate, window + ackedSegments).',
    run: () => {
      const control = inEpoch(100, 0.1);
      control.cwnd = 40 * MSS;
      control.ssthresh = 40 * MSS;
      grows('one segment, 30 below the estimate', control, [MSS, 2, 0.1], 41);
    },
  },
  {
    name: 'past the old maximum the plateau is here: K = 0 and W_max = window',
    section: 'RFC 9438 section 4.2',
    nudge: 'The curve then begins flat. An old K would put it into the past, an old W_max below the window.',
    hint: '#beginEpoch: if W_max <= window, #inflection = 0 and #maximum = window.',
    run: () => {
      for (const window of [100, 120]) {
        const control = inEpoch(100, 0.1); // an epoch with a K
        control.undo();
        control.cwnd = window * MSS;
        control.ssthresh = control.cwnd;
        const grown = window + step(2, window, window);
        grows(`one segment at ${window}, W_max was 100, RTT 2 s`, control, [MSS, 9000, 2], grown);
      }
    },
  },
  {
    name: 'each loss and each time-out ends the epoch: the next ACK begins another',
    section: 'RFC 9438 sections 4.2 and 4.8',
    nudge: 't counts from the last loss. With the time of an older one the curve is far up already.',
    hint: 'onCongestion and onTimeout set #epochStart = -1, onTimeout also when `first` is false.',
    run: () => {
      const control = inEpoch(100, 0.1);
      lose(control, 100);
      const grown = 70 + step(0.5, 100, 70);
      grows('one segment 100 s later, after a second loss at 100', control, [MSS, 100_000, 0.5], grown);
      control.onTimeout(0, false);
      control.cwnd = 70 * MSS;
      grows('one segment 200 s later, after a time-out', control, [MSS, 200_000, 2], 70 + step(2, 70, 70));
    },
  },
  {
    name: 'a second loss below the old maximum lowers the next one: fast convergence',
    section: 'RFC 9438 section 4.7',
    nudge: 'A flow that cannot get back to its maximum has a new neighbour. It makes room for it.',
    hint: 'W_max = window < W_max ? window * (1 + BETA) / 2 : window.',
    run: () => {
      const control = afterLoss(100);
      lose(control, 80);
      const grown = 56 + step(0.5, 68, 56);
      grows('one segment, RTT 0.5 s, after losses at 100 and at 80', control, [MSS, 9000, 0.5], grown);
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
      const { ssthresh } = control;
      same('ssthresh', ssthresh, Math.floor(before * 0.7));
      control.cwnd = ssthresh;
      const window = ssthresh / MSS;
      const grown = window + step(2, window, window);
      grows('one segment after slow start, RTT 2 s', control, [MSS, 9000, 2], grown);
      control.onTimeout(0, false);
      same('ssthresh after another time-out for the same loss', control.ssthresh, ssthresh);
    },
  },
  scriptCase('cubic/seven-tenths.pkt', {
    name: 'in the whole stack: three SACKs cut the window of ten segments to seven',
    section: 'RFC 9438 section 4.6',
    nudge: 'Your window decides how much may be in flight. The script looks at ssthresh after the loss.',
    hint: 'onCongestion sets ssthresh alone; the caller brings cwnd down.',
  }),
];
