/**
 * The cache key (RFC 9111 section 2): what makes two requests ask for the same. An operator can leave out or sort
 * query parameters, and add header fields and cookies (options.ts).
 *
 *     https://example.org/shop?a=1&b=2 | accept-encoding... | session=...
 *     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `url`: what a purge names
 */
import { normalHost } from '../../http/index.js';
import { type Fields, fieldOf } from '../fields.js';
import type { QueryOptions, Settings } from '../options.js';

/** How a request came. @see {@link Publisher} */
export type Scheme = 'http' | 'https';

/** Where a request goes. @see {@link Publisher} */
export interface Place {
  readonly scheme: Scheme;
  /** As in the Host field, with the port if the client gave one. The usual port does not count. */
  readonly host: string;
  /** In origin-form, as it was sent. */
  readonly target: string;
}

export interface CacheKey {
  /** Scheme and host, if they are part of the key, and target, shaped: what a purge names. */
  readonly url: string;
  /** `url` and the header fields and cookies that are part of the key. */
  readonly whole: string;
}

/** Stands between the parts of a key; no part can hold it. */
const BETWEEN = '\n';
/** In place of a scheme or a host that is no part of the key. */
const ANY = '*';

/** The key of a request. */
export function keyOf(place: Place, fields: Fields, settings: Settings): CacheKey {
  const url = urlOf(place, settings);
  const { headers, cookies } = settings.key;
  let whole = url;
  for (const name of headers) whole += BETWEEN + (fieldOf(fields, name.toLowerCase()) ?? '');
  if (cookies.length > 0) {
    const sent = cookiesOf(fieldOf(fields, 'cookie') ?? '');
    for (const name of cookies) whole += BETWEEN + (sent.get(name) ?? '');
  }
  return { url, whole };
}

/** The part of a key that a purge names: scheme, host and target, with the query as the settings shape it. */
export function urlOf({ scheme, host, target }: Place, settings: Settings): string {
  const { key } = settings;
  const authority = key.host ? normalHost(scheme, host) : ANY;
  return `${key.scheme ? scheme : ANY}://${authority}${shapedTarget(target, settings)}`;
}

/** The target with its query as the settings shape it. */
export function shapedTarget(target: string, settings: Settings): string {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : shapedQuery(target.slice(mark + 1), settings.key.query);
  return path + (query === '' ? '' : `?${query}`);
}

/** The parts of what `urlOf` has made: a scheme, a host, a target. A host has no slash. */
export function partsOf(url: string): [scheme: string, host: string, target: string] {
  const hostAt = url.indexOf('://') + 3;
  const slash = url.indexOf('/', hostAt);
  const targetAt = slash < 0 ? url.length : slash;
  return [url.slice(0, hostAt - 3), url.slice(hostAt, targetAt), url.slice(targetAt)];
}

function shapedQuery(query: string, { keep, drop, sort = false }: QueryOptions): string {
  if (keep === undefined && drop === undefined && !sort) return query;
  const wanted = query.split('&').filter((pair) => {
    const [name = ''] = pair.split('=', 1);
    if (keep !== undefined) return isAmong(name, keep);
    return drop === undefined || !isAmong(name, drop);
  });
  if (sort) wanted.sort(); // stable for equal pairs; two values of one name change places only with each other
  return wanted.join('&');
}

function isAmong(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
}

function cookiesOf(value: string): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of value.split(';')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, equals)).trim();
    if (!cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim());
  }
  return cookies;
}
