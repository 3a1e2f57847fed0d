/**
 * The names of a site: clean URLs, slashes at the end, redirects, rewrites, error pages and the page of a single-page
 * application. What each name leads to is decided by `resolve` alone, from the files that are there.
 *
 * In this order: a redirect; the file, or its page by a clean URL; the folder; a rewrite of this very path. Rules with
 * a pattern are no names: a worker looks at them when no name fits (src/http/sites/path-rules.ts). So that a redirect
 * by pattern counts before files too, no name is published that fits one.
 */
import type { KindOf, Resolved } from '../../cache/folder/folder-rules.js';
import { encodePath, encodeQuery } from '../../cache/head/heads.js';
import { PathRules } from '../../http/sites/path-rules.js';
import type { RedirectRule, SiteOptions, TrailingSlash } from '../options.js';
import { isExact } from '../patterns.js';

const PAGE = '.html';
const INDEX = '/index.html';
/** The names of src/http/answer/short-answers.ts and fallback.ts. */
export const FALLBACK = 'fallback:';
const ERROR = 'error:';
/** The page for 404 that is taken if it is there, and nothing is said about error pages. */
const USUAL_PAGES = { 404: '/404.html' };

/** The names of one site. Paths have a character for each byte, and no slash at the end. */
export class SitePaths {
  /** Names that depend on no file, or do not begin with '/'. */
  readonly fixedNames: readonly string[];
  readonly #clean: boolean;
  /** `/about.html` is redirected to its clean URL. */
  readonly #redirectsPages: boolean;
  readonly #slash: TrailingSlash;
  readonly #browse: boolean;
  readonly #redirects: ReadonlyMap<string, Resolved>;
  readonly #patterns: PathRules;
  /** Rewrites of one path, in both directions. */
  readonly #rewrites: ReadonlyMap<string, string>;
  readonly #rewritten = new Map<string, string[]>();
  /** Internal names, and the path of the page of each. */
  readonly #pages = new Map<string, string>();

  constructor(options: SiteOptions) {
    const { cleanUrls = false, trailingSlash = 'redirect', browse = false, spa = false } = options;
    const { redirects = [], rewrites = [], errorPages = USUAL_PAGES } = options;
    this.#clean = cleanUrls !== false;
    this.#redirectsPages = cleanUrls === true;
    this.#slash = trailingSlash;
    this.#browse = browse;
    this.#redirects = exactRedirects(redirects);
    this.#patterns = rulesOf(redirects.filter(({ from }) => !isExact(from)));
    this.#rewrites = exactRewrites(rewrites);
    for (const [from, to] of this.#rewrites) this.#rewritten.set(to, [...(this.#rewritten.get(to) ?? []), from]);
    for (const [status, page] of Object.entries(errorPages)) this.#pages.set(ERROR + status, octets(page));
    if (spa !== false) this.#pages.set(FALLBACK, octets(spa === true ? INDEX : spa));
    this.fixedNames = [...this.#redirects.keys(), ...this.#pages.keys()];
  }

  /** The path of the page with this internal name; undefined: it is no such name. */
  pageOf(name: string): string | undefined {
    return this.#pages.get(name);
  }

  /** The names whose answer may be what has this path, or may depend on it. */
  namesFor(path: string, kind: 'file' | 'folder'): readonly string[] {
    const names = kind === 'file' ? this.#namesForFile(path) : path === '' ? ['/'] : [path, `${path}/`];
    const more = names.flatMap((name) => this.#rewritten.get(name) ?? []);
    for (const [name, page] of this.#pages) if (page === path) more.push(name);
    return more.length === 0 ? names : [...names, ...more];
  }

  #namesForFile(path: string): string[] {
    const names = [path];
    if (path.endsWith(INDEX)) {
      const folder = path.slice(0, -INDEX.length);
      names.push(`${folder}/`);
      if (folder !== '' && this.#slash !== 'redirect') names.push(folder);
    }
    if (!this.#clean) return names;
    names.push(path + PAGE); // this file takes the clean URL of that page
    const clean = withoutPage(path);
    if (clean === undefined) return names;
    names.push(clean);
    if (this.#slash !== 'redirect') names.push(`${clean}/`);
    return names;
  }

  /** The paths on which the answer under a name depends. */
  pathsFor(name: string): readonly string[] {
    const page = this.#pages.get(name);
    if (page !== undefined) return [page];
    const target = this.#rewrites.get(name);
    return target === undefined ? this.#pathsFor(name) : [...this.#pathsFor(name), ...this.#pathsFor(target)];
  }

  #pathsFor(name: string): string[] {
    const path = name.endsWith('/') ? name.slice(0, -1) : name;
    const paths = [path, path + INDEX];
    if (!this.#clean) return paths;
    const clean = withoutPage(path);
    return clean === undefined ? [...paths, path + PAGE] : [...paths, path + PAGE, clean];
  }

  /** The answer under a name; null: none, or a rule with a pattern. */
  resolve(name: string, kindOf: KindOf): Resolved | null {
    const page = this.#pages.get(name);
    if (page !== undefined) {
      const status = name === FALLBACK ? 200 : Number(name.slice(ERROR.length));
      return kindOf(page) === 'file' ? { kind: 'page', path: page, status } : null;
    }
    if (!name.startsWith('/')) return null;
    const redirect = this.#redirects.get(name);
    if (redirect !== undefined) return redirect;
    const bytes = Buffer.from(name, 'latin1');
    if (this.#patterns.apply(bytes, 0, bytes.length) !== null) return null;
    const own = this.#resolve(name, kindOf);
    const target = this.#rewrites.get(name);
    if (own !== null || target === undefined) return own;
    const rewritten = this.#resolve(target, kindOf);
    return rewritten?.kind === 'file' || rewritten?.kind === 'list' ? rewritten : null;
  }

  #resolve(name: string, kindOf: KindOf): Resolved | null {
    return name.endsWith('/') ? this.#resolveSlash(name, kindOf) : this.#resolvePath(name, kindOf);
  }

  #resolveSlash(name: string, kindOf: KindOf): Resolved | null {
    const path = name.slice(0, -1);
    if (this.#slash === 'remove' && path !== '') {
      const without = this.#resolvePath(path, kindOf);
      const isPlainFile = without?.kind === 'file' && without.path === path;
      return without === null || without.kind === 'redirect' || isPlainFile ? null : moved(path);
    }
    const folder = this.#resolveFolder(path, kindOf);
    if (folder !== null || this.#slash !== 'ignore' || !this.#clean || path === '') return folder;
    return kindOf(path + PAGE) === 'file' ? { kind: 'file', path: path + PAGE } : null;
  }

  #resolvePath(name: string, kindOf: KindOf): Resolved | null {
    const kind = kindOf(name);
    if (kind === 'file') return this.#resolveFile(name, name, kindOf);
    const page = name + PAGE;
    if (this.#clean && kindOf(page) === 'file') return this.#resolveFile(name, page, kindOf);
    if (kind === 'nothing') return null;
    return this.#slash === 'redirect' ? moved(`${name}/`) : this.#resolveFolder(name, kindOf);
  }

  /** The file itself, or a redirect to its clean URL, if that leads to it. */
  #resolveFile(name: string, path: string, kindOf: KindOf): Resolved {
    const clean = this.#redirectsPages ? this.#cleanUrlOf(path) : undefined;
    if (clean === undefined || clean === name) return { kind: 'file', path };
    const isHidden = !clean.endsWith('/') && kindOf(clean) === 'file'; // another file has that name
    return isHidden ? { kind: 'file', path } : moved(clean);
  }

  #resolveFolder(path: string, kindOf: KindOf): Resolved | null {
    if (kindOf(path + INDEX) === 'file') return { kind: 'file', path: path + INDEX };
    return this.#browse && kindOf(path) === 'folder' ? { kind: 'list', path } : null;
  }

  /** Undefined: the file is no page. */
  #cleanUrlOf(path: string): string | undefined {
    if (!path.endsWith(INDEX)) return withoutPage(path);
    const folder = path.slice(0, -INDEX.length);
    return folder !== '' && this.#slash === 'remove' ? folder : `${folder}/`;
  }
}

/** The path of a page without `.html`; undefined: it is none, or has no other name. */
function withoutPage(path: string): string | undefined {
  return path.endsWith(PAGE) && !path.endsWith(`/${PAGE}`) ? path.slice(0, -PAGE.length) : undefined;
}

function moved(to: string): Resolved {
  return { kind: 'redirect', status: 301, location: encodePath(Buffer.from(to, 'latin1')) };
}

function rulesOf(redirects: readonly RedirectRule[]): PathRules {
  return new PathRules(redirects.map(({ from, to = '', status = 301 }) => ({ from, to, status })));
}

/** Those of one path, unless an earlier rule fits it too. */
function exactRedirects(redirects: readonly RedirectRule[]): ReadonlyMap<string, Resolved> {
  const exact = new Map<string, Resolved>();
  for (const [i, { from, to = '', status = 301 }] of redirects.entries()) {
    const bytes = Buffer.from(from, 'utf8');
    if (!isExact(from) || rulesOf(redirects.slice(0, i)).apply(bytes, 0, bytes.length) !== null) continue;
    const location = encodeQuery(Buffer.from(to, 'utf8'));
    exact.set(octets(from), status === 410 ? { kind: 'text', status } : { kind: 'redirect', status, location });
  }
  return exact;
}

function exactRewrites(rewrites: NonNullable<SiteOptions['rewrites']>): ReadonlyMap<string, string> {
  const exact = new Map<string, string>();
  for (const [i, { from, to }] of rewrites.entries()) {
    const bytes = Buffer.from(from, 'utf8');
    const earlier = new PathRules(rewrites.slice(0, i).map((rule) => ({ ...rule, status: 0 })));
    if (isExact(from) && earlier.apply(bytes, 0, bytes.length) === null) exact.set(octets(from), octets(to));
  }
  return exact;
}

/** UTF-8, a character for each byte. */
function octets(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
