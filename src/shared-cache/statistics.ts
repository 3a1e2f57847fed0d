/**
 * What a shared cache counts. Each request is one of `hits`, `staleHits`, `misses`, `expired` and `passes`;
 * `revalidated` and `collapsed` say more of some of them.
 *
 * @example
 * ```ts
 * import type { SharedCache } from 'fastpath';
 *
 * export const hits = ({ statistics }: SharedCache) => statistics.hits;
 * ```
 */
export class SharedCacheStatistics {
  /** Requests answered from memory: fresh; stale because that was allowed; after the origin had said 304. */
  hits = 0;
  staleHits = 0;
  revalidated = 0;
  /** Requests for which the origin was asked: nothing stored; stored but too old; not for a cache at all. */
  misses = 0;
  expired = 0;
  passes = 0;
  /** Requests that had the answer to another one, which was under way. */
  collapsed = 0;
  /** Requests to the origin, and those of them that failed. */
  fetches = 0;
  failures = 0;
  /** Answers that were stored. */
  stored = 0;
  /** Answers to GET that were not, by reason: see `Refusal`. */
  refusedNoStore = 0;
  refusedPrivate = 0;
  refusedAuthorization = 0;
  refusedSetCookie = 0;
  refusedVary = 0;
  refusedNoLifetime = 0;
  refusedStatus = 0;
  refusedTooLong = 0;
  refusedNoRoom = 0;
  refusedOutdated = 0;
  refusedBroken = 0;
  /** Answers removed by an unsafe method, and by a purge. */
  invalidated = 0;
  purged = 0;
  /** Answers given to the data path. */
  published = 0;
}

/**
 * Why an answer is not stored, as Cache-Status has it. The first five are what the answer or its request says. `vary`:
 * it differs for each request. `no-lifetime`: it is stale at once, and has nothing to be validated by. `status`: one
 * that no cache may store, or not this one. `too-long`: more than one answer may have. `no-room`: too many answers are
 * under way. `outdated`: it was purged or changed while it came. `broken`: it ended too early, or is not what it says.
 */
export type Refusal =
  | 'no-store'
  | 'request-no-store'
  | 'private'
  | 'authorization'
  | 'set-cookie'
  | 'vary'
  | 'no-lifetime'
  | 'status'
  | 'too-long'
  | 'no-room'
  | 'outdated'
  | 'broken';

const COUNTERS = {
  'no-store': 'refusedNoStore',
  'request-no-store': 'refusedNoStore',
  private: 'refusedPrivate',
  authorization: 'refusedAuthorization',
  'set-cookie': 'refusedSetCookie',
  vary: 'refusedVary',
  'no-lifetime': 'refusedNoLifetime',
  status: 'refusedStatus',
  'too-long': 'refusedTooLong',
  'no-room': 'refusedNoRoom',
  outdated: 'refusedOutdated',
  broken: 'refusedBroken',
} as const satisfies Record<Refusal, keyof SharedCacheStatistics>;

/** Counts an answer that is not stored. */
export function countRefusal(statistics: SharedCacheStatistics, refusal: Refusal): void {
  statistics[COUNTERS[refusal]]++;
}
