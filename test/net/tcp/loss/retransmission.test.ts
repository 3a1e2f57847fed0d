/** RFC 6298: the retransmission timer; RFC 9293 section 3.8.3: when to give up. */
import { expect } from 'chai';
import { reach } from '../../../support/reach.js';
import { type PeerOptions, ScriptedPeer } from '../../../support/scripted-peer.js';

/** RFC 6298 alone: no tail loss probe before the timer, and no smaller segments after it. */
const PLAIN = { tcp: { tailLossProbe: false, blackHoleDetection: false } };

/** A connection whose round trip has been measured as `milliseconds`, by one segment of 100 bytes. */
function measured(milliseconds: number, options: PeerOptions = PLAIN): ScriptedPeer {
  const peer = reach('ESTABLISHED', options);
  peer.write(100);
  peer.expect('P.', { seq: 1, length: 100 });
  peer.wait(milliseconds);
  peer.send('.', { ack: 101 });
  peer.expectNothing();
  return peer;
}

/**
 * With SACK, a round trip of 100 ms and a time-out of 300 ms: 1 to 2921 sent 500 ms ago, 2921 to 5841 sent 400 ms ago,
 * and 1 again after the time-out, 200 ms ago.
 */
function lostFirst(): ScriptedPeer {
  const peer = reach('SYN-RECEIVED', PLAIN, { mss: 1460, sackOk: true });
  peer.wait(100);
  peer.send('.', { seq: 1, ack: 1 });
  peer.write(2920);
  peer.wait(100);
  peer.write(2920);
  peer.takeAll();
  peer.expectAfter(200, '.', { seq: 1 });
  peer.wait(200);
  return peer;
}

describe('tcp: retransmission time-out', () => {
  it('the earliest segment only, after RTO, 2·RTO, 4·RTO … [6298-6] [9293-MUST-18] [9293-MUST-19]', () => {
    const peer = measured(100);
    const { rto } = peer.program.connection.info();
    peer.write(3000);
    peer.expect('.', { seq: 101 });
    peer.expect('.', { seq: 1561 });
    peer.expect('P.', { seq: 3021 });
    for (const factor of [1, 2, 4, 8]) {
      peer.expectAfter((factor * rto) / 1000, '.', { seq: 101, length: 1460 });
      peer.expectNothing();
    }
  });

  it('never sooner than 200 ms, the floor of Linux, even on a link of 0 ms [6298-3]', () => {
    const peer = reach('ESTABLISHED', PLAIN);
    peer.write(100);
    peer.expect('P.');
    peer.send('.', { ack: 101 });
    peer.write(100);
    peer.expect('P.', { seq: 101 });
    peer.expectAfter(200, 'P.', { seq: 101 });
  });

  it('samples of 0.8 and 1.6 s, then silence: after 2.9 s [6298-2]', () => {
    const peer = new ScriptedPeer(PLAIN);
    peer.send('S', { seq: 0, mss: 1460 });
    peer.expect('S.');
    peer.wait(800);
    peer.send('.', { seq: 1, ack: 1 });
    peer.write(100);
    peer.expect('P.');
    peer.wait(1600);
    peer.send('.', { ack: 101 });
    peer.write(100);
    peer.expect('P.');
    peer.expectAfter(2900, 'P.', { seq: 101 });
  });

  it('an ACK of a part restarts the timer [6298-5]', () => {
    const peer = measured(0);
    const { rto } = peer.program.connection.info();
    peer.write(2920);
    peer.takeAll();
    peer.wait((0.9 * rto) / 1000);
    peer.send('.', { ack: 1561 });
    peer.expectNothing((0.5 * rto) / 1000);
    expect(peer.takeAll()).to.deep.equal([]);
  });

  it('an ACK of all stops it [6298-5]', () => {
    const peer = measured(10);
    peer.expectNothing(3_600_000);
  });

  it('Karn: what was sent twice is not measured [6298-4]', () => {
    const peer = measured(100);
    const before = peer.program.connection.info();
    peer.write(100);
    peer.expect('P.', { seq: 101 });
    peer.expectAfter(before.rto / 1000, 'P.', { seq: 101 });
    peer.wait(1);
    peer.send('.', { ack: 201 });
    expect(peer.program.connection.info().smoothedRtt).to.equal(before.smoothedRtt);
  });

  it('Karn, second half: the doubled time-out stays until there is a sample [6298-4] [6298-6]', () => {
    const peer = measured(100);
    const { rto, smoothedRtt } = peer.program.connection.info();
    peer.write(100);
    peer.expect('P.', { seq: 101 });
    peer.expectAfter(rto / 1000, 'P.', { seq: 101 });
    peer.send('.', { ack: 201 });
    const { rto: doubled, backoff, timeouts } = peer.program.connection.info();
    expect([doubled, backoff, timeouts]).to.deep.equal([2 * rto, 1, 0]);
    peer.write(100);
    peer.expect('P.', { seq: 201 });
    peer.expectAfter((2 * rto) / 1000, 'P.', { seq: 201 });
    peer.send('.', { ack: 301 });
    peer.write(100);
    peer.expect('P.', { seq: 301 });
    peer.wait(100);
    peer.send('.', { ack: 401 });
    const after = peer.program.connection.info();
    expect(after.smoothedRtt).to.be.greaterThan(smoothedRtt);
    expect(after.backoff).to.equal(0);
    expect(after.rto).to.be.lessThan(1.2 * rto);
  });

  it('a round trip that has become longer than the time-out: one request goes twice, the next ones once [6298-4]', () => {
    const peer = measured(100);
    const copies: number[] = [];
    for (let at = 101; at < 501; at += 100) {
      peer.write(100);
      peer.wait(400);
      copies.push(peer.takeAll().length);
      peer.send('.', { ack: at + 100 });
    }
    expect(copies).to.deep.equal([2, 1, 1, 1]);
    expect(peer.program.connection.info().smoothedRtt).to.be.greaterThan(100_000);
  });

  it('progress without a sample: the time-out stays doubled, but giving up is counted anew [6298-6] [9293-MUST-20]', () => {
    const peer = measured(10, { tcp: { ...PLAIN.tcp, dataRetries: 3, forwardRto: false } });
    peer.write(2920);
    peer.expect('.', { seq: 101 });
    peer.expect('P.', { seq: 1561 });
    const { rto } = peer.program.connection.info();
    peer.expectAfter(rto / 1000, '.', { seq: 101 });
    peer.expectAfter((2 * rto) / 1000, '.', { seq: 101 });
    peer.send('.', { ack: 1561 });
    peer.expect('P.', { seq: 1561 });
    for (const factor of [4, 8, 16]) peer.expectAfter((factor * rto) / 1000, 'P.', { seq: 1561 });
    peer.wait((31 * rto) / 1000);
    expect(peer.program.reason).to.equal(undefined);
    peer.wait((2 * rto) / 1000);
    expect(peer.program.reason).to.equal('timeout');
  });

  it('an ACK without a sample tells congestion control of none [6298-4]', () => {
    const peer = measured(100);
    const samples: number[] = [];
    const { congestion } = peer.controlBlock!;
    const { onAck } = congestion;
    congestion.onAck = (acked, nowMs, smoothedRtt, latestRtt) => {
      samples.push(latestRtt);
      onAck.call(congestion, acked, nowMs, smoothedRtt, latestRtt);
    };
    peer.write(14_600);
    peer.takeAll();
    peer.wait(peer.program.connection.info().rto / 1000);
    peer.takeAll();
    peer.send('.', { ack: 1561 });
    expect(samples).to.deep.equal([0]);
  });

  it('what SACK reports is measured as what is acknowledged, and ends the doubling [6298-4]', () => {
    const peer = lostFirst();
    const { smoothedRtt, backoff } = peer.program.connection.info();
    expect(backoff).to.equal(1);
    peer.send('.', { ack: 1, sack: [[2921, 4381]] });
    const after = peer.program.connection.info();
    expect([after.smoothedRtt, after.backoff]).to.deep.equal([smoothedRtt + (400_000 - smoothedRtt) / 8, 0]);
  });

  it('SACK reports two that were sent at different times: the earlier one is measured [6298-4]', () => {
    const peer = lostFirst();
    peer.send('.', {
      ack: 1,
      sack: [
        [4381, 5841],
        [1461, 2921],
      ],
    });
    expect(peer.controlBlock!.roundTrip.latest).to.equal(500_000);
  });

  it('SACK reports what was sent twice: that is not measured [6298-4]', () => {
    const peer = lostFirst();
    peer.send('.', { ack: 1461 });
    peer.expect('.', { seq: 1461 });
    peer.expect('.', { seq: 2921 });
    peer.wait(10);
    peer.send('.', { ack: 1461, sack: [[2921, 4381]] });
    const { smoothedRtt, backoff } = peer.program.connection.info();
    expect([smoothedRtt, backoff]).to.deep.equal([100_000, 1]);
  });

  it('with timestamps it is: the echo says which copy arrived [6298-4] [7323-6]', () => {
    const peer = reach('ESTABLISHED', PLAIN, { mss: 1460, ts: [1000, 0] });
    peer.write(100);
    peer.expect('P.');
    const first = peer.last.ts![0];
    const { rto } = peer.program.connection.info();
    peer.expectAfter(rto / 1000, 'P.', { seq: 1 });
    peer.wait(50);
    peer.send('.', { ack: 101, ts: [peer.tsNow, first] });
    expect(peer.program.connection.info().smoothedRtt).to.be.greaterThan(0.1 * rto);
  });

  it('a duplicate ACK with an old echo is no sample [7323-6]', () => {
    const peer = reach('ESTABLISHED', PLAIN, { mss: 1460, ts: [1000, 0] });
    peer.write(100);
    peer.expect('P.');
    const echo = peer.last.ts![0];
    peer.send('.', { ack: 101, ts: [peer.tsNow, echo] });
    const before = peer.program.connection.info().rto;
    peer.write(100);
    peer.expect('P.');
    peer.wait(150);
    peer.send('.', { ack: 101, ts: [peer.tsNow, echo] });
    expect(peer.program.connection.info().rto).to.equal(before);
  });

  it('a SYN-ACK that had to be sent again and no sample: 3 s when data starts [6298-1]', () => {
    const peer = reach('SYN-RECEIVED', PLAIN);
    peer.expectAfter(1000, 'S.', { seq: 0 });
    peer.send('.', { seq: 1, ack: 1 });
    peer.write(100);
    peer.expect('P.', { seq: 1 });
    peer.expectAfter(3000, 'P.', { seq: 1 });
  });

  it('window: one segment after a time-out, then slow start to half of the flight [5681-4]', () => {
    const peer = measured(10, {
      tcp: { tailLossProbe: false, congestionControl: 'newreno', forwardRto: false } as never,
    });
    peer.write(14_600);
    expect(peer.takeAll()).to.have.length(10);
    peer.wait(Math.ceil(peer.program.connection.info().rto / 1000));
    peer.expect('.', { seq: 101 });
    peer.expectNothing();
    const info = peer.program.connection.info();
    expect([info.congestionWindow, info.slowStartThreshold]).to.deep.equal([1460, 7300]);
    peer.send('.', { ack: 1561 });
    peer.expect('.', { seq: 1561 });
    peer.expect('.', { seq: 3021 });
    peer.expectNothing();
  });

  it('a second time-out for the same data leaves the threshold [5681-4]', () => {
    const peer = measured(10, { tcp: { ...PLAIN.tcp, congestionControl: 'newreno' } });
    peer.write(14_600);
    peer.takeAll();
    peer.wait(Math.ceil(peer.program.connection.info().rto / 1000));
    peer.wait(Math.ceil(peer.program.connection.info().rto / 1000));
    expect(peer.takeAll()).to.have.length(2);
    expect(peer.program.connection.info().slowStartThreshold).to.equal(7300);
  });

  it('silence: R1 is told, R2 ends it after 15 resends, no sooner than 100 s [9293-MUST-20] [9293-SHLD-9] [9293-SHLD-11] [LX-8]', () => {
    const peer = measured(10);
    let troubled = 0;
    Object.assign(peer.program, { troubled: () => troubled++ });
    peer.write(100);
    peer.expect('P.');
    const start = peer.clock.now;
    let ended = 0;
    peer.program.closed = (reason) => {
      peer.program.reason = reason;
      ended = peer.clock.now - start;
    };
    peer.wait(2_000_000);
    expect(peer.takeAll()).to.have.length(15);
    expect(peer.program.reason).to.equal('timeout');
    expect(ended / 1e6).to.be.within(900, 1000);
    expect(troubled).to.equal(1);
    expect(peer.stack.connectionCount).to.equal(0);
  });

  it('at R1 the neighbour is asked whether it is still there [9293-SHLD-10]', () => {
    const peer = measured(10);
    peer.write(100);
    const before = peer.bench.arpRequests;
    peer.wait(1000);
    expect(peer.bench.arpRequests).to.equal(before);
    peer.wait(10_000);
    expect(peer.bench.arpRequests).to.be.greaterThan(before);
  });

  it('the program can set R2 [9293-MUST-21]', () => {
    const peer = measured(10);
    peer.wait(100_000);
    peer.program.connection.userTimeout = 5e6;
    peer.write(100);
    peer.wait(4900);
    expect(peer.program.reason).to.equal(undefined);
    peer.wait(20_000);
    expect(peer.program.reason).to.equal('timeout');
  });

  it('… for a SYN, too', () => {
    const peer = new ScriptedPeer({ tcp: { userTimeout: 5e6 } });
    peer.connect();
    peer.wait(4900);
    expect(peer.takeAll()).to.have.length(3);
    expect(peer.bench.failures).to.deep.equal([]);
    peer.wait(200);
    expect(peer.bench.failures).to.deep.equal(['timeout']);
  });

  it('a SYN is sent for at least three minutes [9293-MUST-22] [9293-MUST-23] [LX-6]', () => {
    const peer = reach('SYN-SENT');
    for (const seconds of [1, 2, 4, 8, 16, 32]) peer.expectAfter(1000 * seconds, 'S', { seq: 0 });
    peer.wait(179_000 - 63_000);
    expect(peer.bench.failures).to.deep.equal([]);
    peer.wait(1_000_000);
    expect(peer.bench.failures).to.deep.equal(['timeout']);
    expect(peer.state).to.equal('CLOSED');
  });

  it('a lost SYN-ACK leaves the first window as it is [6928-1] [6928-2]', () => {
    const peer = reach('SYN-RECEIVED');
    peer.expectAfter(1000, 'S.');
    peer.send('.', { seq: 1, ack: 1 });
    peer.write(100_000);
    expect(peer.takeAll()).to.have.length(10);
  });
});
