/** A FIN takes a sequence number and is no byte: loss detection and recovery when a flight ends with one. */
import { expect } from 'chai';
import { SummedBytes } from '../../../../src/net/wire/summed-bytes.js';
import { reach } from '../../../support/reach.js';
import { type PeerOptions, type PeerSegment, type ScriptedPeer, streamBytes } from '../../../support/scripted-peer.js';

const MSS = 1000;

/** A stack that knows a round trip of 100 ms and has sent so many bytes, the FIN with the last of them. */
function closing(bytes: number, syn: PeerSegment = { sackOk: true }, options: PeerOptions = {}): ScriptedPeer {
  const peer = reach('SYN-RECEIVED', options, { mss: MSS, ...syn });
  peer.wait(100);
  peer.send('.', { seq: 1, ack: 1 });
  const { connection } = peer.program;
  connection.send(SummedBytes.plain(streamBytes(1, bytes + 1)), 0, bytes);
  connection.close();
  peer.bench.run();
  for (let at = 1; at <= bytes; at += MSS) {
    const length = Math.min(MSS, bytes + 1 - at);
    peer.expect(at + length > bytes ? 'FP.' : '.', { seq: at, length });
  }
  return peer;
}

describe('tcp: a flight that ends with a FIN', () => {
  for (const [who, end] of [
    ['counts its number', 2502],
    ['leaves its number out', 2501],
  ] as const) {
    it(`the last segment is SACKed, by a peer that ${who}: the hole before it goes again at once [6675-1] [8985-1]`, () => {
      const peer = closing(2500);
      peer.wait(100);
      peer.send('.', { ack: 1001, sack: [[2001, end]] });
      peer.expectAfter(25, '.', { seq: 1001, length: 1000 }, 2);
      peer.expectNothing(100);
      peer.send('.', { ack: 2502 });
      expect(peer.stack.statistics.tcp.timeouts).to.equal(0);
      expect(peer.state).to.equal('FIN-WAIT-2');
    });
  }

  it('the data is SACKed and the FIN is not: the FIN alone goes again [2018-3]', () => {
    const peer = closing(2500, { sackOk: true }, { tcp: { tailLossProbe: false } });
    peer.wait(100);
    peer.send('.', { ack: 1001, sack: [[2001, 2501]] });
    peer.expectAfter(25, '.', { seq: 1001, length: 1000 }, 2);
    peer.send('.', { ack: 2501 });
    peer.wait(1000);
    peer.expect('F.', { seq: 2501, length: 0 });
  });

  it('two full segments and a FIN are SACKed: that is not three segments, so RACK waits [8985-2]', () => {
    const peer = closing(3000);
    peer.wait(100);
    peer.send('.', { ack: 1, sack: [[1001, 3002]] });
    peer.expectNothing(20);
    peer.expectAfter(5, '.', { seq: 1, length: 1000 }, 2);
  });

  it('one full segment with a FIN is out: the probe waits for a delayed ACK, and is all of it [8985-3]', () => {
    const peer = closing(1000);
    peer.expectAfter(300, 'FP.', { seq: 1, length: 1000 }, 2);
    expect(peer.controlBlock?.flight.first?.to).to.equal(peer.controlBlock?.snd.nxt);
  });

  for (const [bytes, segments] of [
    [1000, 1],
    [2000, 2],
    [2500, 3],
  ] as const) {
    it(`${bytes} bytes and a FIN are ${segments} segments of 1000 for STATUS`, () => {
      expect(closing(bytes).program.connection.info()).to.include({ unackedSegments: segments, lostSegments: 0 });
    });
  }

  it('a FIN alone is a segment for STATUS, sent again or not', () => {
    const peer = closing(1000, { sackOk: true }, { tcp: { tailLossProbe: false } });
    const { connection } = peer.program;
    peer.send('.', { ack: 1001 });
    expect(connection.info()).to.include({ unackedSegments: 1, resentSegments: 0 });
    peer.wait(1500);
    expect(connection.info()).to.include({ unackedSegments: 1, resentSegments: 1 });
  });

  it('a partial ACK without SACK: the last segment goes again with its FIN [6582-1]', () => {
    const peer = closing(5000, {}, { tcp: { tailLossProbe: false } });
    peer.wait(100);
    for (let i = 0; i < 3; i++) peer.send('.', { ack: 1 });
    peer.expect('.', { seq: 1, length: 1000 });
    peer.send('.', { ack: 4001 });
    peer.expect('FP.', { seq: 4001, length: 1000 });
    peer.expectNothing();
  });

  it('what goes again is as long as its data: the FIN makes no packet longer', () => {
    const peer = closing(500, {}, { tcp: { tailLossProbe: false } });
    peer.expectAfter(300, 'FP.', { seq: 1, length: 500 }, 2);
    expect(peer.controlBlock?.flight.first?.segmentBytes).to.equal(500);
  });

  it('neither FIN nor SYN is a byte sent or received', () => {
    const peer = closing(500);
    const count = () => {
      const { bytesAcked, bytesReceived } = peer.program.connection.info();
      return [bytesAcked, bytesReceived];
    };
    expect(count()).to.deep.equal([0, 0]);
    peer.send('P.', { seq: 1, ack: 502, data: 10 });
    expect(count()).to.deep.equal([500, 10]);
    const other = reach('ESTABLISHED');
    other.send('FP.', { seq: 1, data: 10 });
    expect(other.program.connection.info().bytesReceived).to.equal(10);
  });
});
