/**
 * Frames kept in memory: a bounded first-in-first-out queue. Its buffers are used again, so a million frames through a
 * pair allocate as little as ten. Callers: pair.ts, and impairment.ts for its frames.
 */
import type { IncomingFrame } from './frame.js';

/** A frame in memory, `bytes[0, length)`, with the device's statements about it. */
export class StoredFrame {
  bytes = new Uint8Array(0);
  length = 0;
  checksumGood = false;
  segmentBytes = 0;

  /** Makes room for `length` bytes; the old contents are lost. */
  resize(length: number): void {
    if (this.bytes.length < length) this.bytes = new Uint8Array(Math.max(length, 2 * this.bytes.length, 256));
    this.length = length;
  }

  /** Points `frame` at this one. */
  show(frame: IncomingFrame): void {
    frame.bytes = this.bytes;
    frame.from = 0;
    frame.to = this.length;
    frame.checksumGood = this.checksumGood;
    frame.segmentBytes = this.segmentBytes;
  }
}

export class FrameQueue {
  readonly #slots: StoredFrame[];
  #first = 0;
  #count = 0;

  /** One slot more than `limit`, since the frame last taken stays valid until the next one is. */
  constructor(readonly limit: number) {
    this.#slots = new Array<StoredFrame>(limit + 1);
  }

  get length(): number {
    return this.#count;
  }

  /** The slot for one more frame, to be filled at once; null if the queue is full. */
  push(): StoredFrame | null {
    if (this.#count === this.limit) return null;
    const index = (this.#first + this.#count) % this.#slots.length;
    this.#count++;
    return (this.#slots[index] ??= new StoredFrame());
  }

  /** Takes the oldest frame, which stays as it is until the next `shift`; null if there is none. */
  shift(): StoredFrame | null {
    if (this.#count === 0) return null;
    const frame = this.#slots[this.#first]!;
    this.#first = (this.#first + 1) % this.#slots.length;
    this.#count--;
    return frame;
  }
}
