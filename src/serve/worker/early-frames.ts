/**
 * `--pcap` and `--trace` before the workers run: the start asks neighbours, DHCP servers and routers through devices of
 * its own. Their frames are printed at once, and kept for the first worker, which begins its capture with them.
 */
import { type Clock, MILLISECOND } from '../../net/clock.js';
import type { Device } from '../../net/device/device.js';
import { TracedDevice, type TracedFrame } from '../../net/device/trace.js';
import { FramePrinter } from './frame-printer.js';

/** A frame that crossed before the workers ran. */
export interface EarlyFrame {
  readonly direction: TracedFrame['direction'];
  /** Microseconds since 1970. */
  readonly time: number;
  readonly bytes: Uint8Array;
}

/** The start takes 40 s at most. A busy network must not fill our memory meanwhile. */
const MAX_BYTES = 4 * 1024 * 1024;

export class EarlyFrames {
  readonly #isKept: boolean;
  readonly #isPrinted: boolean;
  readonly #write: ((line: string) => void) | undefined;
  readonly #frames: EarlyFrame[] = [];
  #bytes = 0;

  /** @param write where lines go; standard error unless said otherwise */
  constructor(choice: { readonly isKept: boolean; readonly isPrinted: boolean }, write?: (line: string) => void) {
    this.#isKept = choice.isKept;
    this.#isPrinted = choice.isPrinted;
    this.#write = write;
  }

  /** What was kept, the oldest first. */
  get frames(): readonly EarlyFrame[] {
    return this.#frames;
  }

  /** The device, wrapped if its frames are kept or printed. @param name of its interface */
  around(device: Device, clock: Clock, name: string): Device {
    if (!this.#isKept && !this.#isPrinted) return device;
    const clockStart = Date.now() * MILLISECOND - clock.now;
    const printer = this.#isPrinted ? new FramePrinter(name, clockStart, this.#write) : undefined;
    const onFrame = (frame: TracedFrame) => {
      if (this.#isKept) this.#keep(frame, clockStart);
      printer?.print(frame);
    };
    return new TracedDevice(device, { clock, onFrame });
  }

  #keep({ direction, time, bytes, from, to, dropped }: TracedFrame, clockStart: number): void {
    if (dropped || this.#bytes + to - from > MAX_BYTES) return;
    this.#bytes += to - from;
    this.#frames.push({ direction, time: clockStart + time, bytes: bytes.slice(from, to) });
  }
}
