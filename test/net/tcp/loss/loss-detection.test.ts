/** RACK and TLP: RFC 8985. */

import { expect } from 'chai';
import { add, distance, toSequence } from '../../../../src/net/tcp/sequence.js';
import type { TcpSettings } from '../../../../src/net/tcp/settings.js';
import { reach } from '../../../support/reach.js';
import type { ScriptedPeer } from '../../../support/scripted-peer.js';

const MSS = 1000;
const RTT = 100;

/** A SACK connection whose round trip is 100 ms and that has just sent `segments` segments, all it has. */
function justSent(segments: number, tcp: Partial<TcpSettings> = {}): ScriptedPeer {
  const peer = reach('SYN-RECEIVED', { tcp: { initialWindowSegments: 20, ...tcp } }, { mss: MSS, sackOk: true });
  peer.wait(RTT);
  peer.send('.', { seq: 1, ack: 1 });
  peer.write(MSS);
  peer.takeAll();
  peer.wait(RTT);
  peer.send('.', { ack: MSS + 1 });
  peer.write(segments * MSS);
  peer.takeAll();
  return peer;
}

function ack(peer: ScriptedPeer, count: number, ...sacked: [number, number][]): void {
  const number = (segment: number) => (segment + 1) * MSS + 1;
  const sack = sacked.map(([from, to]) => [number(from), number(to)] as const);
  peer.send('.', { ack: number(count), ...(sack.length > 0 && { sack }) });
}

function sends(peer: ScriptedPeer): number[] {
  return peer
    .takeAll()
    .map(({ sequence }) => (distance(peer.controlBlock!.snd.iss, toSequence(sequence)) - 1) / MSS - 1);
}

const NO_PROBE = { tailLossProbe: false };

describe('tcp: RACK', () => {
  it('only the last of three arrived: the others are late by a quarter of the round trip, then lost [8985-1]', () => {
    const peer = justSent(3, NO_PROBE);
    peer.wait(RTT);
    ack(peer, 0, [2, 3]);
    expect(sends(peer)).to.deep.equal([]);
    peer.wait(RTT / 4 - 1);
    expect(sends(peer)).to.deep.equal([]);
    peer.wait(2);
    // One at a time: what is sent again follows what is delivered (RFC 9937).
    expect(sends(peer)).to.deep.equal([0]);
    peer.wait(RTT);
    ack(peer, 1, [2, 3]);
    expect(sends(peer)).to.deep.equal([1]);
  });

  it('they arrive in time after all: nothing is sent again, and the window stays [8985-2]', () => {
    const peer = justSent(3, NO_PROBE);
    const before = peer.program.connection.info().congestionWindow;
    peer.wait(RTT);
    ack(peer, 0, [2, 3]);
    peer.wait(10);
    ack(peer, 3);
    peer.expectNothing(10_000);
    expect(peer.program.connection.info().congestionWindow).to.be.at.least(before);
    expect(peer.program.connection.info().reorderings).to.equal(1);
  });

  it('three SACKed and no reordering ever seen: no waiting [8985-2]', () => {
    const peer = justSent(10, NO_PROBE);
    peer.wait(RTT);
    ack(peer, 0, [1, 4]);
    expect(sends(peer)).to.deep.equal([0]);
  });

  it('reordering has been seen: it waits although three are SACKed [8985-2]', () => {
    const peer = justSent(3, NO_PROBE);
    peer.wait(RTT);
    ack(peer, 0, [2, 3]);
    ack(peer, 3);
    peer.write(10 * MSS);
    peer.takeAll();
    peer.wait(RTT);
    ack(peer, 3, [4, 9]);
    expect(sends(peer)).to.deep.equal([]);
    peer.wait(RTT / 4 + 1);
    expect(sends(peer)).to.deep.equal([3]);
  });

  it('a D-SACK widens the window by a quarter of the round trip [8985-2] [2883-1]', () => {
    const peer = justSent(10, NO_PROBE);
    peer.wait(RTT);
    ack(peer, 0, [1, 4]);
    expect(sends(peer)).to.deep.equal([0]);
    // The original was only late: the copy comes as a duplicate.
    ack(peer, 10, [0, 1]);
    peer.write(5 * MSS);
    peer.takeAll();
    peer.wait(RTT);
    ack(peer, 10, [11, 15]);
    peer.wait(RTT / 2 - 2);
    expect(sends(peer)).to.deep.equal([]);
    peer.wait(4);
    expect(sends(peer)).to.deep.equal([10]);
  });

  it('D-SACKs widen the window once a round trip, whatever it was 2 GiB ago [8985-2]', () => {
    const peer = justSent(10, NO_PROBE);
    const { recovery, snd } = peer.controlBlock!;
    const widenings = () => {
      ack(peer, 5, [0, 1]);
      return recovery.reorderingSteps - 1;
    };
    expect([widenings(), widenings()]).to.deep.equal([1, 1]);
    recovery.reorderingRound = add(snd.una, -(2 ** 31 + 1));
    expect([widenings(), widenings()]).to.deep.equal([2, 2]);
  });

  it('a round trip that is no whole number of microseconds does not make the timer due for ever [8985-1]', () => {
    for (let quarter = 0; quarter < 4; quarter++) {
      const peer = justSent(3, NO_PROBE);
      peer.clock.now += 100_000.1 + quarter / 4;
      ack(peer, 0, [2, 3]);
      peer.wait(RTT);
      expect(sends(peer)).to.include(0);
    }
  });

  it('what was sent just before a resend, at the same time of the clock, says nothing about it [8985-1]', () => {
    const peer = justSent(10, NO_PROBE);
    peer.write(30 * MSS);
    const first = 1 + Math.max(...sends(peer));
    peer.wait(RTT);
    // Two SACKs let two new segments out, the third the resend: all in one batch, at one time.
    for (const to of [2, 3]) ack(peer, 0, [1, to]);
    expect(sends(peer)).to.deep.equal([first, first + 1]);
    ack(peer, 0, [1, 4]);
    expect(sends(peer)).to.include(0);
    peer.wait(RTT);
    ack(peer, 0, [1, first + 1]);
    ack(peer, 0, [1, first + 2]);
    expect(sends(peer)).to.not.include(0);
    peer.wait(RTT / 2);
    expect(sends(peer)).to.not.include(0);
  });

  it('a resend that is lost is sent once more after a round trip and the window, without a time-out [8985-1] [5681-9]', () => {
    const peer = justSent(10, NO_PROBE);
    peer.wait(RTT);
    ack(peer, 0, [1, 4]);
    expect(sends(peer)).to.deep.equal([0]);
    peer.write(2 * MSS);
    peer.wait(1);
    ack(peer, 0, [1, 10]);
    const fresh = sends(peer);
    expect(fresh).to.include(10);
    peer.wait(RTT + 5);
    ack(peer, 0, [1, 11]);
    peer.wait(RTT / 4 + 1);
    expect(sends(peer)).to.include(0);
    expect(peer.stack.statistics.tcp.timeouts).to.equal(0);
  });
});

describe('tcp: tail loss probe', () => {
  it('the tail is lost: its last segment again after two round trips, long before the time-out [8985-3]', () => {
    const peer = justSent(5);
    const { rto, smoothedRtt } = peer.program.connection.info();
    peer.wait(RTT);
    ack(peer, 2);
    const wait = (2 * smoothedRtt) / 1000;
    expect(wait).to.be.lessThan(rto / 1000);
    peer.expectAfter(wait, 'P.', { seq: 5 * MSS + 1, length: MSS }, 10);
    expect(peer.stack.statistics.tcp.lossProbes).to.equal(1);
    // Its SACK shows the hole before it.
    peer.wait(RTT);
    ack(peer, 2, [4, 5]);
    peer.wait(RTT / 4 + 1);
    const again = sends(peer);
    peer.wait(RTT);
    ack(peer, 3, [4, 5]);
    expect([...again, ...sends(peer)]).to.deep.equal([2, 3]);
    expect(peer.stack.statistics.tcp.timeouts).to.equal(0);
  });

  it('one segment is out: the peer may delay its ACK, so the probe waits 200 ms more [8985-3]', () => {
    const peer = justSent(1, { minimumRto: 1e6 });
    peer.expectAfter(2 * RTT + 200, 'P.', { seq: MSS + 1 }, 10);
  });

  for (const [name, floor, settings] of [
    ['8 ms, two ticks of Linux, for a peer that waits for a CPU', 8, {}],
    ['what the setting says', 20, { lossProbeFloor: 20_000 }],
  ] as const) {
    it(`several are out: two round trips and ${name} [8985-3]`, () => {
      const peer = justSent(3, settings);
      const { smoothedRtt } = peer.program.connection.info();
      peer.wait((2 * smoothedRtt) / 1000 + floor - 1);
      expect(sends(peer)).to.deep.equal([]);
      peer.wait(1);
      expect(sends(peer)).to.deep.equal([2]);
      // It was late, not lost: the peer has it twice and says so.
      ack(peer, 3, [2, 3]);
      expect(peer.stack.statistics.tcp.duplicateSacks).to.equal(1);
    });
  }

  it('SACK shows that the end of the flight has arrived: there is nothing to probe for', () => {
    const peer = justSent(2);
    peer.wait(RTT);
    ack(peer, 0, [1, 2]);
    peer.wait(RTT * 1.2);
    peer.takeAll();
    expect(peer.stack.statistics.tcp.lossProbes).to.equal(0);
  });

  it('there is new data: the probe is that [8985-3]', () => {
    const peer = justSent(1);
    peer.controlBlock!.congestion.cwnd = MSS;
    peer.write(3 * MSS);
    expect(sends(peer)).to.deep.equal([]);
    peer.wait(RTT * 2 + 200);
    expect(sends(peer)[0]).to.equal(1);
  });

  it('silence: one probe, then the time-out [8985-4]', () => {
    const peer = justSent(3);
    peer.wait(100_000);
    const again = sends(peer);
    expect(again[0]).to.equal(2);
    expect(again[1]).to.equal(0);
    expect(peer.stack.statistics.tcp.lossProbes).to.equal(1);
    expect(peer.stack.statistics.tcp.timeouts).to.be.greaterThan(1);
  });

  it('the probe repaired a loss that nothing else showed: the window is cut once [8985-4]', () => {
    const peer = justSent(10);
    peer.wait(RTT);
    ack(peer, 9);
    const before = peer.program.connection.info().congestionWindow;
    peer.wait(400);
    expect(sends(peer)).to.deep.equal([9]);
    peer.wait(RTT);
    ack(peer, 10);
    // Only the ACK of something later decides that there was but one copy.
    peer.write(MSS);
    peer.takeAll();
    peer.wait(RTT);
    ack(peer, 11);
    const { slowStartThreshold } = peer.program.connection.info();
    expect(slowStartThreshold).to.be.lessThan(before);
  });

  it('a D-SACK for the probe says that nothing was lost: the window stays [8985-4]', () => {
    const peer = justSent(10);
    peer.wait(RTT);
    ack(peer, 9);
    peer.wait(400);
    expect(sends(peer)).to.deep.equal([9]);
    ack(peer, 10, [9, 10]);
    peer.write(MSS);
    peer.takeAll();
    ack(peer, 11);
    expect(peer.program.connection.info().slowStartThreshold).to.equal(Number.POSITIVE_INFINITY);
  });
});
