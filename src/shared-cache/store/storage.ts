/**
 * All stored answers, within a bound of memory: by key, by URL, by tag. What goes when memory is short is S3-FIFO's
 * choice (src/cache/library/s3-fifo.ts).
 */
import { NO_RANK, S3Fifo, UNUSED, USED } from '../../cache/library/s3-fifo.js';
import type { Fields } from '../fields.js';
import type { Stored } from './stored.js';

/** S3-FIFO counts lengths in 32 bits. */
const UNIT = 256;

export class Storage {
  readonly #limitBytes: number;
  readonly #mostVariants: number;
  readonly #queue: S3Fifo;
  /** By the number in the queue. */
  readonly #ranked: (Stored | undefined)[] = [];
  /** The newest first. */
  readonly #byKey = new Map<string, Stored[]>();
  readonly #byUrl = new Map<string, Set<Stored>>();
  readonly #byTag = new Map<string, Set<Stored>>();
  readonly #onGone: (stored: Stored) => void;
  #bytes = 0;
  #count = 0;
  evicted = 0;

  /** `onGone` is told of each answer that is not to be found any more. */
  constructor(limitBytes: number, mostVariants: number, onGone: (stored: Stored) => void) {
    this.#limitBytes = limitBytes;
    this.#mostVariants = mostVariants;
    this.#queue = new S3Fifo(limitBytes);
    this.#onGone = onGone;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#count;
  }

  /** The stored answers with this key, the newest first. */
  candidates(key: string): readonly Stored[] {
    return this.#byKey.get(key) ?? [];
  }

  /** The newest one that fits the request. It counts as used. */
  find(key: string, request: Fields): Stored | undefined {
    const found = this.candidates(key).find((stored) => stored.fits(request));
    if (found !== undefined) this.touch(found);
    return found;
  }

  /** Says that it was asked for. It is in the storage. */
  touch(stored: Stored): void {
    this.#queue.used[stored.rank] = USED;
  }

  /** Stores an answer in place of the one with the same key and the same variant. Returns false if it is too large. */
  put(stored: Stored): boolean {
    if (stored.bytes > this.#limitBytes) return false;
    for (const old of [...this.candidates(stored.key.whole)]) if (old.isSameVariantAs(stored)) this.remove(old);
    while (this.#bytes + stored.bytes > this.#limitBytes) this.#evict();
    const hash = hashOf(stored.key.whole);
    stored.rank = this.#queue.add(0, 0, Math.ceil(stored.bytes / UNIT), hash, true);
    if (stored.rank === NO_RANK) return false;
    this.#queue.used[stored.rank] = UNUSED;
    this.#ranked[stored.rank] = stored;
    this.#index(stored);
    const variants = this.#byKey.get(stored.key.whole) as Stored[];
    while (variants.length > this.#mostVariants) this.remove(variants.at(-1) as Stored);
    return true;
  }

  /** Takes an answer out, if it is in. */
  remove(stored: Stored): void {
    const variants = this.#byKey.get(stored.key.whole);
    const at = variants?.indexOf(stored) ?? -1;
    if (variants === undefined || at < 0) return;
    variants.splice(at, 1);
    if (variants.length === 0) this.#byKey.delete(stored.key.whole);
    drop(this.#byUrl, stored.key.url, stored);
    for (const tag of stored.tags) drop(this.#byTag, tag, stored);
    this.#queue.remove(stored.rank);
    this.#ranked[stored.rank] = undefined;
    this.#bytes -= stored.bytes;
    this.#count--;
    this.#onGone(stored);
  }

  /** What has exactly this URL (key.ts), however many keys and variants it has. */
  withUrl(url: string): Stored[] {
    return [...(this.#byUrl.get(url) ?? [])];
  }

  /** What has such a URL. Looks at each URL once. */
  withUrls(isWanted: (url: string) => boolean): Stored[] {
    const found: Stored[] = [];
    for (const [url, stored] of this.#byUrl) if (isWanted(url)) found.push(...stored);
    return found;
  }

  withTag(tag: string): Stored[] {
    return [...(this.#byTag.get(tag) ?? [])];
  }

  #index(stored: Stored): void {
    const variants = this.#byKey.get(stored.key.whole);
    if (variants === undefined) this.#byKey.set(stored.key.whole, [stored]);
    else variants.unshift(stored);
    add(this.#byUrl, stored.key.url, stored);
    for (const tag of stored.tags) add(this.#byTag, tag, stored);
    this.#bytes += stored.bytes;
    this.#count++;
  }

  #evict(): void {
    const stored = this.#ranked[this.#queue.victim()];
    if (stored === undefined) throw new Error('the cache holds bytes of no answer');
    this.evicted++;
    this.remove(stored);
  }
}

function add(index: Map<string, Set<Stored>>, name: string, stored: Stored): void {
  const there = index.get(name);
  if (there === undefined) index.set(name, new Set([stored]));
  else there.add(stored);
}

function drop(index: Map<string, Set<Stored>>, name: string, stored: Stored): void {
  const there = index.get(name);
  there?.delete(stored);
  if (there?.size === 0) index.delete(name);
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}
