/**
 * The memory of the library: blocks for objects up to a bound, and room for new ones by eviction.
 *
 * An object that was evicted gives its memory back only when no worker sends it any more. So `makeRoom` counts the
 * bytes of such objects as free already, and is called again if they do not come back in time.
 */
import { Arena, type ArenaListener, type Block } from '../object/arena.js';
import { layoutOf, type Measures } from '../object/layout.js';
import { BLOCK_UNITS, blockAt, FIRST_NAME, HASH, RANK, recordAt, type SlabView } from '../object/record.js';
import { blockLength, isPinned } from './records.js';
import { NO_RANK, S3Fifo } from './s3-fifo.js';

/** Who has the objects in this memory. */
export interface SpaceOwner extends ArenaListener {
  /** The slab of this number. */
  view(slab: number): SlabView;
  /** Memory of the tables of names, in all threads, bytes: it counts too. */
  tableBytes(): number;
  /** Takes all names of an object away. */
  evict(view: SlabView, objectAt: number): void;
  /** An object stayed although memory was short, since it was asked for. It must change nothing at once. */
  kept(view: SlabView, objectAt: number): void;
}

export class Space {
  readonly limitBytes: number;
  /** Objects that gave way to others since the start, and their bytes. */
  evicted = 0;
  evictedBytes = 0;
  readonly #owner: SpaceOwner;
  readonly #arena: Arena;
  readonly #queue: S3Fifo;
  /** Bytes of objects that are not found any more, and that a worker may still be sending. */
  #retiredBytes = 0;
  /** Those of them that slow clients hold: they did not come back in time, and nobody hopes for them. */
  #stuckBytes = 0;
  readonly #freedListeners = new Set<() => void>();

  constructor(limitBytes: number, owner: SpaceOwner) {
    this.limitBytes = limitBytes;
    this.#owner = owner;
    this.#arena = new Arena(owner);
    this.#queue = new S3Fifo(limitBytes);
    this.#queue.onKept = (rank) => owner.kept(owner.view(this.#queue.slabOf(rank)), this.#queue.placeOf(rank));
  }

  get usedBytes(): number {
    return this.#arena.usedBytes;
  }

  get reservedBytes(): number {
    return this.#arena.reservedBytes;
  }

  /** Tables of names, and the queue for eviction, bytes. */
  get indexBytes(): number {
    return this.#owner.tableBytes() + this.#queue.bytes;
  }

  /** The used bits of all objects (s3-fifo.ts). */
  get usedBits(): Uint8Array {
    return this.#queue.used;
  }

  get slabs(): Arena['slabs'] {
    return this.#arena.slabs;
  }

  /** What all blocks may take, bytes. */
  get blockLimit(): number {
    return this.limitBytes - this.indexBytes;
  }

  /** A block of `length` bytes; undefined: there is no room. A walk through the slab finds no object in it yet. */
  allocate(length: number, limitBytes = this.blockLimit): Block | undefined {
    const block = this.#arena.allocate(length, limitBytes);
    if (block === undefined) return undefined;
    block.slab.view.words[recordAt(block.from) + RANK] = NO_RANK;
    return block;
  }

  /** Gives back a block in which nothing was published. */
  discard({ slab, from, length }: Block): void {
    this.#arena.free(slab.id, from, length);
    this.freed();
  }

  /** Whether this many more bytes would fit without an eviction. */
  hasRoom(bytes: number): boolean {
    return this.#arena.usedBytes + bytes <= this.blockLimit;
  }

  /** See `Library.makeRoom`. */
  makeRoom(measures: Measures, anew: boolean): boolean {
    const { length } = layoutOf(measures);
    const before = this.evicted;
    if (anew) this.#stuckBytes = this.#retiredBytes;
    const hopeless = this.#stuckBytes;
    const hoped = () => this.#arena.usedBytes - this.#retiredBytes + hopeless;
    while (hoped() + length > this.blockLimit) if (!this.#evictNext()) break;
    const isInPieces = this.hasRoom(length) && this.evicted === before;
    if (isInPieces && (anew || this.#retiredBytes === 0)) this.#emptySlab(length);
    return this.evicted > before;
  }

  /** An object is published: it may be evicted from now on, unless it is pinned. `isAsked`: somebody asked for it. */
  admit(view: SlabView, objectAt: number, isAsked: boolean): void {
    const hash = view.word(objectAt + FIRST_NAME + HASH);
    const units = view.word(objectAt + BLOCK_UNITS);
    const rank = isPinned(view, objectAt) ? NO_RANK : this.#queue.add(view.id, objectAt, units, hash, isAsked);
    view.words[objectAt + RANK] = rank;
  }

  /** The object cannot be found any more. */
  retire(view: SlabView, objectAt: number): void {
    const rank = view.word(objectAt + RANK);
    if (rank !== NO_RANK) this.#queue.remove(rank);
    view.words[objectAt + RANK] = NO_RANK;
    this.#retiredBytes += blockLength(view, objectAt);
  }

  /** And no worker sends it any more. `freed` has to follow. */
  free(view: SlabView, objectAt: number): void {
    const length = blockLength(view, objectAt);
    this.#retiredBytes -= length;
    this.#stuckBytes = Math.min(this.#stuckBytes, this.#retiredBytes);
    this.#arena.free(view.id, blockAt(objectAt), length);
  }

  /** Tells those who wait for memory. */
  freed(): void {
    for (const listener of this.#freedListeners) listener();
  }

  /** See `Library.onFreed`. */
  onFreed(listener: () => void): () => void {
    this.#freedListeners.add(listener);
    return () => this.#freedListeners.delete(listener);
  }

  /** Evicts one object. Returns false if there is none. */
  #evictNext(): boolean {
    const rank = this.#queue.victim();
    if (rank === NO_RANK) return false;
    this.#evict(this.#owner.view(this.#queue.slabOf(rank)), this.#queue.placeOf(rank));
    return true;
  }

  #evict(view: SlabView, objectAt: number): void {
    this.evicted++;
    this.evictedBytes += blockLength(view, objectAt);
    this.#owner.evict(view, objectAt);
  }

  /** Evicts all that lies in one slab with blocks of this length. */
  #emptySlab(length: number): void {
    const slab = this.#arena.nextSlab(length);
    slab?.forEachBlock((from) => {
      const objectAt = recordAt(from);
      if (slab.view.word(objectAt + RANK) !== NO_RANK) this.#evict(slab.view, objectAt);
    });
  }
}
