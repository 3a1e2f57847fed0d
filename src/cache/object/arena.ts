/**
 * The memory of the cache: slabs of SharedArrayBuffer, cut into blocks, one block for each object with all its tables.
 *
 * There is no buffer for each object, because a SharedArrayBuffer costs a system call, at least one page, and a
 * handle in every thread. For 100,000 small files the buffers would cost more than the bytes. A large object gets a
 * slab of its own, so that its memory goes back to the system as a whole when it is replaced.
 *
 * The bound `--cache-size` counts blocks, since slab memory that was never written is not resident. But memory that was
 * written stays resident when its block is given back. So slabs are bounded too, by the same limit and two slabs more,
 * one of each kind. If no slab has a span that is long enough, the caller has to give more blocks back.
 *
 * Small and large blocks lie in different slabs, so that small ones do not cut up the room of the large ones. A few
 * empty slabs are kept for the next blocks. A SharedArrayBuffer that comes and goes would cost more than its memory:
 * each thread keeps it until its next garbage collection, and a worker that allocates nothing may never have one.
 */
import { BLOCK_UNIT, BLOCK_UNITS, recordAt } from './record.js';
import { Slab } from './slab.js';

/** Size of a shared slab. An object of more than a quarter of it has a slab of its own, so little of one is wasted. */
const SLAB_BYTES = 4 * 1024 * 1024;
const OWN_SLAB_FROM = SLAB_BYTES / 4;
/** Empty slabs that are kept. */
const MOST_EMPTY = 8;
/** From this length on a block is large. */
const LARGE_FROM = 64 * 1024;

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
  /** Of small and of large blocks: the slab that had room last. It is tried first, since most others are full. */
  #last: (Slab | undefined)[] = [undefined, undefined];
  /** Slabs without any block, kept for the next ones. */
  readonly #empty = new Set<Slab>();
  #turn = 0;
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
   * A block of at least `length` bytes. Undefined if all blocks would then be more than `limitBytes` together, if no
   * slab has room and another one would be too much, or if the machine has no memory for it.
   */
  allocate(length: number, limitBytes: number): Block | undefined {
    const rounded = Math.ceil(length / BLOCK_UNIT) * BLOCK_UNIT;
    if (this.#usedBytes + rounded > limitBytes) return undefined;
    const isOwn = rounded > OWN_SLAB_FROM;
    const block = isOwn ? this.#fromNewSlab(rounded, rounded, limitBytes) : this.#fromSharedSlab(rounded, limitBytes);
    if (block === undefined) return undefined;
    this.#usedBytes += rounded;
    block.slab.view.words[recordAt(block.from) + BLOCK_UNITS] = rounded / BLOCK_UNIT;
    return block;
  }

  /** Takes a block back. No thread may read it any more. A large object's slab goes back to the system as a whole. */
  free(slabNumber: number, from: number, length: number): void {
    const slab = this.#slabs.get(slabNumber);
    if (slab === undefined) throw new RangeError(`there is no slab ${slabNumber}`);
    slab.give(from, length);
    this.#usedBytes -= length;
    if (!slab.empty) return;
    if (slab.length !== SLAB_BYTES || this.#empty.size === MOST_EMPTY) this.#drop(slab);
    else this.#empty.add(slab);
  }

  /** A slab for blocks of this length that has others in it, another one at each call: for a caller that empties it. */
  nextSlab(length: number): Slab | undefined {
    const holdsLarge = length >= LARGE_FROM;
    const slabs = [...this.#slabs.values()].filter((slab) => slab.length === SLAB_BYTES && !slab.empty);
    const alike = slabs.filter((slab) => slab.holdsLarge === holdsLarge);
    this.#turn++;
    // Each second time one of either kind: all memory may be in slabs of the other kind.
    const choice = this.#turn % 2 === 0 || alike.length === 0 ? slabs : alike;
    return choice[(this.#turn >> 1) % Math.max(choice.length, 1)];
  }

  #drop(slab: Slab): void {
    this.#slabs.delete(slab.id);
    this.#empty.delete(slab);
    this.#freeNumbers.push(slab.id);
    this.#last = this.#last.map((last) => (last === slab ? undefined : last));
    this.#reservedBytes -= slab.length;
    this.#listener.slabDropped(slab);
  }

  #fromSharedSlab(length: number, limitBytes: number): Block | undefined {
    const holdsLarge = length >= LARGE_FROM;
    const last = this.#last[Number(holdsLarge)];
    const candidates = last === undefined ? this.#slabs.values() : [last, ...this.#slabs.values()];
    for (const slab of candidates) {
      if (slab.length !== SLAB_BYTES || slab.empty || slab.holdsLarge !== holdsLarge) continue;
      const from = slab.take(length);
      if (from >= 0) return this.#found(slab, from, length);
    }
    for (const slab of this.#empty) {
      slab.holdsLarge = holdsLarge;
      return this.#found(slab, slab.take(length), length);
    }
    return this.#fromNewSlab(SLAB_BYTES, length, limitBytes);
  }

  #found(slab: Slab, from: number, length: number): Block {
    this.#empty.delete(slab);
    this.#last[Number(slab.holdsLarge)] = slab;
    return { slab, from, length };
  }

  #fromNewSlab(slabLength: number, length: number, limitBytes: number): Block | undefined {
    const mostBytes = limitBytes + 2 * SLAB_BYTES;
    for (const slab of this.#empty) {
      if (this.#reservedBytes + slabLength <= mostBytes) break;
      this.#drop(slab);
    }
    if (this.#reservedBytes + slabLength > mostBytes) return undefined;
    const number = this.#freeNumbers.pop() ?? this.#slabs.size + 1;
    const slab = newSlab(number, slabLength);
    if (slab === undefined) {
      this.#freeNumbers.push(number);
      return undefined;
    }
    slab.holdsLarge = length >= LARGE_FROM;
    this.#slabs.set(number, slab);
    this.#reservedBytes += slabLength;
    this.#listener.slabAdded(slab);
    return this.#found(slab, slab.take(length), length);
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
