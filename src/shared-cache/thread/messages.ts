/**
 * What a thread with caches and the main thread say to each other. The order of these messages is what keeps a purge
 * right: what a thread has published arrives before it says that a purge is done.
 */
import type { KeptAnswer } from '../library-publisher.js';
import type { Purge, PurgeKind } from '../match/purge.js';
import type { SharedCacheOptions } from '../options.js';
import type { SharedCacheStatistics } from '../statistics.js';

/** One cache. */
export interface CacheSetup {
  readonly options: SharedCacheOptions;
  /** Never used again: a setup with another number is another cache, which begins empty. */
  readonly id: number;
}

/** The caches by the names of their upstreams; '' is that of the handler. */
export type CacheSetups = Readonly<Record<string, CacheSetup>>;

/**
 * What became of a purge in one cache.
 *
 * @example
 * ```ts
 * import type { FolderServer } from 'fastpath';
 *
 * export async function purgeAll(server: FolderServer): Promise<void> {
 *   console.log(await server.purge({ by: 'all' }));
 * }
 * ```
 */
export interface PurgedAnswers {
  /** The name of the upstream; '' for the handler. */
  readonly cache: string;
  readonly answers: number;
}

/** The counters of a cache, and how full it is. @see {@link Snapshot} */
export interface CacheCounters extends Readonly<SharedCacheStatistics> {
  readonly answers: number;
  readonly bytes: number;
  readonly limitBytes: number;
  readonly evicted: number;
  /** Requests to the origin that are under way. */
  readonly fetching: number;
}

/** The counters of the cache in front of one upstream, or of the handler. @see {@link Snapshot} */
export interface CacheReading {
  /** The name of the upstream; '' for the handler. */
  readonly name: string;
  readonly counters: CacheCounters;
}

/** To purge in all caches of a thread. */
export interface PurgeOrder {
  readonly kind: 'purge';
  readonly id: number;
  readonly which: Purge;
  readonly how: PurgeKind;
}

export type MessageFromCaches =
  /** This answer is for the data path. */
  | { readonly kind: 'keep'; readonly cacheId: number; readonly kept: KeptAnswer }
  /** It must not be sent any more. */
  | { readonly kind: 'drop'; readonly cacheId: number; readonly name: string }
  /** A purge is done: nothing that it concerned is published after this. */
  | { readonly kind: 'purged'; readonly id: number; readonly purged: readonly PurgedAnswers[] }
  /** The counters of now; it comes each second, if something has changed. */
  | { readonly kind: 'counters'; readonly caches: readonly CacheReading[] };

const KINDS: ReadonlySet<string> = new Set([
  'keep',
  'drop',
  'purged',
  'counters',
] satisfies MessageFromCaches['kind'][]);

/** For threads that say other things, too. */
export function isFromCaches(message: { readonly kind: string }): message is MessageFromCaches {
  return KINDS.has(message.kind);
}
