import { expect } from 'chai';
import { Clock } from '../../../src/net/clock.js';
import { IncomingFrame } from '../../../src/net/device/frame.js';
import { ImpairedDevice } from '../../../src/net/device/impaired.js';
import { createPair, type PairOptions } from '../../../src/net/device/pair.js';
import { TracedDevice, type TracedFrame } from '../../../src/net/device/trace.js';
import { SeededRandom } from '../../../src/net/random.js';
import { bytesOf, checksumsAreRight, tcpFrame } from '../../support/outgoing-frames.js';

type Seen = Omit<TracedFrame, 'from' | 'to'>;

function traced(pair: PairOptions = {}, asOnWire = false) {
  const clock = new Clock();
  const [near, far] = createPair(pair);
  const seen: Seen[] = [];
  const onFrame = ({ from, to, ...frame }: TracedFrame) => {
    seen.push({ ...frame, bytes: frame.bytes.slice(from, to) });
  };
  return { clock, far, near, seen, device: new TracedDevice(near, { clock, onFrame, asOnWire }) };
}

describe('a traced device', () => {
  it('shows each frame with its direction and time, and hands it on', () => {
    const { clock, device, far, seen } = traced();
    clock.now = 5;
    device.send(tcpFrame({ payload: 9 }));
    clock.now = 7;
    far.sendBytes(Uint8Array.of(1, 2, 3));
    const frame = new IncomingFrame(new Uint8Array(0));
    expect(device.receive(frame)).to.equal(true);
    expect(device.receive(frame)).to.equal(false);
    const plain = { checksumPartial: false, segmentBytes: 0, dropped: false };
    expect(seen).to.deep.equal([
      { direction: 'out', time: 5, bytes: bytesOf(tcpFrame({ payload: 9 })), ...plain },
      { direction: 'in', time: 7, bytes: Uint8Array.of(1, 2, 3), ...plain },
    ]);
    expect(far.takeBytes()).to.deep.equal(bytesOf(tcpFrame({ payload: 9 })));
  });

  it('says of a super-segment what is left to do', () => {
    const { device, far, seen } = traced({ offload: 'whole' });
    device.send(tcpFrame({ payload: 3000, segmentBytes: 1448 }));
    far.send(tcpFrame({ payload: 5, partial: true }));
    device.receive(new IncomingFrame(new Uint8Array(0)));
    expect(seen.map(({ checksumPartial, segmentBytes }) => [checksumPartial, segmentBytes])).to.deep.equal([
      [true, 1448],
      [true, 0],
    ]);
  });

  it('as on a wire: shows segments with real checksums, and leaves the frames as they are', () => {
    const { device, far, seen } = traced({ offload: 'whole' }, true);
    device.send(tcpFrame({ payload: 3000, segmentBytes: 1448 }));
    far.send(tcpFrame({ payload: 3000, segmentBytes: 1448 }));
    far.send(tcpFrame({ payload: 5, partial: true }));
    const frame = new IncomingFrame(new Uint8Array(0));
    for (const expected of [3066, 71]) {
      device.receive(frame);
      expect(frame.to - frame.from).to.equal(expected);
    }
    expect(frame.bytes.slice(frame.from, frame.to)).to.deep.equal(bytesOf(tcpFrame({ payload: 5, partial: true })));
    expect(seen.map(({ bytes }) => bytes.length)).to.deep.equal([1514, 1514, 170, 1514, 1514, 170, 71]);
    expect(seen.every(({ bytes, checksumPartial }) => checksumsAreRight(bytes) && !checksumPartial)).to.equal(true);
  });

  it('shows a frame that the device refused as dropped', () => {
    const { device, seen } = traced({ mtu: 100 });
    expect(device.send(tcpFrame({ payload: 500 }))).to.equal(false);
    expect(seen[0]?.dropped).to.equal(true);
  });

  it('passes on what the device inside can do: time, descriptor, notice', () => {
    const { device, near, clock } = traced();
    expect(device.nextDeadline).to.equal(undefined);
    expect(device.fd).to.equal(undefined);
    const notify = () => {};
    device.onReadable = notify;
    expect(near.onReadable).to.equal(notify);
    const slow = new ImpairedDevice(near, { clock, random: new SeededRandom(1), outgoing: { delay: 9 } });
    const both = new TracedDevice(slow, { clock, onFrame() {} });
    both.send(tcpFrame());
    expect(both.nextDeadline?.()).to.equal(9);
  });
});
