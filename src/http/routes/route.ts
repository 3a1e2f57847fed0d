/**
 * Routes: which requests are answered from the cache, from files, by the handler, or by an upstream. The configuration
 * has them as plain data, and a worker compiles them (route-table.ts).
 */
import type { KeptSpaces } from './kept-names.js';

/**
 * Where a request is answered: from memory alone; from memory or disk; by the handler; by an upstream.
 * @see {@link Route}
 */
export type RouteStep = 'cache' | 'file' | 'handler' | { readonly upstream: string };

/**
 * One route. It survives structured cloning.
 *
 * @example
 * ```ts
 * import type { Route, SiteOptions } from 'fastpath';
 *
 * const routes: Route[] = [
 *   { path: '/api/', to: [{ upstream: 'app' }] },
 *   { path: '/search', methods: ['GET'], to: ['handler'] },
 *   { path: '/', to: ['file', 'handler'] },
 * ];
 * export const site: SiteOptions = { folder: './site', routes };
 * ```
 */
export interface Route {
  /**
   * A path (`/health`), a folder with all below (`/api/`), or a glob: `*` within a segment, `**` over segments, `?`.
   * It is compared with the normal form of a path: decoded, without dot segments.
   */
  readonly path: string;
  /** The methods that it is for; GET stands for HEAD too. Default: all. */
  readonly methods?: readonly string[];
  /** The hosts that it is for, as the site's `hosts` have them. Default: all of the site. */
  readonly hosts?: readonly string[];
  /** What answers, in order: `cache` or `file`; the handler or an upstream; or one of both kinds. */
  readonly to: readonly RouteStep[];
}

/** Where a request is looked for, in this order. One object for each route, made with the table. */
export class Rungs {
  constructor(
    /** Among the objects of the site's folder that are in memory, and by the rules of the site. */
    readonly inMemory: boolean,
    /** And among those that are not in memory. */
    readonly onDisk: boolean,
    /** Who answers what was not found: an upstream, '' for the handler, or null for nobody. */
    readonly otherwise: string | null,
    /** The key space of the answers that are kept of it (kept-names.ts); 0: none are. */
    readonly kept: number = 0,
  ) {}
}

/** What a site does without routes: memory, disk, and an error. */
export const FILES = new Rungs(true, true, null);
/** The same with the handler at the end. */
export const FILES_THEN_HANDLER = new Rungs(true, true, '');

/** What is wrong with the steps of a route; undefined: nothing. */
export function stepsProblem(to: readonly RouteStep[]): string | undefined {
  const [first, second] = to;
  if (first === undefined) return 'must name where the request is answered: cache, file, handler or upstream NAME';
  if (second === undefined) return undefined;
  if (to.length > 2 || isSlow(first)) return 'must be cache or file, and then handler or upstream NAME';
  return isSlow(second) ? undefined : 'must be cache or file, and then handler or upstream NAME';
}

/** @throws {RangeError} for steps that make no sense. */
export function rungsOf({ path, to }: Route, kept: KeptSpaces = {}): Rungs {
  const problem = stepsProblem(to);
  if (problem !== undefined) throw new RangeError(`the route ${path} ${problem}`);
  const slow = to.find(isSlow);
  const otherwise = slow === undefined ? null : slow === 'handler' ? '' : slow.upstream;
  const space = otherwise === null ? 0 : (kept[otherwise] ?? 0);
  return new Rungs(to.includes('cache') || to.includes('file'), to.includes('file'), otherwise, space);
}

function isSlow(step: RouteStep): step is 'handler' | { readonly upstream: string } {
  return step !== 'cache' && step !== 'file';
}
