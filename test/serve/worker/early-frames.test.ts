import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readCapture } from '../../../src/capture/file/input.js';
import { INBOUND, OUTBOUND } from '../../../src/capture/format/pcapng-format.js';
import { Clock } from '../../../src/net/clock.js';
import type { Device } from '../../../src/net/device/device.js';
import { IncomingFrame, OutgoingFrame } from '../../../src/net/device/frame.js';
import { EarlyFrames } from '../../../src/serve/worker/early-frames.js';
import { captured } from '../../../src/serve/worker/frame-recorder.js';
import { FakeDevice } from '../../support/fake-device.js';

/** A device that a frame comes from. */
class Arriving extends FakeDevice {
  next = new Uint8Array(60);

  override receive(frame: IncomingFrame): boolean {
    frame.bytes = this.next;
    frame.from = 0;
    frame.to = this.next.length;
    return true;
  }
}

/** Lets a frame of zeros that ends in `mark` out. */
function send(device: Device, mark: number): boolean {
  const frame = new OutgoingFrame();
  frame.start = 0;
  frame.end = 60;
  frame.header[59] = mark;
  return device.send(frame);
}

/** Lets one in. */
function receive(device: Device, fake: Arriving, mark: number): void {
  fake.next[59] = mark;
  device.receive(new IncomingFrame(new Uint8Array(0)));
}

describe('frames from before the workers run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-early-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('stand at the beginning of the first capture, in one section, with their times and directions', async () => {
    const early = new EarlyFrames({ isKept: true, isPrinted: false });
    const fake = new Arriving();
    const start = new Clock();
    const first = early.around(fake, start, 'fp0');
    const second = early.around(fake, start, 'fp0');
    expect(send(first, 1)).to.equal(true);
    start.now += 5_000;
    receive(second, fake, 2);

    const path = join(folder, 'x.pcapng');
    const clock = new Clock();
    const setup = { capturePath: path, earlyFrames: early.frames, trace: false, tap: { name: 'fp0', mac: fake.mac } };
    const { device, recorder } = captured(fake, clock, setup, () => {});
    clock.now += 1_000_000;
    send(device, 3);
    recorder?.close();

    const seen: [mark: number, direction: number][] = [];
    const times: number[] = [];
    await readCapture(path, (record, { interfaces }) => {
      expect(interfaces).to.have.length(1);
      seen.push([record.bytes[record.to - 1] ?? 0, record.direction]);
      times.push(record.microseconds);
      return true;
    });
    expect(seen).to.deep.equal([
      [1, OUTBOUND],
      [2, INBOUND],
      [3, OUTBOUND],
    ]);
    expect(times).to.deep.equal([...times].sort((a, b) => a - b));
    expect((times[2] ?? 0) - (times[1] ?? 0)).to.be.within(900_000, 60_000_000);
  });

  it('are printed at once with --trace, and not kept without --pcap', () => {
    const lines: string[] = [];
    const early = new EarlyFrames({ isKept: false, isPrinted: true }, (line) => lines.push(line));
    const device = early.around(new FakeDevice(), new Clock(), 'fp0');
    send(device, 1);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.match(/fp0 out /);
    expect(early.frames).to.deep.equal([]);
  });

  it('are neither kept nor printed if nobody wants to see them: the device stays as it is', () => {
    const fake = new Arriving();
    expect(new EarlyFrames({ isKept: false, isPrinted: false }).around(fake, new Clock(), 'fp0')).to.equal(fake);
  });

  it('are kept up to a bound, and those that the device refuses are not', () => {
    const early = new EarlyFrames({ isKept: true, isPrinted: false });
    const fake = new Arriving();
    const device = early.around(fake, new Clock(), 'fp0');
    fake.accepts = false;
    expect(send(device, 1)).to.equal(false);
    expect(early.frames).to.deep.equal([]);
    fake.next = new Uint8Array(60_000);
    for (let i = 0; i < 80; i++) receive(device, fake, i);
    expect(early.frames.reduce((sum, { bytes }) => sum + bytes.length, 0)).to.be.within(4e6, 4 * 1024 * 1024);
  });
});
