/**
 * The main thread's side of the cache: owns the memory, knows every name, and tells the workers.
 *
 *     loader ──reserve, seal, publish──▶ Library ──CacheMessage──▶ Store of worker 1, 2, ...
 *                                           ▲                          │
 *                                           └───── released(ids) ──────┘  no connection here sends them any more
 *
 * Life of an object: *reserved* (memory taken, the loader writes it) → *published* (found by the workers, never
 * changed again) → *retired* (replaced or removed: not found, perhaps still being sent) → freed, once every worker
 * that knew it has let go. An object may have several names; its memory lives as long as one of them does.
 *
 * The library keeps no JavaScript object for a published one. What it must know is in the object's own record
 * (record.ts), and its table of names refers to that.
 */
import { latin1Text } from '../../net/wire/latin1.js';
import { SummedBytes } from '../../net/wire/summed-bytes.js';
import { HIDDEN } from '../folder/folder-rules.js';
import { Arena } from '../object/arena.js';
import { Draft } from '../object/draft.js';
import { Entry } from '../object/entry.js';
import { layoutOf, type Measures } from '../object/layout.js';
import * as record from '../object/record.js';
import { CODINGS, NEGOTIATED, publishedBit, sidecarBit } from '../object/variant-bits.js';
import type { Want } from './asks.js';
import { NameTable, NOT_FOUND } from './name-table.js';
import { Outbox } from './outbox.js';
import type { CacheMessage } from './published.js';
import { NO_RANK, S3Fifo } from './s3-fifo.js';
import { type Subscriber, Subscribers } from './subscribers.js';

const SLASH = 0x2f;
const HIDDEN_BYTE = HIDDEN.charCodeAt(0);
/** Default bound of the cache's memory. */
export const DEFAULT_CACHE_BYTES = 512 * 1024 * 1024;
/** The least bound that a user may choose: with less there is no room for a piece of a large file and the names. */
export const LEAST_CACHE_BYTES = 2 ** 20;
/**
 * No object is larger. TCP numbers the bytes of an answer by 32-bit sequence numbers, and tells earlier from later by
 * the sign of their difference (RFC 9293 section 3.4), so what is queued must stay below 2^31 bytes, the head and other
 * answers before it included. (Memory would end at 4 GiB: a typed array of Node 20 has no more.) A larger file is sent
 * in pieces (pieces.ts).
 */
export const LARGEST_OBJECT_BYTES = 2 ** 31 - 2 ** 24;

/**
 * What became of variants in content codings, since the start.
 *
 * @example
 * ```ts
 * import type { Library } from 'fastpath';
 *
 * export const saved = (library: Library) => library.statistics.variantBytesSaved;
 * ```
 */
export interface VariantCounts {
  /** Files such as app.js.br that were taken as a variant, and those that were not: see the warnings. */
  sidecarsUsed: number;
  sidecarsRefused: number;
  /** Variants made and published. */
  variantsMade: number;
  /** Variants dropped: they save less than a tenth, there is no room, their file has changed meanwhile. */
  variantsInVain: number;
  variantsWithoutRoom: number;
  variantsOutdated: number;
  /** By how many bytes all of them, when they were published, were shorter than their files. */
  variantBytesSaved: number;
}

/**
 * Numbers for a status line. `payloadBytes` and `tableBytes` count the objects that can be found now.
 *
 * @example
 * ```ts
 * import type { LibraryStatistics } from 'fastpath';
 *
 * export const full = ({ usedBytes, limitBytes }: LibraryStatistics) => usedBytes / limitBytes;
 * ```
 */
export interface LibraryStatistics extends Readonly<VariantCounts> {
  files: number;
  redirects: number;
  /** Short answers of the server's own. */
  notices: number;
  /** Files in a content coding, and the bytes of their payloads. */
  variants: number;
  variantBytes: number;
  /** Parts of large files. */
  pieces: number;
  /** Lists of folders, error pages and those of single-page applications. */
  pages: number;
  /** Answers of handlers and upstreams. */
  stored: number;
  names: number;
  payloadBytes: number;
  /** Prefix-sum tables. */
  tableBytes: number;
  /** All memory of objects, retired ones too: records, names, heads, payloads and sums. */
  usedBytes: number;
  /**
   * Tables of names, in this thread and in every worker, and the queue for eviction. Together with `usedBytes` bounded
   * by `limitBytes`.
   */
  indexBytes: number;
  /** Memory taken from the system for objects, whether used or not. */
  reservedBytes: number;
  limitBytes: number;
  /** Names replaced or removed that a worker still sends. */
  retiredInUse: number;
  /** Since the start: names published, how many of these replaced another object, and names removed. */
  published: number;
  replaced: number;
  removed: number;
  /** Objects that gave way to others since the start, and their bytes. */
  evicted: number;
  evictedBytes: number;
}

/** An object as those who look at the cache see it. See `Library.mostAskedFor`. */
export interface FoundObject {
  readonly name: string;
  readonly site: number;
  /** Of its payload. */
  readonly bytes: number;
  /** Null: they are not counted. */
  readonly hits: number | null;
}

/** A file whose memory stays as it is while somebody reads it, whatever is published meanwhile. See `Library.hold`. */
export interface HeldFile {
  readonly entry: Entry;
  readonly payload: Uint8Array;
  readonly view: record.SlabView;
  /** The word at which the object's record begins. */
  readonly objectAt: number;
}

/**
 * The main thread's side of the cache. See the top of this file.
 *
 * @example
 * ```ts
 * import { Library, Store } from 'fastpath';
 *
 * const library = new Library(64 * 2 ** 20); // the main thread's side: memory and contents
 * const store = new Store((id) => subscriber.released(id)); // a worker's side: finds what a path names
 * const subscriber = library.attach((message) => store.apply(message)); // or by postMessage
 * console.log(library.statistics.files, store.size); // 0 0
 * ```
 */
export class Library {
  readonly limitBytes: number;
  /** Of variants, since the start: counted by variants/variant-maker.ts, part of the statistics. @internal */
  readonly variantCounts: VariantCounts = {
    sidecarsUsed: 0,
    sidecarsRefused: 0,
    variantsMade: 0,
    variantsInVain: 0,
    variantsWithoutRoom: 0,
    variantsOutdated: 0,
    variantBytesSaved: 0,
  };
  readonly #arena: Arena;
  readonly #names = new NameTable<never>();
  readonly #subscribers = new Subscribers();
  readonly #outbox = new Outbox();
  readonly #freedListeners = new Set<() => void>();
  readonly #queue: S3Fifo;
  /** Sites with names that are not in memory. */
  readonly #lazySites = new Set<number>();
  /** Bytes of objects that are not found any more, and that a worker may still be sending. */
  #retiredBytes = 0;
  /** Those of them that slow clients hold: they did not come back in time, and nobody hopes for them. */
  #stuckBytes = 0;
  #onGone: (file: number) => void = () => {};
  #onHot: (site: number, name: string) => void = () => {};
  #countsHits = false;
  #nextId = 1;
  readonly #counts = {
    files: 0,
    redirects: 0,
    notices: 0,
    variants: 0,
    variantBytes: 0,
    pieces: 0,
    pages: 0,
    stored: 0,
    payloadBytes: 0,
    tableBytes: 0,
    published: 0,
    replaced: 0,
    removed: 0,
    evicted: 0,
    evictedBytes: 0,
  };

  /** `limitBytes` bounds the memory of all objects with their names, heads and tables (`--cache-size`). */
  constructor(limitBytes: number = DEFAULT_CACHE_BYTES) {
    this.limitBytes = limitBytes;
    this.#queue = new S3Fifo(limitBytes);
    this.#queue.onKept = (rank) => this.#kept(rank);
    this.#arena = new Arena({
      slabAdded: ({ view, buffer }) => {
        this.#names.addSlab(view);
        this.#outbox.slabAdded(view.id, buffer);
      },
      slabDropped: ({ view }) => {
        this.#names.dropSlab(view.id);
        this.#outbox.slabDropped(view.id);
      },
    });
  }

  /**
   * Takes memory for an object. Returns undefined if the limit leaves no room; `makeRoom` may help then. The limit does
   * not apply to notices, because they are few and short.
   * @internal
   */
  reserve(
    measures: Measures,
    kind: record.ObjectKind,
    site = record.DEFAULT_SITE,
    coding: number = record.Coding.identity,
  ): Draft | undefined {
    if (measures.payloadLength > LARGEST_OBJECT_BYTES) return undefined;
    const layout = layoutOf(measures);
    const block = this.#arena.allocate(layout.length, kind === 'notice' ? Number.POSITIVE_INFINITY : this.#blockLimit);
    if (block === undefined) return undefined;
    const { from, length, slab } = block;
    const { words } = slab.view;
    const objectAt = record.recordAt(from);
    // A walk through the slab finds no object here until it is published.
    words[objectAt + record.RANK] = NO_RANK;
    return new Draft({ view: slab.view, from, length, measures, layout, site, coding, kind }, block);
  }

  /**
   * Evicts objects until there is room for one with these measures, or will be when the workers have let go of what was
   * evicted. With `anew` that hope has failed: more is evicted, whatever the workers still hold. If there are bytes
   * enough and still no room, the free memory is in pieces that are too short: then a whole slab is emptied. Workers
   * learn of it at `flush`. Returns whether anything was evicted.
   * @internal
   */
  makeRoom(measures: Measures, anew = false): boolean {
    const { length } = layoutOf(measures);
    const before = this.#counts.evicted;
    if (anew) this.#stuckBytes = this.#retiredBytes;
    const hopeless = this.#stuckBytes;
    const hoped = () => this.#arena.usedBytes - this.#retiredBytes + hopeless;
    while (hoped() + length > this.#blockLimit) if (!this.#evictNext()) break;
    const isInPieces = this.#arena.usedBytes + length <= this.#blockLimit && this.#counts.evicted === before;
    if (isInPieces && (anew || this.#retiredBytes === 0)) this.#emptySlab(length);
    return this.#counts.evicted > before;
  }

  /** Whether an object with these measures fits into the cache at all, were it empty. @internal */
  canHold(measures: Measures): boolean {
    return layoutOf(measures).length <= this.#blockLimit;
  }

  /** Tells the workers whether a site has names that are not in memory. @internal */
  setLazy(site: number, isLazy: boolean): void {
    if (this.#lazySites.has(site) === isLazy) return;
    if (isLazy) this.#lazySites.add(site);
    else this.#lazySites.delete(site);
    this.#outbox.catalogue(site, isLazy);
  }

  /** @internal */
  isLazy(site: number): boolean {
    return this.#lazySites.has(site);
  }

  /** Gives back the memory of an object that will not be published. @internal */
  discard({ block }: Draft): void {
    this.#arena.free(block.slab.id, block.from, block.length);
    this.#freed();
  }

  /**
   * Makes a sealed object the answer for its names, and retires the objects that had these names before. Workers
   * learn of it at `flush`. `isAsked`: it was read because somebody asked for it.
   * @internal
   */
  publish({ sealed, place }: Draft, isAsked = false): void {
    if (!sealed) throw new Error('an object must be sealed before it is published');
    const { view } = place;
    const objectAt = record.recordAt(place.from);
    const count = view.word(objectAt + record.NAME_COUNT);
    view.words[objectAt + record.NAMES_LIVE] = count;
    view.words[objectAt + record.NAMES_HELD] = count;
    this.#count(view, objectAt, 1);
    view.words[objectAt + record.RANK] = isPinned(view, objectAt)
      ? NO_RANK
      : this.#queue.add(
          view.id,
          objectAt,
          view.word(objectAt + record.BLOCK_UNITS),
          view.word(objectAt + record.FIRST_NAME + record.HASH),
          isAsked,
        );
    for (let i = 0; i < count; i++) {
      this.#publishName(view, objectAt + record.FIRST_NAME + i * record.NAME_WORDS);
    }
  }

  /** Removes a name. Returns whether it was there. Workers learn of it at `flush`. */
  remove(name: Uint8Array, site = record.DEFAULT_SITE, coding: number = record.Coding.identity): boolean {
    const slot = this.#names.find(name, 0, name.length, site, coding);
    if (slot === NOT_FOUND) return false;
    this.#counts.removed++;
    this.#take(this.#names.viewAt(slot), this.#names.placeAt(slot));
    return true;
  }

  /**
   * Removes all names of a site, those of variants too. Workers learn of it at `flush`. Walks all names. Returns how
   * many there were.
   */
  removeSite(site: number): number {
    const found: [record.SlabView, number][] = [];
    for (let slot = 0; slot < this.#names.capacity; slot++) {
      if (!this.#names.isTaken(slot)) continue;
      const view = this.#names.viewAt(slot);
      const nameAt = this.#names.placeAt(slot);
      if (view.word(nameAt + record.SITE) === site) found.push([view, nameAt]);
    }
    for (const [view, nameAt] of found) {
      // A variant may have gone with its file.
      if (this.#names.slotOf(view, nameAt) !== NOT_FOUND) this.#take(view, nameAt);
    }
    this.setLazy(site, false);
    this.#counts.removed += found.length;
    return found.length;
  }

  /**
   * Keeps the file that is published under a name until `letGo`, even if it is replaced meanwhile. For threads that
   * read its payload. Undefined if there is none, or if its payload is not in one place (`STREAM`).
   * @internal
   */
  hold(name: Uint8Array, site = record.DEFAULT_SITE): HeldFile | undefined {
    const slot = this.#names.find(name, 0, name.length, site, record.Coding.identity);
    if (slot === NOT_FOUND) return undefined;
    const view = this.#names.viewAt(slot);
    const nameAt = this.#names.placeAt(slot);
    const objectAt = view.word(nameAt + record.OBJECT_AT);
    if (view.word(objectAt + record.STREAM) !== 0) return undefined;
    view.words[objectAt + record.NAMES_HELD] = view.word(objectAt + record.NAMES_HELD) + 1;
    const entry = new Entry(view, nameAt);
    const payloadFrom = record.blockAt(objectAt) + view.word(objectAt + record.HEAD_FROM) + entry.payloadFrom;
    return { entry, payload: view.bytes.subarray(payloadFrom, payloadFrom + entry.payloadLength), view, objectAt };
  }

  /** Ends a `hold`. @internal */
  letGo({ view, objectAt }: HeldFile): void {
    this.#letGo(view, objectAt);
  }

  /** The names by which a file that is held can be found now. @internal */
  liveNames({ view, objectAt }: HeldFile): string[] {
    return this.#liveNamesAt(view, objectAt).map((nameAt) => nameText(view, nameAt));
  }

  /**
   * Publishes a variant of a file that is held, under the file's names. If the file has been replaced since then, it
   * does nothing but discard the variant, and returns false: a client that can choose must never find the old bytes.
   * @internal
   */
  publishVariant(draft: Draft, file: HeldFile, isSidecar: boolean): boolean {
    const names = this.liveNames(file);
    if (names.length === 0 || draft.place.measures.nameCount !== names.length) {
      this.discard(draft);
      return false;
    }
    const { coding } = draft.place;
    this.publish(draft);
    const source = isSidecar ? sidecarBit(coding) : 0;
    this.setVariantBits(file, publishedBit(coding) | source, sidecarBit(coding));
    return true;
  }

  /** Sets bits of the file's word VARIANTS, after others have been cleared. @internal */
  setVariantBits({ view, objectAt }: HeldFile, set: number, clear = 0): void {
    const at = objectAt + record.VARIANTS;
    Atomics.store(view.words, at, (view.word(at) & ~clear) | set);
  }

  /** Removes one variant of a file that is held, under all its names. @internal */
  removeVariant(file: HeldFile, coding: number): void {
    const { view, objectAt } = file;
    this.setVariantBits(file, 0, publishedBit(coding) | sidecarBit(coding));
    for (const nameAt of this.#liveNamesAt(view, objectAt)) this.#removeVariantOf(view, nameAt, coding);
  }

  /** Whether this many more bytes would fit without an eviction. @internal */
  hasRoom(bytes: number): boolean {
    return this.#arena.usedBytes + bytes <= this.#blockLimit;
  }

  /** The entry that is published under a name now. It knows nothing of later changes. @internal */
  find(name: Uint8Array, site = record.DEFAULT_SITE, coding: number = record.Coding.identity): Entry | undefined {
    const slot = this.#names.find(name, 0, name.length, site, coding);
    return slot === NOT_FOUND ? undefined : new Entry(this.#names.viewAt(slot), this.#names.placeAt(slot));
  }

  /**
   * The names of a site that are one of `paths` ('' is the root), or lie under one as a folder, with or without
   * `HIDDEN`, and without those of variants. Walks all names. A character is a byte.
   * @internal
   */
  namesUnder(paths: readonly string[], site = record.DEFAULT_SITE): string[] {
    const names: string[] = [];
    const folders = new Set(paths.map((path) => (path.endsWith('/') ? path.slice(0, -1) : path)));
    if (folders.size === 0) return names;
    for (let slot = 0; slot < this.#names.capacity; slot++) {
      if (!this.#names.isTaken(slot)) continue;
      const view = this.#names.viewAt(slot);
      const nameAt = this.#names.placeAt(slot);
      if (view.word(nameAt + record.SITE) !== site || view.word(nameAt + record.CODING) !== 0) continue;
      const name = nameText(view, nameAt);
      const path = name.startsWith(HIDDEN) ? name.slice(HIDDEN.length) : name;
      if (path[0] === '/' && isAtOrUnder(path, folders)) names.push(name);
    }
    return names;
  }

  /**
   * `listener` is called each time memory has been given back: something refused before may fit now. Returns what ends
   * that.
   * @internal
   */
  onFreed(listener: () => void): () => void {
    this.#freedListeners.add(listener);
    return () => this.#freedListeners.delete(listener);
  }

  /** `listener` is told the number of each large file whose head no worker sends any more: see `STREAM`. @internal */
  onStreamGone(listener: (file: number) => void): void {
    this.#onGone = (file) => {
      if (file !== 0) listener(file);
    };
  }

  /**
   * `listener` is told the site and the first name of each file that could have variants and has none, when it has
   * proven hot: memory was short, and it stayed because it was asked for. It must change nothing at once.
   * @internal
   */
  onHot(listener: (site: number, name: string) => void): void {
    this.#onHot = listener;
  }

  /** `supplier` gets what workers want that is not in memory, and posts `settled` to them. @internal */
  onWant(supplier: (subscriber: Subscriber, wants: readonly Want[]) => void): void {
    this.#subscribers.onWant = supplier;
  }

  /** Workers that are attached from now on count the hits of each object: a few nanoseconds more for each. @internal */
  countHits(): void {
    this.#countsHits = true;
  }

  /**
   * The objects that were found most often, at most `most`, each under its first name that can be asked for. Without
   * `countHits` any of them. @internal
   */
  mostAskedFor(most: number): FoundObject[] {
    const top: { view: record.SlabView; nameAt: number; hits: number }[] = [];
    for (let slot = 0; slot < this.#names.capacity; slot++) {
      if (!this.#names.isTaken(slot)) continue;
      const view = this.#names.viewAt(slot);
      const nameAt = this.#names.placeAt(slot);
      const hits = view.word(view.word(nameAt + record.OBJECT_AT) + record.HITS) >>> 0;
      if (top.length === most && hits <= (top.at(-1)?.hits ?? 0)) continue;
      if (!this.#isFirstName(view, nameAt)) continue;
      top.splice(top.findLastIndex((other) => other.hits >= hits) + 1, 0, { view, nameAt, hits });
      if (top.length > most) top.pop();
    }
    return top.map(({ view, nameAt, hits }) => ({
      name: nameText(view, nameAt),
      site: view.word(nameAt + record.SITE),
      bytes: view.double(view.word(nameAt + record.OBJECT_AT), record.PAYLOAD_LENGTH),
      hits: this.#countsHits ? hits : null,
    }));
  }

  /** Whether a name is a path, of the file itself, and its object has none before it. */
  #isFirstName(view: record.SlabView, nameAt: number): boolean {
    if (view.word(nameAt + record.CODING) !== record.Coding.identity) return false;
    const objectAt = view.word(nameAt + record.OBJECT_AT);
    return this.#liveNamesAt(view, objectAt).find((at) => firstByte(view, objectAt, at) === SLASH) === nameAt;
  }

  /** Workers that know the cache now. */
  get workers(): number {
    return this.#subscribers.count;
  }

  /** `listener` is called when the last worker has ended. @internal */
  onLastWorkerGone(listener: () => void): void {
    this.#subscribers.onNone = listener;
  }

  /** Posts to all workers what has changed since the last time. */
  flush(): void {
    for (const message of this.#outbox.take()) this.#subscribers.post(message);
  }

  /** Adds a worker. `post` gets the whole cache at once, and after that every change. */
  attach(post: (message: CacheMessage) => void): Subscriber {
    this.flush();
    const everything = new Outbox();
    everything.used(this.#queue.used, this.#countsHits);
    for (const site of this.#lazySites) everything.catalogue(site, true);
    for (const { id, buffer } of this.#arena.slabs) everything.slabAdded(id, buffer);
    for (let slot = 0; slot < this.#names.capacity; slot++) {
      if (this.#names.isTaken(slot)) everything.publish(this.#names.viewAt(slot).id, this.#names.placeAt(slot));
    }
    for (const message of everything.take()) post(message);
    const subscriber = this.#subscribers.add(post);
    this.#share();
    return subscriber;
  }

  /** Half of the memory is for bodies in pieces, in equal shares; the other half cannot be held by slow clients. */
  #share(): void {
    const bytes = Math.floor(this.limitBytes / 2 / this.#subscribers.count);
    this.#subscribers.post({ kind: 'share', bytes });
  }

  get statistics(): LibraryStatistics {
    return {
      ...this.#counts,
      ...this.variantCounts,
      names: this.#names.size,
      usedBytes: this.#arena.usedBytes,
      indexBytes: this.#indexBytes,
      reservedBytes: this.#arena.reservedBytes,
      limitBytes: this.limitBytes,
      retiredInUse: this.#subscribers.waiting,
    };
  }

  /** The tables of names: a worker's is as large as this thread's, since it holds the same names. */
  get #indexBytes(): number {
    return NameTable.bytesOf(this.#names.capacity) * (1 + this.#subscribers.count) + this.#queue.bytes;
  }

  /** What all blocks may take. */
  get #blockLimit(): number {
    return this.limitBytes - this.#indexBytes;
  }

  /** Evicts one object. Returns false if there is none. */
  #evictNext(): boolean {
    const rank = this.#queue.victim();
    if (rank === NO_RANK) return false;
    this.#evict(this.#names.view(this.#queue.slabOf(rank)), this.#queue.placeOf(rank));
    return true;
  }

  #kept(rank: number): void {
    const view = this.#names.view(this.#queue.slabOf(rank));
    const objectAt = this.#queue.placeOf(rank);
    if (view.word(objectAt + record.VARIANTS) !== NEGOTIATED) return; // none can be, or some are known already
    const nameAt = objectAt + record.FIRST_NAME;
    this.#onHot(view.word(nameAt + record.SITE), nameText(view, nameAt));
  }

  /** Takes all names of an object away. From here on its site has names that are not in memory. */
  #evict(view: record.SlabView, objectAt: number): void {
    const count = view.word(objectAt + record.NAME_COUNT);
    if (kindOf(view, objectAt) !== 'piece') this.setLazy(view.word(objectAt + record.FIRST_NAME + record.SITE), true);
    this.#counts.evicted++;
    this.#counts.evictedBytes += view.word(objectAt + record.BLOCK_UNITS) * record.BLOCK_UNIT;
    for (let i = 0; i < count; i++) {
      const nameAt = objectAt + record.FIRST_NAME + i * record.NAME_WORDS;
      if (this.#names.slotOf(view, nameAt) !== NOT_FOUND) this.#take(view, nameAt);
    }
  }

  /** Evicts all that lies in one slab with blocks of this length. */
  #emptySlab(length: number): void {
    const slab = this.#arena.nextSlab(length);
    slab?.forEachBlock((from) => {
      const objectAt = record.recordAt(from);
      if (slab.view.word(objectAt + record.RANK) !== NO_RANK) this.#evict(slab.view, objectAt);
    });
  }

  /** A name that is there is found no more. Its variants go first. */
  #take(view: record.SlabView, nameAt: number): void {
    this.#removeVariantsOf(view, nameAt);
    this.#names.remove(this.#names.slotOf(view, nameAt));
    this.#outbox.retire(view.id, nameAt);
    this.#retire(view, nameAt);
  }

  #publishName(view: record.SlabView, nameAt: number): void {
    const { words } = view;
    this.#removeVariantsUnder(view, nameAt);
    const slot = this.#names.slotWithKeyOf(view, nameAt);
    words[nameAt + record.ID] = this.#nextId++;
    this.#outbox.publish(view.id, nameAt);
    this.#counts.published++;
    if (slot === NOT_FOUND) {
      words[nameAt + record.GENERATION] = 1;
      this.#names.add(view, nameAt);
      return;
    }
    const oldView = this.#names.viewAt(slot);
    const oldAt = this.#names.placeAt(slot);
    words[nameAt + record.GENERATION] = oldView.word(oldAt + record.GENERATION) + 1;
    this.#names.replace(slot, view, nameAt);
    this.#counts.replaced++;
    this.#retire(oldView, oldAt);
  }

  /**
   * Before a name is published or removed: its variants go first, so that a worker that learns of the change in this
   * order never finds a variant of the old file beside the new one.
   */
  #removeVariantsUnder(view: record.SlabView, nameAt: number): void {
    if (this.#counts.variants === 0) return;
    const slot = this.#names.slotWithKeyOf(view, nameAt);
    if (slot !== NOT_FOUND) this.#removeVariantsOf(this.#names.viewAt(slot), this.#names.placeAt(slot));
  }

  #removeVariantsOf(view: record.SlabView, nameAt: number): void {
    if (view.word(nameAt + record.CODING) !== record.Coding.identity) return;
    const bits = view.word(view.word(nameAt + record.OBJECT_AT) + record.VARIANTS);
    for (const coding of CODINGS) {
      if ((bits & publishedBit(coding)) !== 0) this.#removeVariantOf(view, nameAt, coding);
    }
  }

  #removeVariantOf(view: record.SlabView, nameAt: number, coding: number): void {
    const from = record.blockAt(view.word(nameAt + record.OBJECT_AT)) + view.word(nameAt + record.KEY_FROM);
    const name = view.bytes.subarray(from, from + view.word(nameAt + record.KEY_LENGTH));
    this.remove(name, view.word(nameAt + record.SITE), coding);
  }

  /** The places of those names of an object by which it can be found now. */
  #liveNamesAt(view: record.SlabView, objectAt: number): number[] {
    const places: number[] = [];
    for (let i = 0; i < view.word(objectAt + record.NAME_COUNT); i++) {
      const nameAt = objectAt + record.FIRST_NAME + i * record.NAME_WORDS;
      if (this.#names.slotOf(view, nameAt) !== NOT_FOUND) places.push(nameAt);
    }
    return places;
  }

  /** The object has one name less. Its memory is given back when it has no name and no worker sends it any more. */
  #retire(view: record.SlabView, nameAt: number): void {
    const objectAt = view.word(nameAt + record.OBJECT_AT);
    const live = view.word(objectAt + record.NAMES_LIVE) - 1;
    view.words[objectAt + record.NAMES_LIVE] = live;
    if (live === 0) this.#nameless(view, objectAt);
    this.#subscribers.awaitRelease(view.word(nameAt + record.ID), () => this.#letGo(view, objectAt));
  }

  /** The object cannot be found any more. */
  #nameless(view: record.SlabView, objectAt: number): void {
    this.#count(view, objectAt, -1);
    const rank = view.word(objectAt + record.RANK);
    if (rank !== NO_RANK) this.#queue.remove(rank);
    view.words[objectAt + record.RANK] = NO_RANK;
    this.#retiredBytes += view.word(objectAt + record.BLOCK_UNITS) * record.BLOCK_UNIT;
  }

  #letGo(view: record.SlabView, objectAt: number): void {
    const held = view.word(objectAt + record.NAMES_HELD) - 1;
    view.words[objectAt + record.NAMES_HELD] = held;
    if (held > 0) return;
    const length = view.word(objectAt + record.BLOCK_UNITS) * record.BLOCK_UNIT;
    this.#retiredBytes -= length;
    this.#stuckBytes = Math.min(this.#stuckBytes, this.#retiredBytes);
    this.#onGone(view.word(objectAt + record.STREAM));
    this.#arena.free(view.id, record.blockAt(objectAt), length);
    this.flush(); // the workers let go of a slab that has become empty
    this.#freed();
  }

  #freed(): void {
    for (const listener of this.#freedListeners) listener();
  }

  #count(view: record.SlabView, objectAt: number, sign: 1 | -1): void {
    const kind = kindOf(view, objectAt);
    const isStreamed = view.word(objectAt + record.STREAM) !== 0;
    const payloadLength = isStreamed ? 0 : view.double(objectAt, record.PAYLOAD_LENGTH);
    const headLength = view.word(objectAt + record.HEAD_LENGTH);
    if (kind === 'file') this.#counts.files += sign;
    else if (kind === 'redirect') this.#counts.redirects += sign;
    else if (kind === 'variant') this.#counts.variants += sign;
    else if (kind === 'piece') this.#counts.pieces += sign;
    else if (kind === 'page') this.#counts.pages += sign;
    else if (kind === 'stored') this.#counts.stored += sign;
    else this.#counts.notices += sign;
    if (kind === 'variant') this.#counts.variantBytes += sign * payloadLength;
    this.#counts.payloadBytes += sign * payloadLength;
    this.#counts.tableBytes += sign * 2 * SummedBytes.tableLength(headLength + payloadLength);
  }
}

function kindOf(view: record.SlabView, objectAt: number): record.ObjectKind | undefined {
  return record.OBJECT_KINDS[view.word(objectAt + record.KIND)];
}

/**
 * Objects with an internal name (it does not begin with '/') are never evicted: an error page has no path under which
 * it could be asked for again. A piece of a file is no such object, nor is a file with a `HIDDEN` name. A variant goes
 * with its file.
 */
function isPinned(view: record.SlabView, objectAt: number): boolean {
  const kind = kindOf(view, objectAt);
  if (kind === 'piece') return false;
  if (kind === 'variant') return true;
  const count = view.word(objectAt + record.NAME_COUNT);
  for (let i = 0; i < count; i++) {
    const nameAt = objectAt + record.FIRST_NAME + i * record.NAME_WORDS;
    const first = firstByte(view, objectAt, nameAt);
    if (first !== SLASH && first !== HIDDEN_BYTE) return true;
  }
  return false;
}

function firstByte(view: record.SlabView, objectAt: number, nameAt: number): number | undefined {
  return view.bytes[record.blockAt(objectAt) + view.word(nameAt + record.KEY_FROM)];
}

/** Whether a name is one of the folders, or lies in one. */
function isAtOrUnder(name: string, folders: ReadonlySet<string>): boolean {
  if (folders.has(name)) return true;
  for (let at = name.lastIndexOf('/'); at >= 0; at = at === 0 ? -1 : name.lastIndexOf('/', at - 1)) {
    if (folders.has(name.slice(0, at))) return true;
  }
  return false;
}

/** A name's path, a character for each byte. */
function nameText(view: record.SlabView, nameAt: number): string {
  const from = record.blockAt(view.word(nameAt + record.OBJECT_AT)) + view.word(nameAt + record.KEY_FROM);
  return latin1Text(new Uint8Array(view.bytes.buffer, from, view.word(nameAt + record.KEY_LENGTH)));
}
