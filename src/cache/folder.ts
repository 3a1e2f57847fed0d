/**
 * Finds what is to be served in a folder: names and sizes, no contents. Called by loader.ts, on the main thread.
 *
 * The rules, which are those common static servers share:
 * - A name that begins with '.' is not served (.git, .env, .htpasswd), except `.well-known` (RFC 8615). An option
 *   turns this off.
 * - Symbolic links are followed as long as what they lead to lies within the folder itself. The check is made on real
 *   paths, so a chain of links cannot get out either; and a link to a folder that contains it is left out.
 * - Only files and folders. Opening a pipe would hang, and a device is not a page.
 *
 * Names are bytes, as they are for Linux: one that is not UTF-8 can be served too (as %FF).
 */
import { type Dirent, lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { FolderError, systemCode, type WarningSink, warning } from './warnings.js';

/** Something to serve. `name` begins with '/'; a folder's has no '/' at the end, and the root folder's is ''. */
export interface Found {
  readonly name: Buffer;
  /** Where it really is: no symbolic link in it. */
  readonly path: Buffer;
  /** Bytes, of a file. */
  readonly size: number;
}

/** A folder to be read, with the real folders in which the links lie that lead to it. */
interface Pending extends Found {
  readonly links: readonly Buffer[];
}

export interface FolderContents {
  readonly files: Found[];
  readonly folders: Found[];
}

export interface FolderOptions {
  /** Serve names that begin with '.' as well. */
  readonly dotfiles?: boolean;
  /** At most so many files and folders. */
  readonly maxNames?: number;
  readonly warn?: WarningSink;
}

/** Bound of the names of one folder: some 500 bytes in each thread for each of them. */
export const DEFAULT_MAX_NAMES = 1_000_000;
/** After so many names the event loop has its turn. */
const NAMES_PER_TURN = 512;

const SLASH = 0x2f;
const DOT = 0x2e;
const WELL_KNOWN = Buffer.from('.well-known');

/** The real path of a folder to serve. Throws FolderError if it cannot be. */
export function openFolder(folder: string): Buffer {
  try {
    const path = realpathSync.native(folder, { encoding: 'buffer' });
    readdirSync(path, { encoding: 'buffer' });
    return path;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') throw new FolderError('not-found', folder, error);
    if (code === 'ENOTDIR') throw new FolderError('not-a-folder', folder, error);
    throw new FolderError('unreadable', folder, error);
  }
}

/** One walk through a folder, or through a part of it. */
export class FolderWalk {
  readonly files: Found[] = [];
  readonly folders: Found[] = [];
  readonly #root: Buffer;
  readonly #dotfiles: boolean;
  readonly #maxNames: number;
  readonly #warn: WarningSink;
  /** Folders still to be read. Depth first by a stack of our own: a path may be 2,000 folders deep. */
  readonly #todo: Pending[] = [];
  #full = false;

  /** `root` is what `openFolder` returned. */
  constructor(root: Buffer, options: FolderOptions) {
    this.#root = root;
    this.#dotfiles = options.dotfiles ?? false;
    this.#maxNames = options.maxNames ?? DEFAULT_MAX_NAMES;
    this.#warn = options.warn ?? (() => {});
  }

  /**
   * Finds everything that is `name`, or in it if it is a folder ('' for the root). Nothing, without a word, if there
   * is no such thing. The calls are synchronous, five times as quick here as their promises, with turns between.
   */
  async from(name: Buffer): Promise<FolderContents> {
    this.#start(name);
    let names = 0;
    for (let folder = this.#todo.pop(); folder !== undefined; folder = this.#todo.pop()) {
      for (const item of this.#read(folder)) {
        if (!this.#full && this.#serves(item.name)) this.#visit(folder, item);
        if (++names % NAMES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    }
    return this;
  }

  #start(name: Buffer): void {
    if (name.length === 0) {
      this.#addFolder(name, this.#root, []);
      return;
    }
    const at = name.lastIndexOf(SLASH);
    if (!splitPath(name).every((part) => !isNoName(part) && this.#serves(part))) return;
    const parent = this.#follow(Buffer.concat([this.#root, name.subarray(0, at)]), name, true);
    if (parent !== undefined) this.#look(name, { path: parent, links: [] }, name.subarray(at + 1));
  }

  #read(folder: Found): Dirent<Buffer>[] {
    try {
      return readdirSync(folder.path, { encoding: 'buffer', withFileTypes: true });
    } catch (error) {
      this.#warn(warning('unreadable', folder.name, systemCode(error)));
      return [];
    }
  }

  #visit(folder: Pending, item: Dirent<Buffer>): void {
    const name = join(folder.name, item.name);
    if (item.isDirectory()) this.#addFolder(name, join(folder.path, item.name), folder.links);
    else this.#look(name, folder, item.name);
  }

  /** Looks at something of which only the name is known, in a folder whose path is a real one within the root. */
  #look(name: Buffer, folder: Pick<Pending, 'path' | 'links'>, part: Buffer): void {
    try {
      const path = join(folder.path, part);
      const stat = lstatSync(path);
      if (stat.isSymbolicLink()) this.#lookBehindLink(name, path, [...folder.links, folder.path]);
      else this.#add(name, path, stat, folder.links);
    } catch (error) {
      const code = systemCode(error);
      if (code !== 'ENOENT' && code !== 'ENOTDIR') this.#warn(warning('unreadable', name, code));
    }
  }

  #lookBehindLink(name: Buffer, link: Buffer, links: readonly Buffer[]): void {
    const path = this.#follow(link, name);
    if (path === undefined) return;
    const stat = statSync(path);
    // Every folder is entered through finitely many links if none leads to a folder that holds one of them.
    if (stat.isDirectory() && links.some((folder) => isWithin(folder, path))) this.#warn(warning('loop', name));
    else this.#add(name, path, stat, links);
  }

  #add(name: Buffer, path: Buffer, stat: Stats, links: readonly Buffer[]): void {
    if (stat.isDirectory()) this.#addFolder(name, path, links);
    else if (!stat.isFile()) this.#warn(warning('special', name));
    else if (this.#hasRoom(name)) this.files.push({ name, path, size: stat.size });
  }

  #addFolder(name: Buffer, path: Buffer, links: readonly Buffer[]): void {
    if (!this.#hasRoom(name)) return;
    this.folders.push({ name, path, size: 0 });
    this.#todo.push({ name, path, size: 0, links });
  }

  #hasRoom(name: Buffer): boolean {
    if (this.files.length + this.folders.length < this.#maxNames) return true;
    if (!this.#full) this.#warn(warning('too-many', name, `at most ${this.#maxNames}`));
    this.#full = true;
    return false;
  }

  /** The real path behind a link, or a folder's path that may have links in it, if it is within the root. */
  #follow(path: Buffer, name: Buffer, mayBeGone = false): Buffer | undefined {
    try {
      const real = realpathSync.native(path, { encoding: 'buffer' });
      if (isWithin(real, this.#root)) return real;
      this.#warn(warning('outside', name));
    } catch (error) {
      const code = systemCode(error);
      if (mayBeGone && (code === 'ENOENT' || code === 'ENOTDIR')) return undefined;
      const reason = code === 'ENOENT' || code === 'ENOTDIR' ? 'dangling' : code === 'ELOOP' ? 'loop' : 'unreadable';
      this.#warn(warning(reason, name, reason === 'unreadable' ? code : ''));
    }
    return undefined;
  }

  #serves(part: Buffer): boolean {
    return part[0] !== DOT || this.#dotfiles || part.equals(WELL_KNOWN);
  }
}

/** Whether `path` is `folder` or lies in it; both real paths. */
export function isWithin(path: Buffer, folder: Buffer): boolean {
  if (!path.subarray(0, folder.length).equals(folder)) return false;
  return path.length === folder.length || path[folder.length] === SLASH || folder[folder.length - 1] === SLASH;
}

function join(folder: Buffer, part: Buffer): Buffer {
  const slash = folder[folder.length - 1] === SLASH ? '' : '/';
  return Buffer.concat([folder, Buffer.from(slash), part]);
}

/** Parts that no folder lists: the empty one, '.' and '..'. */
function isNoName(part: Buffer): boolean {
  return part.length <= 2 && part.every((byte) => byte === DOT);
}

function splitPath(name: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let from = 1; from <= name.length; ) {
    const slash = name.indexOf(SLASH, from);
    const to = slash < 0 ? name.length : slash;
    parts.push(name.subarray(from, to));
    from = to + 1;
  }
  return parts;
}
