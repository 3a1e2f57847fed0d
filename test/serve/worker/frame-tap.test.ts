import { expect } from 'chai';
import { Clock } from '../../../src/net/clock.js';
import { IncomingFrame, OutgoingFrame } from '../../../src/net/device/frame.js';
import { createPair } from '../../../src/net/device/pair.js';
import { SummedBytes } from '../../../src/net/wire/summed-bytes.js';
import { createTapMemory, TappedDevice, TapReader } from '../../../src/serve/worker/frame-tap.js';

describe('serve/frame-tap', () => {
  function tapped() {
    const memory = createTapMemory();
    const clock = new Clock();
    const [a, b] = createPair({ queueFrames: 2048, offload: 'whole' });
    clock.now = 500;
    return { clock, b, reader: new TapReader(memory), device: new TappedDevice(a, memory, clock, 1_000_000) };
  }

  function send(device: TappedDevice, payload: Uint8Array): void {
    const frame = new OutgoingFrame();
    frame.header.fill(7, frame.start, (frame.end = frame.start + 20));
    frame.addFragment(SummedBytes.plain(payload), 1, payload.length - 1);
    expect(device.send(frame)).to.equal(true);
  }

  it('keeps the beginnings of frames of both directions, with their time and length, while somebody looks', () => {
    const { b, reader, device } = tapped();
    reader.watched = true;
    send(
      device,
      Uint8Array.from({ length: 1001 }, (_, index) => index & 255),
    );
    b.sendBytes(Uint8Array.from({ length: 60 }, (_, index) => index));
    expect(device.receive(new IncomingFrame(new Uint8Array(0)))).to.equal(true);
    const [out, incoming] = reader.take();
    expect(out).to.include({ time: 1_000_500, length: 1020 });
    expect(Array.from(out!.bytes)).to.deep.equal([
      ...Array(20).fill(7),
      ...Array.from({ length: 124 }, (_, i) => i + 1),
    ]);
    expect(incoming).to.include({ length: 60 });
    expect(incoming!.bytes).to.deep.equal(Uint8Array.from({ length: 60 }, (_, index) => index));
    expect(reader.take()).to.deep.equal([]);
  });

  it('keeps nothing while nobody looks, and forgets what was there before', () => {
    const { reader, device } = tapped();
    send(device, new Uint8Array(100));
    expect(reader.take()).to.deep.equal([]);
    reader.watched = true;
    send(device, new Uint8Array(100));
    reader.watched = false;
    send(device, new Uint8Array(100));
    reader.watched = true;
    expect(reader.take()).to.deep.equal([]);
  });

  it('counts what finds no room, and never waits', () => {
    const { reader, device } = tapped();
    reader.watched = true;
    for (let i = 0; i < 1000; i++) send(device, Uint8Array.of(0, i & 255));
    const frames = reader.take();
    expect([frames.length, reader.missed]).to.deep.equal([512, 488]);
    send(device, Uint8Array.of(0, 99));
    expect(reader.take()[0]!.bytes.at(-1)).to.equal(99);
  });
});
