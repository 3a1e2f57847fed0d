/**
 * The folders that are watched, and the names under which each is served. The source tells of real paths; a folder
 * behind links has several names, or one that is not its path:
 *
 *     /srv/site/releases/42   is   /releases/42   and, by the link current -> releases/42,   /current
 *
 * The walk through the folder says what is where (`WalkListener`). Paths and names have a character for each byte.
 */
import { isWithin } from '../../cache/folder/folder.js';
import type { FolderSource } from './source.js';

/** Links that are remembered. Others are followed, but what they lead to is not watched for them. */
const MOST_LINKS = 16_384;

export class WatchedFolders {
  readonly #source: FolderSource;
  readonly #root: string;
  /** By path of the folder. Those that are watched for the sake of a link's target have no name. */
  readonly #names = new Map<string, Set<string>>();
  readonly #pathOf = new Map<string, string>();
  /** By name of the link: the real path that it leads to. */
  readonly #links = new Map<string, string>();
  /** By real path: the links that lead to it. */
  readonly #linksTo = new Map<string, Set<string>>();

  constructor(source: FolderSource, root: string) {
    this.#source = source;
    this.#root = root;
  }

  get size(): number {
    return this.#names.size;
  }

  /** A folder is served under a name. Returns whether it is watched from now on, and was not before. */
  enter(name: string, path: string): boolean {
    const isNews = this.#watch(path);
    this.#names.get(path)?.add(name);
    this.#pathOf.set(name, path);
    return isNews;
  }

  /** A link leads to a file or a folder. */
  follow(name: string, path: string): boolean {
    if (this.#links.size >= MOST_LINKS) return false;
    this.#links.set(name, path);
    const names = this.#linksTo.get(path);
    if (names === undefined) this.#linksTo.set(path, new Set([name]));
    else names.add(name);
    return this.#watch(folderOf(path));
  }

  /** The names under which the entry at this path is served, if it is. */
  namesOf(path: string): string[] {
    const entry = path.slice(path.lastIndexOf('/'));
    const folders = this.#names.get(folderOf(path));
    const links = this.#linksTo.get(path) ?? [];
    if (folders !== undefined) return [...[...folders].map((name) => name + entry), ...links];
    const isInside = path !== this.#root && isWithin(path, this.#root);
    return isInside ? [path.slice(this.#root.length), ...links] : [...links];
  }

  /** Whether a name is that of a folder that was walked through, or of a link. */
  isTree(name: string): boolean {
    return this.#pathOf.has(name) || this.#links.has(name);
  }

  isLink(name: string): boolean {
    return this.#links.has(name);
  }

  /** Links that lead into one of these folders from elsewhere. */
  linksInto(names: readonly string[]): string[] {
    const paths = names.map((name) => this.#pathOf.get(name)).filter((path) => path !== undefined);
    return [...this.#links].filter(([, target]) => paths.some((path) => isWithin(target, path))).map(([name]) => name);
  }

  /** Links that do not lead any more where they led. `pathNow` says where they lead now. */
  movedLinks(pathNow: (path: string) => string | undefined): string[] {
    return [...this.#links].filter(([name, path]) => pathNow(this.#root + name) !== path).map(([name]) => name);
  }

  /** What is known of these names and all below is out of date: a walk will tell it again. */
  forget(names: readonly string[]): void {
    if (names.length === 0) return;
    const gone = new Set(names);
    const isGone = (name: string) => isAtOrUnder(name, gone);
    for (const [name, path] of this.#links) {
      if (!isGone(name)) continue;
      this.#links.delete(name);
      const others = this.#linksTo.get(path);
      others?.delete(name);
      if (others?.size === 0) this.#linksTo.delete(path);
    }
    for (const name of this.#pathOf.keys()) if (isGone(name)) this.#pathOf.delete(name);
    const needed = new Set([...this.#linksTo.keys()].map(folderOf));
    for (const [path, served] of this.#names) {
      for (const name of served) if (isGone(name)) served.delete(name);
      if (served.size > 0 || needed.has(path)) continue;
      this.#names.delete(path);
      this.#source.remove(path);
    }
  }

  #watch(path: string): boolean {
    if (this.#names.has(path) || !this.#source.add(path)) return false;
    this.#names.set(path, new Set());
    return true;
  }
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

function isAtOrUnder(name: string, folders: ReadonlySet<string>): boolean {
  if (folders.has(name) || folders.has('')) return true;
  for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) {
    if (folders.has(name.slice(0, at))) return true;
  }
  return false;
}
