/** The metrics of the caches in front of the handler and of upstreams. They have no values where nothing is kept. */
import type { Registry } from 'prom-client';
import type { CacheCounters } from '../shared-cache/thread/messages.js';
import { cacheLabel } from './cache-label.js';
import { addCollected } from './collected.js';
import type { Reading } from './source.js';

/** One counter, or one for each value of a label. */
export interface KeptMetric {
  readonly name: string;
  readonly help: string;
  /** Undefined: there is one counter, under the name ''. */
  readonly label?: string;
  readonly counters: Readonly<Record<string, keyof CacheCounters>>;
}

export const KEPT_METRICS: readonly KeptMetric[] = [
  {
    name: 'fastpath_kept_requests_total',
    help: 'Requests that reached the cache, by what it did. Hits of the fast path do not.',
    label: 'result',
    counters: { hit: 'hits', stale: 'staleHits', miss: 'misses', expired: 'expired', bypass: 'passes' },
  },
  {
    name: 'fastpath_kept_revalidated_total',
    help: 'Those of them that got a stored answer after the origin had said 304.',
    counters: { '': 'revalidated' },
  },
  {
    name: 'fastpath_kept_collapsed_total',
    help: 'Those of them that got the answer to another request, which was under way.',
    counters: { '': 'collapsed' },
  },
  { name: 'fastpath_kept_fetches_total', help: 'Requests to the origin.', counters: { '': 'fetches' } },
  {
    name: 'fastpath_kept_failed_fetches_total',
    help: 'Those of them that brought no whole answer.',
    counters: { '': 'failures' },
  },
  { name: 'fastpath_kept_fetching', help: 'Requests to the origin that are under way.', counters: { '': 'fetching' } },
  { name: 'fastpath_kept_stored_total', help: 'Answers that were stored.', counters: { '': 'stored' } },
  {
    name: 'fastpath_kept_refused_total',
    help: 'Answers to GET that were not stored, by reason.',
    label: 'reason',
    counters: {
      no_store: 'refusedNoStore',
      private: 'refusedPrivate',
      authorization: 'refusedAuthorization',
      set_cookie: 'refusedSetCookie',
      vary: 'refusedVary',
      no_lifetime: 'refusedNoLifetime',
      status: 'refusedStatus',
      too_long: 'refusedTooLong',
      no_room: 'refusedNoRoom',
      outdated: 'refusedOutdated',
      broken: 'refusedBroken',
    },
  },
  {
    name: 'fastpath_kept_removed_total',
    help: 'Answers removed: by an unsafe method, by a purge, for want of memory.',
    label: 'by',
    counters: { method: 'invalidated', purge: 'purged', memory: 'evicted' },
  },
  { name: 'fastpath_kept_published_total', help: 'Answers given to the fast path.', counters: { '': 'published' } },
  { name: 'fastpath_kept_answers', help: 'Stored answers.', counters: { '': 'answers' } },
  { name: 'fastpath_kept_bytes', help: 'Their memory.', counters: { '': 'bytes' } },
  { name: 'fastpath_kept_limit_bytes', help: 'The bound of that.', counters: { '': 'limitBytes' } },
];

/** The labels of a metric. */
export function keptLabels({ label }: KeptMetric): string[] {
  return label === undefined ? ['upstream'] : ['upstream', label];
}

/** Metrics of the caches in front of handlers and upstreams, read when somebody scrapes. */
export function addKeptMetrics(registry: Registry, now: () => Reading): void {
  for (const metric of KEPT_METRICS) {
    const { label, counters } = metric;
    addCollected(registry, metric, keptLabels(metric), () =>
      (now().caches ?? []).flatMap((cache) =>
        Object.entries(counters).map(([value, counter]) => {
          const upstream = cacheLabel(cache.name);
          return [label === undefined ? { upstream } : { upstream, [label]: value }, cache.counters[counter]] as const;
        }),
      ),
    );
  }
}
