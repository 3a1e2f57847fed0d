/** The parameters of the endpoints that change something. */
import { parseDuration, parseGrace } from '../site/values.js';
import type { DrainWish, PurgeWish } from './source.js';

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
const PURGE_ADVICE = 'Say ?url=/a.css, ?url=http://host/a.css or ?prefix=/assets/; escape what is not ASCII.';

/** @throws {WishError} */
export function parsePurge(query: URLSearchParams): PurgeWish {
  only(query, ['url', 'prefix', 'site']);
  const [url, prefix, site] = [query.get('url'), query.get('prefix'), query.get('site')];
  if ((url === null) === (prefix === null)) throw new WishError('either url or prefix is needed', PURGE_ADVICE);
  const { host, path } = parseTarget(url ?? prefix ?? '');
  if (host !== undefined && site !== null) throw new WishError('a host and a site are too much', PURGE_ADVICE);
  return {
    path,
    isPrefix: prefix !== null,
    ...(host !== undefined && { host }),
    ...(site !== null && { site }),
  };
}

/** A path, or a whole URL. Query and fragment do not count: the server serves files. */
function parseTarget(text: string): { host: string | undefined; path: string } {
  if (!/^(\/|https?:\/\/)/i.test(text)) throw new WishError(`"${text}" is no path and no URL`, PURGE_ADVICE);
  try {
    const isPath = text.startsWith('/');
    const url = new URL(isPath ? `http://localhost${text}` : text);
    const path = decodeURIComponent(url.pathname);
    if (path.includes('\0')) throw new RangeError('a name has no zero byte');
    return { host: isPath ? undefined : url.hostname, path };
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
