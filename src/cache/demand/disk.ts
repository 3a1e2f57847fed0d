/**
 * What a disk thread does for the main thread: it looks names up, reads files into their places, and reads pieces of
 * large files. All calls are synchronous: a thread that waits for a disk holds up nobody but those who want something
 * from the disk. Used by disk-worker.ts.
 */
import {
  type FolderContents,
  FolderWalk,
  type FoundFile,
  type FoundFolder,
  isClosed,
  type SymlinkRule,
} from '../folder/folder.js';
import {
  FileReading,
  type PieceJob,
  type ReadingJob,
  type ReadingOutcome,
  type ReadingSetup,
} from '../reading/reading.js';
import { findSidecars, type Sidecars, withCodings } from '../variants/sidecars.js';

/** The folder of a site, and its rules, as a disk thread needs them. */
export interface DiskSetup extends ReadingSetup {
  readonly dotfiles: boolean;
  readonly symlinks: SymlinkRule;
}

/** What has a path. */
export type LookedUp =
  | { readonly kind: 'file'; readonly file: FoundFile; readonly sidecars: Sidecars }
  /** A file that the system does not let us read. */
  | { readonly kind: 'closed'; readonly file: FoundFile }
  | { readonly kind: 'folder' }
  | { readonly kind: 'nothing' };

export type DiskJob =
  /** Looks for what has these paths. */
  | { readonly kind: 'look'; readonly paths: readonly string[] }
  /** Looks for what is in this folder. */
  | { readonly kind: 'list'; readonly path: string }
  | { readonly kind: 'read'; readonly job: ReadingJob }
  | { readonly kind: 'piece'; readonly job: PieceJob };

export type DiskResult =
  /** In the order of the paths. */
  | { readonly kind: 'looked'; readonly found: readonly LookedUp[] }
  | { readonly kind: 'listed'; readonly folders: readonly FoundFolder[]; readonly files: readonly FoundFile[] }
  /** The site is not known here any more. */
  | { readonly kind: 'nothing' }
  | ReadingOutcome;

const NOTHING: LookedUp = { kind: 'nothing' };
const FOLDER: LookedUp = { kind: 'folder' };
const CLOSED: DiskResult = { kind: 'failed', reason: 'closed', detail: '' };
/** The longest path that Linux opens, and so the longest name that is looked up. */
const LONGEST_NAME = 4095;

/** Does the jobs of one site. */
export class SiteDisk {
  readonly #setup: DiskSetup;
  readonly #reading: FileReading;

  constructor(setup: DiskSetup) {
    this.#setup = setup;
    this.#reading = new FileReading(setup, () => {});
  }

  /** A slab in which places lie. */
  addSlab(id: number, buffer: SharedArrayBuffer): void {
    this.#reading.addSlab(id, buffer);
  }

  /** Does one job. Never throws for what a file system may do. */
  do(job: DiskJob): DiskResult {
    if (job.kind === 'look') return { kind: 'looked', found: job.paths.map((path) => this.#lookUp(path)) };
    if (job.kind === 'list') return this.#list(job.path);
    const outcome = job.kind === 'read' ? this.#reading.read(job.job) : this.#reading.readPiece(job.job);
    this.#reading.leave();
    return outcome;
  }

  /** By the same rules as the walk through the whole folder: they are in folder.ts. */
  #lookUp(path: string): LookedUp {
    if ((path !== '' && path[0] !== '/') || path.length > LONGEST_NAME || path.includes('\0')) return NOTHING;
    const { files, folders } = this.#find(path);
    const [file] = files;
    if (file !== undefined) return isClosed(file.path) ? { kind: 'closed', file } : this.#withSidecars(file);
    return folders.length > 0 ? FOLDER : NOTHING;
  }

  #list(path: string): DiskResult {
    const listed = this.#walk().list(path);
    return listed === undefined ? CLOSED : { kind: 'listed', ...listed };
  }

  #find(name: string): FolderContents {
    return this.#walk().find(name);
  }

  /** A walk for one look. */
  #walk(): FolderWalk {
    const { root, dotfiles, symlinks } = this.#setup;
    return new FolderWalk(root, { dotfiles, symlinks });
  }

  #withSidecars(file: FoundFile): LookedUp {
    if (this.#setup.compress === 'off') return { kind: 'file', file, sidecars: [] };
    const sidecars = findSidecars(this.#walk(), file, () => {});
    return { kind: 'file', file: withCodings(file, sidecars), sidecars };
  }
}
