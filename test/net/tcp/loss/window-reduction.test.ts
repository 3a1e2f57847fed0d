/**
 * How far the window comes down: RecoverFS of RFC 9937 section 6, limited transmit, a time-out in the middle of
 * recovery.
 */
import { expect } from 'chai';
import type { TcpSettings } from '../../../../src/net/tcp/settings.js';
import { reach } from '../../../support/reach.js';
import type { ScriptedPeer } from '../../../support/scripted-peer.js';

const MSS = 1000;

/** Ten full segments in flight for 100 ms, more queued, SACK agreed on. */
function tenInFlight(congestionControl: TcpSettings['congestionControl']): ScriptedPeer {
  const tcp = { initialWindowSegments: 10, congestionControl, tailLossProbe: false } as const;
  const peer = reach('SYN-RECEIVED', { tcp }, { mss: MSS, sackOk: true });
  peer.wait(100);
  peer.send('.', { seq: 1, ack: 1 });
  peer.write(100 * MSS);
  expect(peer.takeAll()).to.have.length(10);
  peer.wait(100);
  return peer;
}

/** The peer has segments 1 to `to`, and 0 is missing. */
function sack(peer: ScriptedPeer, to: number): void {
  peer.send('.', { ack: 1, sack: [[MSS + 1, to * MSS + 1]] });
  peer.takeAll();
}

describe('tcp: reductions of the window', () => {
  it('NewReno: what limited transmit sends on the first SACKs is not halved along [5681-5] [3042-1]', () => {
    const peer = tenInFlight('newreno');
    for (const to of [2, 3, 4]) sack(peer, to);
    const info = peer.program.connection.info();
    expect(info.unackedSegments).to.be.above(11);
    expect(info.slowStartThreshold).to.equal(5 * MSS);
  });

  it('RecoverFS leaves out what SACK reported before, and keeps what the ACK reports that starts recovery [6937-1]', () => {
    const slowly = tenInFlight('newreno');
    for (const to of [2, 3, 4]) sack(slowly, to);
    expect(slowly.controlBlock!.recovery.prrFlight).to.equal(10 * MSS);
    const atOnce = tenInFlight('newreno');
    sack(atOnce, 4);
    expect(atOnce.controlBlock!.recovery.prrFlight).to.equal(10 * MSS);
  });

  for (const [control, share] of [
    ['newreno', 5],
    ['cubic', 7],
  ] as const) {
    it(`${control}: a time-out in recovery takes the window to one segment, and the threshold stays [5681-4] [9438-3]`, () => {
      const peer = tenInFlight(control);
      sack(peer, 4);
      sack(peer, 10);
      expect(peer.program.connection.info().slowStartThreshold).to.equal(share * MSS);
      peer.wait(peer.program.connection.info().rto / 1000 + 1);
      const info = peer.program.connection.info();
      expect(info.congestionState).to.equal('loss');
      expect([info.congestionWindow, info.slowStartThreshold]).to.deep.equal([MSS, share * MSS]);
    });
  }
});
