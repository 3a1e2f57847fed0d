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
import type { DiskSetup } from '../demand/disk.js';
import { Supply, type SupplySource } from '../demand/supply.js';
import {
  FolderWalk,
  type FoundFile,
  isSameStamp,
  openFolder,
  pathArgument,
  type WalkListener,
} from '../folder/folder.js';
import { type FolderRules, PLAIN_RULES } from '../folder/folder-rules.js';
import { isInParts, outermost } from '../folder/parts.js';
import { planUpdate, type UpdatePlan } from '../folder/update-plan.js';
import { type WarningSink, warning } from '../folder/warnings.js';
import type { Library } from '../library/library.js';
import { LARGEST_OBJECT_BYTES } from '../library/limits.js';
import { LARGEST_READ_WHOLE } from '../object/pieces.js';
import { DEFAULT_SITE } from '../object/record.js';
import { namesOf } from '../reading/file-measures.js';
import type { Made } from '../reading/made.js';
import { ReadingThreads } from '../reading/reading-pool.js';
import { baseOf, type Sidecars } from '../variants/sidecars.js';
import { VariantMaker } from '../variants/variant-maker.js';
import { FileUpdates } from './file-updates.js';
import { inTurns } from './in-turns.js';
import type { LoaderStatistics, LoadOptions, LoadProgress, Refreshed, RefreshOptions } from './load-options.js';
import type { LoadedSite } from './loaded-site.js';
import { isForbidden, publishAnswers, publishPages } from './made-answers.js';
import { withSidecars } from './sidecars-beside.js';
import { SiteInMemory } from './site-in-memory.js';
import { UnsettledFiles, UnsettledWatch } from './unsettled.js';
import { warm } from './warming.js';

/** Names that are looked for at the start: some seconds of work. */
const EAGER_NAMES = 32_768;
/** The bytes of an object without its payload: record, heads, their sums, and its part of the tables of names. */
const BESIDE_BYTES = 1024;
/** What nobody has asked for yet may fill this part of the cache. The rest is for what somebody asks for. */
const WARM_SHARE = 0.75;

interface UpdateOptions extends RefreshOptions {
  /** Files that are being written are published as they are: there is nothing to serve instead. */
  readonly isFirst?: boolean;
  readonly report?: ((progress: LoadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Brings a folder into a `Library`, and keeps single names of it up to date afterwards (`refresh`). It runs on the
 * thread of the library. A file answers under its name, and `index.html` also under its folder's name with a slash; the
 * name without the slash is a redirect.
 *
 * If all files fit, all are read. If not, the small ones are read first, the rest is read when somebody asks for it,
 * and what nobody asks for gives way. Of a file over a limit only the head is kept in memory: its bytes come in pieces.
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
  readonly #supply: Supply;
  #epoch = 0;
  readonly #loaded: LoadedSite;
  readonly #files: FileUpdates;
  readonly #threads: ReadingThreads;
  readonly #watch: UnsettledWatch;
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
    this.site = options.site ?? DEFAULT_SITE;
    this.rules = options.rules ?? PLAIN_RULES;
    this.disk = {
      root: this.#root,
      site: this.site,
      charset: options.charset ?? 'auto',
      compress: options.compress ?? 'off',
      dotfiles: options.dotfiles ?? false,
      symlinks: options.symlinks ?? 'inside',
    };
    this.#threads = new ReadingThreads(this.disk);
    this.#supply = Supply.of(library);
    this.#supply.add(this);
    this.#loaded = this.#createSite();
    this.#files = new FileUpdates(this.#loaded, this.#threads, options.threads, (file) =>
      this.#supply.publishLarge(this, file),
    );
    this.#watch = new UnsettledWatch(this.#loaded.unsettled, (names) => this.refreshAll(names));
  }

  /** What the parts of this loader share. */
  #createSite(): LoadedSite {
    const { disk, rules, statistics } = this;
    const library = this.#library;
    const { site, root, compress } = disk;
    const variants = new VariantMaker(library, {
      root,
      site,
      mode: compress,
      warn: (given) => this.#warn(given),
      again: (name) => void this.refresh(name).catch(() => {}),
      progress: this.#options.compressing,
    });
    const inMemory = new SiteInMemory(library, site, rules);
    const unsettled = new UnsettledFiles();
    const walkAlone = () => this.#walkAlone();
    return { library, disk, rules, inMemory, variants, unsettled, statistics, warn: this.#warn, walkAlone };
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
   * Reads on in the background what the first look has left out. Fulfilled at once if that was nothing.
   */
  async warm(): Promise<void> {
    if (!this.#wasCut) return;
    const { dotfiles, symlinks } = this.disk;
    const { listener } = this.#options;
    await warm({
      rules: this.rules,
      walk: (maxNames) => new FolderWalk(this.#root, { dotfiles, symlinks, maxNames, listener }),
      walkAlone: () => this.#walkAlone(),
      isPublished: (file) => this.#loaded.inMemory.isPublished(file),
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
  async refreshAll(names: readonly string[], options: RefreshOptions = {}): Promise<Refreshed> {
    const all = new Set<string>();
    for (const name of names) {
      const trimmed = name.endsWith('/') ? name.slice(0, -1) : name;
      if (trimmed !== '' && trimmed[0] !== '/') throw new RangeError('a name in the folder begins with a slash');
      all.add(trimmed);
      const base = this.disk.compress === 'off' ? undefined : baseOf(trimmed);
      if (base !== undefined) all.add(base); // the file of this sidecar
    }
    const refreshed = await this.#enqueue(async () => {
      const { loaded, unchanged, removed } = this.statistics;
      await this.#update(outermost(all), options);
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
    return this.#loaded.inMemory.has(name);
  }

  /** Fulfilled when all variants that are to be made have been made. `load` does not wait for that. */
  variantsMade(): Promise<void> {
    return this.#loaded.variants.settled();
  }

  /**
   * Reads files again that were changed shortly before they were read, and have changed since. It happens by itself
   * every second while there are such files.
   */
  async lookAgain(nowMs: number = Date.now()): Promise<void> {
    await this.#watch.look(nowMs);
  }

  /** It changes with each update, so that nothing is published that was looked up before. @internal */
  get epoch(): number {
    return this.#epoch;
  }

  /** A file was read because somebody asked for it. @internal */
  supplied(file: FoundFile, isYoung: boolean, sidecars: Sidecars): void {
    this.#tellListener(file);
    if (isYoung) {
      this.#loaded.unsettled.add(file.name, file.path, file, Date.now());
      this.#watch.update();
    }
    const { variants } = this.#loaded;
    variants.addAsked(file, sidecars);
    if (sidecars.length === 0) variants.make();
    else void this.#enqueue(() => variants.readSidecars()).then(() => variants.make());
  }

  /** A file was asked for that cannot be read: when it can be, that is news of its folder. @internal */
  refused(file: FoundFile): void {
    this.#tellListener(file);
    if (!isForbidden(this.#loaded, file)) this.#warn(warning('unreadable', file.name));
  }

  /** Its variants may push others out. @internal */
  provenHot(name: string): void {
    const { variants } = this.#loaded;
    variants.addHot(name);
    variants.make();
  }

  /** A list of a folder was made because somebody asked for it. @internal */
  suppliedPage({ name, payload, answer }: Made): void {
    this.#loaded.variants.addPage(name, payload.length, answer.contentType);
    this.#loaded.variants.make();
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
    return this.#library.isLazy(this.site);
  }

  /** Ends looks at young files, variants in the making, reading on demand and ahead. All that is loaded stays. */
  close(): void {
    this.#isClosed = true;
    this.#watch.stop();
    this.#loaded.variants.close();
    void this.#threads.close();
    this.#supply.remove(this);
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
    const { report, signal, atOnce = false, isFirst = false, isGone = false } = update;
    // Whether it is gone for good is decided by who watches it (site/watch/folder-watch.ts).
    if (!isFirst && !isGone && !isFolder(this.#root)) {
      this.#warn(warning('folder-gone', '/'));
      return;
    }
    const { dotfiles, symlinks } = this.disk;
    const { maxNames = EAGER_NAMES, listener } = this.#options;
    const warn: WarningSink = isGone ? () => {} : this.#warn; // that the folder is gone is no news then
    this.#epoch++;
    const before = this.#loaded.inMemory.namesBefore(names);
    const walk = new FolderWalk(this.#root, { dotfiles, symlinks, maxNames, warn, listener });
    await inTurns(names, (name) => walk.from(name));
    // At the first load no name can be gone, so 100,000 names need not be remembered.
    const served = before.length === 0 ? null : new Set<string>();
    const { files: planned, made } = this.#planOf(names, walk, before);
    const found =
      isFirst || listener === undefined ? planned : planned.filter((file) => !this.#defer(file, listener, served));
    if (walk.isCut) this.#library.setLazy(this.site, true);
    if (isFirst) this.#wasCut = walk.isCut;
    const { sidecars, files } = await withSidecars(this.#loaded, new Set(names), found);
    const allFit = this.#allFit(files);
    const sorted = allFit ? files : [...files].sort((a, b) => a.size - b.size || (a.name < b.name ? -1 : 1));
    const { maxObjectBytes = allFit ? LARGEST_OBJECT_BYTES : LARGEST_READ_WHOLE } = this.#options;
    if (!atOnce) publishAnswers(this.#loaded, made, served);
    const toRead = this.#toRead(names, sorted, served);
    await this.#files.read(toRead, { served, sidecars, maxObjectBytes, report, signal, atOnce, isBeside: !isFirst });
    if (atOnce) publishAnswers(this.#loaded, made, served);
    publishPages(this.#loaded, made, planned, served);
    if (atOnce && served !== null) this.#removeOthers(before, served);
    await this.#loaded.variants.readSidecars();
    if (!atOnce && served !== null) this.#removeOthers(before, served);
    this.#epoch++;
    this.#library.flush();
    this.#loaded.variants.make();
    this.#watch.update();
  }

  /** The files of a part that the first look has left out. False: there is no room for them. */
  async #readOn({ files, made }: UpdatePlan): Promise<boolean> {
    if (this.#isClosed || !this.#allFit(files, WARM_SHARE)) return false;
    const { sidecars, files: coded } = await withSidecars(this.#loaded, new Set(), files);
    const { maxObjectBytes = LARGEST_READ_WHOLE } = this.#options;
    const news = made.filter(([name]) => !this.#loaded.inMemory.has(name));
    publishAnswers(this.#loaded, news, null);
    await this.#files.read(coded, {
      served: null,
      sidecars,
      maxObjectBytes,
      report: undefined,
      signal: undefined,
      atOnce: false,
      isBeside: true,
    });
    await this.#loaded.variants.readSidecars();
    this.#library.flush();
    this.#loaded.variants.make();
    this.#watch.update();
    return true;
  }

  /**
   * What an update has to read and to make. In a lazy site that is what is in memory: a file that nobody has asked for
   * is read when somebody does, as it is then.
   */
  #planOf(parts: readonly string[], walk: FolderWalk, before: readonly string[]): UpdatePlan {
    const { rules } = this;
    const { isLazy } = this;
    const isWanted = (name: string) => !isLazy || rules.fixedNames.includes(name) || this.#loaded.inMemory.has(name);
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
      if (isInParts(file.name, all) || !this.#loaded.inMemory.isPublished(file)) return true;
      for (const name of namesOf(file)) served?.add(name);
      return false;
    });
  }

  /** Whether a file is being written. What was served under its names before stays. */
  #defer(file: FoundFile, listener: WalkListener, served: Set<string> | null): boolean {
    if (!listener.defers(file)) return false;
    for (const name of namesOf(file)) if (this.#loaded.inMemory.has(name)) served?.add(name);
    return true;
  }

  /** Whether there is room for all of these besides what is there, at a generous estimate. */
  #allFit(files: readonly FoundFile[], share = 1): boolean {
    const { usedBytes, indexBytes, limitBytes } = this.#library.statistics;
    const wanted = files.reduce((sum, { name, size }) => sum + size * (1 + 1 / 16) + BESIDE_BYTES + 2 * name.length, 0);
    return usedBytes + indexBytes + wanted < share * limitBytes;
  }

  /** Removes every name that was served before and is no more. */
  #removeOthers(before: readonly string[], served: ReadonlySet<string>): void {
    for (const candidate of before) {
      if (served.has(candidate)) continue;
      this.#loaded.unsettled.forget(candidate);
      if (this.#library.remove(Buffer.from(candidate, 'latin1'), this.site)) this.statistics.removed++;
    }
  }

  readonly #warn: WarningSink = (given) => {
    const { warnings } = this.statistics;
    warnings[given.reason] = (warnings[given.reason] ?? 0) + 1;
    this.#options.warn?.(given);
  };
}

/** Whether a folder lies at this path, a character for each byte. */
function isFolder(path: string): boolean {
  return statSync(Buffer.from(path, 'latin1'), { throwIfNoEntry: false })?.isDirectory() === true;
}
