/**
 * `--inspect`: the beginnings of a worker's frames, in a ring that the main thread reads while somebody looks. One
 * writer, one reader, no lock. When the ring is full, frames are counted and not kept: the worker never waits.
 *
 *     Int32 words:  0 frames written   1 frames read   2 missed   3 somebody looks   then the slots
 *     a slot:       time in µs since 1970 (double), length, bytes kept, the bytes
 *
 * A server without `--inspect` has no such device around its own. With it, and while nobody looks, a frame costs one
 * load.
 */
import type { Clock } from '../../net/clock.js';
import type { Device } from '../../net/device/device.js';
import { DeviceAround } from '../../net/device/device-around.js';
import type { IncomingFrame, OutgoingFrame } from '../../net/device/frame.js';

/** All headers and the beginning of a request line. */
const KEPT_BYTES = 144;
/** Frames that wait for the reader, which comes ten times a second: no page can show more. */
const SLOTS = 512;
const WRITTEN = 0;
const READ = 1;
const MISSED = 2;
const WATCHED = 3;
const HEAD_BYTES = 16;
const SLOT_HEAD_BYTES = 16;
const SLOT_BYTES = SLOT_HEAD_BYTES + KEPT_BYTES;

/** A frame as the reader gets it. */
export interface TappedFrame {
  /** Microseconds since 1970. */
  readonly time: number;
  /** On the wire. */
  readonly length: number;
  readonly bytes: Uint8Array;
}

/** The memory of a ring. */
export function createTapMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEAD_BYTES + SLOTS * SLOT_BYTES);
}

/** Both ends' view of the memory. */
class TapRing {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly doubles: Float64Array;

  constructor(readonly memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    this.bytes = new Uint8Array(memory);
    this.doubles = new Float64Array(memory);
  }

  slotAt(frame: number): number {
    return HEAD_BYTES + ((frame >>> 0) % SLOTS) * SLOT_BYTES;
  }
}

/** The main thread's end. */
export class TapReader {
  readonly #ring: TapRing;

  constructor(memory: SharedArrayBuffer) {
    this.#ring = new TapRing(memory);
  }

  /** Somebody looks, or nobody does any more. What waits from before is forgotten. */
  set watched(isWatched: boolean) {
    const { words } = this.#ring;
    Atomics.store(words, WATCHED, isWatched ? 1 : 0);
    Atomics.store(words, READ, Atomics.load(words, WRITTEN));
  }

  /** Frames that found no room, so far. */
  get missed(): number {
    return Atomics.load(this.#ring.words, MISSED) >>> 0;
  }

  /** Takes all that waits. */
  take(): TappedFrame[] {
    const { words, bytes, doubles } = this.#ring;
    const written = Atomics.load(words, WRITTEN);
    const frames: TappedFrame[] = [];
    let read = Atomics.load(words, READ);
    for (; read !== written; read = (read + 1) | 0) {
      const at = this.#ring.slotAt(read);
      const kept = words[at / 4 + 3] ?? 0;
      frames.push({
        time: doubles[at / 8] ?? 0,
        length: words[at / 4 + 2] ?? 0,
        bytes: bytes.slice(at + SLOT_HEAD_BYTES, at + SLOT_HEAD_BYTES + kept),
      });
    }
    Atomics.store(words, READ, read);
    return frames;
  }
}

/** The worker's end: a device around its own. */
export class TappedDevice extends DeviceAround {
  readonly #ring: TapRing;
  readonly #clock: Clock;
  /** Microseconds since 1970 when the clock said 0. */
  readonly #clockStart: number;
  readonly nextDeadline?: () => number;
  readonly runTimers?: () => void;

  constructor(inner: Device, memory: SharedArrayBuffer, clock: Clock, clockStart: number) {
    super(inner);
    this.#ring = new TapRing(memory);
    this.#clock = clock;
    this.#clockStart = clockStart;
    if (inner.nextDeadline !== undefined) this.nextDeadline = () => inner.nextDeadline?.() ?? Number.POSITIVE_INFINITY;
    if (inner.runTimers !== undefined) this.runTimers = () => inner.runTimers?.();
  }

  /** Somebody looks. */
  get isWatched(): boolean {
    return this.#ring.words[WATCHED] !== 0;
  }

  /** Microseconds since 1970, by the clock of the frames. */
  get now(): number {
    return this.#clockStart + this.#clock.now;
  }

  send(frame: OutgoingFrame): boolean {
    if (this.#ring.words[WATCHED] !== 0) this.#keepOutgoing(frame);
    return this.inner.send(frame);
  }

  receive(frame: IncomingFrame): boolean {
    if (!this.inner.receive(frame)) return false;
    if (this.#ring.words[WATCHED] !== 0) this.#keepIncoming(frame);
    return true;
  }

  #keepIncoming(frame: IncomingFrame): void {
    const at = this.#begin(frame.to - frame.from);
    if (at < 0) return;
    const kept = Math.min(KEPT_BYTES, frame.to - frame.from);
    for (let i = 0; i < kept; i++) this.#ring.bytes[at + SLOT_HEAD_BYTES + i] = frame.bytes[frame.from + i] ?? 0;
    this.#end(at, kept);
  }

  /** The headers, and what fits of the first piece of payload. */
  #keepOutgoing(frame: OutgoingFrame): void {
    const at = this.#begin(frame.length);
    if (at < 0) return;
    const { bytes } = this.#ring;
    const headers = Math.min(KEPT_BYTES, frame.end - frame.start);
    let to = at + SLOT_HEAD_BYTES;
    for (let i = 0; i < headers; i++) bytes[to++] = frame.header[frame.start + i] ?? 0;
    let kept = headers;
    const piece = frame.fragments[0];
    if (frame.fragmentCount > 0 && piece !== undefined) {
      const from = frame.fragmentFrom[0] ?? 0;
      const length = Math.min(KEPT_BYTES - headers, frame.fragmentLength[0] ?? 0);
      for (let i = 0; i < length; i++) bytes[to++] = piece.bytes[from + i] ?? 0;
      kept += length;
    }
    this.#end(at, kept);
  }

  /** The byte where the next slot begins; -1: the ring is full. */
  #begin(length: number): number {
    const { words, doubles } = this.#ring;
    const written = words[WRITTEN] ?? 0;
    if (((written - Atomics.load(words, READ)) | 0) >= SLOTS) {
      Atomics.add(words, MISSED, 1);
      return -1;
    }
    const at = this.#ring.slotAt(written);
    doubles[at / 8] = this.now;
    words[at / 4 + 2] = length;
    return at;
  }

  #end(at: number, kept: number): void {
    const { words } = this.#ring;
    words[at / 4 + 3] = kept;
    Atomics.store(words, WRITTEN, ((words[WRITTEN] ?? 0) + 1) | 0);
  }
}
