/**
 * Frames that were sent and that the kernel does not have yet: they wait for the next `io_uring_enter`.
 *
 * Until then a frame must stay as it was when it was sent. Its headers are copied into a slot of its own, because the
 * stack writes the next frame's headers over them. Its payload is not copied: each fragment is retained, as a send
 * queue would, and released when the kernel has read it. So an acknowledgement that arrives in between frees nothing
 * that is still to be read. Bytes that nobody retains (an echo's, which lie in the received frame) have an owner that
 * does not count readers: they are entered at once.
 *
 *     slot:  | header words 160 B |    vectors:  header, fragment, fragment …    entry of the ring: WRITEV of them
 *
 * Caller: ring-tap.ts.
 */
import type { SummedBytes } from '../../wire/summed-bytes.js';
import { HEADER_BYTES, type OutgoingFrame } from '../frame.js';
import { addressOf, lastErrno, sys } from '../libc.js';
import { FRAME_VECTORS, setVector, VECTOR_WORDS } from '../vectors.js';
import type { Ring } from './ring.js';
import { NO_WAIT, OP_WRITEV, SILENT_SUCCESS } from './uring.js';

/** The most frames that wait. A turn answers eight frames, mostly with one each. */
export const WRITE_SLOTS = 64;
/** With so much payload waiting it is time to hand it over, bytes: the client can work on it meanwhile. */
const MUCH_PAYLOAD = 128 * 1024;
const HEADER_WORDS = HEADER_BYTES / 4;
const SLOT_VECTOR_WORDS = FRAME_VECTORS * VECTOR_WORDS;
const WORD_BYTES = 4;

export class RingWrites {
  readonly #ring: Ring;
  readonly #fd: number;
  readonly #headers = new Uint32Array(WRITE_SLOTS * HEADER_WORDS);
  readonly #vectors = new Uint32Array(WRITE_SLOTS * SLOT_VECTOR_WORDS);
  readonly #vectorCount = new Int32Array(WRITE_SLOTS);
  readonly #headersAddress = addressOf(this.#headers);
  /** The fragments that wait, each retained once. */
  readonly #retained: (SummedBytes | null)[] = [];
  #retainedCount = 0;
  /** Slots in use. */
  #count = 0;
  #payload = 0;

  /** Prepares the entries 0 to `WRITE_SLOTS` - 1 of the ring. A completion, which only a failure has, gets `tag`. */
  constructor(ring: Ring, fd: number, tag: number) {
    this.#ring = ring;
    this.#fd = fd;
    for (let slot = 0; slot < WRITE_SLOTS; slot++) {
      ring.prepare(slot, {
        operation: OP_WRITEV,
        flags: SILENT_SUCCESS,
        fd,
        address: this.#vectorsOf(slot),
        operationFlags: NO_WAIT,
        tag,
      });
    }
  }

  /** Frames that wait. */
  get count(): number {
    return this.#count;
  }

  /** Queues the frame, whose first header byte for the kernel is at `start`. False: hand over at once. */
  add(frame: OutgoingFrame, start: number): boolean {
    const slot = this.#count++;
    const vectors = this.#vectors;
    const word = slot * SLOT_VECTOR_WORDS;
    const header = this.#headersAddress + slot * HEADER_BYTES + start;
    vectors[word] = header;
    vectors[word + 1] = header / 0x1_0000_0000;
    vectors[word + 2] = frame.end - start;
    this.#copyHeader(frame, start, slot);
    const mayWait = this.#addFragments(frame, word);
    this.#vectorCount[slot] = frame.fragmentCount + 1;
    this.#ring.setLength(slot, frame.fragmentCount + 1);
    this.#ring.queue(slot);
    return mayWait && this.#count < WRITE_SLOTS && this.#payload < MUCH_PAYLOAD;
  }

  /** The kernel has taken them all: the slots are free, and the fragments may change. */
  entered(): void {
    this.#count = 0;
    this.#payload = 0;
    const retained = this.#retained;
    for (let i = 0; i < this.#retainedCount; i++) {
      retained[i]!.release();
      retained[i] = null;
    }
    this.#retainedCount = 0;
  }

  /**
   * The ring is out of order: writes the frames from this one on by plain system calls. `failed` gets the errno of
   * each frame that is refused.
   */
  writePlainly(from: number, failed: (errno: number) => void): void {
    for (let slot = from; slot < this.#count; slot++) {
      if (sys.writev(this.#fd, this.#vectorsOf(slot), this.#vectorCount[slot]!) < 0) failed(lastErrno());
    }
    this.entered();
  }

  /** Whole words: a few bytes more than the headers do no harm. */
  #copyHeader(frame: OutgoingFrame, start: number, slot: number): void {
    const from = frame.headerWords;
    const to = this.#headers;
    const at = slot * HEADER_WORDS;
    const end = (frame.end + WORD_BYTES - 1) >>> 2;
    for (let i = start >>> 2; i < end; i++) to[at + i] = from[i]!;
  }

  /** False if the owner of some bytes does not know that they are still to be read. */
  #addFragments(frame: OutgoingFrame, word: number): boolean {
    let isRetained = true;
    for (let i = 0; i < frame.fragmentCount; i++) {
      setVector(this.#vectors, word + (i + 1) * VECTOR_WORDS, frame, i);
      const fragment = frame.fragments[i]!;
      if (fragment.readers === 0) isRetained = false;
      fragment.retain();
      this.#retained[this.#retainedCount++] = fragment;
    }
    this.#payload += frame.payloadLength;
    return isRetained;
  }

  #vectorsOf(slot: number): number {
    return addressOf(this.#vectors) + slot * SLOT_VECTOR_WORDS * WORD_BYTES;
  }
}
