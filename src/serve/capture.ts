/**
 * `--pcap`: a device that also writes every frame to a capture file for Wireshark or `fastpath dissect`.
 *
 * Frames are written as they cross the device: with offload that means super-segments whose checksum nobody has
 * computed. `--no-offload` gives a capture as from a wire.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { INBOUND, OUTBOUND } from '../net/capture/pcapng-format.js';
import { PcapngWriter } from '../net/capture/pcapng-writer.js';
import { type Clock, MILLISECOND } from '../net/clock.js';
import type { Device } from '../net/device/device.js';
import { TracedDevice } from '../net/device/trace.js';

export interface FrameRecorder {
  /** Writes out what waits; a reader of the file sees frames at most this late. */
  flush(): void;
  /** Ends the file. */
  close(): void;
}

export interface CaptureSetup {
  readonly capturePath?: string | undefined;
  readonly tap: { readonly name: string; readonly mac: Uint8Array };
}

/**
 * The device, wrapped if there is something to be written.
 * @param warn told once if the file cannot be written any more (disk full): serving goes on without it
 */
export function captured(
  device: Device,
  clock: Clock,
  { capturePath, tap }: CaptureSetup,
  warn: (text: string) => void,
): { device: Device; recorder?: FrameRecorder } {
  if (capturePath === undefined) return { device };
  const file = new CaptureFile(capturePath, warn);
  const writer = new PcapngWriter((bytes) => file.write(bytes), { application: 'fastpath' });
  const clockStart = Date.now() * MILLISECOND - clock.now;
  const id = writer.addInterface({ name: tap.name, description: 'as seen by the stack', mac: tap.mac, clockStart });
  let refused = 0;
  const traced = new TracedDevice(device, {
    clock,
    onFrame: ({ direction, time, bytes, from, to, dropped }) => {
      if (dropped) refused++;
      else writer.writeFrame(id, time, direction === 'in' ? INBOUND : OUTBOUND, bytes, from, to);
    },
  });
  const close = () => {
    writer.close([refused]);
    file.close();
  };
  return { device: traced, recorder: { flush: () => writer.flush(), close } };
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
