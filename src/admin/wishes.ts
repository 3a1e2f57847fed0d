/** The parameters of the endpoints that change something. */
import { parseDuration, parseGrace } from '../site/values.js';
import type { DrainWish, PurgeWish, TagWish } from './source.js';

/** A parameter that is wrong. */
export class WishError extends Error {
  override readonly name = 'WishError';

  constructor(
    message: string,
    readonly advice: string,
  ) {
    super(message);
  }
}

/** What a timer of Node takes. */
const LONGEST_MS = 2 ** 31 - 1;
const PURGE_ADVICE =
  'Say ?url=/a.css, ?url=http://host/a.css, ?prefix=/assets/ or ?tag=news; escape what is not ASCII.';

/** @throws {WishError} */
export function parsePurge(query: URLSearchParams): PurgeWish | TagWish {
  only(query, ['url', 'prefix', 'tag', 'site', 'soft']);
  const [url, prefix, tag, site] = ['url', 'prefix', 'tag', 'site'].map((name) => query.get(name) ?? undefined);
  if ([url, prefix, tag].filter((given) => given !== undefined).length !== 1) {
    throw new WishError('one of url, prefix and tag is needed', PURGE_ADVICE);
  }
  const isSoft = parseSwitch('soft', query.get('soft'));
  if (tag !== undefined) {
    if (tag === '' || site !== undefined) throw new WishError('a tag stands alone, and is not empty', PURGE_ADVICE);
    return { tag, isSoft };
  }
  const place = parseTarget(url ?? prefix ?? '');
  if (place.host !== undefined && site !== undefined) {
    throw new WishError('a host and a site are too much', PURGE_ADVICE);
  }
  return { ...place, isPrefix: prefix !== undefined, isSoft, ...(site !== undefined && { site }) };
}

function parseSwitch(name: string, value: string | null): boolean {
  if (value === null || value === 'false') return false;
  if (value === '' || value === 'true') return true;
  throw new WishError(`"${value}" is no value for ${name}`, `Say ?${name}=true, or leave it away.`);
}

/** A path, or a whole URL. The query counts for kept answers; files have none. */
function parseTarget(text: string): Pick<PurgeWish, 'host' | 'port' | 'path' | 'target'> {
  if (!/^(\/|https?:\/\/)/i.test(text)) throw new WishError(`"${text}" is no path and no URL`, PURGE_ADVICE);
  try {
    const isPath = text.startsWith('/');
    const url = new URL(isPath ? `http://localhost${text}` : text);
    const path = decodeURIComponent(url.pathname);
    if (path.includes('\0')) throw new RangeError('a name has no zero byte');
    const target = url.pathname + url.search;
    if (isPath) return { path, target };
    return { host: url.hostname, ...(url.port !== '' && { port: url.port }), path, target };
  } catch {
    throw new WishError(`"${text}" cannot be read`, PURGE_ADVICE);
  }
}

/** @throws {WishError} */
export function parseDrain(query: URLSearchParams): DrainWish {
  only(query, ['delay', 'grace']);
  const grace = query.get('grace');
  const delayMs = parseTime('delay', query.get('delay') ?? '0', parseDuration);
  return { delayMs, ...(grace !== null && { graceMs: parseTime('grace', grace, parseGrace) }) };
}

function parseTime(name: string, text: string, parse: (text: string) => number): number {
  try {
    const milliseconds = parse(text);
    if (milliseconds <= LONGEST_MS || milliseconds === Number.POSITIVE_INFINITY) return milliseconds;
  } catch {
    // said below
  }
  throw new WishError(`"${text}" is no time for ${name}`, 'Say 500ms, 15s or 2m; grace may be forever.');
}

function only(query: URLSearchParams, known: readonly string[]): void {
  const names = [...query.keys()];
  const odd = names.find((name, i) => !known.includes(name) || names.indexOf(name) !== i);
  if (odd === undefined) return;
  const what = known.includes(odd) ? 'is there twice' : 'is no parameter here';
  throw new WishError(`"${odd}" ${what}`, `There are: ${known.join(', ')}.`);
}
