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
  /** Frames to be filled again, the one used last on top: the processor has its bytes at hand. At most `limit` + 1. */
  readonly #spare: StoredFrame[] = [];
  /** What `shift` has returned last. */
  #taken: StoredFrame | null = null;
  #first = 0;
  #count = 0;

  constructor(readonly limit: number) {
    this.#slots = new Array<StoredFrame>(limit);
  }

  get length(): number {
    return this.#count;
  }

  /** The slot for one more frame, to be filled at once; null if the queue is full. */
  push(): StoredFrame | null {
    if (this.#count === this.limit) return null;
    const index = (this.#first + this.#count) % this.#slots.length;
    this.#count++;
    const frame = this.#spare.pop() ?? new StoredFrame();
    this.#slots[index] = frame;
    return frame;
  }

  /** Takes the oldest frame, which stays as it is until the next `shift`; null if there is none. */
  shift(): StoredFrame | null {
    if (this.#taken !== null) this.#spare.push(this.#taken);
    this.#taken = null;
    if (this.#count === 0) return null;
    const frame = this.#slots[this.#first]!;
    this.#first = (this.#first + 1) % this.#slots.length;
    this.#count--;
    this.#taken = frame;
    return frame;
  }
}
