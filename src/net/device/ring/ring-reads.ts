/**
 * Frames that come through the ring: a chain of requests that sleeps until the TAP is readable and then reads at once.
 *
 *     POLL_ADD ─▶ READ ─▶ READ ─▶ … eight in all: each begins when the one before it has ended, whatever came of it
 *
 * The links are hard ones: a read that is shorter than its buffer, as each is, would end a chain of soft links. A read
 * that finds nothing ends with EAGAIN, so all eight end together. The poll makes no completion of its own.
 *
 * Caller: ring-tap.ts.
 */
import { addressOf, EAGAIN, POLLIN } from '../libc.js';
import { RECEIVE_BYTES } from '../tap.js';
import type { Ring } from './ring.js';
import { HARD_LINK, NO_WAIT, OP_POLL_ADD, OP_READ, SILENT_SUCCESS } from './uring.js';

/** Reads in one chain. */
export const READS = 8;

export class RingReads {
  readonly #ring: Ring;
  readonly #firstEntry: number;
  readonly #buffers = Array.from({ length: READS }, () => new Uint8Array(RECEIVE_BYTES));
  /** What each read of the chain returned: bytes, or a negative errno. */
  readonly #results = new Int32Array(READS);
  /** Reads of this chain that have ended, and those of them that were looked at. */
  #ended = READS;
  #seen = READS;
  /** The last chain found the device empty. */
  isDrained = true;

  /** Prepares `READS` + 1 entries of the ring. A completion of a read gets `tag`, one of a failed poll `pollTag`. */
  constructor(ring: Ring, fd: number, firstEntry: number, tag: number, pollTag: number) {
    this.#ring = ring;
    this.#firstEntry = firstEntry;
    const flags = HARD_LINK | SILENT_SUCCESS;
    ring.prepare(firstEntry, { operation: OP_POLL_ADD, flags, fd, operationFlags: POLLIN, tag: pollTag });
    for (const [i, buffer] of this.#buffers.entries()) {
      ring.prepare(firstEntry + 1 + i, {
        operation: OP_READ,
        flags: i < READS - 1 ? HARD_LINK : 0,
        fd,
        address: addressOf(buffer),
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
    this.#ended = 0;
    this.#seen = 0;
    this.isDrained = false;
    for (let i = 0; i <= READS; i++) this.#ring.queue(this.#firstEntry + i);
  }

  /** A read has ended. They end in the order of the chain. True: with a frame, or with an error to be looked at. */
  note(result: number): boolean {
    if (this.#ended === READS) return false;
    if (result === -EAGAIN) this.isDrained = true;
    this.#results[this.#ended++] = result;
    return result !== -EAGAIN;
  }

  /** The result of the next read to look at: its bytes, or a negative errno. `waiting` is not 0. */
  next(): number {
    return this.#results[this.#seen++]!;
  }

  /** The memory of the read that `next` has returned. It stays as it is until all of the chain was taken. */
  get memory(): Uint8Array {
    return this.#buffers[this.#seen - 1]!;
  }
}
