/**
 * From the bytes of a path to the record of the object that has this name. The main thread has one such table, and
 * every worker has one. A lookup makes no string and no object.
 *
 * The key is (site, content-coding, path): two small numbers and bytes. Site and coding are numbers because a request
 * picks them from short lists (Host once a connection, Accept-Encoding by preference), while paths are many.
 *
 * The table is open addressing with linear probing, at most half full: on average 1.5 probes for a hit, 2.5 for a
 * miss (Knuth, TAOCP volume 3, section 6.4), however many names there are. Each slot has the full 32-bit hash beside
 * the place of the name, so a key is compared only if it is almost certainly the right one. A removal shifts the rest
 * of the cluster back instead of leaving a tombstone (Knuth's Algorithm R), so lookups stay as quick after a million
 * replacements.
 *
 * A stranger can choose the paths that are looked up, but only the owner of the folder chooses the paths that are
 * stored. So a stranger cannot build a cluster, and the hash needs no secret.
 */
import { CODING, HASH, hashKey, ID, KEY_FROM, KEY_LENGTH, OBJECT_AT, SITE, type SlabView } from '../object/record.js';

/** Slots to begin with; a power of two, as every size after it. */
const FIRST_SLOTS = 64;
/** Three words and the reference to a value. */
const SLOT_BYTES = 20;
/** Slot of a name that is not there. */
export const NOT_FOUND = -1;

/**
 * The value that the owner of the table keeps beside a name. It knows its own key, so a hit does not read the record.
 */
export interface Keyed {
  matches(bytes: Uint8Array, from: number, to: number, site: number, coding: number): boolean;
}

/** `Value`: what the owner keeps beside a name; null until it does. */
export class NameTable<Value extends Keyed> {
  /** Null in every slot without a name, and where the owner has not set it. */
  values: (Value | null)[] = new Array<Value | null>(FIRST_SLOTS).fill(null);
  /** 0: the slot is empty. */
  #hashes = new Int32Array(FIRST_SLOTS);
  /** The number of the slab in which the name's record lies. */
  #slabs = new Int32Array(FIRST_SLOTS);
  /** The word of the slab at which it begins. */
  #places = new Int32Array(FIRST_SLOTS);
  #mask = FIRST_SLOTS - 1;
  #size = 0;
  /** By number. Numbers are given again, so the list stays short. */
  readonly #views: (SlabView | undefined)[] = [];

  /** Names in the table. */
  get size(): number {
    return this.#size;
  }

  /** Slots, most of them empty. */
  get capacity(): number {
    return this.#slabs.length;
  }

  /** Memory of a table with this many slots, bytes. */
  static bytesOf(capacity: number): number {
    return SLOT_BYTES * capacity;
  }

  addSlab(view: SlabView): void {
    this.#views[view.id] = view;
  }

  dropSlab(id: number): void {
    this.#views[id] = undefined;
  }

  /** @throws {RangeError} for a number that no slab has. */
  view(id: number): SlabView {
    const view = this.#views[id];
    if (view === undefined) throw new RangeError(`slab ${id} is unknown`);
    return view;
  }

  /** The slot with the path `bytes[from, to)`, or NOT_FOUND. */
  find(bytes: Uint8Array, from: number, to: number, site: number, coding: number): number {
    return this.findHashed(hashKey(bytes, from, to, site, coding), bytes, from, to, site, coding);
  }

  /** The same for a key whose hash is known: `hashKey` of all the other arguments. */
  findHashed(hash: number, bytes: Uint8Array, from: number, to: number, site: number, coding: number): number {
    const mask = this.#mask;
    const hashes = this.#hashes;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const there = hashes[slot];
      if (there === 0) return NOT_FOUND;
      if (there !== hash) continue;
      const value = this.values[slot] as Value | null; // within the table: `slot` is masked
      if (value === null) {
        if (this.#isKey(slot, bytes, from, to, site, coding)) return slot;
      } else if (value.matches(bytes, from, to, site, coding)) {
        return slot;
      }
    }
  }

  /** Calls `see` for each name, with the slab and the word where its record lies. `see` must not change the table. */
  forEach(see: (view: SlabView, nameAt: number) => void): void {
    for (let slot = 0; slot < this.capacity; slot++) {
      if (this.isTaken(slot)) see(this.viewAt(slot), this.placeAt(slot));
    }
  }

  /** Whether a slot holds a name. */
  isTaken(slot: number): boolean {
    return this.#hashes[slot] !== 0;
  }

  /** The slab in which the record of the name in `slot` lies. */
  viewAt(slot: number): SlabView {
    return this.#views[this.#slabs[slot] as number] as SlabView; // a slab is dropped after its last name
  }

  /** The word of that slab at which the name's record begins. */
  placeAt(slot: number): number {
    return this.#places[slot] as number;
  }

  /** The slot of this very name, or NOT_FOUND if another has its key now, or none. */
  slotOf(view: SlabView, nameAt: number): number {
    for (let slot = view.word(nameAt + HASH) & this.#mask; this.isTaken(slot); slot = (slot + 1) & this.#mask) {
      if (this.#places[slot] === nameAt && this.#slabs[slot] === view.id) return slot;
    }
    return NOT_FOUND;
  }

  /** The slot that holds the key of this name, or NOT_FOUND. */
  slotWithKeyOf(view: SlabView, nameAt: number): number {
    const from = view.word(nameAt + OBJECT_AT) * 4 + view.word(nameAt + KEY_FROM);
    const to = from + view.word(nameAt + KEY_LENGTH);
    return this.find(view.bytes, from, to, view.word(nameAt + SITE), view.word(nameAt + CODING));
  }

  /** Adds a name whose key is not there yet. */
  add(view: SlabView, nameAt: number): void {
    if ((this.#size + 1) * 2 > this.capacity) this.#grow();
    this.#size++;
    const hash = view.word(nameAt + HASH);
    this.#put(this.#emptySlot(hash), view.id, nameAt, hash, null);
  }

  /** Puts a name in the place of the one in `slot`, which has the same key. */
  replace(slot: number, view: SlabView, nameAt: number): void {
    this.#put(slot, view.id, nameAt, view.word(nameAt + HASH), null);
  }

  /** Removes the name in `slot`. */
  remove(slot: number): void {
    this.#size--;
    this.#clear(slot);
    this.#closeGap(slot);
  }

  /** The id of the name in `slot`. */
  idAt(slot: number): number {
    return this.viewAt(slot).word(this.placeAt(slot) + ID);
  }

  #isKey(slot: number, bytes: Uint8Array, from: number, to: number, site: number, coding: number): boolean {
    const view = this.#views[this.#slabs[slot] as number] as SlabView;
    const { words, bytes: memory } = view;
    const at = this.#places[slot] as number;
    const length = to - from;
    if (words[at + KEY_LENGTH] !== length || words[at + SITE] !== site || words[at + CODING] !== coding) return false;
    const keyFrom = (words[at + OBJECT_AT] as number) * 4 + (words[at + KEY_FROM] as number);
    for (let i = 0; i < length; i++) {
      if (memory[keyFrom + i] !== bytes[from + i]) return false;
    }
    return true;
  }

  #emptySlot(hash: number): number {
    let slot = hash & this.#mask;
    while (this.isTaken(slot)) slot = (slot + 1) & this.#mask;
    return slot;
  }

  #put(slot: number, slab: number, place: number, hash: number, value: Value | null): void {
    this.#slabs[slot] = slab;
    this.#places[slot] = place;
    this.#hashes[slot] = hash;
    this.values[slot] = value;
  }

  #clear(slot: number): void {
    this.#put(slot, 0, 0, 0, null);
  }

  /** Moves back every later name of the cluster that a probe would no longer reach (TAOCP 6.4, Algorithm R). */
  #closeGap(empty: number): void {
    const mask = this.#mask;
    let gap = empty;
    for (let slot = (gap + 1) & mask; this.isTaken(slot); slot = (slot + 1) & mask) {
      const home = (this.#hashes[slot] as number) & mask;
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue; // its home lies behind the gap: reachable
      this.#put(
        gap,
        this.#slabs[slot] as number,
        this.placeAt(slot),
        this.#hashes[slot] as number,
        this.#valueAt(slot),
      );
      this.#clear(slot);
      gap = slot;
    }
  }

  /** Doubles the table. The hashes are at hand and all keys differ, so no key is read: 100,000 names in 5 ms. */
  #grow(): void {
    const { values } = this;
    const [slabs, places, hashes] = [this.#slabs, this.#places, this.#hashes];
    const capacity = 2 * slabs.length;
    this.values = new Array<Value | null>(capacity).fill(null);
    this.#slabs = new Int32Array(capacity);
    this.#places = new Int32Array(capacity);
    this.#hashes = new Int32Array(capacity);
    this.#mask = capacity - 1;
    for (const [slot, hash] of hashes.entries()) {
      if (hash === 0) continue;
      const value = values[slot] as Value | null;
      this.#put(this.#emptySlot(hash), slabs[slot] as number, places[slot] as number, hash, value);
    }
  }

  #valueAt(slot: number): Value | null {
    return this.values[slot] as Value | null;
  }
}
