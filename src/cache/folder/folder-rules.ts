/**
 * What the names of a site are, and what the answer under each of them is. It follows from the files and folders that
 * are there, and from the rules of the site (src/site/rules/), which the loader is given as a `FolderRules`.
 *
 * A name is decided in one place, `resolve`, from what exists. The loader asks it for all names of a folder that it has
 * walked (update-plan.ts), and the supply for one name that somebody wants (supply.ts). So both ways give the same
 * answers. All of it runs on the main thread. The threads that read files get a file's `FilePlan`, which is plain data.
 *
 * Paths and names have a character for each byte. A path has no slash at its end, and the root folder's is ''.
 */
import { latin1Bytes } from '../../net/wire/latin1.js';
import { encodePath, type HeadRule } from '../head/heads.js';
import type { FoundFile, FoundFolder } from './folder.js';

/** What has a path. */
export type PathKind = 'file' | 'folder' | 'nothing';
export type KindOf = (path: string) => PathKind;

/** The answer under a name. */
export type Resolved =
  /** The file with this path. */
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'redirect'; readonly status: number; readonly location: string }
  /** A list of what is in this folder. */
  | { readonly kind: 'list'; readonly path: string }
  /** The content of this file as a page with a head of its own: an error page, or that of a single-page application. */
  | { readonly kind: 'page'; readonly path: string; readonly status: number }
  /** A short text with this status. */
  | { readonly kind: 'text'; readonly status: number };

/** What the rules make of a file that is there. */
export interface FilePlan {
  /** All names of its object. The first is the one by which we know it: see `HIDDEN`. */
  readonly names: readonly string[];
  readonly head: HeadRule;
}

/** An entry of a folder that is listed. */
export type Listed = { readonly folders: readonly FoundFolder[]; readonly files: readonly FoundFile[] };

/** The rules of a site. */
export interface FolderRules {
  /** Names that do not begin with '/', and names that depend on no file: they are resolved at the start. */
  readonly fixedNames: readonly string[];
  /** Folders may have a list, which changes with each name in them. */
  readonly hasLists: boolean;
  /** The names whose answer may be what has this path, or may depend on its presence. */
  namesFor(path: string, kind: 'file' | 'folder'): readonly string[];
  /** The paths on which the answer under this name depends. */
  pathsFor(name: string): readonly string[];
  /** The answer under this name; null: there is none. */
  resolve(name: string, kindOf: KindOf): Resolved | null;
  /** The head of the file `path` with these names; undefined: nothing but what its name says. */
  headOf(path: string, names: readonly string[]): HeadRule | undefined;
  /** Lines of fields for an answer under this name that is no file. */
  fieldsOf(name: string, status: number): string;
  /** The list of a folder, as HTML. */
  list(path: string, listed: Listed): string;
}

/**
 * A file whose own path is another answer, such as a redirect to its clean URL, has this and its path as its first
 * name. No request finds such a name. Unlike other internal names it does not keep the file in memory.
 */
export const HIDDEN = '=';

const INDEX = '/index.html';

/** The rules of a folder without any: index.html answers for its folder. */
export const PLAIN_RULES: FolderRules = {
  fixedNames: [],
  hasLists: false,
  namesFor(path, kind) {
    if (kind === 'file' && path.endsWith(INDEX)) return [path, path.slice(0, 1 - INDEX.length)];
    return path === '' ? [] : [path];
  },
  pathsFor: (name) => [name.endsWith('/') ? `${name.slice(0, -1)}${INDEX}` : name],
  resolve(name, kindOf) {
    if (name.endsWith('/')) {
      const path = `${name.slice(0, -1)}${INDEX}`;
      return kindOf(path) === 'file' ? { kind: 'file', path } : null;
    }
    const kind = kindOf(name);
    if (kind === 'nothing') return null;
    return kind === 'file'
      ? { kind, path: name }
      : { kind: 'redirect', status: 301, location: `${encodePath(latin1Bytes(name))}/` };
  },
  headOf: () => undefined,
  fieldsOf: () => '',
  list: () => '',
};

/** The plan of a file that is there: of all names that it may have, those under which it is the answer. */
export function planOf(rules: FolderRules, path: string, kindOf: KindOf): FilePlan | undefined {
  const names = rules.namesFor(path, 'file').filter((name) => {
    const answer = rules.resolve(name, kindOf);
    return answer?.kind === 'file' && answer.path === path;
  });
  const head = rules.headOf(path, names);
  if (head === undefined) return undefined;
  const own = names.indexOf(path);
  if (own > 0) names.unshift(...names.splice(own, 1));
  return { names: own < 0 ? [HIDDEN + path, ...names] : names, head };
}

/** The paths on which the answer under a name depends, and those on which the other names of these files depend. */
export function pathsAround(rules: FolderRules, name: string): string[] {
  const paths = new Set(rules.pathsFor(name));
  for (const path of [...paths]) {
    for (const other of rules.namesFor(path, 'file')) for (const each of rules.pathsFor(other)) paths.add(each);
  }
  return [...paths];
}
