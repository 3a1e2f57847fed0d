/**
 * Which object of the cache gives way when memory is short: S3-FIFO (Yang, Zhang, Qiu, Yue, Rashmi, *FIFO queues are
 * all you need for cache eviction*, SOSP 2023), with one used bit. Used by library.ts, on the main thread.
 *
 *     read on demand ──▶ [ small queue ] ── asked for again ───────────▶ [ main queue ] ── not asked for ──▶ gone
 *                        a tenth of all        asked for soon after ──▶   ▲          │
 *                        └─ not asked for ──▶ gone; its hash is kept      └── asked for
 *
 * An object stays where it is when it is asked for: only its used bit is set. So a hit moves nothing and takes no lock.
 * The bits are bytes in memory that all threads share: a worker sets one, and this thread reads and clears it. Two
 * threads can do no harm to each other there: at worst an object counts as used once more or once less.
 *
 * What a scan asks for passes through the small queue, and the main queue does not notice. A set of objects that has
 * become popular gets into the main queue, and drives the old one out. LRU fails at the first. SIEVE, which is simpler,
 * was tried first and fails at the second (scripts/micro/hit-ratio.ts).
 *
 * Objects differ in size, and the bound is in bytes. The caller evicts until the bytes suffice.
 */

import { sharedMemory } from '../object/shared-memory.js';

/** Values of a used bit: not asked for, asked for, and just read because somebody asked. */
export const UNUSED = 0;
export const USED = 1;
/** The request for which it was read is no second one: it makes `UNUSED` of this, and the next one makes `USED`. */
export const FRESH = 2;
/** Number of no object: objects with it are never evicted, and their used bit is always set. */
export const NO_RANK = 0;

/** The small queue's part of all bytes, as the paper has it. */
const SMALL_SHARE = 0.1;
const SMALL = 0;
const MAIN = 1;
/** Most objects. More than 16 million of the smallest size would be 8 GiB. */
const MOST_OBJECTS = 2 ** 24;
/** No object's block is shorter, bytes: record, a name and two heads. */
const LEAST_OBJECT_BYTES = 256;
const FIRST_OBJECTS = 1024;
/** Memory for each object: seven words and its used bit. And for each hash that is remembered, in a Map. */
const BYTES_PER_OBJECT = 29;
const BYTES_PER_HASH = 32;

export class S3Fifo {
  /** A byte for each number, one of the three values above. Shared with the workers. */
  readonly used: Uint8Array;
  /** Told of each object whose turn to go had come, and that stays because it was asked for. It must change nothing. */
  onKept: (rank: number) => void = () => {};
  /** The neighbours in the queue; 0: none. Numbers that are free are linked by `#newer`. */
  #newer = new Int32Array(FIRST_OBJECTS);
  #older = new Int32Array(FIRST_OBJECTS);
  /** Where the object's record lies, its length in any unit, and the hash of its first name. */
  #slabs = new Int32Array(FIRST_OBJECTS);
  #places = new Int32Array(FIRST_OBJECTS);
  #lengths = new Int32Array(FIRST_OBJECTS);
  #hashes = new Int32Array(FIRST_OBJECTS);
  /** `SMALL` or `MAIN`. */
  #queues = new Int32Array(FIRST_OBJECTS);
  /** Of both queues. */
  readonly #newest = Int32Array.of(0, 0);
  readonly #oldest = Int32Array.of(0, 0);
  readonly #filled = [0, 0];
  /** Hashes of objects that left the small queue, the oldest first: at most as many as there are objects. */
  readonly #remembered = new Set<number>();
  #free = 0;
  /** Numbers from here on were never used. */
  #fresh = 1;
  #size = 0;

  /** `limitBytes`: of the cache, from which follows how many objects there can be. */
  constructor(limitBytes: number) {
    const most = Math.min(Math.ceil(limitBytes / LEAST_OBJECT_BYTES) + FIRST_OBJECTS, MOST_OBJECTS);
    // Pages that are never written take no memory.
    this.used = new Uint8Array(sharedMemory(most));
    this.used[NO_RANK] = USED;
  }

  /** Objects in both queues. */
  get size(): number {
    return this.#size;
  }

  /** Memory of the queues, bytes. */
  get bytes(): number {
    return BYTES_PER_OBJECT * (this.#fresh - 1) + BYTES_PER_HASH * this.#remembered.size;
  }

  /**
   * Adds an object of this length, in any unit, with the hash of its first name. `isAsked`: it was read because
   * somebody asked for it; others begin in the main queue. Returns its number, or NO_RANK if there is none left.
   */
  add(slab: number, objectAt: number, length: number, hash: number, isAsked: boolean): number {
    const rank = this.#takeNumber();
    if (rank === NO_RANK) return NO_RANK;
    this.#slabs[rank] = slab;
    this.#places[rank] = objectAt;
    this.#lengths[rank] = length;
    this.#hashes[rank] = hash;
    this.used[rank] = isAsked ? FRESH : UNUSED;
    this.#append(rank, isAsked && !this.#remembered.delete(hash) ? SMALL : MAIN);
    this.#size++;
    return rank;
  }

  /** Takes an object out. Its number may be given to another one. */
  remove(rank: number): void {
    this.#unlink(rank);
    this.#newer[rank] = this.#free;
    this.#free = rank;
    this.#size--;
  }

  /**
   * The object that is to go: the oldest one that was not asked for, of the small queue if that has more than its
   * share. Those before it, which were asked for, become the newest of the main queue, and their bits are cleared.
   * NO_RANK if there is no object. The caller removes it.
   */
  victim(): number {
    const { used } = this;
    for (;;) {
      const queue = this.#longQueue;
      const rank = this.#oldest[queue] as number;
      if (rank === NO_RANK) return NO_RANK;
      if (used[rank] !== USED) {
        if (queue === SMALL) this.#remember(this.#hashes[rank] as number);
        return rank;
      }
      used[rank] = UNUSED;
      this.#unlink(rank);
      this.#append(rank, MAIN);
      this.onKept(rank);
    }
  }

  slabOf(rank: number): number {
    return this.#slabs[rank] as number;
  }

  placeOf(rank: number): number {
    return this.#places[rank] as number;
  }

  get #longQueue(): typeof SMALL | typeof MAIN {
    const [small = 0, main = 0] = this.#filled;
    return small > SMALL_SHARE * (small + main) || this.#oldest[MAIN] === NO_RANK ? SMALL : MAIN;
  }

  #append(rank: number, queue: typeof SMALL | typeof MAIN): void {
    const newest = this.#newest[queue] as number;
    this.#queues[rank] = queue;
    this.#filled[queue] = (this.#filled[queue] as number) + (this.#lengths[rank] as number);
    this.#older[rank] = newest;
    this.#newer[rank] = 0;
    if (newest === 0) this.#oldest[queue] = rank;
    else this.#newer[newest] = rank;
    this.#newest[queue] = rank;
  }

  #unlink(rank: number): void {
    const queue = this.#queues[rank] as typeof SMALL | typeof MAIN;
    const newer = this.#newer[rank] as number;
    const older = this.#older[rank] as number;
    this.#filled[queue] = (this.#filled[queue] as number) - (this.#lengths[rank] as number);
    if (older === 0) this.#oldest[queue] = newer;
    else this.#newer[older] = newer;
    if (newer === 0) this.#newest[queue] = older;
    else this.#older[newer] = older;
  }

  #remember(hash: number): void {
    this.#remembered.add(hash);
    if (this.#remembered.size <= this.#size) return;
    const [oldest] = this.#remembered;
    if (oldest !== undefined) this.#remembered.delete(oldest);
  }

  #takeNumber(): number {
    const free = this.#free;
    if (free !== 0) {
      this.#free = this.#newer[free] as number;
      return free;
    }
    if (this.#fresh === this.used.length) return NO_RANK;
    if (this.#fresh === this.#newer.length) this.#grow();
    return this.#fresh++;
  }

  #grow(): void {
    const length = Math.min(2 * this.#newer.length, this.used.length);
    const grown = (old: Int32Array) => {
      const array = new Int32Array(length);
      array.set(old);
      return array;
    };
    this.#newer = grown(this.#newer);
    this.#older = grown(this.#older);
    this.#slabs = grown(this.#slabs);
    this.#places = grown(this.#places);
    this.#lengths = grown(this.#lengths);
    this.#hashes = grown(this.#hashes);
    this.#queues = grown(this.#queues);
  }
}
