/**
 * The memory of the cache: slabs of SharedArrayBuffer, cut into blocks, one block for each object with all its tables.
 *
 * There is no buffer for each object, because a SharedArrayBuffer costs a system call, at least one page, and a
 * handle in every thread. For 100,000 small files the buffers would cost more than the bytes. A large object gets a
 * slab of its own, so that its memory goes back to the system as a whole when it is replaced.
 *
 * The bound `--cache-size` counts blocks and not slabs, since slab memory that was never written is not resident.
 */
import { BLOCK_UNIT } from './record.js';
import { Slab } from './slab.js';

/** Size of a shared slab. An object of more than a quarter of it has a slab of its own, so little of one is wasted. */
const SLAB_BYTES = 4 * 1024 * 1024;
const OWN_SLAB_FROM = SLAB_BYTES / 4;

/** A piece of a slab. */
export interface Block {
  readonly slab: Slab;
  readonly from: number;
  readonly length: number;
}

/** It is told when slabs are added and dropped, since every thread must know of them. */
export interface ArenaListener {
  slabAdded(slab: Slab): void;
  slabDropped(slab: Slab): void;
}

export class Arena {
  readonly #listener: ArenaListener;
  readonly #slabs = new Map<number, Slab>();
  /** Numbers of slabs that are gone. They are used again, so tables indexed by number stay short. */
  readonly #freeNumbers: number[] = [];
  /** The slab that had room last. It is tried first, since most of the others are full. */
  #last: Slab | undefined;
  #usedBytes = 0;
  #reservedBytes = 0;

  constructor(listener: ArenaListener) {
    this.#listener = listener;
  }

  /** Bytes in blocks: what a limit bounds. */
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
   * A block of at least `length` bytes, or undefined if all blocks would then be more than `limitBytes` together, or
   * the machine has no memory for it.
   */
  allocate(length: number, limitBytes: number): Block | undefined {
    const rounded = Math.ceil(length / BLOCK_UNIT) * BLOCK_UNIT;
    if (this.#usedBytes + rounded > limitBytes) return undefined;
    const block = rounded > OWN_SLAB_FROM ? this.#fromNewSlab(rounded, rounded) : this.#fromSharedSlab(rounded);
    if (block !== undefined) this.#usedBytes += rounded;
    return block;
  }

  /** Takes a block back. No thread may read it any more. A slab that has become empty goes back to the system. */
  free(slabNumber: number, from: number, length: number): void {
    const slab = this.#slabs.get(slabNumber);
    if (slab === undefined) throw new RangeError(`there is no slab ${slabNumber}`);
    slab.give(from, length);
    this.#usedBytes -= length;
    if (slab.empty) this.#drop(slab);
  }

  #drop(slab: Slab): void {
    this.#slabs.delete(slab.id);
    this.#freeNumbers.push(slab.id);
    if (this.#last === slab) this.#last = undefined;
    this.#reservedBytes -= slab.length;
    this.#listener.slabDropped(slab);
  }

  #fromSharedSlab(length: number): Block | undefined {
    if (this.#last !== undefined) {
      const from = this.#last.take(length);
      if (from >= 0) return { slab: this.#last, from, length };
    }
    for (const slab of this.#slabs.values()) {
      const from = slab.take(length);
      if (from < 0) continue;
      this.#last = slab;
      return { slab, from, length };
    }
    return this.#fromNewSlab(SLAB_BYTES, length);
  }

  #fromNewSlab(slabLength: number, length: number): Block | undefined {
    const number = this.#freeNumbers.pop() ?? this.#slabs.size + 1;
    const slab = newSlab(number, slabLength);
    if (slab === undefined) {
      this.#freeNumbers.push(number);
      return undefined;
    }
    this.#slabs.set(number, slab);
    this.#last = slab;
    this.#reservedBytes += slabLength;
    this.#listener.slabAdded(slab);
    return { slab, from: slab.take(length), length };
  }
}

/** A slab, or undefined if the machine has no memory for it, whatever the limit says. */
function newSlab(id: number, length: number): Slab | undefined {
  try {
    return new Slab(id, length);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
