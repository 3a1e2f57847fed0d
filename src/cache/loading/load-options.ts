/** What a `FolderLoader` is told, and what it tells: options, progress, counters. Types only. */
import type { SymlinkRule, WalkListener } from '../folder/folder.js';
import type { FolderRules } from '../folder/folder-rules.js';
import type { WarningReason, WarningSink } from '../folder/warnings.js';
import type { CompressMode } from '../head/compressible.js';
import type { CharsetRule } from '../head/content-type.js';
import type { CompressProgress } from '../variants/variant-maker.js';

/**
 * How far loading has come: for a progress bar.
 *
 * @example
 * ```ts
 * import type { FolderLoader } from 'fastpath';
 *
 * export const load = (loader: FolderLoader) =>
 *   loader.load(({ files, totalFiles }) => console.log(`${files} of ${totalFiles} files`));
 * ```
 */
export interface LoadProgress {
  files: number;
  readonly totalFiles: number;
  bytes: number;
  readonly totalBytes: number;
}

/**
 * Which folder, and what is left out or limited.
 *
 * @example
 * ```ts
 * import { FolderLoader, Library, type LoadOptions } from 'fastpath';
 *
 * const options: LoadOptions = {
 *   symlinks: 'inside',
 *   charset: 'auto',
 *   compress: 'load', // br, gzip and zstd are made beside what is read
 *   warn: ({ path, message }) => console.warn(`${path}: ${message}`),
 * };
 * export const loader = new FolderLoader('./site', new Library(), options);
 * ```
 */
export interface LoadOptions {
  /** Serve names that begin with '.' as well; `.well-known` always is. */
  readonly dotfiles?: boolean;
  /** Which symbolic links are followed. Default 'inside'. */
  readonly symlinks?: SymlinkRule;
  /** The charset of text. Default 'auto': UTF-8 where it certainly is. */
  readonly charset?: CharsetRule;
  /** Variants in content codings: none, those that lie beside the files, or made here too. Default 'off'. */
  readonly compress?: CompressMode;
  /** Called after each file whose variants were made. */
  readonly compressing?: (progress: CompressProgress) => void;
  /** A larger file is sent in pieces (`--max-object`). Default: if all fit, none; else `LARGEST_READ_WHOLE`. */
  readonly maxObjectBytes?: number;
  /** Files and folders that are looked for at the start. Of others the server learns when they are asked for. */
  readonly maxNames?: number;
  /** Threads that read. Default: as the work needs, at most one for each core, and 4. */
  readonly threads?: number;
  /** The names of the site, and what the answer under each of them is. Default: those of a plain folder. @internal */
  readonly rules?: FolderRules;
  /** Which virtual host. */
  readonly site?: number;
  /** Called for each name that is left out, and for each file over a limit. */
  readonly warn?: WarningSink;
  /** Told of the folders before they are read, for those who watch them. @internal */
  readonly listener?: WalkListener | undefined;
}

/**
 * How a list of names is refreshed.
 *
 * @example
 * ```ts
 * import type { FolderLoader } from 'fastpath';
 *
 * export async function release(loader: FolderLoader): Promise<void> {
 *   const { loaded, removed } = await loader.refreshAll(['/app', '/lib'], { atOnce: true });
 *   console.log(`${loaded} files are new, ${removed} are gone`);
 * }
 * ```
 */
export interface RefreshOptions {
  /**
   * All new files are read first, and then published in one go: for a link that leads to another release now. Until
   * then both need memory. Default false: files are published as they are read.
   */
  readonly atOnce?: boolean;
  /**
   * What was read of the folder goes if the folder itself is not there. Default false: it stays, with a warning,
   * because a release that is taken away before the next one is there must not take the site away with it.
   */
  readonly isGone?: boolean;
}

/**
 * What a `FolderLoader` has done so far.
 *
 * @example
 * ```ts
 * import type { FolderLoader } from 'fastpath';
 *
 * export const skipped = ({ statistics }: FolderLoader) => statistics.warnings.outside ?? 0;
 * ```
 */
export interface LoaderStatistics {
  /** Files read and published, since the start. */
  loaded: number;
  /** Files read again and found to be the same. */
  unchanged: number;
  removed: number;
  /** How often each warning was given. */
  warnings: Partial<Record<WarningReason, number>>;
}

/** What one update has done. @see {@link RefreshOptions} */
export type Refreshed = Readonly<Pick<LoaderStatistics, 'loaded' | 'unchanged' | 'removed'>>;
