/**
 * Brings a folder into the cache, and keeps single names of it up to date afterwards. It runs on the main thread.
 * Called by src/serve/assembly.ts, and by programs that embed the cache.
 *
 *     folder.ts finds names ──▶ file-loading.ts has each file read into its place ──▶ library.ts publishes it
 *
 * The answers, unless the rules of the site say otherwise (folder-rules.ts):
 * - a file: 200 under its name; `index.html` also under its folder's name with a slash;
 * - a folder: 301 from its name without the slash to the one with it.
 *
 * If all files fit, all are read, folder by folder. If not, the small ones are read first, so that the cache begins
 * with as many files as possible, and the site is *lazy*: what is not in memory is read when somebody asks for it
 * (supply.ts), and what nobody asks for gives way. A site is lazy too if it has more names than are looked at in the
 * beginning. Of a file over a limit only the head is published. Its bytes come in pieces (pieces.ts).
 *
 * Files that were changed shortly before they were read are looked at again (unsettled.ts).
 */

import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { latin1Text } from '../../net/wire/latin1.js';
import type { DiskSetup } from '../demand/disk.js';
import { Supply, type SupplySource } from '../demand/supply.js';
import {
  FolderWalk,
  type FoundFile,
  isSameStamp,
  openFolder,
  pathArgument,
  type SymlinkRule,
  type WalkListener,
} from '../folder/folder.js';
import { type FolderRules, HIDDEN, PLAIN_RULES } from '../folder/folder-rules.js';
import { isInParts, type MadeAnswer, planUpdate, type UpdatePlan } from '../folder/update-plan.js';
import { type WarningReason, type WarningSink, warning } from '../folder/warnings.js';
import type { CompressMode } from '../head/compressible.js';
import type { CharsetRule } from '../head/content-type.js';
import { hintLine } from '../head/hints.js';
import { LARGEST_OBJECT_BYTES, type Library } from '../library/library.js';
import type { Draft } from '../object/draft.js';
import type { Entry } from '../object/entry.js';
import { LARGEST_READ_WHOLE } from '../object/pieces.js';
import { DEFAULT_SITE } from '../object/record.js';
import { type FileEvents, FileLoading, type RefusalReason } from '../reading/file-loading.js';
import { headRuleOf, keyOf, namesOf, publicName } from '../reading/file-measures.js';
import { stampTag } from '../reading/large-file.js';
import { isMade, type Made, madeMeasures, madeOf, madePage, pageOf, sealMade } from '../reading/made.js';
import { isSettled } from '../reading/reading.js';
import { ReadingThreads } from '../reading/reading-pool.js';
import {
  baseOf,
  findSidecars,
  pairSidecars,
  type SidecarFault,
  type Sidecars,
  withCodings,
} from '../variants/sidecars.js';
import { type CompressProgress, VariantMaker } from '../variants/variant-maker.js';
import { UnsettledFiles } from './unsettled.js';
import { warm } from './warming.js';

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

/** A disk gains little from more readers, and each thread costs 10 MB. */
const MOST_THREADS = 4;
const FILES_PER_THREAD = 50_000;
const BYTES_PER_THREAD = 256 * 1024 * 1024;
/** Names that are looked for at the start: some seconds of work. */
const EAGER_NAMES = 32_768;
/** The bytes of an object without its payload: record, heads, their sums, and its part of the tables of names. */
const BESIDE_BYTES = 1024;
/** What nobody has asked for yet may fill this part of the cache. The rest is for what somebody asks for. */
const WARM_SHARE = 0.75;
/** After so many single names the event loop has its turn. */
const NAMES_PER_TURN = 64;
/** Time between two looks at unsettled files, ms. */
const LOOK_AGAIN_MS = 1000;

interface UpdateOptions extends RefreshOptions {
  /** Files that are being written are published as they are: there is nothing to serve instead. */
  readonly isFirst?: boolean;
  readonly report?: ((progress: LoadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface ReadOptions {
  /** Names that are served after the update; null: nobody needs to know. */
  readonly served: Set<string> | null;
  readonly sidecars: ReadonlyMap<string, Sidecars>;
  readonly maxObjectBytes: number;
  readonly report: UpdateOptions['report'];
  readonly signal: AbortSignal | undefined;
  readonly atOnce: boolean;
  /** Files are served meanwhile, and nobody waits. */
  readonly isBeside: boolean;
}

/** A file that has been read and is not published yet. */
interface ReadFile {
  readonly file: FoundFile;
  readonly draft: Draft;
  readonly isYoung: boolean;
}

/**
 * Brings a folder into a `Library`. See the top of this file.
 *
 * @example
 * ```ts
 * import { mkdtempSync, writeFileSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { FolderLoader, Library } from 'fastpath';
 *
 * const folder = mkdtempSync(join(tmpdir(), 'site-'));
 * writeFileSync(join(folder, 'index.html'), '<p>hello');
 * const library = new Library(2 ** 24);
 * const loader = new FolderLoader(folder, library);
 * await loader.load();
 * console.log(loader.serves('/index.html'), library.statistics.files); // true 1
 * await loader.end();
 * ```
 */
export class FolderLoader implements SupplySource {
  readonly site: number;
  /** What the disk threads know of the folder. @internal */
  readonly disk: DiskSetup;
  /** @internal */
  readonly rules: FolderRules;
  readonly statistics: LoaderStatistics = { loaded: 0, unchanged: 0, removed: 0, warnings: {} };
  readonly #library: Library;
  readonly #root: string;
  readonly #options: LoadOptions;
  readonly #site: number;
  readonly #supply: Supply;
  #epoch = 0;
  readonly #unsettled = new UnsettledFiles();
  readonly #compress: CompressMode;
  readonly #variants: VariantMaker;
  readonly #threads: ReadingThreads;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #isEnded = false;
  /** Nothing more is read unless it is told to. */
  #isClosed = false;
  /** The first look has left out names. */
  #wasCut = false;
  /** Updates run one after another, so that an older state of a file never replaces a newer one. */
  #queue: Promise<unknown> = Promise.resolve();

  /** Throws FolderError if the folder does not exist or cannot be read. */
  constructor(folder: string, library: Library, options: LoadOptions = {}) {
    this.#root = openFolder(folder);
    this.#library = library;
    this.#options = options;
    this.#site = options.site ?? DEFAULT_SITE;
    this.site = this.#site;
    this.#compress = options.compress ?? 'off';
    this.rules = options.rules ?? PLAIN_RULES;
    this.disk = {
      root: this.#root,
      site: this.#site,
      charset: options.charset ?? 'auto',
      compress: this.#compress,
      dotfiles: options.dotfiles ?? false,
      symlinks: options.symlinks ?? 'inside',
    };
    this.#threads = new ReadingThreads(this.disk);
    this.#supply = Supply.of(library);
    this.#supply.add(this);
    this.#variants = new VariantMaker(library, {
      root: this.#root,
      site: this.#site,
      mode: this.#compress,
      warn: (given) => this.#warn(given),
      again: (name) => void this.refresh(name).catch(() => {}),
      progress: options.compressing,
    });
  }

  /** The folder's real path. */
  get root(): string {
    return Buffer.from(this.#root, 'latin1').toString('utf8');
  }

  /** Loads the whole folder. `progress` is called now and then; a signal ends it, and `load` throws its reason. */
  async load(progress?: (progress: LoadProgress) => void, signal?: AbortSignal): Promise<void> {
    await this.#enqueue(() => this.#update([''], { report: progress, signal, isFirst: true }));
  }

  /**
   * Reads on in the background what the first look has left out (warming.ts). Fulfilled at once if that was nothing.
   */
  async warm(): Promise<void> {
    if (!this.#wasCut) return;
    const { dotfiles, symlinks } = this.disk;
    const { listener } = this.#options;
    await warm({
      rules: this.rules,
      walk: (maxNames) => new FolderWalk(this.#root, { dotfiles, symlinks, maxNames, listener }),
      walkAlone: () => this.#walkAlone(),
      isPublished: (file) => this.#isPublished(file),
      read: (plan) => this.#enqueue(() => this.#readOn(plan)).then((hasRoom) => hasRoom === true),
    });
  }

  /**
   * Brings the cache up to date with what is now under `name` ('/docs/a.html', or '/docs' for a folder with all in
   * it): new and changed files are published as a new generation, what is gone is removed.
   */
  async refresh(name: string | Uint8Array): Promise<void> {
    await this.refreshAll([Buffer.from(name).toString('latin1')]);
  }

  /**
   * The same for many names (a character for each byte), which costs less than one by one. Gives what this update has
   * done, without those that ran beside it.
   */
  async refreshAll(names: readonly string[], { atOnce = false }: RefreshOptions = {}): Promise<Refreshed> {
    const all = new Set<string>();
    for (const name of names) {
      const trimmed = name.endsWith('/') ? name.slice(0, -1) : name;
      if (trimmed !== '' && trimmed[0] !== '/') throw new RangeError('a name in the folder begins with a slash');
      all.add(trimmed);
      const base = this.#compress === 'off' ? undefined : baseOf(trimmed);
      if (base !== undefined) all.add(base); // the file of this sidecar
    }
    const refreshed = await this.#enqueue(async () => {
      const { loaded, unchanged, removed } = this.statistics;
      await this.#update(outermost(all), { atOnce });
      const { statistics } = this;
      return {
        loaded: statistics.loaded - loaded,
        unchanged: statistics.unchanged - unchanged,
        removed: statistics.removed - removed,
      };
    });
    return refreshed ?? { loaded: 0, unchanged: 0, removed: 0 };
  }

  /** Whether there is an answer in memory for this name (a character for each byte). */
  serves(name: string): boolean {
    return this.#isThere(name);
  }

  /** Fulfilled when all variants that are to be made have been made. `load` does not wait for that. */
  variantsMade(): Promise<void> {
    return this.#variants.settled();
  }

  /**
   * Reads files again that were changed shortly before they were read, and have changed since. It happens by itself
   * every second while there are such files.
   */
  async lookAgain(nowMs: number = Date.now()): Promise<void> {
    this.#isLooking = true;
    try {
      const changed = this.#unsettled.takeChanged(nowMs);
      if (changed.length > 0) await this.refreshAll(changed);
    } finally {
      this.#isLooking = false;
    }
  }

  /** It changes with each update, so that nothing is published that was looked up before. @internal */
  get epoch(): number {
    return this.#epoch;
  }

  /** A file was read because somebody asked for it. @internal */
  supplied(file: FoundFile, isYoung: boolean, sidecars: Sidecars): void {
    this.#tellListener(file);
    if (isYoung) {
      this.#unsettled.add(file.name, file.path, file, Date.now());
      this.#watchUnsettled();
    }
    if (sidecars.length === 0) return;
    this.#variants.add(file, sidecars);
    void this.#enqueue(() => this.#variants.readSidecars());
  }

  /** A list of a folder was made because somebody asked for it. @internal */
  suppliedPage({ name, payload, answer }: Made): void {
    this.#variants.addPage(name, payload.length, answer.contentType);
    this.#variants.make();
  }

  /** The walk may not have come to this folder. If it is watched from now on, the file may have changed before that. */
  #tellListener(file: FoundFile): void {
    const { listener } = this.#options;
    if (listener === undefined) return;
    const { name, path } = file;
    const isPlain = path === this.#root + name;
    const isNews = isPlain
      ? listener.entering(name.slice(0, name.lastIndexOf('/')), path.slice(0, path.lastIndexOf('/')))
      : listener.followed(name, path);
    if (!isNews) return;
    const stat = statSync(pathArgument(path), { throwIfNoEntry: false });
    if (stat === undefined || !isSameStamp(stat, file)) void this.refreshAll([name]).catch(() => {});
  }

  /** Whether some names are not in memory. @internal */
  get isLazy(): boolean {
    return this.#library.isLazy(this.#site);
  }

  /** Ends looks at young files, variants in the making, reading on demand and ahead. All that is loaded stays. */
  close(): void {
    this.#isClosed = true;
    this.#stopLooking();
    this.#variants.close();
    void this.#threads.close();
    this.#supply.remove(this);
  }

  #stopLooking(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** No update begins any more. Fulfilled when the one under way is done: what is published then stays so. */
  async end(): Promise<void> {
    this.#isEnded = true;
    this.close();
    this.#epoch++;
    await this.#queue;
    this.close(); // the last update may have begun something anew
  }

  /** Undefined: the loader has ended, and the task was not begun. */
  #enqueue<Result>(task: () => Promise<Result>): Promise<Result | undefined> {
    const done = this.#queue.then(() => (this.#isEnded ? undefined : task()));
    this.#queue = done.catch(() => {});
    return done;
  }

  async #update(names: readonly string[], update: UpdateOptions): Promise<void> {
    const { report, signal, atOnce = false, isFirst = false } = update;
    // A release that is taken away before the next one is there must not take the site away with it.
    if (!isFirst && !isFolder(this.#root)) {
      this.#warn(warning('folder-gone', '/'));
      return;
    }
    const { dotfiles, symlinks } = this.disk;
    const { maxNames = EAGER_NAMES, listener } = this.#options;
    this.#epoch++;
    const before = this.#namesBefore(names);
    const walk = new FolderWalk(this.#root, { dotfiles, symlinks, maxNames, warn: this.#warn, listener });
    await inTurns(names, (name) => walk.from(name));
    // At the first load no name can be gone, so 100,000 names need not be remembered.
    const served = before.length === 0 ? null : new Set<string>();
    const { files: planned, made } = this.#planOf(names, walk, before);
    const found =
      isFirst || listener === undefined ? planned : planned.filter((file) => !this.#defer(file, listener, served));
    if (walk.isCut) this.#library.setLazy(this.#site, true);
    if (isFirst) this.#wasCut = walk.isCut;
    const { sidecars, files } = await this.#withSidecars(new Set(names), found);
    const allFit = this.#allFit(files);
    const sorted = allFit ? files : [...files].sort((a, b) => a.size - b.size || (a.name < b.name ? -1 : 1));
    const { maxObjectBytes = allFit ? LARGEST_OBJECT_BYTES : LARGEST_READ_WHOLE } = this.#options;
    if (!atOnce) this.#publishAnswers(made, served);
    const toRead = this.#toRead(names, sorted, served);
    await this.#read(toRead, { served, sidecars, maxObjectBytes, report, signal, atOnce, isBeside: !isFirst });
    if (atOnce) this.#publishAnswers(made, served);
    this.#publishPages(made, planned, served);
    if (atOnce && served !== null) this.#removeOthers(before, served);
    await this.#variants.readSidecars();
    if (!atOnce && served !== null) this.#removeOthers(before, served);
    this.#epoch++;
    this.#library.flush();
    this.#variants.make();
    this.#watchUnsettled();
  }

  /** The files of a part that the first look has left out. False: there is no room for them. */
  async #readOn({ files, made }: UpdatePlan): Promise<boolean> {
    if (this.#isClosed || !this.#allFit(files, WARM_SHARE)) return false;
    const { sidecars, files: coded } = await this.#withSidecars(new Set(), files);
    const { maxObjectBytes = LARGEST_READ_WHOLE } = this.#options;
    const news = made.filter(([name]) => !this.#isThere(name));
    this.#publishAnswers(news, null);
    await this.#read(coded, {
      served: null,
      sidecars,
      maxObjectBytes,
      report: undefined,
      signal: undefined,
      atOnce: false,
      isBeside: true,
    });
    await this.#variants.readSidecars();
    this.#library.flush();
    this.#variants.make();
    this.#watchUnsettled();
    return true;
  }

  /**
   * What an update has to read and to make. In a lazy site that is what is in memory: a file that nobody has asked for
   * is read when somebody does, as it is then.
   */
  #planOf(parts: readonly string[], walk: FolderWalk, before: readonly string[]): UpdatePlan {
    const { rules } = this;
    const { isLazy } = this;
    const isWanted = (name: string) => !isLazy || rules.fixedNames.includes(name) || this.#isThere(name);
    const look = (path: string) => this.#walkAlone().find(path);
    return planUpdate({ rules, parts, contents: walk, isWhole: !walk.isCut, look, before, isWanted });
  }

  /** For a look at one name, which the walk of the folder has warned of if need be. */
  #walkAlone(): FolderWalk {
    const { dotfiles, symlinks } = this.disk;
    return new FolderWalk(this.#root, { dotfiles, symlinks });
  }

  /** All files of the parts; and those beside them whose names are not as they are to be. */
  #toRead(parts: readonly string[], files: readonly FoundFile[], served: Set<string> | null): FoundFile[] {
    const all = new Set(parts);
    return files.filter((file) => {
      if (isInParts(file.name, all) || !this.#isPublished(file)) return true;
      for (const name of namesOf(file)) served?.add(name);
      return false;
    });
  }

  /** Whether the object of a file has all the names that it is to have. */
  #isPublished(file: FoundFile): boolean {
    const there = this.#find(keyOf(file));
    if (there === undefined || there.etag.length === 0) return false;
    return namesOf(file).every((name) => {
      const other = this.#find(name);
      return other?.status === 200 && Buffer.compare(other.etag, there.etag) === 0;
    });
  }

  #find(name: string): Entry | undefined {
    return this.#library.find(Buffer.from(name, 'latin1'), this.#site);
  }

  #isThere(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** Whether a file is being written. What was served under its names before stays. */
  #defer(file: FoundFile, listener: WalkListener, served: Set<string> | null): boolean {
    if (!listener.defers(file)) return false;
    for (const name of namesOf(file)) if (this.#isThere(name)) served?.add(name);
    return true;
  }

  /** By name of file. Those of a file that is updated alone are looked for by their names. */
  async #sidecarsOf(names: ReadonlySet<string>, files: readonly FoundFile[]): Promise<ReadonlyMap<string, Sidecars>> {
    if (this.#compress === 'off') return new Map();
    const refuse = (sidecar: FoundFile, fault: SidecarFault) => {
      if (fault === 'stale') this.#warn(warning('sidecar-stale', sidecar.name));
    };
    const inFolders = files.filter(({ name }) => !names.has(name));
    const sidecars = new Map(pairSidecars(inFolders, refuse));
    if (inFolders.length === files.length) return sidecars;
    const walk = this.#walkAlone();
    const alone = files.filter(({ name }) => names.has(name));
    await inTurns(alone, async (file) => {
      const beside = findSidecars(walk, file, refuse);
      if (beside.length > 0) sidecars.set(file.name, beside);
    });
    return sidecars;
  }

  /** The files with the codings of what lies beside them. `names`: of those that are updated alone. */
  async #withSidecars(
    names: ReadonlySet<string>,
    found: readonly FoundFile[],
  ): Promise<{ sidecars: ReadonlyMap<string, Sidecars>; files: readonly FoundFile[] }> {
    const sidecars = await this.#sidecarsOf(names, found);
    const files = sidecars.size === 0 ? found : found.map((file) => withCodings(file, sidecars.get(file.name)));
    return { sidecars, files };
  }

  async #read(files: readonly FoundFile[], update: ReadOptions): Promise<void> {
    const { served, sidecars, maxObjectBytes, report, signal, atOnce, isBeside } = update;
    const totalBytes = files.reduce((sum, file) => sum + file.size, 0);
    const progress = { files: 0, totalFiles: files.length, bytes: 0, totalBytes };
    const publish = ({ file, draft, isYoung }: ReadFile) => {
      this.#fileRead(file, draft, isYoung, served);
      this.#variants.add(file, sidecars.get(file.name));
    };
    let waiting: ReadFile[] = [];
    const events: FileEvents = {
      read: (file, draft, isYoung) => {
        if (atOnce) waiting.push({ file, draft, isYoung });
        else publish({ file, draft, isYoung });
      },
      refused: (file, reason) => this.#refuse(file, reason, served),
      failed: (file, reason, detail) => this.#warn(warning(reason, file.name, detail)),
      progress: (done, bytes) => {
        progress.files = done;
        progress.bytes = Math.max(progress.bytes, bytes);
        report?.(progress);
      },
    };
    const { threads = threadsFor(files.length, totalBytes) } = this.#options;
    const pool = this.#threads;
    const options = { setup: this.disk, maxObjectBytes, threads, pool, isBeside, signal };
    try {
      await new FileLoading(this.#library, options, events).run(files);
      for (const each of waiting) publish(each);
      waiting = [];
    } finally {
      for (const { draft } of waiting) this.#library.discard(draft);
    }
  }

  #fileRead(file: FoundFile, draft: Draft, isYoung: boolean, served: Set<string> | null): void {
    if (isYoung) this.#unsettled.add(file.name, file.path, file, Date.now());
    else if (this.#unsettled.size > 0) this.#unsettled.forget(file.name);
    if (served !== null && this.#wasThere(file, draft, served)) {
      this.statistics.unchanged++;
      this.#library.discard(draft);
    } else {
      this.statistics.loaded++;
      this.#library.publish(draft);
    }
  }

  /** Whether the file is published as it is, under all its names. */
  #wasThere(file: FoundFile, draft: Draft, served: Set<string>): boolean {
    const names = namesOf(file);
    for (const each of names) served.add(each);
    return names.every((each) => this.#isSame(each, draft));
  }

  /** Whether the object published under a name has the same content and fields. A new date alone changes nothing. */
  #isSame(name: string, draft: Draft): boolean {
    const there = this.#find(name);
    if (there === undefined || there.status !== 200 || there.stream !== 0) return false;
    const { entry } = draft;
    // The tag comes from the content: for nearly all that has changed, this alone says it.
    if (Buffer.compare(there.etag, entry.etag) !== 0 || undated(there) !== undated(entry)) return false;
    return entry.etag.length > 0 || Buffer.compare(contentOf(there), contentOf(entry)) === 0;
  }

  /** A file that is not in memory as a whole. */
  #refuse(file: FoundFile, reason: RefusalReason, served: Set<string> | null): void {
    if (reason === 'changing') {
      if (this.#keepOld(file, served)) return;
      this.#warn(warning(reason, file.name));
    } else if (reason === 'too-large' && this.#publishLarge(file)) {
      for (const name of namesOf(file)) served?.add(name);
      return;
    }
    this.#library.setLazy(this.#site, true);
  }

  /** A file that is being written is served as it was before, and looked at again. False: it was not served. */
  #keepOld(file: FoundFile, served: Set<string> | null): boolean {
    const names = namesOf(file);
    const isServed = (name: string) => this.#find(name)?.status === 200;
    if (served === null || !names.every(isServed)) return false;
    for (const name of names) served.add(name);
    this.#unsettled.add(file.name, file.path, undefined, Date.now());
    return true;
  }

  /** The head of a file that is sent in pieces. Its stamp counts only if it is older than a tick of the clock. */
  #publishLarge(file: FoundFile): boolean {
    if (!isSettled(file, Date.now())) return false;
    const there = this.#find(keyOf(file));
    const isSame = there !== undefined && there.stream !== 0 && latin1Text(there.etag) === `"${stampTag(file)}"`;
    if (isSame) this.statistics.unchanged++;
    else if (!this.#supply.publishLarge(this, file)) return false;
    else this.statistics.loaded++;
    return true;
  }

  /** Redirects, short texts, and lists of folders. */
  #publishAnswers(made: UpdatePlan['made'], served: Set<string> | null): void {
    for (const [name, answer] of made) if (answer.kind !== 'page') this.#publishMade(this.#make(name, answer), served);
  }

  #make(name: string, answer: Exclude<MadeAnswer, { kind: 'page' }>): Made {
    const { rules } = this;
    if (answer.kind !== 'list') return madeOf(rules, name, answer);
    const html = rules.list(answer.path, this.#walkAlone().list(answer.path));
    return madePage(name, html, rules.fieldsOf(name, 200), this.#compress);
  }

  /** Pages from the content of files that have been read. Without its file there is no page. */
  #publishPages(made: UpdatePlan['made'], files: readonly FoundFile[], served: Set<string> | null): void {
    for (const [name, answer] of made) {
      if (answer.kind !== 'page') continue;
      const source = files.find((file) => file.name === answer.path);
      if (source === undefined) continue;
      const file = this.#library.hold(Buffer.from(keyOf(source), 'latin1'), this.#site);
      if (file === undefined) continue;
      const hasHints = answer.status === 200 && headRuleOf(source).hasHints;
      const hints = hasHints ? hintLine(file.payload, publicName(source)) : '';
      const fields = this.rules.fieldsOf(name, answer.status);
      this.#publishMade(pageOf(file, name, answer.status, fields, hints), served);
      this.#library.letGo(file);
    }
  }

  #publishMade(made: Made, served: Set<string> | null): void {
    const { name, kind, payload, answer } = made;
    served?.add(name);
    if (!isMade(made, this.#find(name))) {
      const draft = this.#library.reserve(madeMeasures(made), kind, this.#site);
      if (draft === undefined) {
        this.#library.setLazy(this.#site, true);
        return;
      }
      sealMade(draft, made);
      this.#library.publish(draft);
    }
    if (kind === 'page') this.#variants.addPage(name, payload.length, answer.contentType);
  }

  /** Whether there is room for all of these besides what is there, at a generous estimate. */
  #allFit(files: readonly FoundFile[], share = 1): boolean {
    const { usedBytes, indexBytes, limitBytes } = this.#library.statistics;
    const wanted = files.reduce((sum, { name, size }) => sum + size * (1 + 1 / 16) + BESIDE_BYTES + 2 * name.length, 0);
    return usedBytes + indexBytes + wanted < share * limitBytes;
  }

  /** The names served now that an update of `parts` may take away. */
  #namesBefore(parts: readonly string[]): string[] {
    const names = new Set(
      this.#library.namesUnder(
        parts.filter((part) => !this.#isSurelyFile(part)),
        this.#site,
      ),
    );
    const paths = this.rules === PLAIN_RULES ? parts : [...parts, ...names].map(pathOf);
    for (const path of paths) {
      for (const kind of ['file', 'folder'] as const) {
        for (const name of this.rules.namesFor(path, kind)) {
          if (this.#isThere(name)) names.add(name);
          if (this.#isThere(HIDDEN + name)) names.add(HIDDEN + name);
        }
      }
    }
    return [...names];
  }

  /** Whether the name is published, and as nothing but this file: then no other name lies under it. */
  #isSurelyFile(name: string): boolean {
    if (this.#isThere(HIDDEN + name)) return true;
    if (this.rules.hasLists || this.#find(name)?.status !== 200) return false;
    return this.rules
      .pathsFor(name)
      .every((path) => path === name || !(this.#isThere(path) || this.#isThere(HIDDEN + path)));
  }

  /** Removes every name that was served before and is no more. */
  #removeOthers(before: readonly string[], served: ReadonlySet<string>): void {
    for (const candidate of before) {
      if (served.has(candidate)) continue;
      this.#unsettled.forget(candidate);
      if (this.#library.remove(Buffer.from(candidate, 'latin1'), this.#site)) this.statistics.removed++;
    }
  }

  #watchUnsettled(): void {
    if (this.#unsettled.size === 0) {
      this.#stopLooking();
    } else if (this.#timer === undefined) {
      this.#timer = setInterval(() => {
        if (this.#isLooking) return;
        // An error of the system is no reason to crash. The cache keeps the file as it was until the next look.
        this.lookAgain().catch(() => {});
        if (this.#unsettled.size === 0) this.#stopLooking();
      }, LOOK_AGAIN_MS);
      this.#timer.unref();
    }
  }

  readonly #warn: WarningSink = (given) => {
    const { warnings } = this.statistics;
    warnings[given.reason] = (warnings[given.reason] ?? 0) + 1;
    this.#options.warn?.(given);
  };
}

/** Does something for each item, one after another, and gives the event loop its turns. */
async function inTurns<Item>(items: readonly Item[], action: (item: Item) => Promise<unknown>): Promise<void> {
  for (const [i, item] of items.entries()) {
    await action(item);
    if ((i + 1) % NAMES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Without names that lie in a folder which is among them. */
function outermost(names: ReadonlySet<string>): string[] {
  const isWithinOther = (name: string) => {
    for (let at = name.lastIndexOf('/'); at >= 0; at = at === 0 ? -1 : name.lastIndexOf('/', at - 1)) {
      if (names.has(name.slice(0, at))) return true;
    }
    return false;
  };
  return [...names].filter((name) => !isWithinOther(name));
}

/** The path that a name stands for. */
function pathOf(name: string): string {
  const path = name.startsWith(HIDDEN) ? name.slice(HIDDEN.length) : name;
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/** The fixed head without Last-Modified. */
function undated({ head }: Entry): string {
  return latin1Text(head.bytes).replace(/^Last-Modified: .*\r\n/m, '');
}

function contentOf({ bytes, payloadFrom }: Entry): Uint8Array {
  return bytes.bytes.subarray(payloadFrom);
}

/**
 * One thread for each `FILES_PER_THREAD` or `BYTES_PER_THREAD`: starting a thread takes 0.1 s of CPU, and it should
 * save more than that.
 */
function threadsFor(files: number, bytes: number): number {
  const wanted = 1 + Math.floor(files / FILES_PER_THREAD) + Math.floor(bytes / BYTES_PER_THREAD);
  return Math.min(wanted, MOST_THREADS, availableParallelism());
}

/** Whether a folder lies at this path, a character for each byte. */
function isFolder(path: string): boolean {
  return statSync(Buffer.from(path, 'latin1'), { throwIfNoEntry: false })?.isDirectory() === true;
}
