/** What the admin listener knows of a server, and what it can ask of it. src/serve has the other side. */
import type { SiteTraffic } from '../log/traffic.js';
import type { UpstreamReading } from '../proxy/statistics.js';
import type { CacheReading, PurgedAnswers } from '../shared-cache/thread/messages.js';
import type { Metric } from './table/metric.js';

/** The numbers of a server at one moment. */
export interface Reading {
  /** Counters of each worker, by dotted name (`stack.tcp.segmentsReceived`). */
  readonly workers: readonly ReadonlyMap<string, number>[];
  /** Counters that there are once: cache, disk, log thread, the server itself. */
  readonly whole: ReadonlyMap<string, number>;
  /** What the records of the access log add up to; undefined without a log. */
  readonly traffic: readonly SiteTraffic[] | undefined;
  /** What each site has sent, while the bandwidth is bounded; else empty. */
  readonly shares: readonly { readonly site: string; readonly sentBytes: number; readonly delayedBytes: number }[];
  /** The counters of the reverse proxy; left out: there are no upstreams. */
  readonly upstreams?: readonly UpstreamReading[];
  /** The counters of the caches in front of handler and upstreams; left out: there are none. */
  readonly caches?: readonly CacheReading[];
  /** The metrics of modules beside HTTP; left out: there are none. */
  readonly metrics?: readonly Metric[];
  /** The names of the sites by number. A site that was loaded anew has had several numbers. */
  readonly sites: ReadonlyMap<number, string>;
}

/** What a purge read again. */
export interface Purged {
  readonly site: string;
  /** Files that were read, files that are another version than before, and names that are gone. */
  readonly read: number;
  readonly changed: number;
  readonly removed: number;
}

/** Files and kept answers to purge, by URL or prefix. */
export interface PurgeWish {
  /** The path, decoded; it begins with a slash. For files. */
  readonly path: string;
  /** Path and query as a client sends them. For kept answers. */
  readonly target: string;
  /** All names that begin so, and not that name alone. */
  readonly isPrefix: boolean;
  /** The host of a URL, if it had one, with its port, if it had one; and the name of a site, if one was named. */
  readonly host?: string;
  readonly port?: string;
  readonly site?: string;
  /** Of kept answers: they are validated before they are sent again, and not taken away. */
  readonly isSoft: boolean;
}

/** Kept answers to purge by a tag. Files have none. */
export interface TagWish {
  readonly tag: string;
  readonly isSoft: boolean;
}

/** What became of a purge. */
export interface PurgeResult {
  readonly files: readonly Purged[];
  /** Of each cache in front of the handler or an upstream. */
  readonly answers: readonly PurgedAnswers[];
}

/** How a server is to end. */
export interface DrainWish {
  /** Time in which connections are still taken, while `/readyz` already says no, ms. */
  readonly delayMs: number;
  /** Time in which answers may end, ms; undefined: what the options say. */
  readonly graceMs?: number;
}

/** A server as the admin listener sees it. */
export interface AdminSource {
  read(): Reading;
  /** Reads files again, and takes kept answers away. @throws {AdminError} `unknown-site` */
  purge(wish: PurgeWish | TagWish): Promise<PurgeResult>;
  /** As SIGHUP. @throws {AdminError} `failed` if the new configuration cannot be */
  reload(): Promise<object>;
  /** Begins to end the server. Returns at once. */
  drain(wish: DrainWish): void;
}

/** Why a request of an administrator cannot be done. */
export class AdminError extends Error {
  override readonly name = 'AdminError';

  constructor(
    readonly code: 'bad-address' | 'bad-token' | 'taken' | 'unknown-site' | 'failed' | 'busy',
    message: string,
    /** What to do about it, as an imperative sentence. */
    readonly advice = '',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
