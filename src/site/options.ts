/**
 * All that one site may be told: a folder, the hosts that it answers for, and its rules. A server has one site or
 * many. A site comes from the command line, from a configuration file (src/site/config/), or from a program that embeds
 * the server. Everything is optional but the folder.
 *
 * These are wishes. src/site/rules/ makes names, heads and redirects of them when the folder is loaded.
 */

import type { SymlinkRule } from '../cache/folder/folder.js';
import type { CompressMode } from '../cache/head/compressible.js';
import type { CharsetRule } from '../cache/head/content-type.js';
import type { Route } from '../http/routes/route.js';

/**
 * One site: a folder with its hosts and rules.
 *
 * @example
 * ```ts
 * import type { SiteOptions } from 'fastpath';
 *
 * export const site: SiteOptions = {
 *   folder: './site',
 *   hosts: ['example.org', '*.example.org'],
 *   cleanUrls: true,
 *   trailingSlash: 'remove',
 *   redirects: [{ from: '/old', to: '/new', status: 308 }],
 *   rewrites: [{ from: '/latest', to: '/v2/index.html' }],
 *   headers: [{ match: '/assets/*', set: { 'Cache-Control': 'public, max-age=31536000, immutable' } }],
 * };
 * ```
 */
export interface SiteOptions {
  /** The folder with the files. */
  readonly folder: string;
  /** For messages, logs and metrics. Default: the first host, else `site-` and its place in the list, from 1 on. */
  readonly name?: string;
  /** The hosts that the site answers for: `example.org`, or `*.example.org` for all names below. In lower case. */
  readonly hosts?: readonly string[];
  /** Hosts that are redirected to the first of `hosts`, in the same two forms. */
  readonly aliases?: readonly string[];
  /** The site for a Host that no site names, and for none. Default: the first site without hosts, else the first. */
  readonly isDefault?: boolean;
  /** How fast the site's connections together may send, bytes of payload a second. Default 0: no bound of its own. */
  readonly bandwidth?: number;
  /** Its share of the server's bandwidth beside the other sites, when they want more than there is. Default 1. */
  readonly weight?: number;
  /** Its hosts get a certificate by ACME, if the server asks for some. Default true. */
  readonly acme?: boolean;
  /** Serve names that begin with '.' too; `.well-known` always is. Default false. */
  readonly dotfiles?: boolean;
  /** Which symbolic links are followed: those that stay in the folder, all, or none. Default 'inside'. */
  readonly symlinks?: SymlinkRule;
  /** The charset of text: 'auto' (UTF-8 where it certainly is), 'none', or a name. Default 'auto'. */
  readonly charset?: CharsetRule;
  /** Content codings (br, gzip, zstd): none, those that lie beside the files, or made at load too. */
  readonly compress?: CompressMode;
  /** The answer to a page that is not there: `/index.html` (true), or this path. Default false: 404. */
  readonly spa?: boolean | string;
  /**
   * Paths of the pages that are sent with an error of that status. Default: `{404: '/404.html'}`, if the folder has
   * that file, and a short text for any other error.
   */
  readonly errorPages?: Readonly<Record<number, string>>;
  /**
   * `/about` is answered by `about.html`. True: `/about.html` is redirected to it. 'keep': `/about.html` is answered
   * too. Default false.
   */
  readonly cleanUrls?: boolean | 'keep';
  /** How the path of a folder ends, and what happens to the other form. Default 'redirect'. */
  readonly trailingSlash?: TrailingSlash;
  /** A folder without index.html is answered with a list of its files. Default false: 404. */
  readonly browse?: boolean;
  /** Paths that are answered with another address. They count before files. The first that fits is taken. */
  readonly redirects?: readonly RedirectRule[];
  /** Paths that are answered by the file of another path, when there is no file of their own. */
  readonly rewrites?: readonly RewriteRule[];
  /** Fields of responses, by path. All that fit are used in this order; a later one replaces an earlier one. */
  readonly headers?: readonly HeaderRule[];
  /** Other origins may read the files: `*` (true), or this one origin. Default false. */
  readonly cors?: boolean | string;
  /** The media type of an extension, without its dot: `{wasm: 'application/wasm'}`. They count before our own. */
  readonly types?: Readonly<Record<string, string>>;
  /**
   * Where requests are answered: from the cache, from files, by the handler, by an upstream. The first route that fits
   * counts. Default: from files; then by the handler, if the server has one.
   */
  readonly routes?: readonly Route[];
  /** Send ETag. Default true. */
  readonly etag?: boolean;
  /** Send Last-Modified. Default true. */
  readonly lastModified?: boolean;
  /** Send with each page a Link field with what it loads first. Default false. */
  readonly hints?: boolean;
  /** Send Server-Timing with the result of the cache. Default false. */
  readonly serverTiming?: boolean;
}

/**
 * The rules of a site that may hold for every site of a server.
 *
 * @example
 * ```ts
 * import type { ServeOptions } from 'fastpath';
 *
 * export const options: ServeOptions = { sites: [{ folder: './a' }, { folder: './b' }], rules: { cleanUrls: true } };
 * ```
 */
export type SiteDefaults = Omit<
  SiteOptions,
  'folder' | 'name' | 'hosts' | 'aliases' | 'isDefault' | 'bandwidth' | 'weight' | 'acme'
>;

/**
 * `redirect`: `/docs` is redirected to `/docs/`. `ignore`: both are answered. `remove`: `/docs/` is redirected to
 * `/docs`.
 * @see {@link SiteOptions}
 */
export type TrailingSlash = 'redirect' | 'ignore' | 'remove';

/**
 * The statuses of a redirect (RFC 9110 section 15.4), and 410 Gone, which leads nowhere (section 15.5.11).
 * @see {@link SiteOptions}
 */
export type RedirectStatus = 301 | 302 | 303 | 307 | 308 | 410;

/**
 * `from` is a path. A `*` at its end stands for the rest of the path, and `:name` for one segment; `to` may use them as
 * `:splat` and `:name`. `to` is a path, or a whole address.
 * @see {@link SiteOptions}
 */
export interface RedirectRule {
  readonly from: string;
  /** Not with the status 410. */
  readonly to?: string;
  /** Default 301. */
  readonly status?: RedirectStatus;
}

/** As in a redirect; but the browser does not learn of it, and `to` is a path of this site. @see {@link SiteOptions} */
export interface RewriteRule {
  readonly from: string;
  readonly to: string;
}

/** Fields for the responses whose path fits a pattern. @see {@link SiteOptions} */
export interface HeaderRule {
  /** A glob over the path: `*` within a segment, `**` over segments, `?`, `{a,b}`: `/assets/**`, `*.html`. */
  readonly match: string;
  /** Name and value of each field; null takes a field away that we or an earlier rule would send. */
  readonly set: Readonly<Record<string, string | null>>;
}

/** The name of a site for people: its own, its first host, or its place in the list. */
export function siteName({ name, hosts }: SiteOptions, index: number): string {
  return name ?? hosts?.[0] ?? `site-${index + 1}`;
}
