/**
 * All rules of a site, as the loader of its folder and the workers need them. What is exact about a path becomes a name
 * in the cache; what is said about fields is baked into the heads.
 */

import { type FolderRules, type KindOf, type Listed, PLAIN_RULES } from '../../cache/folder/folder-rules.js';
import { type NamedType, typeOfName } from '../../cache/head/content-type.js';
import { type HeadRule, VARY_LINE } from '../../cache/head/heads.js';
import { ALLOWED_METHODS } from '../../http/grammar/methods.js';
import type { SiteOptions } from '../options.js';
import { SiteFields } from './fields.js';
import { LISTING_POLICY, listingOf } from './listing.js';
import { FALLBACK, SitePaths } from './paths.js';

/** Another Accept may get the page of the application, or 404 (RFC 9110 section 12.5.5). */
export const VARY_ACCEPT = 'Vary: Accept\r\n';

/** Fields that an error of this status must have (RFC 9110 sections 15.5.6 and 12.5.5). */
const MORE_LINES: Readonly<Record<number, string>> = { 405: `Allow: ${ALLOWED_METHODS}\r\n`, 406: VARY_LINE };

/** The rules of a site. */
export class SiteRules implements FolderRules {
  readonly fixedNames: readonly string[];
  readonly hasLists: boolean;
  readonly #options: SiteOptions;
  readonly #paths: SitePaths;
  readonly #fields: SiteFields;
  /** By extension, in lower case. */
  readonly #types: ReadonlyMap<string, string>;
  /** By media type and fields: heads that many files have. */
  readonly #heads = new Map<string, HeadRule>();

  constructor(options: SiteOptions) {
    this.#options = options;
    this.#paths = new SitePaths(options);
    this.#fields = new SiteFields(options);
    const types = Object.entries(options.types ?? {});
    this.#types = new Map(types.map(([extension, type]) => [extension.toLowerCase(), type]));
    this.fixedNames = this.#paths.fixedNames;
    this.hasLists = options.browse === true;
  }

  namesFor(path: string, kind: 'file' | 'folder'): readonly string[] {
    return this.#paths.namesFor(path, kind);
  }

  pathsFor(name: string): readonly string[] {
    return this.#paths.pathsFor(name);
  }

  resolve(name: string, kindOf: KindOf) {
    return this.#paths.resolve(name, kindOf);
  }

  headOf(path: string, names: readonly string[]): HeadRule | undefined {
    const { etag = true, lastModified = true, hints = false } = this.#options;
    const named = this.#typeOf(path);
    const fields = this.#fields.linesFor([path, ...names]);
    const hasHints = hints && named.type.startsWith('text/html');
    const isPlain = fields === '' && !hasHints && etag && lastModified && named.type === typeOfName(path).type;
    if (isPlain && hasPlainNames(path, names)) return undefined;
    const key = `${named.type} ${named.encoding} ${fields}`;
    let head = this.#heads.get(key);
    if (head === undefined) {
      head = { named, fields, hasEtag: etag, hasLastModified: lastModified, hasHints };
      this.#heads.set(key, head);
    }
    return head;
  }

  fieldsOf(name: string, status: number): string {
    const page = this.#paths.pageOf(name);
    if (page === undefined) {
      return status === 200 ? withListingPolicy(this.#fields.linesFor([name])) : this.#fields.redirectLinesFor(name);
    }
    const lines =
      status === 200 ? this.#fields.linesFor([page, ...this.#namesOfPage(page)]) : this.#fields.errorLinesFor(page);
    return lines + (MORE_LINES[status] ?? '') + (this.#isAppName(name, status) ? VARY_ACCEPT : '');
  }

  list(path: string, listed: Listed): string {
    return listingOf(path, listed, this.#options.trailingSlash === 'remove' ? '' : '/');
  }

  /** Whether the answer under an internal name depends on Accept. */
  #isAppName(name: string, status: number): boolean {
    return name === FALLBACK || (status === 404 && this.#paths.pageOf(FALLBACK) !== undefined);
  }

  /** Names of the page of an application that a rule for fields may mean. */
  #namesOfPage(page: string): readonly string[] {
    return this.#paths.namesFor(page, 'file').filter((name) => name.startsWith('/'));
  }

  #typeOf(path: string): NamedType {
    const usual = typeOfName(path);
    const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase();
    const type = extension === undefined ? undefined : this.#types.get(extension);
    return type === undefined ? usual : { type, encoding: usual.encoding };
  }
}

/** A list has its own policy whatever the site says: that of a site would stop its script, or allow more. */
function withListingPolicy(lines: string): string {
  const others = lines.replace(/^Content-Security-Policy: .*\r\n/gim, '');
  return `${others}Content-Security-Policy: ${LISTING_POLICY}\r\n`;
}

function hasPlainNames(path: string, names: readonly string[]): boolean {
  const plain = PLAIN_RULES.namesFor(path, 'file');
  return names.length === plain.length && plain.every((name, i) => names[i] === name);
}
