/**
 * Which answers of the handler and of upstreams are kept: the caches that the options ask for, the key space of each in
 * the cache of the data path, and what they publish there. Main thread.
 *
 *     thread of the handler ──┐ keep, drop                       ┌─▶ worker: a hit
 *     thread of the proxy ────┴───────────▶ KeptAnswers ─▶ Library ─▶ TLS thread: a hit
 *
 * Each cache has a number that is never used again. A handler that is loaded anew gets another one, and so does an
 * upstream whose options change. What their old cache has published is removed, and what it still sends is not taken.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Library } from '../../cache/library/library.js';
import { FIRST_KEPT_SPACE, type KeptSpaces } from '../../http/index.js';
import type { Upstreams } from '../../proxy/options.js';
import { putKept, removeKept } from '../../shared-cache/library-publisher.js';
import type { SharedCacheOptions } from '../../shared-cache/options.js';
import type { TakeKept } from '../../shared-cache/thread/caches-end.js';
import type { CacheSetup, CacheSetups } from '../../shared-cache/thread/messages.js';
import type { ServeOptions } from '../options.js';

/** The name of the handler's cache, where others have the name of their upstream. */
export const HANDLER_CACHE = '';

interface Kept {
  readonly setup: CacheSetup;
  /** What else makes another cache of it: the options of its upstream. */
  readonly origin: unknown;
}

export class KeptAnswers {
  readonly #library: Library;
  /** By name, for ever. */
  readonly #spaces = new Map<string, number>();
  #kept: ReadonlyMap<string, Kept> = new Map();
  #nextId = 1;
  /** Answers for the data path that found no memory. */
  withoutRoom = 0;

  constructor(library: Library) {
    this.#library = library;
  }

  /** The key spaces of the caches that these options ask for, for the workers. */
  spacesFor({ handler, handlerCache, upstreams = {} }: ServeOptions): KeptSpaces {
    const names = Object.entries(upstreams).flatMap(([name, { cache }]) => (cache === undefined ? [] : [name]));
    if (handler !== undefined && handlerCache !== undefined) names.push(HANDLER_CACHE);
    return Object.fromEntries(names.map((name) => [name, this.spaceOf(name)]));
  }

  /** The key space of the cache of this name. */
  spaceOf(name: string): number {
    const space = this.#spaces.get(name) ?? FIRST_KEPT_SPACE + this.#spaces.size;
    this.#spaces.set(name, space);
    return space;
  }

  /** A cache for a handler that is loaded now. It is not the handler's before `useHandler`. */
  newForHandler({ handlerCache }: ServeOptions): CacheSetups {
    return handlerCache === undefined ? {} : { [HANDLER_CACHE]: this.#new(handlerCache) };
  }

  /** The handler has this cache from now on, or none. */
  useHandler(setups: CacheSetups): void {
    const upstreams = [...this.#kept].filter(([name]) => name !== HANDLER_CACHE);
    const handler = Object.entries(setups).map(([name, setup]) => [name, { setup, origin: null }] as const);
    this.#use(new Map([...upstreams, ...handler]));
  }

  /** These upstreams have their caches from now on: the same as before, if their options are the same. */
  useUpstreams(upstreams: Upstreams = {}): CacheSetups {
    const next = Object.entries(upstreams).flatMap(([name, { cache, ...origin }]) => {
      if (cache === undefined) return [];
      const before = this.#kept.get(name);
      const isSame = isDeepStrictEqual([before?.setup.options, before?.origin], [cache, origin]);
      return [[name, isSame && before !== undefined ? before : { setup: this.#new(cache), origin }] as const];
    });
    const handler = [...this.#kept].filter(([name]) => name === HANDLER_CACHE);
    this.#use(new Map([...handler, ...next]));
    return Object.fromEntries(next.map(([name, { setup }]) => [name, setup]));
  }

  /** A thread publishes, or withdraws. What comes from a cache that is no more is not taken. */
  readonly take: TakeKept = (message) => {
    const [name] = [...this.#kept].find(([, { setup }]) => setup.id === message.cacheId) ?? [];
    if (name === undefined) return;
    const space = this.spaceOf(name);
    if (message.kind === 'drop') removeKept(this.#library, space, message.name);
    else if (!putKept(this.#library, space, message.kept)) this.withoutRoom++;
  };

  /**
   * The thread of the handler has ended, or that of the upstreams, and with it all that was stored: nobody could purge
   * it any more.
   */
  lost(isHandler: boolean): void {
    this.#forget([...this.#kept.keys()].filter((name) => (name === HANDLER_CACHE) === isHandler));
  }

  #new(options: SharedCacheOptions): CacheSetup {
    return { options, id: this.#nextId++ };
  }

  #use(next: ReadonlyMap<string, Kept>): void {
    const gone = [...this.#kept].filter(([name, { setup }]) => next.get(name)?.setup.id !== setup.id);
    this.#kept = next;
    this.#forget(gone.map(([name]) => name));
  }

  #forget(names: readonly string[]): void {
    for (const name of names) this.#library.removeSite(this.spaceOf(name));
    if (names.length > 0) this.#library.flush();
  }
}
