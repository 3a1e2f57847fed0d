/** RFC 3522, Eifel: what proves that a resend was for nothing, and what does not. */

import { expect } from 'chai';
import { distance, toSequence } from '../../../../src/net/tcp/sequence.js';
import { reach } from '../../../support/reach.js';
import type { ScriptedPeer } from '../../../support/scripted-peer.js';

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

/**
 * Acknowledges the first `count` segments with the echo of `stamp`; `sacked` are reported too. Returns what is sent.
 */
function ack(peer: ScriptedPeer, count: number, stamp: number, ...sacked: [number, number][]): number[] {
  const sack = sacked.map(([from, to]) => [from * MSS + 1, to * MSS + 1] as const);
  peer.send('.', { ack: count * MSS + 1, ts: [peer.tsNow, stamp], ...(sack.length > 0 && { sack }) });
  return peer.takeAll().map(({ sequence }) => (distance(peer.controlBlock!.snd.iss, toSequence(sequence)) - 1) / MSS);
}

describe('tcp: Eifel detection with several losses', () => {
  it('the ACK of an earlier resend proves nothing about a later one [3522-1]', () => {
    const peer = tenInFlight();
    const original = peer.tsEcho;
    // Segments 0 and 1 are lost and sent again. That 7 is lost too shows only with the ACK of the first resend.
    expect(ack(peer, 0, original, [2, 5])).to.include.members([0]);
    peer.wait(5);
    expect(ack(peer, 0, original, [2, 6])).to.deep.equal([]);
    expect(ack(peer, 0, original, [2, 7])).to.include.members([1]);
    const secondResend = peer.tsEcho;
    peer.wait(95);
    expect(ack(peer, 1, original + 100, [2, 7], [8, 10])).to.include.members([7]);
    peer.wait(5);
    ack(peer, 7, secondResend, [8, 10]);
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
