/**
 * The memory of the cache: slabs of SharedArrayBuffer, cut into blocks, one block for each object with all its tables.
 *
 * Why slabs and not a buffer for each object: a SharedArrayBuffer costs a system call, a page at least and a handle in
 * every thread; 100,000 small files would cost more in buffers than in bytes. A large object gets a slab of its own,
 * so that its memory goes back to the system as a whole when it is replaced.
 *
 * The bound (`--cache-size`) counts the blocks, since slab memory that was never written is not resident.
 */
import { Slab } from './slab.js';

/** Size of a shared slab. An object of more than a quarter of it has a slab of its own, so little of one is wasted. */
const SLAB_BYTES = 4 * 1024 * 1024;
const OWN_SLAB_FROM = SLAB_BYTES / 4;
/** Blocks begin on cache lines: the head of one object shares none with the tail of another. */
const ALIGNMENT = 64;

/** A piece of a slab. */
export interface Block {
  readonly slab: Slab;
  readonly from: number;
  readonly length: number;
}

/** Told when slabs come and go, since every worker must know of them. */
export interface ArenaListener {
  slabAdded(slab: Slab): void;
  slabDropped(slab: Slab): void;
}

export class Arena {
  readonly limitBytes: number;
  readonly #listener: ArenaListener;
  readonly #slabs = new Map<number, Slab>();
  #nextSlab = 1;
  #usedBytes = 0;
  #reservedBytes = 0;

  constructor(limitBytes: number, listener: ArenaListener) {
    this.limitBytes = limitBytes;
    this.#listener = listener;
  }

  /** Bytes in blocks: what the limit bounds. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Bytes in slabs, whether in blocks or not. */
  get reservedBytes(): number {
    return this.#reservedBytes;
  }

  get slabs(): IterableIterator<Slab> {
    return this.#slabs.values();
  }

  /**
   * A block of at least `length` bytes, or undefined when the limit or the machine's memory leaves no room. With `beyondLimit` it is granted
   * all the same: for answers of a few hundred bytes that say that the limit was reached.
   */
  allocate(length: number, beyondLimit = false): Block | undefined {
    const rounded = Math.ceil(length / ALIGNMENT) * ALIGNMENT;
    if (!beyondLimit && this.#usedBytes + rounded > this.limitBytes) return undefined;
    const block = rounded > OWN_SLAB_FROM ? this.#fromNewSlab(rounded, rounded) : this.#fromSharedSlab(rounded);
    if (block !== undefined) this.#usedBytes += rounded;
    return block;
  }

  /** Takes a block back. Nobody may read it any more. A slab with nothing in it goes back to the system. */
  free(block: Block): void {
    const { slab, from, length } = block;
    slab.give(from, length);
    this.#usedBytes -= length;
    if (!slab.empty) return;
    this.#slabs.delete(slab.id);
    this.#reservedBytes -= slab.length;
    this.#listener.slabDropped(slab);
  }

  #fromSharedSlab(length: number): Block | undefined {
    for (const slab of this.#slabs.values()) {
      const from = slab.take(length);
      if (from >= 0) return { slab, from, length };
    }
    return this.#fromNewSlab(SLAB_BYTES, length);
  }

  #fromNewSlab(slabLength: number, length: number): Block | undefined {
    const slab = newSlab(this.#nextSlab, slabLength);
    if (slab === undefined) return undefined;
    this.#nextSlab++;
    this.#slabs.set(slab.id, slab);
    this.#reservedBytes += slabLength;
    this.#listener.slabAdded(slab);
    return { slab, from: slab.take(length), length };
  }
}

/** A slab, or undefined if the machine has no memory for it: a limit larger than that is then no limit. */
function newSlab(id: number, length: number): Slab | undefined {
  try {
    return new Slab(id, length);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
