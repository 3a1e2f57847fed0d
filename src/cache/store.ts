/**
 * The lookup of a data-path worker: from the bytes of a path, as they lie in the request, to the entry. Called once
 * for each request, so it makes no string and no object.
 *
 * The key is (site, content-coding, path): two small numbers and bytes. Site and coding are numbers because a request
 * picks them from short lists (Host once a connection, Accept-Encoding by preference), while paths are many.
 *
 * The table is open addressing with linear probing, at most half full: on average 1.5 probes for a hit, 2.5 for a
 * miss (Knuth, TAOCP volume 3, section 6.4), however many objects there are. Each slot has the full 32-bit hash beside
 * the entry, so a key is compared only when it almost certainly is the one. Removing shifts the rest of the cluster
 * back instead of leaving a tombstone (Knuth's Algorithm R), so lookups stay as quick after a million replacements.
 *
 * A stranger can choose the paths that are looked up, but only the owner of the folder those that are stored; so
 * nobody outside can build a cluster, and the hash needs no secret.
 *
 * Who changes it: the main thread, by messages (published.ts), which the worker applies between two frames.
 */
import { Entry } from './entry.js';
import { type CacheMessage, Coding, DEFAULT_SITE, type PublishedEntry } from './published.js';

/** Slots to begin with; a power of two, as every size after it. */
const FIRST_SLOTS = 64;

/** A worker's view of the cache: finds the entry for the bytes of a path. */
export class Store {
  /** Lookups that found an entry, and those that did not. */
  hits = 0;
  misses = 0;

  #slots: (Entry | undefined)[] = new Array<Entry | undefined>(FIRST_SLOTS).fill(undefined);
  #hashes = new Int32Array(FIRST_SLOTS);
  #mask = FIRST_SLOTS - 1;
  #size = 0;
  readonly #byId = new Map<number, Entry>();
  readonly #slabs = new Map<number, Uint8Array>();
  readonly #onReleased: (id: number) => void;
  #retiredInUse = 0;

  /** `onReleased` is told the id of each retired entry once no connection of this worker holds it any more. */
  constructor(onReleased: (id: number) => void) {
    this.#onReleased = onReleased;
  }

  /** Entries that can be found. */
  get size(): number {
    return this.#size;
  }

  /** Entries replaced or removed that some connection still sends. */
  get retiredInUse(): number {
    return this.#retiredInUse;
  }

  /**
   * The entry for the path `bytes[from, to)`: percent-decoded, normalised, beginning with '/'; or undefined.
   *
   * Use it, or send from it, before the next message is applied; from `send` on TCP keeps it alive.
   */
  find(
    bytes: Uint8Array,
    from: number,
    to: number,
    site = DEFAULT_SITE,
    coding: number = Coding.identity,
  ): Entry | undefined {
    const hash = hashKey(bytes, from, to, site, coding);
    const mask = this.#mask;
    const slots = this.#slots;
    const hashes = this.#hashes;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot];
      if (entry === undefined) {
        this.misses++;
        return undefined;
      }
      if (hashes[slot] === hash && entry.matches(bytes, from, to, site, coding)) {
        this.hits++;
        return entry;
      }
    }
  }

  /** Carries out one message of the main thread. Throws RangeError for one that makes no sense; nothing changed then. */
  apply(message: CacheMessage): void {
    switch (message.kind) {
      case 'memory':
        this.#slabs.set(message.slab, new Uint8Array(message.buffer));
        break;
      case 'forget':
        this.#slabs.delete(message.slab);
        break;
      case 'publish':
        for (const entry of message.entries.map((where) => this.#entryAt(where))) this.#insert(entry);
        break;
      case 'retire':
        for (const id of message.ids) this.#remove(id);
        break;
    }
  }

  #entryAt(where: PublishedEntry): Entry {
    const memory = this.#slabs.get(where.slab);
    if (memory === undefined) throw new RangeError(`cache entry ${where.id} lies in unknown slab ${where.slab}`);
    return new Entry(where, memory);
  }

  #insert(entry: Entry): void {
    if ((this.#size + 1) * 2 > this.#slots.length) this.#grow();
    const slot = this.#slotOf(entry);
    const old = this.#slots[slot];
    this.#slots[slot] = entry;
    this.#hashes[slot] = hashOf(entry);
    this.#byId.set(entry.id, entry);
    if (old === undefined) this.#size++;
    else this.#retire(old);
  }

  /** The slot that holds this key, or the empty one where it belongs. */
  #slotOf(entry: Entry): number {
    const hash = hashOf(entry);
    let slot = hash & this.#mask;
    for (; ; slot = (slot + 1) & this.#mask) {
      const other = this.#slots[slot];
      if (other === undefined) return slot;
      const { memory, keyFrom, keyTo, site, coding } = entry;
      if (this.#hashes[slot] === hash && other.matches(memory, keyFrom, keyTo, site, coding)) return slot;
    }
  }

  #remove(id: number): void {
    const entry = this.#byId.get(id);
    if (entry === undefined) return; // replaced in the meantime, so retired already
    const slot = this.#slotOf(entry);
    this.#slots[slot] = undefined;
    this.#size--;
    this.#closeGap(slot);
    this.#retire(entry);
  }

  /** Moves back every later entry of the cluster that a probe would no longer reach (TAOCP 6.4, Algorithm R). */
  #closeGap(empty: number): void {
    const mask = this.#mask;
    let gap = empty;
    for (let slot = (gap + 1) & mask; this.#slots[slot] !== undefined; slot = (slot + 1) & mask) {
      const home = this.#hashes[slot]! & mask;
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue; // its home lies behind the gap: reachable
      this.#slots[gap] = this.#slots[slot];
      this.#hashes[gap] = this.#hashes[slot]!;
      this.#slots[slot] = undefined;
      gap = slot;
    }
  }

  /** Doubles the table. The hashes are at hand and all keys differ, so no key is read: 100,000 entries in 5 ms. */
  #grow(): void {
    const old = this.#slots;
    const oldHashes = this.#hashes;
    const slots = new Array<Entry | undefined>(old.length * 2).fill(undefined);
    const hashes = new Int32Array(slots.length);
    const mask = slots.length - 1;
    for (let i = 0; i < old.length; i++) {
      if (old[i] === undefined) continue;
      let slot = oldHashes[i]! & mask;
      while (slots[slot] !== undefined) slot = (slot + 1) & mask;
      slots[slot] = old[i];
      hashes[slot] = oldHashes[i]!;
    }
    this.#slots = slots;
    this.#hashes = hashes;
    this.#mask = mask;
  }

  #retire(entry: Entry): void {
    this.#byId.delete(entry.id);
    this.#retiredInUse++;
    entry.retire(this.#letGo);
  }

  readonly #letGo = (entry: Entry): void => {
    this.#retiredInUse--;
    this.#onReleased(entry.id);
  };
}

/** FNV-1a over the path, begun from site and coding, as an int32; its top bits are folded down for the mask. */
function hashKey(bytes: Uint8Array, from: number, to: number, site: number, coding: number): number {
  let hash = Math.imul(0x811c9dc5 ^ site, 0x01000193);
  hash = Math.imul(hash ^ coding, 0x01000193);
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

function hashOf(entry: Entry): number {
  return hashKey(entry.memory, entry.keyFrom, entry.keyTo, entry.site, entry.coding);
}
