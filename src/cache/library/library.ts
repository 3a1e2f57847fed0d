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
 * (record.ts), and its table of names refers to that. contents.ts has the names and the life of objects, space.ts the
 * memory and eviction, walks.ts what looks at all names.
 */
import { Draft } from '../object/draft.js';
import { Entry } from '../object/entry.js';
import { layoutOf, type Measures } from '../object/layout.js';
import * as record from '../object/record.js';
import { NEGOTIATED, publishedBit, sidecarBit } from '../object/variant-bits.js';
import type { Want } from './asks.js';
import { Contents } from './contents.js';
import { DEFAULT_CACHE_BYTES, LARGEST_OBJECT_BYTES } from './limits.js';
import { NOT_FOUND } from './name-table.js';
import { Outbox } from './outbox.js';
import type { CacheMessage } from './published.js';
import { nameText } from './records.js';
import type { Space } from './space.js';
import { type LibraryStatistics, noVariants } from './statistics.js';
import { type Subscriber, Subscribers } from './subscribers.js';
import { type FoundObject, mostAskedFor, namesOfSite, namesUnder } from './walks.js';

/** A file whose memory stays as it is while somebody reads it, whatever is published meanwhile. See `Library.hold`. */
export interface HeldFile {
  readonly entry: Entry;
  readonly payload: Uint8Array;
  readonly view: record.SlabView;
  /** The word at which the object's record begins. */
  readonly objectAt: number;
}

/**
 * The main thread's side of the cache: it owns the memory, knows every name, and tells the workers, each of which has a
 * `Store`. An object that is replaced or removed is not found any more, and its memory is free once every worker has
 * sent its last byte of it.
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
  readonly variantCounts = noVariants();
  readonly #subscribers = new Subscribers();
  readonly #contents: Contents;
  readonly #space: Space;
  #countsHits = false;

  /** `limitBytes` bounds the memory of all objects with their names, heads and tables (`--cache-size`). */
  constructor(limitBytes: number = DEFAULT_CACHE_BYTES) {
    this.limitBytes = limitBytes;
    this.#contents = new Contents(limitBytes, this.#subscribers);
    this.#space = this.#contents.space;
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
    const block = this.#space.allocate(layout.length, kind === 'notice' ? Number.POSITIVE_INFINITY : undefined);
    if (block === undefined) return undefined;
    const { from, length, slab } = block;
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
    return this.#space.makeRoom(measures, anew);
  }

  /** Whether an object with these measures fits into the cache at all, were it empty. @internal */
  canHold(measures: Measures): boolean {
    return layoutOf(measures).length <= this.#space.blockLimit;
  }

  /** Tells the workers whether a site has names that are not in memory. @internal */
  setLazy(site: number, isLazy: boolean): void {
    this.#contents.setLazy(site, isLazy);
  }

  /** @internal */
  isLazy(site: number): boolean {
    return this.#contents.lazySites.has(site);
  }

  /** Gives back the memory of an object that will not be published. @internal */
  discard({ block }: Draft): void {
    this.#space.discard(block);
  }

  /**
   * Makes a sealed object the answer for its names, and retires the objects that had these names before. Workers
   * learn of it at `flush`. `isAsked`: it was read because somebody asked for it.
   * @internal
   */
  publish({ sealed, place }: Draft, isAsked = false): void {
    if (!sealed) throw new Error('an object must be sealed before it is published');
    this.#contents.publish(place.view, record.recordAt(place.from), isAsked);
  }

  /** Removes a name. Returns whether it was there. Workers learn of it at `flush`. */
  remove(name: Uint8Array, site = record.DEFAULT_SITE, coding: number = record.Coding.identity): boolean {
    return this.#contents.remove(name, site, coding);
  }

  /**
   * Removes all names of a site, those of variants too. Workers learn of it at `flush`. Walks all names. Returns how
   * many there were.
   */
  removeSite(site: number): number {
    const { names, counts } = this.#contents;
    const found = namesOfSite(this.#contents, site);
    for (const [view, nameAt] of found) {
      // A variant may have gone with its file.
      if (names.slotOf(view, nameAt) !== NOT_FOUND) this.#contents.take(view, nameAt);
    }
    this.setLazy(site, false);
    counts.removed += found.length;
    return found.length;
  }

  /**
   * Keeps the file that is published under a name until `letGo`, even if it is replaced meanwhile. For threads that
   * read its payload. Undefined if there is none, or if its payload is not in one place (`STREAM`).
   * @internal
   */
  hold(name: Uint8Array, site = record.DEFAULT_SITE): HeldFile | undefined {
    const { names } = this.#contents;
    const slot = this.#contents.slotOf(name, site, record.Coding.identity);
    if (slot === NOT_FOUND) return undefined;
    const view = names.viewAt(slot);
    const nameAt = names.placeAt(slot);
    const objectAt = view.word(nameAt + record.OBJECT_AT);
    if (view.word(objectAt + record.STREAM) !== 0) return undefined;
    view.words[objectAt + record.NAMES_HELD] = view.word(objectAt + record.NAMES_HELD) + 1;
    const entry = new Entry(view, nameAt);
    const payloadFrom = record.blockAt(objectAt) + view.word(objectAt + record.HEAD_FROM) + entry.payloadFrom;
    return { entry, payload: view.bytes.subarray(payloadFrom, payloadFrom + entry.payloadLength), view, objectAt };
  }

  /** Ends a `hold`. @internal */
  letGo({ view, objectAt }: HeldFile): void {
    this.#contents.letGo(view, objectAt);
  }

  /** The names by which a file that is held can be found now. @internal */
  liveNames({ view, objectAt }: HeldFile): string[] {
    return this.#contents.liveNames(view, objectAt).map((nameAt) => nameText(view, nameAt));
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
    for (const nameAt of this.#contents.liveNames(view, objectAt)) this.#contents.removeVariant(view, nameAt, coding);
  }

  /** Whether this many more bytes would fit without an eviction. @internal */
  hasRoom(bytes: number): boolean {
    return this.#space.hasRoom(bytes);
  }

  /** The entry that is published under a name now. It knows nothing of later changes. @internal */
  find(name: Uint8Array, site = record.DEFAULT_SITE, coding: number = record.Coding.identity): Entry | undefined {
    const { names } = this.#contents;
    const slot = this.#contents.slotOf(name, site, coding);
    return slot === NOT_FOUND ? undefined : new Entry(names.viewAt(slot), names.placeAt(slot));
  }

  /**
   * The names of a site that are one of `paths` ('' is the root), or lie under one as a folder, with or without
   * `HIDDEN`, and without those of variants. Walks all names. A character is a byte.
   * @internal
   */
  namesUnder(paths: readonly string[], site = record.DEFAULT_SITE): string[] {
    return namesUnder(this.#contents, paths, site);
  }

  /**
   * `listener` is called each time memory has been given back: something refused before may fit now. Returns what ends
   * that.
   * @internal
   */
  onFreed(listener: () => void): () => void {
    return this.#space.onFreed(listener);
  }

  /** `listener` is told the number of each large file whose head no worker sends any more: see `STREAM`. @internal */
  onStreamGone(listener: (file: number) => void): void {
    this.#contents.onGone = (file) => {
      if (file !== 0) listener(file);
    };
  }

  /**
   * `listener` is told the site and the first name of each file that could have variants and has none, when it has
   * proven hot: memory was short, and it stayed because it was asked for. It must change nothing at once.
   * @internal
   */
  onHot(listener: (site: number, name: string) => void): void {
    this.#contents.onKept = (view, objectAt) => {
      if (view.word(objectAt + record.VARIANTS) !== NEGOTIATED) return; // none can be, or some are known already
      const nameAt = objectAt + record.FIRST_NAME;
      listener(view.word(nameAt + record.SITE), nameText(view, nameAt));
    };
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
    return mostAskedFor(this.#contents, most, this.#countsHits);
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
    this.#contents.flush();
  }

  /** Adds a worker. `post` gets the whole cache at once, and after that every change. */
  attach(post: (message: CacheMessage) => void): Subscriber {
    this.flush();
    const everything = new Outbox();
    everything.used(this.#space.usedBits, this.#countsHits);
    for (const site of this.#contents.lazySites) everything.catalogue(site, true);
    for (const { id, buffer } of this.#space.slabs) everything.slabAdded(id, buffer);
    this.#contents.names.forEach(({ id }, nameAt) => {
      everything.publish(id, nameAt);
    });
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
    const { counts, names } = this.#contents;
    const { usedBytes, indexBytes, reservedBytes, evicted, evictedBytes } = this.#space;
    return {
      ...counts,
      ...this.variantCounts,
      ...{ usedBytes, indexBytes, reservedBytes, evicted, evictedBytes },
      names: names.size,
      limitBytes: this.limitBytes,
      retiredInUse: this.#subscribers.waiting,
    };
  }
}
