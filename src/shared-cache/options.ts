/**
 * What a shared cache may be told. Plain data, so that it can be sent to another thread.
 * src/site/config/sections/cache.ts makes it of the configuration file.
 */

/**
 * Options of a shared cache. All may be left out.
 *
 * @example
 * ```ts
 * import type { SharedCacheOptions } from 'fastpath';
 *
 * export const options: SharedCacheOptions = {
 *   key: { cookies: ['language'], query: { drop: ['utm_source'], sort: true } },
 *   heuristic: { fraction: 0.1, mostSeconds: 3_600 },
 *   lifetimes: { 404: 10 },
 * };
 * ```
 */
export interface SharedCacheOptions {
  /** Its name in Cache-Status (a token). Default 'fastpath'. */
  readonly name?: string;
  /** For all stored answers, bytes. Default 64 MiB. */
  readonly memoryBytes?: number;
  /** A longer answer is not stored, bytes of its body. Default 8 MiB. */
  readonly objectBytes?: number;
  /** Stored answers for one key (RFC 9111 section 4.1: Vary). The oldest goes first. Default 16. */
  readonly variants?: number;
  readonly key?: KeyOptions;
  /**
   * What is done with an answer that has Set-Cookie and may be stored by RFC 9111: 'never' store it, 'store' it with
   * the field, or 'strip' the field and store the rest. Default 'never'.
   */
  readonly setCookie?: 'never' | 'store' | 'strip';
  /** Whether clients may ask for fresher answers (Cache-Control and Pragma of a request). Default false. */
  readonly honorRequests?: boolean;
  /** Fields that come before Cache-Control for this cache (RFC 9213), the strongest first. */
  readonly targets?: readonly string[];
  readonly heuristic?: HeuristicOptions;
  /** Seconds for which an answer with this status is fresh if it says nothing about that: `{ 404: 10 }`. */
  readonly lifetimes?: Readonly<Record<number, number>>;
  /** Seconds after its expiry that an answer may be sent while it is fetched anew, if it says nothing. Default 0. */
  readonly staleWhileRevalidate?: number;
  /** Seconds after its expiry that it may be sent if the origin cannot be reached (RFC 9111 4.2.4). Default 60. */
  readonly staleIfUnreachable?: number;
  /** Answer fields with tags to purge by. They are not sent on. Default Surrogate-Key and Cache-Tag. */
  readonly tagFields?: readonly string[];
}

/** What makes two requests ask for the same. @see {@link SharedCacheOptions} */
export interface KeyOptions {
  /** Whether `https` or `http` is part of it. Default true. */
  readonly scheme?: boolean;
  /** Whether the Host field is part of it. Default true. */
  readonly host?: boolean;
  readonly query?: QueryOptions;
  /** Request fields that are part of the key, beside those of Vary. */
  readonly headers?: readonly string[];
  /** Cookies that are part of the key. */
  readonly cookies?: readonly string[];
}

/**
 * Which query parameters count. `keep` and `drop` exclude each other; a trailing `*` stands for any ending.
 * @see {@link SharedCacheOptions}
 */
export interface QueryOptions {
  readonly keep?: readonly string[];
  readonly drop?: readonly string[];
  /** Whether `?a=1&b=2` and `?b=2&a=1` are the same. Default false. */
  readonly sort?: boolean;
}

/**
 * Freshness of answers that have Last-Modified and say nothing else (RFC 9111 section 4.2.2).
 * @see {@link SharedCacheOptions}
 */
export interface HeuristicOptions {
  /** The part of the time since Last-Modified. Default 0.1; 0: none. */
  readonly fraction?: number;
  /** Seconds at most. Default a day. */
  readonly mostSeconds?: number;
}

/** Options with every default in its place. @see {@link SharedCache} */
export type Settings = Required<Omit<SharedCacheOptions, 'key' | 'heuristic'>> & {
  readonly key: Required<Omit<KeyOptions, 'query'>> & { readonly query: QueryOptions };
  readonly heuristic: Required<HeuristicOptions>;
};

export const DEFAULTS = {
  name: 'fastpath',
  memoryBytes: 64 * 2 ** 20,
  objectBytes: 8 * 2 ** 20,
  variants: 16,
  setCookie: 'never',
  honorRequests: false,
  targets: ['CDN-Cache-Control', 'Surrogate-Control'],
  lifetimes: {},
  staleWhileRevalidate: 0,
  staleIfUnreachable: 60,
  tagFields: ['Surrogate-Key', 'Cache-Tag'],
} as const satisfies SharedCacheOptions;

/** The options with a default for what they leave out. @throws {RangeError} for what makes no sense together */
export function settingsOf(options: SharedCacheOptions): Settings {
  const query = options.key?.query ?? {};
  if (query.keep !== undefined && query.drop !== undefined) {
    throw new RangeError('a cache key keeps some query parameters or drops some, not both');
  }
  if (options.name !== undefined && !/^[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*$/.test(options.name)) {
    throw new RangeError(`the cache's name ${JSON.stringify(options.name)} is no token of a structured field`);
  }
  return {
    ...DEFAULTS,
    ...options,
    key: { scheme: true, host: true, headers: [], cookies: [], ...options.key, query },
    heuristic: { fraction: 0.1, mostSeconds: 86_400, ...options.heuristic },
  };
}
