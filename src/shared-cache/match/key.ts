/**
 * The cache key (RFC 9111 section 2): what makes two requests ask for the same. An operator can leave out or sort
 * query parameters, and add header fields and cookies (options.ts).
 *
 *     example.org /shop?a=1&b=2 | accept-encoding... | session=...
 *     ^^^^^^^^^^^^^^^^^^^^^^^^^ `url`: what a purge names
 */
import { type Fields, fieldOf } from '../fields.js';
import type { QueryOptions, Settings } from '../options.js';

export interface CacheKey {
  /** Host, if it is part of the key, and target, shaped: what a purge names. */
  readonly url: string;
  /** `url` and the header fields and cookies that are part of the key. */
  readonly whole: string;
}

/** Stands between the parts of a key; no part can hold it. */
const BETWEEN = '\n';

/** The key of a request for `target` (origin-form). */
export function keyOf(target: string, host: string, fields: Fields, settings: Settings): CacheKey {
  const url = urlOf(target, host, settings);
  const { headers, cookies } = settings.key;
  let whole = url;
  for (const name of headers) whole += BETWEEN + (fieldOf(fields, name.toLowerCase()) ?? '');
  if (cookies.length > 0) {
    const sent = cookiesOf(fieldOf(fields, 'cookie') ?? '');
    for (const name of cookies) whole += BETWEEN + (sent.get(name) ?? '');
  }
  return { url, whole };
}

/** The part of a key that a purge names: host and target with the query as the settings shape it. */
export function urlOf(target: string, host: string, settings: Settings): string {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : shapedQuery(target.slice(mark + 1), settings.key.query);
  const before = settings.key.host ? host.toLowerCase() : '';
  return before + path + (query === '' ? '' : `?${query}`);
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
