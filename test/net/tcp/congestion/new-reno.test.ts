import { expect } from 'chai';
import { initialWindow, UNLIMITED } from '../../../../src/net/tcp/congestion/congestion.js';
import { NewReno } from '../../../../src/net/tcp/congestion/new-reno.js';

const MSS = 1000;

/** A control in congestion avoidance with this window, in segments. */
function avoiding(segments: number): NewReno {
  const control = new NewReno(MSS, 10);
  control.cwnd = segments * MSS;
  control.ssthresh = segments * MSS;
  return control;
}

describe('tcp: NewReno (RFC 5681)', () => {
  it('the first window is min(10·MSS, max(2·MSS, 14600)) [6928-1]', () => {
    expect(initialWindow(1460, 10)).to.equal(14_600);
    expect(initialWindow(536, 10)).to.equal(5360);
    expect(initialWindow(4000, 10)).to.equal(14_600);
    expect(initialWindow(9000, 10)).to.equal(18_000);
    expect(new NewReno(1460, 10).ssthresh).to.equal(UNLIMITED);
  });

  it('slow start: a byte for each byte acknowledged, so it doubles each round trip [5681-2]', () => {
    const control = new NewReno(MSS, 10);
    for (let i = 0; i < 10; i++) control.onAck(MSS, 0, 0, 0);
    expect(control.cwnd).to.equal(20 * MSS);
  });

  it('slow start ends exactly at ssthresh [5681-2]', () => {
    const control = new NewReno(MSS, 10);
    control.ssthresh = 12_500;
    for (let i = 0; i < 5; i++) control.onAck(MSS, 0, 0, 0);
    expect(control.cwnd).to.equal(12_500);
  });

  it('avoidance: one MSS each round trip, never more, however the peer acknowledges [5681-3]', () => {
    for (const ackBytes of [MSS / 2, MSS, 2 * MSS, 5 * MSS]) {
      const control = avoiding(10);
      for (let round = 1; round <= 5; round++) {
        const window = control.cwnd;
        for (let acked = 0; acked < window; acked += ackBytes) control.onAck(ackBytes, 0, 0, 0);
        expect(control.cwnd - window, `ACKs of ${ackBytes}`).to.be.within(0, MSS);
      }
      expect(control.cwnd, `ACKs of ${ackBytes}`).to.be.within(14 * MSS, 15 * MSS);
    }
  });

  it('avoidance: what of the window is no whole segment is never in flight and not waited for [5681-3]', () => {
    const control = avoiding(7.5);
    for (let i = 0; i < 6; i++) control.onAck(MSS, 0, 0, 0);
    expect(control.cwnd).to.equal(7.5 * MSS);
    control.onAck(MSS, 0, 0, 0);
    expect(control.cwnd).to.equal(8.5 * MSS);
  });

  it('loss: half of the flight, at least 2 MSS; the window itself is left to recovery [5681-4] [5681-5]', () => {
    const control = avoiding(20);
    control.onCongestion(15 * MSS);
    expect(control.ssthresh).to.equal(7500);
    control.onCongestion(MSS);
    expect(control.ssthresh).to.equal(2 * MSS);
  });

  it('what limited transmit has sent beyond the window is not halved along [5681-4] [3042-1]', () => {
    const control = avoiding(20);
    control.onCongestion(36 * MSS);
    expect(control.ssthresh).to.equal(10 * MSS);
  });

  it('time-out: one MSS, half of the flight; the second for the same data leaves ssthresh [5681-4]', () => {
    const control = avoiding(20);
    control.onTimeout(20 * MSS, true);
    expect([control.cwnd, control.ssthresh]).to.deep.equal([MSS, 10 * MSS]);
    control.onTimeout(MSS, false);
    expect([control.cwnd, control.ssthresh]).to.deep.equal([MSS, 10 * MSS]);
  });

  it('idle: back to the restart window, and quickly up again [5681-7]', () => {
    const control = avoiding(40);
    control.onIdle(2_000_000);
    expect(control.cwnd).to.equal(10 * MSS);
    expect(control.ssthresh).to.equal(40 * MSS);
    const small = avoiding(4);
    small.onIdle(2_000_000);
    expect(small.cwnd).to.equal(4 * MSS);
  });

  it('a reduction for nothing is taken back [5682-1]', () => {
    const control = avoiding(20);
    control.onTimeout(20 * MSS, true);
    control.undo();
    expect([control.cwnd, control.ssthresh]).to.deep.equal([20 * MSS, 20 * MSS]);
  });
});
