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
import { SummedBytes } from '../net/wire/summed-bytes.js';
import { Arena } from './arena.js';
import { Draft } from './draft.js';
import { Entry } from './entry.js';
import { layoutOf, type Measures } from './layout.js';
import { NameTable, NOT_FOUND } from './name-table.js';
import { Outbox } from './outbox.js';
import type { CacheMessage } from './published.js';
import * as record from './record.js';
import { type Subscriber, Subscribers } from './subscribers.js';

/** Default bound of the cache's memory. */
export const DEFAULT_CACHE_BYTES = 512 * 1024 * 1024;
/**
 * No object can be larger. TCP numbers the bytes of an answer by 32-bit sequence numbers, and tells earlier from later
 * by the sign of their difference (RFC 9293 section 3.4), so what is queued must stay below 2^31 bytes, the head
 * and other answers before it included. (Memory would end at 4 GiB: a typed array of Node 20 has no more.)
 */
export const LARGEST_OBJECT_BYTES = 2 ** 31 - 2 ** 24;

/** Numbers for a status line. `payloadBytes` and `tableBytes` count the objects that can be found now. */
export interface LibraryStatistics {
  files: number;
  redirects: number;
  /** Answers of 503 in the place of a file. */
  notices: number;
  names: number;
  payloadBytes: number;
  /** Prefix-sum tables. */
  tableBytes: number;
  /** All memory of objects, retired ones too: records, names, heads, payloads and sums. */
  usedBytes: number;
  /** Tables of names, in this thread and in every worker. Together with `usedBytes` bounded by `limitBytes`. */
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
}

/** The main thread's side of the cache. See the top of this file. */
export class Library {
  readonly limitBytes: number;
  readonly #arena: Arena;
  readonly #names = new NameTable<never>();
  readonly #subscribers = new Subscribers();
  readonly #outbox = new Outbox();
  readonly #freedListeners: (() => void)[] = [];
  #nextId = 1;
  readonly #counts = {
    files: 0,
    redirects: 0,
    notices: 0,
    payloadBytes: 0,
    tableBytes: 0,
    published: 0,
    replaced: 0,
    removed: 0,
  };

  /** `limitBytes` bounds the memory of all objects with their names, heads and tables (`--cache-size`). */
  constructor(limitBytes: number = DEFAULT_CACHE_BYTES) {
    this.limitBytes = limitBytes;
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
   * Takes memory for an object. Returns undefined if the limit leaves no room. The limit does not apply to redirects
   * and notices, because they have only a few hundred bytes each.
   */
  reserve(
    measures: Measures,
    kind: record.ObjectKind,
    site = record.DEFAULT_SITE,
    coding: number = record.Coding.identity,
  ): Draft | undefined {
    if (measures.payloadLength > LARGEST_OBJECT_BYTES) return undefined;
    const layout = layoutOf(measures);
    const limit = kind === 'file' ? this.limitBytes - this.#indexBytes : Number.POSITIVE_INFINITY;
    const block = this.#arena.allocate(layout.length, limit);
    if (block === undefined) return undefined;
    const { from, length } = block;
    return new Draft({ view: block.slab.view, from, length, measures, layout, site, coding, kind }, block);
  }

  /** Gives back the memory of an object that will not be published. */
  discard({ block }: Draft): void {
    this.#arena.free(block.slab.id, block.from, block.length);
    this.#freed();
  }

  /**
   * Makes a sealed object the answer for its names, and retires the objects that had these names before. Workers
   * learn of it at `flush`.
   */
  publish({ sealed, place }: Draft): void {
    if (!sealed) throw new Error('an object must be sealed before it is published');
    const { view } = place;
    const objectAt = record.recordAt(place.from);
    const count = view.word(objectAt + record.NAME_COUNT);
    view.words[objectAt + record.NAMES_LIVE] = count;
    view.words[objectAt + record.NAMES_HELD] = count;
    this.#count(view, objectAt, 1);
    for (let i = 0; i < count; i++) {
      this.#publishName(view, objectAt + record.FIRST_NAME + i * record.NAME_WORDS);
    }
  }

  /** Removes a name. Returns whether it was there. Workers learn of it at `flush`. */
  remove(name: Uint8Array, site = record.DEFAULT_SITE, coding: number = record.Coding.identity): boolean {
    const slot = this.#names.find(name, 0, name.length, site, coding);
    if (slot === NOT_FOUND) return false;
    const view = this.#names.viewAt(slot);
    const nameAt = this.#names.placeAt(slot);
    this.#names.remove(slot);
    this.#counts.removed++;
    this.#outbox.retire(view.id, nameAt);
    this.#retire(view, nameAt);
    return true;
  }

  /** The entry that is published under a name now. It knows nothing of later changes. */
  find(name: Uint8Array, site = record.DEFAULT_SITE, coding: number = record.Coding.identity): Entry | undefined {
    const slot = this.#names.find(name, 0, name.length, site, coding);
    return slot === NOT_FOUND ? undefined : new Entry(this.#names.viewAt(slot), this.#names.placeAt(slot));
  }

  /** The names of a site that are `path`, or lie under it as a folder. Walks all names. A character is a byte. */
  namesUnder(path: string, site = record.DEFAULT_SITE): string[] {
    const names: string[] = [];
    const folder = path.endsWith('/') ? path : `${path}/`;
    for (let slot = 0; slot < this.#names.capacity; slot++) {
      if (!this.#names.isTaken(slot)) continue;
      const view = this.#names.viewAt(slot);
      const nameAt = this.#names.placeAt(slot);
      if (view.word(nameAt + record.SITE) !== site) continue;
      const name = nameText(view, nameAt);
      if (name === path || name.startsWith(folder)) names.push(name);
    }
    return names;
  }

  /** `listener` is called each time memory has been given back: something refused before may fit now. */
  onFreed(listener: () => void): void {
    this.#freedListeners.push(listener);
  }

  /** Posts to all workers what has changed since the last time. */
  flush(): void {
    for (const message of this.#outbox.take()) this.#subscribers.post(message);
  }

  /** Adds a worker. `post` gets the whole cache at once, and after that every change. */
  attach(post: (message: CacheMessage) => void): Subscriber {
    this.flush();
    const everything = new Outbox();
    for (const { id, buffer } of this.#arena.slabs) everything.slabAdded(id, buffer);
    for (let slot = 0; slot < this.#names.capacity; slot++) {
      if (this.#names.isTaken(slot)) everything.publish(this.#names.viewAt(slot).id, this.#names.placeAt(slot));
    }
    for (const message of everything.take()) post(message);
    return this.#subscribers.add(post);
  }

  get statistics(): LibraryStatistics {
    return {
      ...this.#counts,
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
    return NameTable.bytesOf(this.#names.capacity) * (1 + this.#subscribers.count);
  }

  #publishName(view: record.SlabView, nameAt: number): void {
    const { words } = view;
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

  /** The object has one name less. Its memory is given back when it has no name and no worker sends it any more. */
  #retire(view: record.SlabView, nameAt: number): void {
    const objectAt = view.word(nameAt + record.OBJECT_AT);
    const live = view.word(objectAt + record.NAMES_LIVE) - 1;
    view.words[objectAt + record.NAMES_LIVE] = live;
    if (live === 0) this.#count(view, objectAt, -1);
    this.#subscribers.awaitRelease(view.word(nameAt + record.ID), () => this.#letGo(view, objectAt));
  }

  #letGo(view: record.SlabView, objectAt: number): void {
    const held = view.word(objectAt + record.NAMES_HELD) - 1;
    view.words[objectAt + record.NAMES_HELD] = held;
    if (held > 0) return;
    const length = view.word(objectAt + record.BLOCK_UNITS) * record.BLOCK_UNIT;
    this.#arena.free(view.id, record.blockAt(objectAt), length);
    this.flush(); // the workers let go of a slab that has become empty
    this.#freed();
  }

  #freed(): void {
    for (const listener of this.#freedListeners) listener();
  }

  #count(view: record.SlabView, objectAt: number, sign: 1 | -1): void {
    const kind = record.OBJECT_KINDS[view.word(objectAt + record.KIND)];
    const payloadLength = view.double(objectAt, record.PAYLOAD_LENGTH);
    const headLength = view.word(objectAt + record.HEAD_LENGTH);
    if (kind === 'file') this.#counts.files += sign;
    else if (kind === 'redirect') this.#counts.redirects += sign;
    else this.#counts.notices += sign;
    this.#counts.payloadBytes += sign * payloadLength;
    this.#counts.tableBytes += sign * 2 * SummedBytes.tableLength(headLength + payloadLength);
  }
}

/** A name's path, a character for each byte. */
function nameText(view: record.SlabView, nameAt: number): string {
  const from = record.blockAt(view.word(nameAt + record.OBJECT_AT)) + view.word(nameAt + record.KEY_FROM);
  return Buffer.from(view.bytes.buffer, from, view.word(nameAt + record.KEY_LENGTH)).toString('latin1');
}
