/** The numbers of a running server at one moment, and the rates between two of them. */

import type { SupplyStatistics } from '../cache/demand/supply.js';
import type { LibraryStatistics } from '../cache/library/statistics.js';
import type { TcpSettings } from '../net/tcp/settings.js';
import type { UpstreamReading } from '../proxy/statistics.js';
import type { CacheReading } from '../shared-cache/thread/messages.js';
import type { SiteShare } from './bandwidth.js';
import type { RivalHost } from './events.js';
import type { ModuleInfo } from './modules/served.js';
import type { AutomaticView } from './network/automatic-addresses.js';
import type { LeaseView } from './network/lease-desk.js';
import type { FramesChoice } from './worker/frames.js';

/** Another host that uses an address of ours. @see {@link Snapshot} */
export interface ConflictRecord extends RivalHost {
  /** How often it was heard. */
  readonly count: number;
  /** When it was heard last, ISO 8601. */
  readonly last: string;
}

/**
 * The numbers behind `--json`, `fastpath status` and the status line.
 *
 * @example
 * ```ts
 * import type { FolderServer } from 'fastpath';
 *
 * export function report(server: FolderServer): void {
 *   const { counters, cache, caches, upstreams, lease, automatic, shares, modules } = server.snapshot();
 *   console.log(`${counters.get('http.requests')} requests, ${cache.files} files`);
 *   for (const { name, counters } of caches ?? []) console.log(name, counters.hits);
 *   for (const { name, servers } of upstreams ?? []) console.log(name, servers.length);
 *   console.log(lease?.state, lease?.lease?.network, shares.length, modules?.length);
 *   for (const { network, router } of automatic?.addresses ?? []) console.log(network, router);
 * }
 * ```
 */
export interface Snapshot {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly uptimeSeconds: number;
  /** What is served now. */
  readonly sites: readonly { readonly name: string; readonly folder: string }[];
  readonly workers: number;
  /** How frames cross to the kernel, as it was chosen at the start. The counter `ring.failed` says if that ended. */
  readonly frames: FramesChoice;
  /** All counters of all workers, added up, by dotted name (`stack.tcp.segmentsReceived`). */
  readonly counters: ReadonlyMap<string, number>;
  readonly cache: LibraryStatistics;
  /** What was read because somebody asked for it. */
  readonly supply: SupplyStatistics;
  readonly conflicts: readonly ConflictRecord[];
  /** What each site has sent, while the bandwidth is bounded; else empty. */
  readonly shares: readonly SiteShare[];
  /** The counters of the reverse proxy, at most a second old; undefined: there are no upstreams. */
  readonly upstreams?: readonly UpstreamReading[];
  /** The counters of the caches in front of handler and upstreams; undefined: there are none. */
  readonly caches?: readonly CacheReading[];
  /** Where administrators ask; undefined: nowhere. */
  readonly admin?: string;
  /** The modules beside HTTP; undefined: none. */
  readonly modules?: readonly ModuleInfo[];
  /** The address from a DHCP server; undefined: none was asked for. */
  readonly lease?: LeaseView;
  /** The IPv6 addresses made of routers' prefixes; undefined: none were asked for. */
  readonly automatic?: AutomaticView;
  /** TCP's settings that differ from their defaults. */
  readonly tcp: Partial<TcpSettings>;
}

/** The figures of the status line. */
export interface Rates {
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly connections: number;
  /** The part of the requests since the last snapshot that were hits, 0 to 1; undefined when there was none. */
  readonly hitRatio: number | undefined;
  /** Segments sent again since the start. */
  readonly retransmits: number;
}

/** Counters that the status line shows, by their names in the snapshot. */
export const COUNTER = {
  requests: 'http.requests',
  /** Bytes that have arrived: what was only queued may never get there. */
  deliveredBytes: 'stack.tcp.bytesAcknowledged',
  cacheHits: 'http.cacheHits',
  cacheMisses: 'http.cacheMisses',
  connections: 'connections.open',
  retransmits: 'stack.tcp.retransmits',
} as const;

/** What happened between two snapshots of one server. */
export function ratesBetween(before: Snapshot, now: Snapshot): Rates {
  const seconds = Math.max((now.time - before.time) / 1000, 0.001);
  const grown = (name: string) => (now.counters.get(name) ?? 0) - (before.counters.get(name) ?? 0);
  const hits = grown(COUNTER.cacheHits);
  const lookups = hits + grown(COUNTER.cacheMisses);
  return {
    requestsPerSecond: grown(COUNTER.requests) / seconds,
    bytesPerSecond: grown(COUNTER.deliveredBytes) / seconds,
    connections: now.counters.get(COUNTER.connections) ?? 0,
    hitRatio: lookups === 0 ? undefined : hits / lookups,
    retransmits: now.counters.get(COUNTER.retransmits) ?? 0,
  };
}

/** A snapshot as one JSON value. Counters stay flat: a dotted name is easy to select (`jq '.counters["http.ok"]'`). */
export function snapshotToJson({ counters, time, ...rest }: Snapshot): object {
  return { time: new Date(time).toISOString(), ...rest, counters: Object.fromEntries(counters) };
}
