/**
 * Finds what is to be served in a folder: names and sizes, no contents. Called by loader.ts, on the main thread.
 *
 * The rules, which are those common static servers share:
 * - A name that begins with '.' is hidden (.git, .env, .htpasswd) and not served, except `.well-known` (RFC 8615).
 *   The option `dotfiles` serves hidden names too.
 * - Symbolic links are followed as long as their target lies within the folder itself. The check is made on real
 *   paths, so a chain of links cannot get out either. The option `symlinks` follows all of them, or none.
 * - A link is judged by its target: a link to a hidden name is hidden, whatever its own name is.
 * - A link to a folder that contains it is left out, since the walk would not end.
 * - Only files and folders are served. Opening a pipe would hang, and a device is not a page.
 *
 * Names are bytes, as in Linux, so a name that is not UTF-8 can be served too (as %FF). Here they are strings with a
 * character for each byte (Latin-1), which are smaller and quicker than Buffers.
 */
import {
  closeSync,
  constants,
  type Dirent,
  lstatSync,
  openSync,
  readdirSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import type { FilePlan } from './folder-rules.js';
import { FolderError, isAbsence, isRefusal, systemCode, type WarningSink, warning } from './warnings.js';

/** Something to serve. `name` begins with '/'; a folder's has no '/' at the end, and the root folder's is ''. */
export interface Found {
  readonly name: string;
  /** Where it really is: no symbolic link in it. */
  readonly path: string;
}

export interface FoundFolder extends Found {
  /** When names in it came or went last, ms since 1970. Only in the list of the folder above. */
  readonly mtimeMs?: number;
}

/** The facts that differ between two versions of a file. Times in ms since 1970. */
export interface FileStamp {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
}

export interface FoundFile extends Found, FileStamp {
  /** A bit for each content coding in which a sidecar lies beside it (variants/sidecars.ts). Left out: none. */
  readonly codings?: number;
  /** What the rules of the site make of it. Left out: its names and its head follow from its path alone. */
  readonly plan?: FilePlan | undefined;
}

/** A folder to be read, and the real folders that contain the links on the way to it. */
interface Pending extends Found {
  readonly links: readonly string[];
}

/** Which symbolic links are followed: those that stay in the folder, all, or none. @see {@link LoadOptions} */
export type SymlinkRule = 'inside' | 'all' | 'none';

/**
 * Told on the way of a walk. Who watches a folder must begin before its names are read, so that nothing is missed.
 */
export interface WalkListener {
  /** A folder is about to be read. Whether that is news. */
  entering(name: string, path: string): boolean;
  /** A link was followed; `path` is the real path that it leads to. Whether the folder of that path is news. */
  followed(name: string, path: string): boolean;
  /** A file that was found has other names too (hard links), perhaps in folders that nobody watches. */
  hardLinked?(name: string, path: string, stamp: FileStamp): void;
  /** Whether a file that was found is left as it was before, because it is being written. Not asked at the start. */
  defers(file: FoundFile): boolean;
}

export interface FolderContents {
  readonly files: FoundFile[];
  readonly folders: FoundFolder[];
}

export interface FolderOptions {
  /** Serve names that begin with '.' as well. */
  readonly dotfiles?: boolean;
  /** Default 'inside'. */
  readonly symlinks?: SymlinkRule;
  /** The most files and folders that are looked at. */
  readonly maxNames?: number;
  readonly warn?: WarningSink;
  readonly listener?: WalkListener | undefined;
}

/** Bound of the names of one folder: some 500 bytes in each thread for each of them. */
export const DEFAULT_MAX_NAMES = 1_000_000;
/** After so many names the event loop has its turn. */
const NAMES_PER_TURN = 512;

/** An exception costs as much as ten looks, and sidecars are looked for that are seldom there. */
const ABSENT_IS_NO_ERROR = { throwIfNoEntry: false } as const;

/** Modes with which everybody may read a file, and list a folder and enter it. */
const READ = 0o444;
const READ_AND_ENTER = 0o555;

const WELL_KNOWN = '.well-known';

/** The real path of a folder to serve. Throws FolderError if it cannot be. */
export function openFolder(folder: string): string {
  try {
    const path = realpathSync.native(folder, 'latin1');
    readdirSync(pathArgument(path));
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
  readonly files: FoundFile[] = [];
  readonly folders: FoundFolder[] = [];
  readonly #root: string;
  readonly #dotfiles: boolean;
  readonly #symlinks: SymlinkRule;
  readonly #maxNames: number;
  readonly #warn: WarningSink;
  readonly #listener: WalkListener | undefined;
  /** Folders still to be read. Depth first by a stack of our own: a path may be 2,000 folders deep. */
  readonly #todo: Pending[] = [];
  /** The folder of the name that was looked for last, and its real path: many names in a row lie in one folder. */
  #parent = '';
  #parentPath: string | undefined;
  #full = false;
  /** Names in parts that were handed out before. */
  #seen = 0;

  /** `root` is what `openFolder` returned. */
  constructor(root: string, options: FolderOptions) {
    this.#root = root;
    this.#dotfiles = options.dotfiles ?? false;
    this.#symlinks = options.symlinks ?? 'inside';
    this.#maxNames = options.maxNames ?? DEFAULT_MAX_NAMES;
    this.#warn = options.warn ?? (() => {});
    this.#listener = options.listener;
  }

  /**
   * Finds the file `name`, or the folder `name` with everything in it ('' is the root). If there is no such name, it
   * finds nothing and does not warn. The calls are synchronous, five times as quick here as their promises, with
   * turns of the event loop between.
   */
  async from(name: string): Promise<FolderContents> {
    this.#start(name);
    await this.#goOn(DEFAULT_MAX_NAMES);
    return this;
  }

  /** The same, in parts of so many names (or a few more): a walk through a large folder need not remember them all. */
  async *inParts(name: string, names: number): AsyncGenerator<FolderContents> {
    this.#start(name);
    do {
      await this.#goOn(names);
      this.#seen += this.files.length + this.folders.length;
      yield { files: this.files.splice(0), folders: this.folders.splice(0) };
    } while (this.#todo.length > 0 && !this.#full);
  }

  /** Walks on until there are so many names, and the folder under way has been read. */
  async #goOn(most: number): Promise<void> {
    let names = 0;
    while (this.files.length + this.folders.length < most && !this.#full) {
      const folder = this.#todo.pop();
      if (folder === undefined) return;
      for (const item of this.#read(folder)) {
        if (this.#full) return;
        if (this.#serves(item.name)) this.#visit(folder, item);
        if (++names % NAMES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  /** Finds the file or the folder `name` alone, without what is in it. */
  find(name: string): FolderContents {
    this.#start(name);
    this.#todo.length = 0;
    return this;
  }

  /** The file with this name alone; undefined: there is none. What was found before is kept. */
  file(name: string): FoundFile | undefined {
    const files = this.files.length;
    const folders = this.folders.length;
    const todo = this.#todo.length;
    this.#start(name);
    this.folders.length = folders;
    this.#todo.length = todo;
    return this.files.splice(files)[0];
  }

  /**
   * What is in the folder `name` and may be read, without what is in its folders. Undefined: the folder is there, and
   * the system does not let us read it.
   */
  list(name: string): FolderContents | undefined {
    this.#start(name);
    const folder = this.#todo.pop();
    if (folder === undefined) return { files: [], folders: [] };
    const items = this.#entriesOf(folder);
    if (items === undefined) return undefined;
    this.files.length = this.folders.length = this.#todo.length = 0;
    for (const item of items) if (this.#serves(item.name)) this.#visit(folder, item);
    this.#todo.length = 0;
    const files = this.files.filter(({ path }) => !isClosed(path));
    const folders = this.folders.filter(({ path }) => !isClosed(path)).map(dated);
    return { files, folders };
  }

  /** Whether there are more names than `maxNames`, so that some were left out. */
  get isCut(): boolean {
    return this.#full;
  }

  #start(name: string): void {
    if (name === '') {
      this.#addFolder(name, this.#root, []);
      return;
    }
    const at = name.lastIndexOf('/');
    const part = name.slice(at + 1);
    if (isNoName(part) || !this.#serves(part)) return;
    const path = this.#parentOf(name.slice(0, at), name);
    if (path !== undefined) this.#look(name, { path, links: [] }, part);
  }

  /**
   * The real path of a folder that is named from the root; undefined: it is not served. It is remembered until another
   * folder is asked for. If the folder is replaced by a link meanwhile, the reading of its files finds it out
   * (reading.ts).
   */
  #parentOf(folder: string, name: string): string | undefined {
    if (folder === this.#parent && this.#parentPath !== undefined) return this.#parentPath;
    this.#parentPath = undefined;
    const parts = folder === '' ? [] : folder.slice(1).split('/');
    if (!parts.every((part) => !isNoName(part) && this.#serves(part))) return undefined;
    const path = this.#root + folder;
    const real = this.#follow(path, name, true);
    if (real === undefined || this.#isHidden(real) || (this.#symlinks === 'none' && real !== path)) return undefined;
    this.#parent = folder;
    this.#parentPath = real;
    return real;
  }

  #read(folder: Found): Dirent[] {
    return this.#entriesOf(folder) ?? [];
  }

  /** Undefined: the system does not let us read them. A folder that has gone meanwhile has none. */
  #entriesOf(folder: Found): Dirent[] | undefined {
    this.#listener?.entering(folder.name, folder.path);
    try {
      return readdirSync(pathArgument(folder.path), { encoding: 'latin1', withFileTypes: true });
    } catch (error) {
      const code = systemCode(error);
      if (isRefusal(code)) {
        this.#warn(warning('closed', folder.name, code));
        return undefined;
      }
      if (!isAbsence(code)) this.#warn(warning('failed', folder.name, code));
      return [];
    }
  }

  #visit(folder: Pending, item: Dirent): void {
    const name = `${folder.name}/${item.name}`;
    if (item.isDirectory()) this.#addFolder(name, join(folder.path, item.name), folder.links);
    else this.#look(name, folder, item.name);
  }

  /** Looks at an entry of which only the name is known. The path of its folder is a real path within the root. */
  #look(name: string, folder: Pick<Pending, 'path' | 'links'>, part: string): void {
    try {
      const path = join(folder.path, part);
      const stat = lstatSync(pathArgument(path), ABSENT_IS_NO_ERROR);
      if (stat === undefined) return;
      if (stat.isSymbolicLink()) this.#lookBehindLink(name, path, [...folder.links, folder.path]);
      else this.#add(name, path, stat, folder.links);
    } catch (error) {
      const code = systemCode(error);
      if (!isAbsence(code)) this.#warn(warning('failed', name, code));
    }
  }

  #lookBehindLink(name: string, link: string, links: readonly string[]): void {
    if (this.#symlinks === 'none') {
      this.#warn(warning('symlink', name));
      return;
    }
    const path = this.#follow(link, name);
    if (path === undefined) return;
    this.#listener?.followed(name, path);
    if (this.#isHidden(path)) {
      this.#warn(warning('hidden', name));
      return;
    }
    const stat = statSync(pathArgument(path));
    // If no link leads to a folder that contains the link, every folder is entered through finitely many links.
    if (stat.isDirectory() && links.some((folder) => isWithin(folder, path))) this.#warn(warning('loop', name));
    else this.#add(name, path, stat, links);
  }

  /** Whether a real path leads through a hidden name. Outside of the folder only its last part counts. */
  #isHidden(path: string): boolean {
    const from = isWithin(path, this.#root) ? this.#root.length : path.lastIndexOf('/');
    return !path
      .slice(from)
      .split('/')
      .every((part) => this.#serves(part));
  }

  #add(name: string, path: string, stat: Stats, links: readonly string[]): void {
    if (stat.isDirectory()) this.#addFolder(name, path, links);
    else if (!stat.isFile()) this.#warn(warning('special', name));
    else if (this.#hasRoom()) this.#addFile(name, path, stat);
  }

  #addFile(name: string, path: string, stat: Stats): void {
    const { size, mtimeMs, ctimeMs, ino } = stat;
    if (stat.nlink > 1) this.#listener?.hardLinked?.(name, path, stampOf(stat));
    this.files.push({ name, path, size, mtimeMs, ctimeMs, ino });
  }

  #addFolder(name: string, path: string, links: readonly string[]): void {
    if (!this.#hasRoom()) return;
    this.folders.push({ name, path });
    this.#todo.push({ name, path, links });
  }

  #hasRoom(): boolean {
    if (this.#seen + this.files.length + this.folders.length < this.#maxNames) return true;
    this.#full = true;
    return false;
  }

  /** The real path behind a link, or a folder's path that may have links in it, if it is within the root. */
  #follow(path: string, name: string, mayBeGone = false): string | undefined {
    try {
      const real = realpathSync.native(pathArgument(path), 'latin1');
      if (this.#symlinks === 'all' || isWithin(real, this.#root)) return real;
      this.#warn(warning('outside', name));
    } catch (error) {
      const code = systemCode(error);
      if (mayBeGone && isAbsence(code)) return undefined;
      const reason = isAbsence(code) ? 'dangling' : code === 'ELOOP' ? 'loop' : 'failed';
      this.#warn(warning(reason, name, reason === 'failed' ? code : ''));
    }
    return undefined;
  }

  #serves(part: string): boolean {
    return part[0] !== '.' || this.#dotfiles || part === WELL_KNOWN;
  }
}

/** Whether `path` is `folder` or lies in it; both real paths. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/**
 * Whether the system does not let us read the file or folder with this real path. Most say by their mode that everybody
 * may. What is gone, or has another fault, is not closed: an attempt to read it finds that out.
 */
export function isClosed(path: string): boolean {
  const argument = pathArgument(path);
  try {
    const mode = statSync(argument, ABSENT_IS_NO_ERROR)?.mode ?? 0;
    const asked = (mode & constants.S_IFMT) === constants.S_IFDIR ? READ_AND_ENTER : READ;
    if ((mode & asked) === asked) return false;
    closeSync(openSync(argument, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK));
    return false;
  } catch (error) {
    return isRefusal(systemCode(error));
  }
}

/** A folder with the date at which names in it came or went last. */
function dated(folder: Found): FoundFolder {
  const mtimeMs = lstatSync(pathArgument(folder.path), ABSENT_IS_NO_ERROR)?.mtimeMs;
  return mtimeMs === undefined ? folder : { ...folder, mtimeMs };
}

/** The stamp of a file, alone: the rest of a `Stats` is large. */
export function stampOf({ size, mtimeMs, ctimeMs, ino }: Stats): FileStamp {
  return { size, mtimeMs, ctimeMs, ino };
}

/** Whether nothing has changed a file between two looks at it. */
export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino;
}

/** A path of a character for each byte, as `node:fs` takes it: as text where that is the same, which is quicker. */
export function pathArgument(path: string): string | Buffer {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  return /^[\x01-\x7f]*$/.test(path) ? path : Buffer.from(path, 'latin1');
}

function join(folder: string, part: string): string {
  return folder.endsWith('/') ? folder + part : `${folder}/${part}`;
}

/** Parts that no folder lists: the empty one, '.' and '..'. */
function isNoName(part: string): boolean {
  return part === '' || part === '.' || part === '..';
}
