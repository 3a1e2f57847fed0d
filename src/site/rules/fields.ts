/**
 * The fields that a site adds to its answers: those of `headers`, by glob, and those of `cors`. They are baked into the
 * fixed head of each object when it is made, so they cost a request nothing.
 */
import type { HeaderRule, SiteOptions } from '../options.js';
import { compileGlob, fitsEverything, type PathTest } from './globs.js';

/** Other origins may read these too (Fetch standard, CORS-safelisted response-header name). */
const EXPOSED = 'Accept-Ranges, Content-Encoding, Content-Range, ETag, Server-Timing';
/** How long a browser remembers a preflight, s: a day. Browsers have bounds of their own. */
const PREFLIGHT_SECONDS = 86_400;

/** An error, or a redirect, is kept no longer than a cache keeps it by itself, whatever a rule for many pages says. */
const CACHING = /^(cache-control|expires|pragma|[a-z-]+-cache-control)$/;

interface CompiledRule {
  readonly fits: PathTest;
  readonly isForAll: boolean;
  /** It means one path, and was written for that. */
  readonly isExact: boolean;
  readonly set: HeaderRule['set'];
}

/** Compiles the rules of one site. */
export class SiteFields {
  readonly #cors: Readonly<Record<string, string>>;
  readonly #rules: readonly CompiledRule[];
  /** By the rules that fit: the lines. There are few combinations. */
  readonly #lines = new Map<string, string>();

  constructor({ headers = [], cors = false }: Pick<SiteOptions, 'headers' | 'cors'>) {
    const origin = allowedOrigin(cors);
    this.#cors =
      origin === undefined ? {} : { 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': EXPOSED };
    this.#rules = headers.map(({ match, set }) => ({
      fits: compileGlob(match),
      isForAll: fitsEverything(match),
      isExact: /^\/[^*?[\]{}!\\]*$/.test(match),
      set,
    }));
  }

  /** Whether no answer gets any field. */
  get isEmpty(): boolean {
    return this.#rules.length === 0 && Object.keys(this.#cors).length === 0;
  }

  /** The lines for an object that is found under these paths: each rule counts that fits one of them. */
  linesFor(paths: readonly string[]): string {
    return this.#linesOf(paths, 'all');
  }

  /** The lines for an error page, whose content has this path. */
  errorLinesFor(path: string): string {
    return this.#linesOf([path], 'none');
  }

  /** The lines for a redirect from this path. A client may keep it for long only if a rule of its own says so. */
  redirectLinesFor(path: string): string {
    return this.#linesOf([path], 'exact');
  }

  /** The lines for answers that a worker makes: of the rules for all paths. */
  linesForAll(): string {
    return this.#join(
      this.#rules.map(({ isForAll }) => isForAll),
      'none',
    );
  }

  #linesOf(paths: readonly string[], caching: CachingRules): string {
    if (this.isEmpty) return '';
    return this.#join(
      this.#rules.map(({ fits }) => fits(paths)),
      caching,
    );
  }

  #join(fitting: readonly boolean[], caching: CachingRules): string {
    const key = `${caching} ${fitting.join(' ')}`;
    let lines = this.#lines.get(key);
    if (lines === undefined) {
      const rules = this.#rules.filter((_, i) => fitting[i]);
      const sets = rules.map(({ set, isExact }) => (mayCache(caching, isExact) ? set : withoutCaching(set)));
      lines = join([this.#cors, ...sets]);
      this.#lines.set(key, lines);
    }
    return lines;
  }
}

/** Whose fields about caching count: those of all rules that fit, of those that mean one path alone, or of none. */
type CachingRules = 'all' | 'exact' | 'none';

function mayCache(caching: CachingRules, isExact: boolean): boolean {
  return caching === 'all' || (caching === 'exact' && isExact);
}

function withoutCaching(set: HeaderRule['set']): HeaderRule['set'] {
  return Object.fromEntries(Object.entries(set).filter(([name]) => !CACHING.test(name.toLowerCase())));
}

/** Later fields replace earlier ones of the same name, and null takes one away. */
function join(sets: readonly HeaderRule['set'][]): string {
  const fields = new Map<string, string>();
  for (const [name, value] of sets.flatMap((set) => Object.entries(set))) {
    const key = name.toLowerCase();
    if (value === null) fields.delete(key);
    else fields.set(key, `${name}: ${value}\r\n`);
  }
  return [...fields.values()].join('');
}

function allowedOrigin(cors: boolean | string): string | undefined {
  if (cors === false) return undefined;
  return cors === true ? '*' : cors;
}

/**
 * The lines of the answer to a preflight (Fetch standard, CORS protocol); '' if other origins may not read. A static
 * file is only read, so whatever fields a script sends with its GET, it may. A fixed origin needs no Vary.
 */
export function preflightLines(cors: boolean | string = false): string {
  if (allowedOrigin(cors) === undefined) return '';
  const fields = {
    'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Headers': '*',
    'Access-Control-Max-Age': `${PREFLIGHT_SECONDS}`,
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}
