import { Duplex } from 'node:stream';
import { expect } from 'chai';
import { DuplexDevice } from '../../../src/net/device/duplex.js';
import { IncomingFrame } from '../../../src/net/device/frame.js';
import { bytesOf, tcpFrame } from '../../support/outgoing-frames.js';

/** A stream whose other side the test holds: what was written, and when a write is done. */
class Cable extends Duplex {
  readonly written: Uint8Array[] = [];
  #done: (() => void) | null = null;

  constructor() {
    super({ objectMode: true, writableHighWaterMark: 2, readableHighWaterMark: 4 });
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.written.push(chunk);
    this.#done = done;
  }

  finishWrite(): void {
    this.#done?.();
  }
}

const FRAME = new Uint8Array(20).fill(7);
const turn = () => new Promise((resolve) => setImmediate(resolve));

function receive(device: DuplexDevice): Uint8Array | undefined {
  const frame = new IncomingFrame(new Uint8Array(0));
  return device.receive(frame) ? frame.bytes.slice(frame.from, frame.to) : undefined;
}

describe('a stream of frames as a device', () => {
  it('writes each frame as one chunk and takes each chunk as a frame', async () => {
    const cable = new Cable();
    const device = new DuplexDevice(cable, { mac: '02:00:00:00:00:01' });
    let told = 0;
    device.onReadable = () => told++;
    expect(device.send(tcpFrame({ payload: 11 }))).to.equal(true);
    expect(cable.written.map((chunk) => Uint8Array.from(chunk))).to.deep.equal([bytesOf(tcpFrame({ payload: 11 }))]);
    cable.push(FRAME);
    await turn();
    expect(told).to.equal(1);
    expect(receive(device)).to.deep.equal(FRAME);
    expect(receive(device)).to.equal(undefined);
  });

  it('drops while the stream is full, and goes on when it has drained', async () => {
    const cable = new Cable();
    const device = new DuplexDevice(cable, { mac: '02:00:00:00:00:01' });
    const taken = [1, 2, 3].map(() => device.send(tcpFrame()));
    expect(taken).to.deep.equal([true, true, false]);
    expect(device.statistics.blocked).to.equal(1);
    while (cable.writableLength > 0) {
      cable.finishWrite();
      await turn();
    }
    expect(device.send(tcpFrame())).to.equal(true);
  });

  it('pauses the stream while its own queue is full', async () => {
    const cable = new Cable();
    const device = new DuplexDevice(cable, { mac: '02:00:00:00:00:01', queueFrames: 4 });
    for (let n = 0; n < 10; n++) cable.push(FRAME);
    await turn();
    expect(device.statistics.paused).to.equal(1);
    let frames = 0;
    for (let round = 0; round < 10; round++) {
      while (receive(device) !== undefined) frames++;
      await turn();
    }
    expect(frames).to.equal(10);
  });

  it('counts and ignores what is no frame', async () => {
    const cable = new Cable();
    const device = new DuplexDevice(cable, { mac: '02:00:00:00:00:01' });
    for (const chunk of ['text', new Uint8Array(13), { length: 99 }]) cable.push(chunk);
    await turn();
    expect(device.statistics.malformed).to.equal(3);
    expect(receive(device)).to.equal(undefined);
  });

  it('is gone when the stream ends or fails, and says why', async () => {
    const cable = new Cable();
    const device = new DuplexDevice(cable, { mac: '02:00:00:00:00:01' });
    expect(device.gone).to.equal(false);
    cable.destroy(new Error('unplugged'));
    await turn();
    expect(device.gone).to.equal(true);
    expect(device.ended?.message).to.equal('unplugged');
    expect(device.send(tcpFrame())).to.equal(false);
  });
});
