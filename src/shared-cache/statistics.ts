/** What a shared cache counts. */
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
  /** Answers that were stored, and answers that were not, by reason. */
  stored = 0;
  notStored = 0;
  /** Answers removed by an unsafe method, and by a purge. */
  invalidated = 0;
  purged = 0;
  /** Answers given to the data path. */
  published = 0;
}
