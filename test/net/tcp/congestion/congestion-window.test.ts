/**
 * How the congestion window moves in a whole connection: RFC 5681 section 3.1 and 4.1, RFC 9438 section 4.2, RFC 7661.
 */
import { expect } from 'chai';
import type { TcpSettings } from '../../../../src/net/tcp/settings.js';
import { reach } from '../../../support/reach.js';
import type { ScriptedPeer } from '../../../support/scripted-peer.js';

const MSS = 1000;
const RTT = 100;

function start(congestionControl: TcpSettings['congestionControl'], tcp: Partial<TcpSettings> = {}): ScriptedPeer {
  const settings = { congestionControl, tailLossProbe: false, quickAcks: 0, ...tcp };
  const peer = reach('SYN-RECEIVED', { tcp: settings }, { mss: MSS, sackOk: true });
  peer.wait(RTT);
  peer.send('.', { seq: 1, ack: 1 });
  return peer;
}

const cwnd = (peer: ScriptedPeer) => peer.program.connection.info().congestionWindow / MSS;

/** A round trip passes, and each segment that was sent is acknowledged by itself. Returns how many there were. */
function round(peer: ScriptedPeer): number {
  peer.wait(RTT);
  const segments = peer.takeAll();
  for (const { sequence, data } of segments) peer.send('.', { ack: ((sequence - peer.stackIsn) | 0) + data.length });
  return segments.length;
}

/** Loses the first segment of a flight of `segments`, and recovers. */
function loseOne(peer: ScriptedPeer, segments: number): void {
  const from = peer.acknowledged;
  peer.write(segments * MSS);
  peer.wait(RTT);
  peer.takeAll();
  peer.send('.', { ack: from, sack: [[from + MSS, from + segments * MSS]] as never });
  peer.wait(RTT);
  peer.takeAll();
  peer.send('.', { ack: from + segments * MSS });
}

describe('tcp: the congestion window of a connection', () => {
  for (const control of ['newreno', 'cubic'] as const) {
    it(`${control}: 10, 20, 40 segments: it doubles each round trip while all of it is used [5681-2] [6928-1]`, () => {
      const peer = start(control);
      peer.write(200 * MSS);
      expect([round(peer), round(peer), round(peer)]).to.deep.equal([10, 20, 40]);
    });

    it(`${control}: small answers for a minute leave it where it is, below the threshold and above it [9438-4]`, () => {
      const peer = start(control);
      for (let i = 0; i < 600; i++) {
        peer.write(2 * MSS);
        round(peer);
      }
      expect(cwnd(peer)).to.equal(10);
      loseOne(peer, 10);
      const after = cwnd(peer);
      expect(after).to.be.within(4, 8);
      for (let i = 0; i < 600; i++) {
        peer.write(MSS);
        round(peer);
      }
      expect(cwnd(peer)).to.be.within(after, after + 1);
    });

    it(`${control}: avoidance: about a segment each round trip at such a size [5681-3] [9438-2]`, () => {
      const peer = start(control);
      loseOne(peer, 10);
      const after = cwnd(peer);
      peer.write(300 * MSS);
      for (let i = 0; i < 8; i++) round(peer);
      expect(cwnd(peer) - after).to.be.within(3, 9);
    });

    it(`${control}: idle for longer than the time-out: back to ten segments, not more [5681-7]`, () => {
      for (const slowStartAfterIdle of [true, false]) {
        const peer = start(control, { slowStartAfterIdle });
        peer.write(70 * MSS);
        for (let i = 0; i < 3; i++) round(peer);
        const before = cwnd(peer);
        expect(before).to.be.greaterThan(40);
        peer.wait(2000);
        peer.write(100 * MSS);
        expect(peer.takeAll()).to.have.length(slowStartAfterIdle ? 10 : Math.floor(Math.min(before, 65)));
      }
    });
  }

  it('idle for a little less than the time-out, and a little more: where the line is [5681-7]', () => {
    for (const more of [-20, 20]) {
      const peer = start('newreno');
      peer.write(70 * MSS);
      for (let i = 0; i < 3; i++) round(peer);
      // The last segment was sent a round trip before its ACK.
      peer.wait(peer.program.connection.info().rto / 1000 - RTT + more);
      peer.write(100 * MSS);
      expect(peer.takeAll().length > 10, `${more} ms`).to.equal(more < 0);
    }
  });
});
