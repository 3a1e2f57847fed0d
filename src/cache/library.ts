/**
 * The main thread's side of the cache: owns the memory, knows every name, and tells the workers.
 *
 *     loader ──reserve, seal, publish──▶ Library ──CacheMessage──▶ Store of worker 1, 2, ...
 *                                           ▲                          │
 *                                           └───── released(ids) ──────┘  no connection of mine sends them any more
 *
 * Life of an object: *reserved* (memory taken, the loader writes it) → *published* (found by the workers, never
 * changed again) → *retired* (replaced or removed: not found, perhaps still being sent) → freed, once every worker
 * that knew it has let go. An object may have several names; its memory lives as long as one of them does.
 */
import { Arena, type Block } from './arena.js';
import { Draft, type ObjectKey, type ObjectKind } from './draft.js';
import type { Answer } from './heads.js';
import { type Layout, layoutOf } from './layout.js';
import { Outbox } from './outbox.js';
import { type CacheMessage, Coding, DEFAULT_SITE, type PublishedEntry } from './published.js';
import { type Subscriber, Subscribers } from './subscribers.js';

/** Default bound of the cache's memory. */
export const DEFAULT_CACHE_BYTES = 512 * 1024 * 1024;
/** An object can never be larger: offsets in the data path are int32 (V8's Smi), which is what makes it quick. */
export const LARGEST_OBJECT_BYTES = 2 ** 31 - 2 ** 20;

/** Numbers for a status line; `*Bytes` are of the objects that can be found now. */
export interface LibraryStatistics {
  files: number;
  redirects: number;
  /** Answers of 503 in the place of a file. */
  notices: number;
  names: number;
  payloadBytes: number;
  /** Prefix-sum tables. */
  tableBytes: number;
  /** Memory in use, retired objects included; bounded by `limitBytes`. */
  usedBytes: number;
  reservedBytes: number;
  limitBytes: number;
  /** Names replaced or removed that a worker still sends. */
  retiredInUse: number;
  /** Since the start: names published, of which in the place of another, and names removed. */
  published: number;
  replaced: number;
  removed: number;
}

/** The memory of one object. */
interface Stored {
  readonly kind: ObjectKind;
  readonly block: Block;
  readonly layout: Layout;
  /** Names by which it can be found. */
  names: number;
  /** Names by which it can be found or is still being sent. Freed at 0. */
  holds: number;
}

/** One name of an object, as published. */
interface Named {
  readonly entry: PublishedEntry;
  readonly stored: Stored;
}

/** The main thread's side of the cache. See the top of this file. */
export class Library {
  readonly #arena: Arena;
  readonly #named = new Map<string, Named>();
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

  /** `limitBytes` bounds the memory of all objects with their tables (`--cache-size`). */
  constructor(limitBytes: number = DEFAULT_CACHE_BYTES) {
    this.#arena = new Arena(limitBytes, this.#outbox);
  }

  get limitBytes(): number {
    return this.#arena.limitBytes;
  }

  /**
   * Takes memory for an object with this key, heads as long as those of `answer`, and a payload. Undefined when the
   * limit leaves no room; redirects and notices are let in all the same, being a few hundred bytes each.
   */
  reserve(key: ObjectKey, answer: Answer, payloadLength: number, kind: ObjectKind = 'file'): Draft | undefined {
    if (payloadLength > LARGEST_OBJECT_BYTES) return undefined;
    const namesLength = key.names.reduce((sum, name) => sum + name.length, 0);
    const layout = layoutOf(answer.head.length, payloadLength, answer.notModified.length, namesLength);
    const block = this.#arena.allocate(layout.length, kind !== 'file');
    return block === undefined ? undefined : new Draft(key, layout, block, kind);
  }

  /** Gives the memory of an object back that will not be published. */
  discard(draft: Draft): void {
    this.#arena.free(draft.block);
    this.#freed();
  }

  /** Makes a sealed object the answer for its names, retiring what was there. Workers learn of it at `flush`. */
  publish(draft: Draft): void {
    if (!draft.sealed) throw new Error('an object must be sealed before it is published');
    const { key, layout, block, kind } = draft;
    const stored: Stored = { kind, block, layout, names: key.names.length, holds: key.names.length };
    this.#count(stored, 1);
    let keyFrom = block.from + layout.namesFrom;
    for (const name of key.names) {
      this.#publishName(draft, stored, name, keyFrom);
      keyFrom += name.length;
    }
  }

  /** Takes a name away. Returns whether it was there. Workers learn of it at `flush`. */
  remove(name: Uint8Array, site = DEFAULT_SITE, coding: number = Coding.identity): boolean {
    const key = keyText(name, site, coding);
    const named = this.#named.get(key);
    if (named === undefined) return false;
    this.#named.delete(key);
    this.#counts.removed++;
    this.#outbox.retire(named.entry.id);
    this.#retire(named);
    return true;
  }

  /** What is published under a name. */
  get(name: Uint8Array, site = DEFAULT_SITE, coding: number = Coding.identity): PublishedEntry | undefined {
    return this.#named.get(keyText(name, site, coding))?.entry;
  }

  /** The entity-tag of what is published under a name, with its quotes; '' if there is none. */
  etagOf(name: Uint8Array, site = DEFAULT_SITE, coding: number = Coding.identity): string {
    const named = this.#named.get(keyText(name, site, coding));
    if (named === undefined) return '';
    const { etagFrom, etagLength } = named.entry;
    return Buffer.from(named.stored.block.slab.bytes.slice(etagFrom, etagFrom + etagLength)).toString('latin1');
  }

  /** The names of a site that are `path`, or lie under it as a folder. Walks all names. */
  namesUnder(path: Uint8Array, site = DEFAULT_SITE): Uint8Array[] {
    const names: Uint8Array[] = [];
    const wanted = Buffer.from(path).toString('latin1').replace(/\/$/, '');
    for (const [key, { entry }] of this.#named) {
      if (entry.site !== site) continue;
      const name = key.slice(key.indexOf('/'));
      if (name === wanted || name.startsWith(`${wanted}/`)) names.push(Buffer.from(name, 'latin1'));
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

  /** Adds a worker: `post` is given everything there is at once, and from then on every change. */
  attach(post: (message: CacheMessage) => void): Subscriber {
    this.flush();
    const everything = new Outbox();
    for (const slab of this.#arena.slabs) everything.slabAdded(slab);
    for (const { entry } of this.#named.values()) everything.publish(entry);
    for (const message of everything.take()) post(message);
    return this.#subscribers.add(post);
  }

  get statistics(): LibraryStatistics {
    return {
      ...this.#counts,
      names: this.#named.size,
      usedBytes: this.#arena.usedBytes,
      reservedBytes: this.#arena.reservedBytes,
      limitBytes: this.#arena.limitBytes,
      retiredInUse: this.#subscribers.waiting,
    };
  }

  #publishName(draft: Draft, stored: Stored, name: Uint8Array, keyFrom: number): void {
    const { site = DEFAULT_SITE, coding = Coding.identity } = draft.key;
    const key = keyText(name, site, coding);
    const old = this.#named.get(key);
    const id = this.#nextId++;
    const generation = old === undefined ? 1 : old.entry.generation + 1;
    const entry = { id, generation, site, coding, keyFrom, keyLength: name.length, ...describe(draft) };
    this.#named.set(key, { entry, stored });
    this.#outbox.publish(entry);
    this.#counts.published++;
    if (old === undefined) return;
    this.#counts.replaced++;
    this.#retire(old);
  }

  /** One name less leads to the object; its memory is given back once it has none, and nobody sends it any more. */
  #retire({ entry, stored }: Named): void {
    stored.names--;
    if (stored.names === 0) this.#count(stored, -1);
    this.#subscribers.awaitRelease(entry.id, () => {
      stored.holds--;
      if (stored.holds > 0) return;
      this.#arena.free(stored.block);
      this.flush(); // the workers let go of a slab that has become empty
      this.#freed();
    });
  }

  #freed(): void {
    for (const listener of this.#freedListeners) listener();
  }

  #count({ kind, layout }: Stored, sign: 1 | -1): void {
    if (kind === 'file') this.#counts.files += sign;
    else if (kind === 'redirect') this.#counts.redirects += sign;
    else this.#counts.notices += sign;
    this.#counts.payloadBytes += sign * layout.payloadLength;
    this.#counts.tableBytes += sign * layout.tableBytes;
  }
}

/** The parts of a published entry that all names of an object share. */
function describe({ answer, block, layout }: Draft) {
  return {
    slab: block.slab.id,
    bytesFrom: block.from,
    headLength: layout.headLength,
    lengthFieldLength: answer.lengthFieldLength,
    payloadLength: layout.payloadLength,
    tableFrom: block.from + layout.tableFrom,
    notModifiedFrom: block.from + layout.notModifiedFrom,
    notModifiedLength: layout.notModifiedLength,
    notModifiedTableFrom: block.from + layout.notModifiedTableFrom,
    status: answer.status,
    etagFrom: block.from + answer.etagFrom,
    etagLength: answer.etagLength,
    lastModifiedSeconds: answer.lastModifiedSeconds,
    contentType: answer.contentType,
    location: answer.location,
  };
}

/** A key as a string, for the main thread's own map. Latin-1, because a path is bytes and need not be UTF-8. */
function keyText(name: Uint8Array, site: number, coding: number): string {
  return `${site}.${coding}${Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1')}`;
}
