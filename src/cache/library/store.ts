/**
 * The cache as a data-path worker sees it: from the bytes of a path, as they lie in the request, to the entry. Called
 * once for each request, so a hit makes no string and no object.
 *
 * The main thread changes it by messages (published.ts), which the worker applies between two frames.
 */
import { latin1Bytes } from '../../net/wire/latin1.js';
import { Entry, isSound } from '../object/entry.js';
import { Coding, DEFAULT_SITE, hashOfKey, SlabView } from '../object/record.js';
import { Asks } from './asks.js';
import { NameTable, NOT_FOUND } from './name-table.js';
import { type CacheMessage, WORDS_PER_NAME } from './published.js';
import { FRESH, UNUSED, USED } from './s3-fifo.js';

/**
 * A worker's view of the cache: finds the entry for the bytes of a path.
 *
 * @example
 * ```ts
 * import { Store } from 'fastpath';
 *
 * const store = new Store(() => {}); // knows nothing before `apply` has brought it something
 * console.log(store.size, store.misses); // 0 0
 * ```
 */
export class Store {
  /** Lookups that found an entry, and those that did not. */
  hits = 0;
  misses = 0;
  #streamBytes = Number.POSITIVE_INFINITY;

  /** Entries stand beside the names that somebody has asked for. */
  readonly #names = new NameTable<Entry>();
  readonly #onReleased: (id: number) => void;
  readonly #lazySites = new Set<number>();
  /** The used bits of all objects (s3-fifo.ts). */
  #used: Uint8Array = Uint8Array.of(USED);
  /**
   * What a lookup compares with: the used bits. If hits are counted, zeros: then every hit takes the way of an object
   * that was not asked for, and is counted there. So those who do not count do not pay for the question.
   */
  #seen: Uint8Array = this.#used;
  #countsHits = false;
  #retiredInUse = 0;
  /** What this worker has asked for. A lookup that finds nothing is no 404 in a lazy site: see `isLazy`. @internal */
  readonly asks: Asks;

  /**
   * `onReleased` is told the id of each retired entry once no connection of this worker holds it any more. `asks`: how
   * to ask for what is not in memory.
   */
  constructor(onReleased: (id: number) => void, asks = new Asks()) {
    this.#onReleased = onReleased;
    this.asks = asks;
  }

  /** What the bodies in pieces of this worker may hold of the cache's memory, bytes. @internal */
  streamShare(): number {
    return this.#streamBytes;
  }

  /** Entries that can be found. */
  get size(): number {
    return this.#names.size;
  }

  /** Entries replaced or removed that some connection still sends. */
  get retiredInUse(): number {
    return this.#retiredInUse;
  }

  /**
   * The entry for the path `bytes[from, to)`: percent-decoded, normalised, beginning with '/'; or undefined.
   *
   * Use it, or send from it, before the next message is applied; from `send` on TCP keeps it alive.
   * @internal
   */
  find(
    bytes: Uint8Array,
    from: number,
    to: number,
    site = DEFAULT_SITE,
    coding: number = Coding.identity,
  ): Entry | undefined {
    return this.#take(this.#names.find(bytes, from, to, site, coding));
  }

  /** `find` of the file itself (coding identity) for a path whose `hashPath` is known. @internal */
  findHashed(pathHash: number, bytes: Uint8Array, from: number, to: number, site: number): Entry | undefined {
    const hash = hashOfKey(pathHash, site, Coding.identity);
    return this.#take(this.#names.findHashed(hash, bytes, from, to, site, Coding.identity));
  }

  /** A piece of a large file (pieces.ts); undefined if it is not in memory. @internal */
  findPiece(site: number, name: string): Entry | undefined {
    const bytes = latin1Bytes(name);
    const slot = this.#names.find(bytes, 0, bytes.length, site, Coding.identity);
    return slot === NOT_FOUND ? undefined : this.#usedAt(slot);
  }

  /** Whether a name that is not found may be on disk: then it has to be asked for (asks.ts). @internal */
  isLazy(site: number): boolean {
    return this.#lazySites.has(site);
  }

  /**
   * The variant of the file `identity` in this coding, or null. It is looked up once and linked to `identity` from
   * then on. A variant never outlives its identity here: library.ts retires it first.
   * @internal
   */
  variantOf(identity: Entry, coding: number): Entry | null {
    const linked = identity.linked(coding);
    if (linked !== null) return linked;
    const { memory, keyFrom, keyLength, site } = identity;
    const slot = this.#names.find(memory, keyFrom, keyFrom + keyLength, site, coding);
    if (slot === NOT_FOUND) return null;
    const variant = this.#names.values[slot] ?? this.#makeEntry(slot);
    identity.link(coding, variant);
    return variant;
  }

  /** Carries out one message of the main thread. @throws {RangeError} for one that makes no sense; nothing changes. */
  apply(message: CacheMessage): void {
    switch (message.kind) {
      case 'memory':
        this.#names.addSlab(new SlabView(message.slab, message.buffer));
        break;
      case 'forget':
        this.#names.dropSlab(message.slab);
        break;
      case 'publish':
        forEachName(message.names, (slab, nameAt) => this.#check(slab, nameAt));
        forEachName(message.names, (slab, nameAt) => this.#insert(slab, nameAt));
        break;
      case 'retire':
        forEachName(message.names, (slab, nameAt) => this.#remove(slab, nameAt));
        break;
      case 'used':
        this.#used = message.used;
        this.#countsHits = message.countsHits;
        this.#seen = message.countsHits ? new Uint8Array(message.used.length) : message.used;
        break;
      case 'share':
        this.#streamBytes = message.bytes;
        break;
      case 'catalogue':
        if (message.isLazy) this.#lazySites.add(message.site);
        else this.#lazySites.delete(message.site);
        break;
      case 'settled':
        this.asks.settle(message.outcomes);
        break;
    }
  }

  #take(slot: number): Entry | undefined {
    if (slot === NOT_FOUND) {
      this.misses++;
      return undefined;
    }
    this.hits++;
    return this.#usedAt(slot);
  }

  #usedAt(slot: number): Entry {
    const entry = this.#names.values[slot] ?? this.#makeEntry(slot);
    if (this.#seen[entry.rank] !== USED) this.#use(entry);
    return entry;
  }

  /** A plain store, and only when it changes something: a line that is only read stays in every processor's cache. */
  #use(entry: Entry): void {
    const { rank } = entry;
    const bit = this.#used[rank];
    if (bit !== USED) this.#used[rank] = bit === FRESH ? UNUSED : USED;
    if (this.#countsHits) entry.countHit();
  }

  #makeEntry(slot: number): Entry {
    const entry = new Entry(this.#names.viewAt(slot), this.#names.placeAt(slot));
    this.#names.values[slot] = entry;
    return entry;
  }

  #check(slab: number, nameAt: number): void {
    if (!isSound(this.#names.view(slab), nameAt)) {
      throw new RangeError(`the cache entry at word ${nameAt} of slab ${slab} points out of its block`);
    }
  }

  #insert(slab: number, nameAt: number): void {
    const names = this.#names;
    const view = names.view(slab);
    const slot = names.slotWithKeyOf(view, nameAt);
    if (slot === NOT_FOUND) {
      names.add(view, nameAt);
      return;
    }
    const { id, entry } = this.#at(slot);
    names.replace(slot, view, nameAt);
    this.#retire(id, entry);
  }

  #remove(slab: number, nameAt: number): void {
    const slot = this.#names.slotOf(this.#names.view(slab), nameAt);
    if (slot === NOT_FOUND) return; // replaced in the meantime, so retired already
    const { id, entry } = this.#at(slot);
    this.#names.remove(slot);
    this.#retire(id, entry);
  }

  #at(slot: number): { id: number; entry: Entry | null } {
    return { id: this.#names.idAt(slot), entry: this.#names.values[slot] ?? null };
  }

  /** A name that no client has asked for has no reader. */
  #retire(id: number, entry: Entry | null): void {
    this.#retiredInUse++;
    if (entry === null) {
      this.#letGo(id);
      return;
    }
    if (entry.coding !== Coding.identity) this.#unlink(entry);
    entry.retire((retired) => this.#letGo(retired.id));
  }

  #unlink({ memory, keyFrom, keyLength, site, coding }: Entry): void {
    const slot = this.#names.find(memory, keyFrom, keyFrom + keyLength, site, Coding.identity);
    if (slot !== NOT_FOUND) this.#names.values[slot]?.link(coding, null);
  }

  #letGo(id: number): void {
    this.#retiredInUse--;
    this.#onReleased(id);
  }
}

function forEachName(names: Int32Array, visit: (slab: number, nameAt: number) => void): void {
  for (let i = 0; i + 1 < names.length; i += WORDS_PER_NAME) visit(names[i] as number, names[i + 1] as number);
}
