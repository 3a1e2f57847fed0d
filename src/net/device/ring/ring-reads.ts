/**
 * Frames that come through the ring: a chain of requests that sleeps until the TAP is readable and then reads at once.
 *
 *     POLL_ADD ─▶ READ ─▶ READ ─▶ … each begins when the one before it has ended, whatever came of it
 *
 * The links are hard ones: a read that is shorter than its buffer, as each is, would end a chain of soft links. A read
 * that finds nothing ends with EAGAIN, so all end together. The poll makes no completion of its own.
 *
 * A chain has two to eight reads: one more than the last one has found, or twice as many if it found the device full.
 * With a lone client, eight reads a request would cost it 12 µs of 70.
 *
 * Caller: ring-tap.ts.
 */
import { addressOf, EAGAIN, POLLIN } from '../libc.js';
import { RECEIVE_BYTES } from '../tap.js';
import type { Ring } from './ring.js';
import { HARD_LINK, NO_WAIT, OP_POLL_ADD, OP_READ, SILENT_SUCCESS } from './uring.js';

/** The most reads in one chain. */
export const READS = 8;
const LEAST_READS = 2;

export class RingReads {
  readonly #ring: Ring;
  readonly #firstEntry: number;
  /**
   * The memory of all reads, one place behind the other. It is one array, because who reads requests makes a DataView
   * for each array that it meets: eight arrays cost 80 bytes of garbage a request.
   */
  readonly memory = new Uint8Array(READS * RECEIVE_BYTES);
  /** What each read of the chain returned: bytes, or a negative errno. A shorter chain has the last places. */
  readonly #results = new Int32Array(READS);
  /** The places behind the reads that have ended, and behind those of them that were looked at. */
  #ended = READS;
  #seen = READS;
  /** Reads in this chain, and those of them that have found a frame. */
  #length = LEAST_READS;
  #found = 0;
  /** The last chain found the device empty. */
  isDrained = true;

  /** Prepares `READS` + 1 entries of the ring. A completion of a read gets `tag`, one of a failed poll `pollTag`. */
  constructor(ring: Ring, fd: number, firstEntry: number, tag: number, pollTag: number) {
    this.#ring = ring;
    this.#firstEntry = firstEntry;
    const flags = HARD_LINK | SILENT_SUCCESS;
    ring.prepare(firstEntry, { operation: OP_POLL_ADD, flags, fd, operationFlags: POLLIN, tag: pollTag });
    for (let place = 0; place < READS; place++) {
      ring.prepare(firstEntry + 1 + place, {
        operation: OP_READ,
        flags: place < READS - 1 ? HARD_LINK : 0,
        fd,
        address: addressOf(this.memory) + place * RECEIVE_BYTES,
        length: RECEIVE_BYTES,
        operationFlags: NO_WAIT,
        tag,
      });
    }
  }

  /** Reads that are under way. */
  get pending(): number {
    return READS - this.#ended;
  }

  /** Frames, or errors, that wait to be taken. */
  get waiting(): number {
    return this.#ended - this.#seen;
  }

  /** Queues the chain if none is under way and all that the last one brought was taken. */
  arm(): void {
    if (this.#seen < READS) return;
    this.#length = this.#nextLength();
    this.#ended = READS - this.#length;
    this.#seen = this.#ended;
    this.#found = 0;
    this.isDrained = false;
    this.#ring.queue(this.#firstEntry);
    for (let place = this.#ended; place < READS; place++) this.#ring.queue(this.#firstEntry + 1 + place);
  }

  #nextLength(): number {
    if (this.#found === this.#length) return Math.min(2 * this.#length, READS);
    return Math.max(this.#found + 1, LEAST_READS);
  }

  /** A read has ended. They end in the order of the chain. True: with a frame, or with an error to be looked at. */
  note(result: number): boolean {
    if (this.#ended === READS) return false;
    if (result === -EAGAIN) this.isDrained = true;
    this.#results[this.#ended++] = result;
    if (result >= 0) this.#found++;
    return result !== -EAGAIN;
  }

  /** The result of the next read to look at: its bytes, or a negative errno. `waiting` is not 0. */
  next(): number {
    return this.#results[this.#seen++]!;
  }

  /** Where in `memory` the read lies that `next` has returned. It stays as it is until all of the chain was taken. */
  get at(): number {
    return (this.#seen - 1) * RECEIVE_BYTES;
  }
}
