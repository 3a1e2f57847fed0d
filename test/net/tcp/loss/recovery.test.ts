/**
 * Fast retransmit and recovery: RFC 5681 section 3.2, RFC 6582 (no SACK), RFC 6675, RFC 9937 (PRR), RFC 3042, RFC 5682,
 * RFC 3522.
 */

import { expect } from 'chai';
import { add, distance, toSequence } from '../../../../src/net/tcp/sequence.js';
import type { TcpSettings } from '../../../../src/net/tcp/settings.js';
import { reach } from '../../../support/reach.js';
import type { PeerSegment, ScriptedPeer } from '../../../support/scripted-peer.js';

const MSS = 1000;
/** From a number to the first that is so old that it looks as if it lay ahead. */
const TWO_GIB_AGO = -(2 ** 31 + 1);

/** A stack that has sent `segments` full segments, of which nothing is acknowledged, 100 ms ago; more is queued. */
function inFlight(
  segments: number,
  { syn = {}, tcp = {}, queued = 100 }: { syn?: PeerSegment; tcp?: Partial<TcpSettings>; queued?: number } = {},
): ScriptedPeer {
  const settings = {
    initialWindowSegments: segments,
    congestionControl: 'newreno',
    tailLossProbe: false,
    ...tcp,
  } as const;
  const peer = reach('SYN-RECEIVED', { tcp: settings }, { mss: MSS, ...syn });
  peer.wait(100);
  peer.send('.', { seq: 1, ack: 1 });
  peer.write((segments + queued) * MSS);
  if (peer.takeAll().length !== segments) peer.fail(`not ${segments} segments`);
  peer.wait(100);
  return peer;
}

/** The numbers of the segments, counted from 0, that the stack sends in answer. */
function sends(peer: ScriptedPeer): number[] {
  return peer.takeAll().map(({ sequence }) => (distance(peer.controlBlock!.snd.iss, toSequence(sequence)) - 1) / MSS);
}

/** Acknowledges the first `count` segments, and says that it has `sacked` (from, to). */
function ack(peer: ScriptedPeer, count: number, ...sacked: [number, number][]): number[] {
  const sack = sacked.map(([from, to]) => [from * MSS + 1, to * MSS + 1] as const);
  peer.send('.', { ack: count * MSS + 1, ...(sack.length > 0 && { sack }) });
  return sends(peer);
}

const cwnd = (peer: ScriptedPeer) => peer.program.connection.info().congestionWindow / MSS;

describe('tcp: fast retransmit without SACK', () => {
  it('duplicates one and two send a new segment each, the third the first that is missing [3042-1] [5681-5]', () => {
    const peer = inFlight(10);
    expect(ack(peer, 0)).to.deep.equal([10]);
    expect(ack(peer, 0)).to.deep.equal([11]);
    expect(ack(peer, 0)[0]).to.equal(0);
    expect(peer.stack.statistics.tcp.fastRetransmits).to.equal(1);
  });

  it('the threshold halves, counted from what was out [5681-5]', () => {
    const peer = inFlight(10, { queued: 0 });
    for (let i = 0; i < 3; i++) ack(peer, 0);
    expect(peer.program.connection.info().slowStartThreshold).to.equal(5 * MSS);
  });

  for (const [what, fields] of [
    ['another window', (i: number) => ({ win: 60_000 - i })],
    ['data', () => ({ data: 10 })],
  ] as const) {
    it(`the same ACK with ${what} is no duplicate [5681-5]`, () => {
      const peer = inFlight(10, { queued: 0 });
      for (let i = 0; i < 6; i++) peer.send('.', { ack: 1, ...fields(i) });
      expect(peer.takeAll().every(({ data }) => data.length === 0)).to.equal(true);
    });
  }

  it('duplicates while nothing is out mean nothing [5681-5]', () => {
    const peer = reach('ESTABLISHED');
    for (let i = 0; i < 5; i++) peer.send('.', { ack: 1 });
    peer.expectNothing(1000);
    expect(peer.stack.statistics.tcp.fastRetransmits).to.equal(0);
  });

  it('a partial ACK sends the next hole and stays; the full ACK ends it at the threshold [6582-1] [5681-6]', () => {
    const peer = inFlight(10, { queued: 0 });
    for (let i = 0; i < 8; i++) ack(peer, 0);
    expect(ack(peer, 4)).to.deep.equal([4]);
    expect(peer.program.connection.info().congestionState).to.equal('recovery');
    expect(ack(peer, 10)).to.deep.equal([]);
    expect(peer.program.connection.info().congestionState).to.equal('open');
    expect(cwnd(peer)).to.equal(5);
  });

  it('a partial ACK takes back what the duplicates stood for: no burst of new data [6582-1] [6937-1]', () => {
    const peer = inFlight(20);
    for (let i = 0; i < 15; i++) ack(peer, 0);
    const again = ack(peer, 8);
    expect(again[0]).to.equal(8);
    expect(again.length).to.be.at.most(2);
    for (let count = 9; count <= 12; count++) expect(ack(peer, count).length).to.be.at.most(2);
  });

  it('after a time-out, duplicates of the old window start no fast retransmit [6582-1]', () => {
    const peer = inFlight(10, { queued: 0, tcp: { forwardRto: false } });
    peer.wait(Math.ceil(peer.program.connection.info().rto / 1000));
    expect(sends(peer)).to.deep.equal([0]);
    ack(peer, 10);
    peer.write(3 * MSS);
    peer.takeAll();
    for (let i = 0; i < 4; i++) expect(ack(peer, 10)).to.deep.equal([]);
    expect(peer.stack.statistics.tcp.fastRetransmits).to.equal(0);
  });

  it('a recovery point of 2 GiB ago stops no fast retransmit', () => {
    const peer = inFlight(10, { queued: 0 });
    const { recovery, snd } = peer.controlBlock!;
    recovery.point = add(snd.una, TWO_GIB_AGO);
    expect([ack(peer, 0), ack(peer, 0), ack(peer, 0)]).to.deep.equal([[], [], [0]]);
  });

  it('the flight never grows in recovery beyond what it was [5681-6] [5681-1]', () => {
    const peer = inFlight(20);
    let sent = 0;
    for (let i = 0; i < 19; i++) sent += ack(peer, 0).length;
    // Two by limited transmit, one resend, and new ones only in proportion: about half of what was delivered.
    expect(sent).to.be.within(8, 12);
  });
});

describe('tcp: recovery with SACK', () => {
  const syn = { sackOk: true };

  it('three segments above a hole: it is sent again, and nothing that the peer has [6675-1]', () => {
    const peer = inFlight(10, { syn, queued: 0 });
    expect(ack(peer, 0, [1, 2])).to.deep.equal([]);
    expect(ack(peer, 0, [1, 3])).to.deep.equal([]);
    expect(ack(peer, 0, [1, 4])).to.deep.equal([0]);
    expect(ack(peer, 0, [1, 10])).to.deep.equal([]);
    expect(ack(peer, 10)).to.deep.equal([]);
  });

  it('three islands of one segment each will do [6675-1]', () => {
    const peer = inFlight(10, { syn, queued: 0 });
    ack(peer, 0, [1, 2]);
    ack(peer, 0, [3, 4], [1, 2]);
    expect(ack(peer, 0, [5, 6], [3, 4], [1, 2])[0]).to.equal(0);
  });

  it('1, 4 and 7 of 20 lost: only these are sent again, in their order, in one round trip [6675-1] [6675-2]', () => {
    const peer = inFlight(20, { syn, queued: 0 });
    const again: number[] = [];
    for (const sacked of [
      [[2, 3]],
      [[2, 4]],
      [
        [5, 6],
        [2, 4],
      ],
      [
        [5, 7],
        [2, 4],
      ],
      [
        [8, 9],
        [5, 7],
        [2, 4],
      ],
    ] as [number, number][][]) {
      again.push(...ack(peer, 1, ...sacked));
    }
    for (let to = 10; to <= 20; to++) again.push(...ack(peer, 1, [8, to], [5, 7], [2, 4]));
    expect(again).to.deep.equal([1, 4, 7]);
    expect(ack(peer, 20)).to.deep.equal([]);
    expect(peer.program.connection.info().congestionState).to.equal('open');
  });

  it('ends with a window of about the threshold: 0.5 for NewReno, 0.7 for CUBIC [6675-2] [9438-1] [6937-1]', () => {
    for (const [congestionControl, factor] of [
      ['newreno', 0.5],
      ['cubic', 0.7],
    ] as const) {
      const peer = inFlight(20, { syn, tcp: { congestionControl }, queued: 0 });
      for (let to = 2; to <= 20; to++) ack(peer, 0, [1, to]);
      ack(peer, 20);
      expect(cwnd(peer), congestionControl).to.be.closeTo(20 * factor, 0.1);
    }
  });

  it('sends in proportion to what is delivered: neither a burst nor a pause [6937-1]', () => {
    const peer = inFlight(20, { syn });
    const perAck: number[] = [];
    for (let to = 2; to <= 20; to++) perAck.push(ack(peer, 0, [1, to]).length);
    expect(Math.max(...perAck)).to.be.at.most(2);
    // Limited transmit answers the first two; then about every second ACK sends one: half of 20 in all.
    const total = perAck.reduce((sum, one) => sum + one, 0);
    expect(total).to.be.within(9, 12);
    expect(perAck.slice(10).reduce((sum, one) => sum + one, 0)).to.be.greaterThan(2);
  });

  it('most of a flight is lost: what is sent again grows slowly from what is delivered, without a burst [6937-1]', () => {
    const peer = inFlight(20, { syn, queued: 0 });
    const perAck: number[] = [];
    for (let to = 16; to <= 20; to++) perAck.push(ack(peer, 0, [15, to]).length);
    for (let count = 1; count <= 14; count++) perAck.push(ack(peer, count, [15, 20]).length);
    expect(Math.max(...perAck)).to.be.within(1, 3);
    expect(perAck.slice(0, 5).reduce((sum, one) => sum + one, 0)).to.be.within(1, 6);
    expect(peer.stack.statistics.tcp.retransmits).to.equal(15);
    expect(cwnd(peer)).to.be.at.most(10);
  });

  it('limited transmit only on SACK news [3042-1]', () => {
    const peer = inFlight(10, { syn });
    expect(ack(peer, 0, [1, 2])).to.deep.equal([10]);
    expect(ack(peer, 0, [1, 2])).to.deep.equal([]);
    expect(ack(peer, 0)).to.deep.equal([]);
  });

  it('a resend that is lost too is noticed, and the window lowered again only by a new loss [5681-9]', () => {
    const peer = inFlight(10, { syn, queued: 30 });
    for (let to = 2; to <= 10; to++) ack(peer, 0, [1, to]);
    const threshold = peer.program.connection.info().slowStartThreshold;
    peer.wait(100);
    // What was sent in recovery arrives, the resend of 0 does not.
    const next = peer.acknowledged;
    expect(next).to.be.greaterThan(10 * MSS);
    peer.wait(50);
    const again = ack(peer, 0, [1, 13]);
    peer.wait(60);
    expect([...again, ...sends(peer)]).to.include(0);
    expect(peer.program.connection.info().slowStartThreshold).to.equal(threshold);
  });

  it('blocks that make no sense are ignored: reversed, below SND.UNA, beyond SND.NXT [2018-4]', () => {
    const peer = inFlight(10, { syn, queued: 0 });
    for (let i = 0; i < 5; i++) {
      ack(peer, 0, [5, 3]);
      ack(peer, 0, [50, 60]);
      ack(peer, 0, [8, 12]);
      ack(peer, 0, [-8, -3]);
    }
    expect(peer.controlBlock!.flight.sackedBytes).to.equal(0);
    expect(ack(peer, 10)).to.deep.equal([]);
  });

  it('SACK without the option agreed on is ignored [2018-1]', () => {
    const peer = inFlight(10, { queued: 0 });
    ack(peer, 0, [1, 2]);
    expect(peer.controlBlock!.flight.sackedBytes).to.equal(0);
  });

  it('what was SACKed is kept until it is acknowledged, and sent again if the peer has dropped it [2018-3]', () => {
    const peer = inFlight(4, { syn, queued: 0 });
    ack(peer, 0, [1, 4]);
    expect(peer.program.connection.queuedBytes).to.equal(4 * MSS);
    // The hole is filled, and the peer says that all the rest is missing again.
    expect(ack(peer, 1)).to.deep.equal([]);
    const again: number[] = [];
    for (let i = 0; i < 10 && peer.program.connection.queuedBytes > 0; i++) {
      peer.wait(400);
      again.push(...sends(peer));
      again.push(...ack(peer, Math.max(1, ...again.map((segment) => segment + 1))));
    }
    expect(again).to.include.members([1, 2, 3]);
    expect(peer.program.connection.queuedBytes).to.equal(0);
  });

  it('after a time-out what is SACKed is not sent first [6675-2]', () => {
    const peer = inFlight(10, { syn, queued: 0, tcp: { forwardRto: false } });
    ack(peer, 0, [1, 3]);
    peer.wait(peer.program.connection.info().rto / 1000 + 1);
    const again = sends(peer);
    again.push(...ack(peer, 3), ...ack(peer, 4), ...ack(peer, 6));
    expect(again).to.not.include(1);
    expect(again).to.not.include(2);
    expect(again).to.include.members([0, 3, 4, 5]);
  });
});

describe('tcp: time-outs for nothing', () => {
  it('Eifel: an echo from before the resend shows that the original arrived; all goes back to what it was [5682-1]', () => {
    const peer = inFlight(10, {
      syn: { mss: MSS + 12, sackOk: true, ts: [1000, 0] },
      tcp: { forwardRto: false },
      queued: 0,
    });
    const before = peer.program.connection.info();
    const echo = peer.tsEcho;
    peer.wait(Math.ceil(before.rto / 1000));
    expect(peer.takeAll()).to.have.length(1);
    expect(cwnd(peer)).to.be.lessThan(2);
    peer.send('.', { ack: peer.acknowledged, ts: [peer.tsNow, echo] });
    expect(peer.stack.statistics.tcp.spuriousRecoveries).to.equal(1);
    expect(peer.program.connection.info().congestionWindow).to.be.at.least(before.congestionWindow);
    peer.expectNothing(10_000);
  });

  it('F-RTO: the first ACK after it sends new data; if that moves on too, nothing was lost [5682-1]', () => {
    const peer = inFlight(10, { tcp: { forwardRto: true } });
    peer.wait(Math.ceil(peer.program.connection.info().rto / 1000));
    expect(sends(peer)).to.deep.equal([0]);
    // The ACKs were late: they come one after the other.
    expect(ack(peer, 1)).to.deep.equal([10, 11]);
    const rest: number[] = [];
    for (let count = 2; count <= 10; count++) rest.push(...ack(peer, count));
    expect(
      rest.every((segment) => segment >= 12),
      `sent ${rest}`,
    ).to.equal(true);
    expect(peer.stack.statistics.tcp.spuriousRecoveries).to.equal(1);
  });

  it('F-RTO: a duplicate instead shows that they were lost: they are sent again [5682-1]', () => {
    const peer = inFlight(10, { tcp: { forwardRto: true } });
    peer.wait(Math.ceil(peer.program.connection.info().rto / 1000));
    expect(sends(peer)).to.deep.equal([0]);
    expect(ack(peer, 1)).to.deep.equal([10, 11]);
    const again = ack(peer, 1);
    again.push(...ack(peer, 1), ...ack(peer, 2), ...ack(peer, 4));
    // What each ACK leaves missing is sent next.
    expect(again).to.include.members([1, 2, 4]);
    expect(peer.stack.statistics.tcp.spuriousRecoveries).to.equal(0);
  });
});
