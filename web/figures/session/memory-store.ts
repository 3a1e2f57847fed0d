/** Frames in memory, within bounds: the oldest bytes go first. A frame's place in its file is its number here. */
import type { CaptureRecord } from '../../../src/capture/format/record.js';
import { recordOf } from '../../../src/inspect/trace/analyzer.js';
import type { FrameStore } from './session.js';
import { breathe } from './turns.js';

const MOST_BYTES = 64 * 1024 * 1024;
const NOTHING = new Uint8Array(0);

interface Kept {
  readonly bytes: Uint8Array;
  readonly time: number;
  readonly length: number;
}

export class MemoryStore implements FrameStore {
  readonly interfaces = [];
  #frames: (Kept | undefined)[] = [];
  #bytes = 0;
  #oldest = 0;

  clear(): void {
    this.#frames = [];
    this.#bytes = 0;
    this.#oldest = 0;
  }

  add(bytes: Uint8Array, time: number, length = bytes.length): void {
    this.#frames.push({ bytes, time, length });
    this.#bytes += bytes.length;
    for (; this.#bytes > MOST_BYTES; this.#oldest++) {
      this.#bytes -= this.#frames[this.#oldest]?.bytes.length ?? 0;
      this.#frames[this.#oldest] = undefined;
    }
  }

  read(_offset: number, _length: number, number: number): Promise<Uint8Array> {
    return Promise.resolve(this.#frames[number - 1]?.bytes ?? NOTHING);
  }

  /** All frames, without those whose bytes are gone. */
  *all(): Generator<Kept> {
    for (const frame of this.#frames) if (frame !== undefined) yield frame;
  }

  async replay(visit: (record: CaptureRecord) => boolean): Promise<void> {
    const rest = breathe();
    for (const frame of this.#frames) {
      const { bytes, time, length } = frame ?? { bytes: NOTHING, time: 0, length: 0 };
      if (!visit(recordOf(bytes, time, length))) return;
      await rest();
    }
  }
}
