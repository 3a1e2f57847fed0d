/** RFC 3522, Eifel: what proves that a resend was for nothing, and what does not. */
import { expect } from 'chai';
import { reach } from '../../support/reach.js';
import type { ScriptedPeer } from '../../support/scripted-peer.js';

const MSS = 1000;

/** Ten full segments out for 100 ms, with timestamps and SACK, and more queued. */
function tenInFlight(): ScriptedPeer {
  const tcp = { initialWindowSegments: 10, congestionControl: 'newreno', tailLossProbe: false } as const;
  const peer = reach('SYN-RECEIVED', { tcp }, { mss: MSS + 12, sackOk: true, ts: [1000, 0] });
  peer.wait(100);
  peer.send('.', { seq: 1, ack: 1 });
  peer.write(100 * MSS);
  expect(peer.takeAll()).to.have.length(10);
  peer.wait(100);
  return peer;
}

/** Acknowledges the first `count` segments with the echo of `stamp`; `sacked` are reported too. Returns what is sent. */
function ack(peer: ScriptedPeer, count: number, stamp: number, ...sacked: [number, number][]): number[] {
  const sack = sacked.map(([from, to]) => [from * MSS + 1, to * MSS + 1] as const);
  peer.send('.', { ack: count * MSS + 1, ts: [peer.tsNow, stamp], ...(sack.length > 0 && { sack }) });
  return peer.takeAll().map(({ sequence }) => ((sequence - peer.controlBlock!.snd.iss - 1) | 0) / MSS);
}

describe('tcp: Eifel detection with several losses', () => {
  it('the ACK of an earlier resend proves nothing about a later one [3522-1]', () => {
    const peer = tenInFlight();
    const original = peer.tsEcho;
    // Segments 0, 1 and 5 are lost; that 5 is shows only when the first two have been sent again.
    expect(ack(peer, 0, original, [2, 5])).to.include.members([0]);
    ack(peer, 0, original, [2, 5], [6, 7]);
    peer.wait(10);
    const firstResend = peer.tsEcho;
    ack(peer, 0, original, [2, 5], [6, 10]);
    peer.wait(90);
    ack(peer, 1, firstResend, [2, 5], [6, 10]);
    peer.wait(10);
    ack(peer, 5, firstResend, [6, 10]);
    expect(peer.stack.statistics.tcp.spuriousRecoveries).to.equal(0);
    expect(peer.program.connection.info().congestionState).to.equal('recovery');
    expect(peer.program.connection.info().slowStartThreshold).to.be.at.most(6 * MSS);
  });

  it('an ACK that does not reach the first resend proves nothing; the one that does, with an old echo, does [3522-1]', () => {
    const peer = tenInFlight();
    const original = peer.tsEcho;
    ack(peer, 0, original, [1, 4]);
    peer.wait(50);
    ack(peer, 0, original, [1, 5]);
    expect(peer.stack.statistics.tcp.spuriousRecoveries).to.equal(0);
    ack(peer, 5, original);
    expect(peer.stack.statistics.tcp.spuriousRecoveries).to.equal(1);
    expect(peer.program.connection.info().congestionState).to.equal('open');
  });
});
