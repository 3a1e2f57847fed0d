/**
 * What the reverse proxy may be told: groups of upstream servers by name, and how requests are forwarded to them.
 * Plain data, so that it can be sent to another thread. src/site/config/sections/upstreams.ts makes it of the
 * configuration file.
 */

import type { SharedCacheOptions } from '../shared-cache/options.js';

/**
 * A group of servers that answer the same requests.
 *
 * @example
 * ```ts
 * import type { UpstreamOptions } from 'fastpath';
 *
 * export const app: UpstreamOptions = {
 *   servers: [
 *     { url: 'http://127.0.0.1:3000', weight: 2 },
 *     { url: 'unix:/run/app.sock', backup: true },
 *   ],
 *   balance: 'least-connections',
 *   forwarded: 'rfc7239',
 *   retry: { attempts: 2, on: ['connect', 'unavailable'] },
 *   passive: { failures: 5, pauseMs: 30_000 },
 *   check: { path: '/health', everyMs: 2_000 },
 * };
 * ```
 */
export interface UpstreamOptions {
  /** At least one. */
  readonly servers: readonly ServerOptions[];
  /** How the server of a request is chosen. Default 'round-robin'. */
  readonly balance?: Balance;
  /** With `balance: 'hash'`: what of a request decides. Default: its target. */
  readonly hashKey?: HashKey;
  /** The Host field that a server sees: the client's, or the server's own name. Default 'keep'. */
  readonly host?: 'keep' | 'upstream';
  /** The fields that tell a server who the client is. Default 'both'. */
  readonly forwarded?: ForwardedFields;
  /** Front proxies whose Forwarded and X-Forwarded-* are believed: addresses, or networks such as 10.0.0.0/8. */
  readonly trust?: readonly string[];
  /** Requests that one server has at a time, and so the connections to it. Default 128. */
  readonly connections?: number;
  /** Connections that Upgrade has made something else, such as WebSockets, of one server. Default 4,096. */
  readonly tunnels?: number;
  /** Requests that may wait while all servers have as many as they may. Default 1,024. */
  readonly queue?: number;
  /** How long a request may wait there, ms. Default 5,000. */
  readonly queueTimeoutMs?: number;
  /** Until a connection to a server is there, TLS included, ms. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** How long a server may take nothing of a request's body that waits for it, ms. Default 60,000. */
  readonly sendTimeoutMs?: number;
  /** From the last byte of the request to the head of the answer, ms. Default 60,000. */
  readonly headTimeoutMs?: number;
  /** The longest silence within the body of an answer, ms. Default 60,000. */
  readonly bodyTimeoutMs?: number;
  /** How long an idle connection is kept, ms, unless the server says less by Keep-Alive. Default 4,000. */
  readonly keepAliveMs?: number;
  /** The longest head of an answer, and its longest trailer section, bytes. Default 32 KiB. */
  readonly headerBytes?: number;
  readonly retry?: RetryOptions;
  readonly passive?: PassiveOptions;
  /** Requests of our own that find out whether a server works. Default: none. */
  readonly check?: CheckOptions;
  /** Answers are kept, and sent to others as long as they are fresh. Default: none are. */
  readonly cache?: SharedCacheOptions;
  /** After a server has come back, its share grows for this long, ms. Default 0: it is whole at once. */
  readonly slowStartMs?: number;
}

/** One server of a group. @see {@link UpstreamOptions} */
export interface ServerOptions {
  /** `http://127.0.0.1:3000`, `https://app.internal`, or `unix:/run/app.sock`. */
  readonly url: string;
  /** Its share of the requests, compared with that of the others. Default 1. */
  readonly weight?: number;
  /** It gets requests only while no other server works. Default false. */
  readonly backup?: boolean;
}

/**
 * How the server of a request is chosen: in turn, the one with the fewest requests, or by `hashKey`.
 * @see {@link UpstreamOptions}
 */
export type Balance = 'round-robin' | 'least-connections' | 'hash';
/**
 * The fields that tell a server who the client is: X-Forwarded-*, Forwarded (RFC 7239), both, or none.
 * @see {@link UpstreamOptions}
 */
export type ForwardedFields = 'both' | 'x-forwarded' | 'rfc7239' | 'none';

/**
 * What of a request decides about its server: the target, its path, the client's address, or a named part.
 *
 * @example
 * ```ts
 * import type { UpstreamOptions } from 'fastpath';
 *
 * // The same session goes to the same server.
 * export const sticky: UpstreamOptions = {
 *   servers: [{ url: 'http://127.0.0.1:3000' }, { url: 'http://127.0.0.1:3001' }],
 *   balance: 'hash',
 *   hashKey: { of: 'cookie', name: 'session' },
 * };
 * ```
 */
export type HashKey =
  | { readonly of: 'target' | 'path' | 'address' }
  | { readonly of: 'header' | 'cookie' | 'query'; readonly name: string };

/**
 * `connect`: no connection came about, so the server has seen nothing. `reset`: the connection broke before an answer.
 * `timeout`: no answer came in time. `unavailable`: the answer was 502, 503 or 504.
 * @see {@link UpstreamOptions}
 */
export type RetryReason = 'connect' | 'reset' | 'timeout' | 'unavailable';

/** When a request is sent once more. @see {@link UpstreamOptions} */
export interface RetryOptions {
  /** How often at most. Default 1. */
  readonly attempts?: number;
  /** Default: connect and reset. */
  readonly on?: readonly RetryReason[];
  /** A longer body is not kept, so its request cannot be sent once more, bytes. Default 64 KiB. */
  readonly bodyBytes?: number;
}

/** When a server gets no requests because those before failed. @see {@link UpstreamOptions} */
export interface PassiveOptions {
  /** Failures within `withinMs` that pause it; 0: it is never paused. Default 3. */
  readonly failures?: number;
  /** Default 10,000. */
  readonly withinMs?: number;
  /** For how long, ms. Default 10,000. */
  readonly pauseMs?: number;
}

/** Requests of our own to each server, on a connection of their own. @see {@link UpstreamOptions} */
export interface CheckOptions {
  /** The target of the GET. */
  readonly path: string;
  /** The Host field. Default: the server's own name. */
  readonly host?: string;
  /** Between two checks, ms. Default 5,000. */
  readonly everyMs?: number;
  /** For the whole answer, ms. Default 2,000. */
  readonly timeoutMs?: number;
  /** The statuses that are right, both ends included. Default 200 to 399. */
  readonly statuses?: readonly [least: number, most: number];
  /** Right answers in a row until the server is up again. Default 2. */
  readonly rise?: number;
  /** Failures in a row until it is down. Default 3. */
  readonly fall?: number;
}

/**
 * The upstreams of a server, by name.
 *
 * @example
 * ```ts
 * import type { ServeOptions, Upstreams } from 'fastpath';
 *
 * const upstreams: Upstreams = { app: { servers: [{ url: 'http://127.0.0.1:3000' }] } };
 * const sites = [{ folder: './site', routes: [{ path: '/api/', to: [{ upstream: 'app' }] }] }];
 * export const options: ServeOptions = { sites, upstreams };
 * ```
 */
export type Upstreams = Readonly<Record<string, UpstreamOptions>>;

/** Options with every default in its place. */
export type Complete = Required<Omit<UpstreamOptions, 'retry' | 'passive' | 'check' | 'cache'>> & {
  readonly retry: Required<RetryOptions>;
  readonly passive: Required<PassiveOptions>;
  readonly check: (Required<Omit<CheckOptions, 'host'>> & Pick<CheckOptions, 'host'>) | undefined;
};

export const UPSTREAM_DEFAULTS = {
  balance: 'round-robin',
  hashKey: { of: 'target' },
  host: 'keep',
  forwarded: 'both',
  trust: [],
  connections: 128,
  tunnels: 4_096,
  queue: 1_024,
  queueTimeoutMs: 5_000,
  connectTimeoutMs: 5_000,
  sendTimeoutMs: 60_000,
  headTimeoutMs: 60_000,
  bodyTimeoutMs: 60_000,
  /** Below the 5 s of Node, gunicorn's and others' servers: the one who closes should be us. */
  keepAliveMs: 4_000,
  headerBytes: 32 * 1024,
  slowStartMs: 0,
} as const satisfies UpstreamOptions | object;

export const RETRY_DEFAULTS = { attempts: 1, on: ['connect', 'reset'], bodyBytes: 64 * 1024 } as const;
export const PASSIVE_DEFAULTS = { failures: 3, withinMs: 10_000, pauseMs: 10_000 } as const;
export const CHECK_DEFAULTS = { everyMs: 5_000, timeoutMs: 2_000, statuses: [200, 399], rise: 2, fall: 3 } as const;

/** The options with defaults for what they leave out. @throws {RangeError} for a group without a server */
export function complete(options: UpstreamOptions): Complete {
  if (options.servers.length === 0) throw new RangeError('an upstream has at least one server');
  return {
    ...UPSTREAM_DEFAULTS,
    ...options,
    retry: { ...RETRY_DEFAULTS, ...options.retry },
    passive: { ...PASSIVE_DEFAULTS, ...options.passive },
    check: options.check && { ...CHECK_DEFAULTS, ...options.check },
  };
}
