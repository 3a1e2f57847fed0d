/**
 * What `fastpath top` shows: the busiest URLs, clients and statuses of the requests that it sees. Rates are averages in
 * which what is newer weighs more: after `HALF_LIFE_SECONDS` without a request, a rate is half of what it was.
 */
import type { LogEntry } from '../log/read/entry.js';

/** What requests are gathered by. */
export const TOP_GROUPS = ['url', 'client', 'status'] as const;
export type TopGroup = (typeof TOP_GROUPS)[number];

/** A line of a table. */
export interface TopRow {
  readonly key: string;
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
}

export type TopOrder = 'requests' | 'bytes';

export const HALF_LIFE_SECONDS = 10;
/** Keys of a group that are remembered; what comes beyond counts together. Somebody may ask for ever new URLs. */
export const MOST_KEYS = 10_000;
/** A key with fewer requests a second is forgotten. */
const LEAST_RATE = 0.001;
/** The key for all that found no room. */
export const OTHERS = '(others)';

/** Rates, and what has come since the last turn. */
interface Load {
  requests: number;
  bytes: number;
  requestRate: number;
  byteRate: number;
}

export class Top {
  readonly #groups = new Map<TopGroup, Map<string, Load>>(TOP_GROUPS.map((group) => [group, new Map()]));
  #turns = 0;

  take(entry: LogEntry): void {
    const bytes = typeof entry.acknowledged === 'number' ? entry.acknowledged : Number(entry.bytes ?? 0);
    for (const [group, loads] of this.#groups) {
      const load = loadOf(loads, keyOf(group, entry));
      load.requests++;
      load.bytes += bytes;
    }
  }

  /** So many seconds have passed since the last call: brings the rates up to date. */
  turn(seconds: number): void {
    const isFirst = this.#turns++ === 0;
    const kept = isFirst ? 0 : 0.5 ** (seconds / HALF_LIFE_SECONDS);
    for (const loads of this.#groups.values()) {
      for (const [key, load] of loads) {
        load.requestRate = kept * load.requestRate + (1 - kept) * (load.requests / seconds);
        load.byteRate = kept * load.byteRate + (1 - kept) * (load.bytes / seconds);
        load.requests = load.bytes = 0;
        if (load.requestRate < LEAST_RATE) loads.delete(key);
      }
    }
  }

  /** The busiest first; those that are equal by name. */
  rows(group: TopGroup, order: TopOrder, count: number): TopRow[] {
    const rows = [...(this.#groups.get(group) ?? [])].map(([key, { requestRate, byteRate }]) => ({
      key,
      requestsPerSecond: requestRate,
      bytesPerSecond: byteRate,
    }));
    const by = order === 'bytes' ? 'bytesPerSecond' : 'requestsPerSecond';
    return rows.sort((a, b) => b[by] - a[by] || (a.key < b.key ? -1 : 1)).slice(0, count);
  }
}

function loadOf(loads: Map<string, Load>, wanted: string): Load {
  const key = loads.has(wanted) || loads.size < MOST_KEYS ? wanted : OTHERS;
  let load = loads.get(key);
  if (load === undefined) {
    load = { requests: 0, bytes: 0, requestRate: 0, byteRate: 0 };
    loads.set(key, load);
  }
  return load;
}

function keyOf(group: TopGroup, { host, path, line, client, status }: LogEntry): string {
  if (group === 'client') return String(client);
  if (group === 'status') return String(status);
  return path === undefined ? String(line ?? '(unreadable)') : `${host ?? ''}${path}`;
}
