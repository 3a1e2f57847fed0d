import { expect } from 'chai';
import { Cubic } from '../../../../src/net/tcp/congestion/cubic.js';

const MSS = 1000;
const SECOND = 1e6;
const C = 0.4;

/** A control that has just been brought by a loss from `segments` to 0.7 of that. */
function afterLoss(segments: number, initialSegments = 10): Cubic {
  const control = new Cubic(MSS, initialSegments);
  control.cwnd = segments * MSS;
  control.ssthresh = segments * MSS;
  control.onCongestion(control.cwnd);
  control.cwnd = control.ssthresh;
  return control;
}

/**
 * One round trip of `rtt` seconds: each segment of the window is acknowledged, evenly spread. Returns the time after
 * it.
 */
function round(control: Cubic, from: number, rtt: number): number {
  const acks = Math.floor(control.cwnd / MSS);
  for (let i = 1; i <= acks; i++)
    control.onAck(MSS, (from + (i / acks) * rtt * SECOND) / 1000, rtt * SECOND, rtt * SECOND);
  return from + rtt * SECOND;
}

describe('tcp: CUBIC (RFC 9438)', () => {
  it('loss: seven tenths of the window, at least 2 MSS [9438-1]', () => {
    expect(afterLoss(100).ssthresh).to.equal(70 * MSS);
    expect(afterLoss(2).ssthresh).to.equal(2 * MSS);
  });

  it('each round trip the window is W(t) = 0.4·(t − K)³ + Wmax, K = ∛(0.3·Wmax/0.4) [9438-2]', () => {
    // A long round trip, so that the Reno estimate stays below the cubic.
    const [maximum, rtt] = [1000, 0.2];
    const control = afterLoss(maximum);
    const k = Math.cbrt((maximum * 0.3) / C);
    let now = round(control, 0, rtt);
    const start = (1 / (0.7 * maximum)) * rtt;
    for (let i = 0; i < 70; i++) {
      const expected = C * (now / SECOND - start - k) ** 3 + maximum;
      expect(control.cwnd / MSS, `at ${now / SECOND} s`).to.be.closeTo(expected, 0.03 * maximum);
      now = round(control, now, rtt);
    }
    expect(now / SECOND).to.be.greaterThan(k);
    expect(control.cwnd / MSS).to.be.greaterThan(maximum);
  });

  it('grows by at most half of itself in a round trip [9438-2]', () => {
    const control = afterLoss(10);
    control.onAck(MSS, 1000, SECOND, SECOND);
    const before = control.cwnd;
    round(control, 1000 * SECOND, 1);
    expect(control.cwnd / before).to.be.within(1.2, 1.5 ** 1.2);
  });

  it('is never below what Reno would have: with short round trips and small windows [9438-2]', () => {
    const rtt = 0.005;
    const control = afterLoss(20);
    let now = 0;
    let reno = 14;
    const alpha = (3 * 0.3) / 1.7;
    for (let i = 0; i < 200; i++) {
      now = round(control, now, rtt);
      reno += reno < 20 ? alpha : 1;
      expect(control.cwnd / MSS).to.be.greaterThan(0.9 * reno - 1);
    }
  });

  it('fast convergence: a loss below the last maximum lowers the next one [9438-3]', () => {
    const control = afterLoss(100);
    // A second loss at 80, below 100: the plateau is at 80·(1 + 0.7)/2 = 68.
    control.cwnd = 80 * MSS;
    control.onCongestion(control.cwnd);
    control.cwnd = control.ssthresh;
    const rtt = 0.2;
    const k = Math.cbrt((68 - 56) / C);
    let now = 0;
    while (now < (k - rtt) * SECOND) now = round(control, now, rtt);
    const atPlateau = control.cwnd / MSS;
    expect(atPlateau).to.be.closeTo(68, 2.5);
  });

  it('after a time-out: one MSS, slow start to ssthresh, then a new epoch [9438-3]', () => {
    const control = afterLoss(100);
    round(control, 0, 0.1);
    control.onTimeout(70 * MSS, true);
    expect(control.cwnd).to.equal(MSS);
    const threshold = control.ssthresh;
    let now = 10 * SECOND;
    while (control.cwnd < threshold) now = round(control, now, 0.1);
    const atThreshold = control.cwnd;
    round(control, now, 0.1);
    expect(control.cwnd).to.be.within(atThreshold, 1.1 * atThreshold);
  });

  it('rising round trips end slow start before anything is lost: HyStart++ [9438-3]', () => {
    const control = new Cubic(MSS, 10);
    let now = 0;
    for (const rtt of [0.05, 0.05, 0.07, 0.09, 0.12, 0.15, 0.18, 0.21, 0.24]) now = round(control, now, rtt);
    expect(control.cwnd).to.be.within(control.ssthresh, 200 * MSS);
  });

  it('steady round trips do not end slow start [9438-3]', () => {
    const control = new Cubic(MSS, 10);
    let now = 0;
    for (let i = 0; i < 5; i++) now = round(control, now, 0.05);
    expect(control.cwnd).to.equal(320 * MSS);
  });

  it('time in which nothing was sent does not count [9438-4]', () => {
    // With an initial window so large, an idle time leaves cwnd as it is.
    const [idle, busy] = [afterLoss(1000, 2000), afterLoss(1000)];
    let now = 0;
    for (let i = 0; i < 5; i++) now = round(idle, now, 0.1);
    let other = 0;
    for (let i = 0; i < 5; i++) other = round(busy, other, 0.1);
    idle.onIdle(100 * SECOND);
    for (let i = 0; i < 5; i++) now = round(idle, now + (i === 0 ? 100 * SECOND : 0), 0.1);
    for (let i = 0; i < 5; i++) other = round(busy, other, 0.1);
    expect(idle.cwnd).to.be.closeTo(busy.cwnd, 2 * MSS);
  });

  it('a reduction for nothing is taken back [5682-1]', () => {
    const control = new Cubic(MSS, 10);
    control.cwnd = 50 * MSS;
    control.onCongestion(50 * MSS);
    control.cwnd = control.ssthresh;
    control.undo();
    expect(control.cwnd).to.equal(50 * MSS);
  });
});
