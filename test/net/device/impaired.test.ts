import { expect } from 'chai';
import { Clock } from '../../../src/net/clock.js';
import { IncomingFrame } from '../../../src/net/device/frame.js';
import { ImpairedDevice, type ImpairmentOptions } from '../../../src/net/device/impaired.js';
import { createPair, type PairOptions } from '../../../src/net/device/pair.js';
import { SeededRandom } from '../../../src/net/random.js';
import { bytesOf, checksumsAreRight, tcpFrame } from '../../support/outgoing-frames.js';

/** A link, impaired at its first end, and the numbers (in the payload's place) that arrive at the second. */
function link(outgoing: ImpairmentOptions, incoming: ImpairmentOptions = {}, pair: PairOptions = {}, seed = 1) {
  const clock = new Clock();
  const [near, far] = createPair(pair);
  const device = new ImpairedDevice(near, { clock, random: new SeededRandom(seed), outgoing, incoming });
  const send = (count: number) => {
    for (let n = 0; n < count; n++) device.send(tcpFrame({ sequence: n, payload: 100 }));
  };
  const arrived = () => {
    const sequences: number[] = [];
    for (let bytes = far.takeBytes(); bytes !== undefined; bytes = far.takeBytes()) {
      sequences.push(new DataView(bytes.buffer, bytes.byteOffset).getInt32(38));
    }
    return sequences;
  };
  const runTo = (time: number) => {
    clock.now = time;
    device.runTimers();
  };
  return { clock, device, far, send, arrived, runTo };
}

describe('an impaired link', () => {
  it('is a perfect one without options, with offload as inside', () => {
    const { device, send, arrived } = link({}, {}, { offload: 'whole' });
    send(3);
    expect(arrived()).to.deep.equal([0, 1, 2]);
    expect(device.offload.checksum).to.equal(true);
    expect(device.nextDeadline()).to.equal(Infinity);
  });

  it('loses about the share it should, the same frames for the same seed', () => {
    const runs = [7, 7, 8].map((seed) => {
      const { send, arrived, device } = link({ loss: 0.1 }, {}, {}, seed);
      send(2000);
      const sequences = arrived();
      expect(device.outgoing).to.include({ offered: 2000, delivered: sequences.length, lost: 2000 - sequences.length });
      return sequences;
    });
    expect(runs[0]).to.deep.equal(runs[1]);
    expect(runs[0]).not.to.deep.equal(runs[2]);
    expect(runs[0]!.length).to.be.within(1740, 1860);
  });

  it('loses the very frame that a test asks for', () => {
    const { send, arrived } = link({ lose: (bytes) => bytes[41] === 1 });
    send(3);
    expect(arrived()).to.deep.equal([0, 2]);
  });

  it('doubles frames', () => {
    const { send, arrived, device } = link({ duplication: 1 });
    send(2);
    expect(arrived()).to.deep.equal([0, 0, 1, 1]);
    expect(device.outgoing.duplicated).to.equal(2);
  });

  it('damages one bit, which a checksum finds: so it offers no offload', () => {
    const { device, far } = link({ corruption: 1 }, {}, { offload: 'whole' });
    expect(device.offload.checksum).to.equal(false);
    const sent = bytesOf(tcpFrame({ payload: 200 }));
    for (let n = 0; n < 50; n++) {
      device.send(tcpFrame({ payload: 200 }));
      const came = far.takeBytes()!;
      const differing = came.map((byte, i) => byte ^ sent[i]!).filter((byte) => byte !== 0);
      expect(differing).to.have.length(1);
      expect(differing[0]! & (differing[0]! - 1)).to.equal(0);
    }
  });

  it('takes back what was vouched for when it damages a received frame', () => {
    const { device, far } = link({}, { corruption: 1 }, { offload: 'whole' });
    far.send(tcpFrame({ payload: 200, partial: true }));
    const frame = new IncomingFrame(new Uint8Array(0));
    expect(device.receive(frame)).to.equal(true);
    expect(frame.checksumGood).to.equal(false);
    const bytes = frame.bytes.slice(frame.from, frame.to);
    const intact = bytesOf(tcpFrame({ payload: 200 }));
    expect(checksumsAreRight(intact)).to.equal(true);
    expect(bytes.filter((byte, i) => byte !== intact[i])).to.have.length(1);
  });

  it('delays by the clock, both directions by their own time', () => {
    const { device, far, send, arrived, runTo, clock } = link({ delay: 500 }, { delay: 200 });
    const frame = new IncomingFrame(new Uint8Array(0));
    send(1);
    far.sendBytes(Uint8Array.of(1));
    expect(device.receive(frame)).to.equal(false);
    expect(device.nextDeadline()).to.equal(200);
    expect(device.underWay).to.equal(2);
    clock.now = 200;
    expect(device.receive(frame)).to.equal(true);
    runTo(499);
    expect(arrived()).to.deep.equal([]);
    runTo(500);
    expect(arrived()).to.deep.equal([0]);
    expect(device.nextDeadline()).to.equal(Infinity);
  });

  it('keeps the order under jitter, and breaks it when told to reorder', () => {
    const jittery = link({ delay: 1000, jitter: 900 });
    jittery.send(50);
    jittery.runTo(5000);
    expect(jittery.arrived()).to.deep.equal(Array.from({ length: 50 }, (_, n) => n));
    const reordering = link({ reordering: 0.2, reorderDelay: 300 });
    reordering.send(50);
    reordering.runTo(300);
    const sequences = reordering.arrived();
    expect([...sequences].sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 50 }, (_, n) => n));
    expect(sequences).not.to.deep.equal([...sequences].sort((a, b) => a - b));
    expect(reordering.device.outgoing.reordered).to.be.within(3, 20);
  });

  it('holds a rate: 1,000 frames of 166 bytes at 1.328 Mbit/s take a second', () => {
    const { send, arrived, runTo } = link({ rate: 1_328_000, queueBytes: 200_000 });
    send(1000);
    runTo(500_000);
    expect(arrived()).to.have.length(500);
    runTo(1_000_000);
    expect(arrived()).to.have.length(500);
  });

  it('drops what finds no room in the queue of the rate', () => {
    const { send, arrived, runTo, device } = link({ rate: 1_328_000, queueBytes: 1660 });
    send(100);
    runTo(10_000_000);
    expect(arrived()).to.have.length(10);
    expect(device.outgoing.overflowed).to.equal(90);
  });

  for (const { name, ecnAt, options } of [
    { name: 'IPv4', ecnAt: 15, options: {} },
    { name: 'IPv6', ecnAt: 15, options: { ipv6: true } },
    { name: 'IPv4 with a VLAN tag', ecnAt: 19, options: { vlan: 7 } },
  ]) {
    it(`marks packets of senders that speak ECN when its queue is long, and no others: ${name}`, () => {
      const { device, far, runTo } = link({ rate: 1_328_000, queueBytes: 200_000, markBytes: 400 });
      // Of each four frames, one says Not-ECT, one ECT(1), one ECT(0), and one has a mark already.
      for (let n = 0; n < 12; n++) device.send(tcpFrame({ ...options, ecn: n & 3, payload: 100 }));
      runTo(10_000_000);
      const shift = name === 'IPv6' ? 4 : 0;
      const bits: number[] = [];
      for (let bytes = far.takeBytes(); bytes !== undefined; bytes = far.takeBytes()) {
        bits.push((bytes[ecnAt]! >> shift) & 3);
        expect('vlan' in options || checksumsAreRight(bytes)).to.equal(true);
      }
      expect(bits).to.deep.equal([0, 1, 2, 3, 0, 3, 3, 3, 0, 3, 3, 3]);
      expect(device.outgoing).to.include({ overflowed: 0, marked: 7 });
    });
  }

  it('hands offload on unchanged: a delayed super-segment is cut by the device inside', () => {
    const { device, far, runTo } = link({ delay: 10 }, {}, { offload: 'cut' });
    device.send(tcpFrame({ payload: 3000, segmentBytes: 1448, sequence: 5 }));
    runTo(10);
    const frames = [far.takeBytes()!, far.takeBytes()!, far.takeBytes()!];
    expect(frames.every(checksumsAreRight)).to.equal(true);
    expect(far.waiting).to.equal(0);
    expect(frames.flatMap((bytes) => [...bytes.subarray(66)])).to.deep.equal([
      ...bytesOf(tcpFrame({ payload: 3000 })).subarray(66),
    ]);
  });
});
