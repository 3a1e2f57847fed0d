/**
 * `--pcap` and `--trace`: a device that also writes every frame to a capture file, for Wireshark or `fastpath dissect`,
 * or prints it.
 *
 * Frames are written as they cross the device: with offload that means super-segments without
 * a computed checksum. `--no-offload` gives a capture as from a wire.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { INBOUND, OUTBOUND } from '../../capture/format/pcapng-format.js';
import { PcapngWriter } from '../../capture/format/pcapng-writer.js';
import { type Clock, MILLISECOND } from '../../net/clock.js';
import type { Device } from '../../net/device/device.js';
import { TracedDevice, type TracedFrame } from '../../net/device/trace.js';
import type { EarlyFrame } from './early-frames.js';
import { FramePrinter } from './frame-printer.js';

export interface FrameRecorder {
  /** Writes out what waits; a reader of the file sees frames at most this late. */
  flush(): void;
  /** Ends the file. */
  close(): void;
}

/** Which records of a device's frames to make. */
export interface CaptureSetup {
  readonly capturePath?: string | undefined;
  /** Frames from before this device was there: the capture begins with them. */
  readonly earlyFrames?: readonly EarlyFrame[] | undefined;
  /** Print each frame as a line. */
  readonly trace: boolean;
  readonly tap: { readonly name: string; readonly mac: Uint8Array };
}

/**
 * The device, wrapped in a recorder if its frames are to be shown.
 * @param warn told once if the file cannot be written any more (disk full): serving goes on without it
 */
export function captured(
  device: Device,
  clock: Clock,
  { capturePath, earlyFrames = [], trace, tap }: CaptureSetup,
  warn: (text: string) => void,
): { device: Device; recorder?: FrameRecorder } {
  if (capturePath === undefined && !trace) return { device };
  const clockStart = Date.now() * MILLISECOND - clock.now;
  const printer = trace ? new FramePrinter(tap.name, clockStart) : undefined;
  const recorder = capturePath === undefined ? undefined : new FileRecorder(capturePath, tap, clockStart, warn);
  recorder?.recordEarly(earlyFrames);
  const onFrame = (frame: TracedFrame) => {
    recorder?.record(frame);
    printer?.print(frame);
  };
  return { device: new TracedDevice(device, { clock, onFrame }), ...(recorder !== undefined && { recorder }) };
}

/** Writes frames to a pcapng file. */
class FileRecorder implements FrameRecorder {
  readonly #file: CaptureFile;
  readonly #writer: PcapngWriter;
  readonly #interfaceId: number;
  readonly #clockStart: number;
  #refused = 0;

  constructor(path: string, tap: CaptureSetup['tap'], clockStart: number, warn: (text: string) => void) {
    this.#clockStart = clockStart;
    this.#file = new CaptureFile(path, warn);
    this.#writer = new PcapngWriter((bytes) => this.#file.write(bytes), { application: 'fastpath' });
    const description = 'as seen by the stack';
    this.#interfaceId = this.#writer.addInterface({ name: tap.name, description, mac: tap.mac, clockStart });
  }

  record({ direction, time, bytes, from, to, dropped }: TracedFrame): void {
    if (dropped) this.#refused++;
    else this.#write(direction, time, bytes, from, to);
  }

  recordEarly(frames: readonly EarlyFrame[]): void {
    for (const { direction, time, bytes } of frames) {
      this.#write(direction, time - this.#clockStart, bytes, 0, bytes.length);
    }
  }

  /** @param time µs of the clock, negative before its start */
  #write(direction: TracedFrame['direction'], time: number, bytes: Uint8Array, from: number, to: number): void {
    this.#writer.writeFrame(this.#interfaceId, time, direction === 'in' ? INBOUND : OUTBOUND, bytes, from, to);
  }

  flush(): void {
    this.#writer.flush();
  }

  close(): void {
    this.#writer.close([this.#refused]);
    this.#file.close();
  }
}

/** A file that stops being written at the first failure, instead of failing the frame that was being sent. */
class CaptureFile {
  readonly #fd: number;
  readonly #warn: (text: string) => void;
  #broken = false;

  constructor(
    readonly path: string,
    warn: (text: string) => void,
  ) {
    this.#fd = openSync(path, 'w');
    this.#warn = warn;
  }

  write(bytes: Uint8Array): void {
    if (this.#broken) return;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      this.#broken = true;
      this.#warn(`the capture ${this.path} ends here: ${(error as Error).message}`);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}
