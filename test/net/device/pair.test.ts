import { expect } from 'chai';
import { IncomingFrame } from '../../../src/net/device/frame.js';
import { createPair, type PairEnd } from '../../../src/net/device/pair.js';
import { bytesOf, checksumsAreRight, tcpFrame } from '../../support/outgoing-frames.js';

function received(end: PairEnd) {
  const frame = new IncomingFrame(new Uint8Array(0));
  if (!end.receive(frame)) return undefined;
  const { checksumGood, segmentBytes } = frame;
  return { bytes: frame.bytes.slice(frame.from, frame.to), checksumGood, segmentBytes };
}

describe('a pair of devices', () => {
  it('carries frames both ways, in order, byte for byte', () => {
    const [a, b] = createPair();
    expect(a.send(tcpFrame({ payload: 10 }))).to.equal(true);
    expect(a.send(tcpFrame({ payload: 1448 }))).to.equal(true);
    b.sendBytes(Uint8Array.of(1, 2, 3));
    expect(b.waiting).to.equal(2);
    expect(received(b)?.bytes).to.deep.equal(bytesOf(tcpFrame({ payload: 10 })));
    expect(b.takeBytes()).to.deep.equal(bytesOf(tcpFrame({ payload: 1448 })));
    expect(received(b)).to.equal(undefined);
    expect(b.takeBytes()).to.equal(undefined);
    expect(received(a)?.bytes).to.deep.equal(Uint8Array.of(1, 2, 3));
  });

  it('without offload: checksums are to be verified', () => {
    const [a, b] = createPair();
    expect(a.offload).to.deep.equal({ checksum: false, superSegmentBytes: 0 });
    a.send(tcpFrame({ payload: 10 }));
    expect(received(b)?.checksumGood).to.equal(false);
  });

  it('whole: a super-segment passes in one piece, vouched for', () => {
    const [a, b] = createPair({ offload: 'whole' });
    a.send(tcpFrame({ payload: 5000, segmentBytes: 1448 }));
    const frame = received(b);
    expect(frame?.bytes).to.have.length(5066);
    expect(frame).to.include({ checksumGood: true, segmentBytes: 1448 });
  });

  it('cut: the cable carries segments of the MTU with real checksums', () => {
    const [a, b] = createPair({ offload: 'cut' });
    a.send(tcpFrame({ payload: 3000, segmentBytes: 1448 }));
    a.send(tcpFrame({ payload: 7, partial: true }));
    const lengths: number[] = [];
    for (let frame = received(b); frame !== undefined; frame = received(b)) {
      expect(frame).to.include({ checksumGood: false, segmentBytes: 0 });
      expect(checksumsAreRight(frame.bytes)).to.equal(true);
      lengths.push(frame.bytes.length - 66);
    }
    expect(lengths).to.deep.equal([1448, 1448, 104, 7]);
  });

  it('drops and counts what is longer than the MTU', () => {
    const [a] = createPair({ mtu: 1000, offload: 'whole' });
    expect(a.send(tcpFrame({ payload: 948 }))).to.equal(true);
    expect(a.send(tcpFrame({ payload: 949 }))).to.equal(false);
    expect(a.send(tcpFrame({ payload: 5000, segmentBytes: 949 }))).to.equal(false);
    expect(a.statistics).to.deep.equal({ sent: 1, overflowed: 0, tooLong: 2 });
  });

  it('drops and counts what finds the queue full, and what is sent to a closed end', () => {
    const [a, b] = createPair({ queueFrames: 2 });
    const taken = [1, 2, 3].map((n) => a.sendBytes(Uint8Array.of(n)));
    expect(taken).to.deep.equal([true, true, false]);
    expect(b.takeBytes()).to.deep.equal(Uint8Array.of(1));
    b.close();
    expect(a.sendBytes(Uint8Array.of(4))).to.equal(false);
    expect(a.statistics).to.deep.equal({ sent: 2, overflowed: 2, tooLong: 0 });
  });

  it('leaves the frame last received as it is while new ones come', () => {
    const [a, b] = createPair({ queueFrames: 2 });
    const frame = new IncomingFrame(new Uint8Array(0));
    for (let n = 1; n <= 10; n++) {
      a.sendBytes(Uint8Array.of(n));
      expect(b.receive(frame)).to.equal(true);
      a.sendBytes(Uint8Array.of(0xee));
      a.sendBytes(Uint8Array.of(0xee));
      expect(frame.bytes[frame.from]).to.equal(n);
      b.takeBytes();
      b.takeBytes();
    }
  });

  it('tells the other end at once that there is something', () => {
    const [a, b] = createPair();
    let told = 0;
    b.onReadable = () => told++;
    a.sendBytes(Uint8Array.of(1));
    expect(told).to.equal(1);
  });
});
