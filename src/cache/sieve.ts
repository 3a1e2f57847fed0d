/**
 * Which object of the cache gives way when memory is short: SIEVE (Zhang, Yang, Yue, Vigfusson, Rashmi, *SIEVE is
 * Simpler than LRU: an Efficient Turn-Key Eviction Algorithm for Web Caches*, NSDI 2024). Used by library.ts, on the
 * main thread.
 *
 *     oldest                hand                          newest
 *     |  A1  |  B0  |  C1  |  D0  |  E1  |  F0  |  G0  |        1: asked for since the hand was here last
 *                             ^ evicted; the hand goes on to E, makes it E0 and keeps it, and so on
 *
 * An object stays where it is in the queue when it is asked for: only its used bit is set. So a hit moves nothing and
 * takes no lock. The bits are bytes in memory that all threads share: a worker sets one, and the hand reads and clears
 * it. Two threads can do no harm to each other there: at worst an object counts as used once more or once less.
 *
 * What a scan asks for comes in at the newest end, and nothing asks for it again. The hand spends its time there, and
 * the objects that it has passed and found in use stay. LRU would throw them out one after another.
 *
 * Objects differ in size, and the bound is in bytes. The caller evicts until the bytes suffice.
 */

/** Values of a used bit: not asked for, asked for, and just read because somebody asked. */
export const UNUSED = 0;
export const USED = 1;
/** The request for which it was read is no second one: it makes `UNUSED` of this, and the next one makes `USED`. */
export const FRESH = 2;
/** Number of no object: objects with it are never evicted, and their used bit is always set. */
export const NO_RANK = 0;
/** Most objects in the queue. More than 16 million objects of the smallest size would be 8 GiB. */
const MOST_OBJECTS = 2 ** 24;
/** No object's block is shorter, bytes: record, a name and two heads. */
const LEAST_OBJECT_BYTES = 256;
const FIRST_OBJECTS = 1024;
/** Memory of the queue for each object, bytes: four words and the used bit. */
const BYTES_PER_OBJECT = 17;

export class Sieve {
  /** A byte for each number: 1 if the object was asked for since the hand was there. Shared with the workers. */
  readonly used: Uint8Array;
  /** The neighbours in the queue; 0: none. Numbers that are free are linked by `#newer`. */
  #newer = new Int32Array(FIRST_OBJECTS);
  #older = new Int32Array(FIRST_OBJECTS);
  /** Where the object's record lies. */
  #slabs = new Int32Array(FIRST_OBJECTS);
  #places = new Int32Array(FIRST_OBJECTS);
  #newest = 0;
  #oldest = 0;
  /** The object that is looked at next; 0: the oldest one. */
  #hand = 0;
  #free = 0;
  /** Numbers from here on were never used. */
  #fresh = 1;
  #size = 0;

  /** `limitBytes`: of the cache, from which follows how many objects there can be. */
  constructor(limitBytes: number) {
    const most = Math.min(Math.ceil(limitBytes / LEAST_OBJECT_BYTES) + FIRST_OBJECTS, MOST_OBJECTS);
    // Pages that are never written take no memory.
    this.used = new Uint8Array(new SharedArrayBuffer(most));
    this.used[NO_RANK] = USED;
  }

  /** Objects in the queue. */
  get size(): number {
    return this.#size;
  }

  /** Memory of the queue, bytes. */
  get bytes(): number {
    return BYTES_PER_OBJECT * (this.#fresh - 1);
  }

  /** Adds an object as the newest one. Returns its number, or NO_RANK if there is none left. */
  add(slab: number, objectAt: number, used: typeof UNUSED | typeof FRESH = UNUSED): number {
    const rank = this.#takeNumber();
    if (rank === NO_RANK) return NO_RANK;
    this.#slabs[rank] = slab;
    this.#places[rank] = objectAt;
    this.used[rank] = used;
    this.#older[rank] = this.#newest;
    this.#newer[rank] = 0;
    if (this.#newest === 0) this.#oldest = rank;
    else this.#newer[this.#newest] = rank;
    this.#newest = rank;
    this.#size++;
    return rank;
  }

  /** Takes an object out of the queue. Its number may be given to another one. */
  remove(rank: number): void {
    const newer = this.#newerOf(rank);
    const older = this.#older[rank] as number;
    if (older === 0) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === 0) this.#newest = older;
    else this.#older[newer] = older;
    if (this.#hand === rank) this.#hand = newer;
    this.#newer[rank] = this.#free;
    this.#free = rank;
    this.#size--;
  }

  /**
   * The object that is to go: the first from the hand on that was not asked for. Those before it are kept, and their
   * bits are cleared. NO_RANK if the queue is empty. The caller removes it.
   */
  victim(): number {
    const { used } = this;
    let at = this.#hand === 0 ? this.#oldest : this.#hand;
    while (at !== 0 && used[at] === USED) {
      used[at] = UNUSED;
      at = this.#newerOf(at) || this.#oldest;
    }
    this.#hand = at;
    return at;
  }

  slabOf(rank: number): number {
    return this.#slabs[rank] as number;
  }

  placeOf(rank: number): number {
    return this.#places[rank] as number;
  }

  #newerOf(rank: number): number {
    return this.#newer[rank] as number;
  }

  #takeNumber(): number {
    const free = this.#free;
    if (free !== 0) {
      this.#free = this.#newerOf(free);
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
  }
}
