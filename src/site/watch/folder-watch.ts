/**
 * Keeps one site's folder up to date in the cache.
 *
 *     source ──▶ names ──▶ pending.ts ──▶ loader.refreshAll ──▶ published │ removed
 *     (events)   (links)   (quiet?)
 *
 * - The walk of the loader tells of each folder before it reads it (`WalkListener`), and it is watched from then on.
 *   So nothing is missed between the walk and the watch, nor in a folder that is made while we serve.
 * - A changed name is read when it has been quiet. Until then what was published before is served.
 * - A link that leads elsewhere now is read behind the link, and published in one go.
 * - If the served folder itself is another one, somebody else loads it beside this one (`moved`).
 * - If the served folder is gone, its names stay for a second: a release may be changed by two renames. Then all of
 *   them are taken away, and the folder is looked for until it is there again.
 *
 * Work and rest: after a look that took long there is a rest, so that a flood of changes does not take a whole core.
 */
import type { FileStamp, FoundFile, WalkListener } from '../../cache/folder/folder.js';
import type { FolderLoader } from '../../cache/loading/loader.js';
import type { EventFlood } from './flood.js';
import { HardLinks } from './hard-links.js';
import { PendingNames } from './pending.js';
import { identityOf, wayTo } from './served-path.js';
import type { FolderSource, OpenSource } from './source.js';
import type { WatchStatistics } from './statistics.js';
import { isTemporary } from './temporary.js';
import { WatchedFolders } from './watched-folders.js';

/** The part of a loader that is needed here. */
export interface Refreshable extends Pick<FolderLoader, 'serves' | 'statistics'> {
  refreshAll(...args: Parameters<FolderLoader['refreshAll']>): Promise<unknown>;
}

/** Time, for the waits. A test has its own. */
export interface WatchClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back after a time, unless the function is called that it returns. */
  after(ms: number, action: () => void): () => void;
}

/** What one look did. */
export interface Refreshed {
  readonly published: number;
  readonly removed: number;
  /** Of the names that were looked at. */
  readonly first: string;
}

export interface FolderWatchOptions {
  /** As the user named it. */
  readonly folder: string;
  /** Its real path. */
  readonly root: string;
  readonly dotfiles: boolean;
  readonly open: OpenSource;
  readonly flood: EventFlood;
  readonly statistics: WatchStatistics;
  readonly clock: WatchClock;
  /** How long a name must be quiet before it is read. */
  readonly quietMs: number;
  /** Links and the folder itself are looked at this often: for a source that does not tell. Undefined: it does. */
  readonly lookEveryMs?: number | undefined;
  /** Most names that wait to be quiet. */
  readonly mostPending?: number;
  refreshed(result: Refreshed): void;
  /** The folder's name leads to another folder now. */
  moved(): void;
  /** The folder is gone, and so are all its names. */
  gone(): void;
  /** The folder that was gone is there again, and is read. */
  back(): void;
  failed(error: NodeJS.ErrnoException): void;
}

/** Between two looks for a folder that is not there, ms. If the second look misses it too, it is gone. */
const MISSING_EVERY_MS = 1_000;
/** Between two looks at files that have other names, ms. */
const HARD_LINKS_EVERY_MS = 5_000;
/** The longest rest after a look, and its length in lengths of the look: so looks take a seventh of a core at most. */
const LONGEST_REST_MS = 2_000;
const REST = 6;
const SHORTEST_WAIT_MS = 10;

export class FolderWatch implements WalkListener {
  readonly #options: FolderWatchOptions;
  readonly #source: FolderSource;
  readonly #folders: WatchedFolders;
  readonly #pending: PendingNames;
  readonly #hardLinks = new HardLinks();
  readonly #folder: string;
  /** Paths on the way to the folder. */
  #way: ReadonlySet<string> = new Set();
  #identity: string | undefined;
  #loader: Refreshable | undefined;
  #cancelTimer: (() => void) | undefined;
  #cancelLook: (() => void) | undefined;
  #cancelHardLinks: (() => void) | undefined;
  #isWayChanged = false;
  /** Since when the folder is not there; undefined: it is. */
  #missingSinceMs: number | undefined;
  /** It is not there for so long that its names were taken away. */
  #isGone = false;
  #isRunning = false;
  #isClosed = false;
  /** The last turn of the event loop that brought too many events. */
  #floodTurn = 0;
  #restUntilMs = 0;

  constructor(options: FolderWatchOptions) {
    this.#options = options;
    this.#folder = latin1(options.folder);
    const sink = {
      heard: (path: string) => this.#heard(path),
      failed: (error: NodeJS.ErrnoException) => this.#failed(error),
    };
    this.#source = options.open(options.root, sink);
    this.#folders = new WatchedFolders(this.#source, options.root);
    this.#pending = new PendingNames(options.quietMs, options.mostPending);
    this.#identity = identityOf(this.#folder)?.id;
    this.#watchWay();
  }

  /** The folder is loaded: from now on changes are brought into the cache, those included that came meanwhile. */
  begin(loader: Refreshable): void {
    this.#loader = loader;
    this.#arm(0);
    if (this.#options.lookEveryMs !== undefined) this.#lookLater(this.#options.lookEveryMs);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#cancelLook?.();
    this.#cancelHardLinks?.();
    this.#source.close();
    this.#options.statistics.folders -= this.#folders.size;
    this.#pending.clear();
    this.#hardLinks.clear();
  }

  entering(name: string, path: string): boolean {
    return this.#counted(() => !this.#isClosed && this.#folders.enter(name, path));
  }

  followed(name: string, path: string): boolean {
    return this.#counted(() => !this.#isClosed && this.#folders.follow(name, path));
  }

  /** A source that looks at each file sees its changes by itself. */
  hardLinked(name: string, path: string, stamp: FileStamp): void {
    if (this.#isClosed || this.#options.lookEveryMs !== undefined) return;
    this.#hardLinks.add(name, path, stamp);
    this.#lookAtHardLinks();
  }

  /**
   * Whether a file that a look has found is left as it is, because it is being written: it is read when it is quiet. A
   * file in a folder that was not watched yet shows that by its times alone.
   */
  defers({ name, mtimeMs, ctimeMs }: FoundFile): boolean {
    if (this.#pending.has(name)) return true;
    const nowMs = this.#options.clock.now();
    const ageMs = nowMs - Math.max(mtimeMs, ctimeMs);
    if (ageMs < 0 || ageMs >= this.#options.quietMs) return false; // below zero: a file system with another clock
    this.#pending.add(name, nowMs);
    return true;
  }

  #heard(path: string): void {
    const { statistics, flood, clock } = this.#options;
    if (this.#isClosed) return;
    statistics.seen++;
    const turn = flood.count();
    if (turn !== 0 && turn !== this.#floodTurn) {
      this.#floodTurn = turn;
      statistics.floods++;
      this.#pending.add('', clock.now());
    }
    const isOnWay = this.#way.has(path);
    if (isOnWay) this.#isWayChanged = true;
    const names = this.#folders.namesOf(path).filter((name) => !this.#isNoNews(name));
    for (const name of names) this.#pending.add(name, clock.now());
    if (names.length === 0 && !isOnWay) statistics.dropped++;
    else this.#arm(this.#options.quietMs);
  }

  #isNoNews(name: string): boolean {
    const part = name.slice(name.lastIndexOf('/') + 1);
    if (part[0] === '.' && !this.#options.dotfiles && part !== '.well-known') return true;
    return isTemporary(part) && !this.#folders.isTree(name) && this.#loader?.serves(name) !== true;
  }

  /** A look after so many milliseconds, unless one is due anyway. */
  #arm(ms: number): void {
    if (this.#cancelTimer !== undefined || this.#isRunning || this.#isClosed || this.#loader === undefined) return;
    const restMs = this.#restUntilMs - this.#options.clock.now();
    this.#cancelTimer = this.#options.clock.after(Math.max(ms, restMs), () => {
      this.#cancelTimer = undefined;
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    const { clock, statistics } = this.#options;
    const begunMs = clock.now();
    this.#isRunning = true;
    try {
      if ((this.#isWayChanged || this.#isOther()) && (await this.#checkWay())) return;
      const names = this.#pending.take(begunMs);
      if (names.length > 0) await this.#refresh(names);
    } catch {
      statistics.errors++; // an error of the system: the cache keeps what it has, and the next change is a new try
    } finally {
      this.#isRunning = false;
    }
    const nowMs = clock.now();
    this.#restUntilMs = nowMs + Math.min(REST * (nowMs - begunMs), LONGEST_REST_MS);
    const { nextMs } = this.#pending;
    if (nextMs !== undefined || this.#isWayChanged) this.#arm(Math.max((nextMs ?? nowMs) - nowMs, SHORTEST_WAIT_MS));
  }

  async #refresh(quiet: readonly string[]): Promise<void> {
    const loader = this.#loader as Refreshable; // a look is armed by `begin` at the earliest
    const { statistics } = this.#options;
    const before = { ...loader.statistics };
    const trees = quiet.filter((name) => this.#folders.isTree(name));
    const isLinkNews = trees.some((name) => this.#folders.isLink(name));
    const moved = isLinkNews ? this.#movedLinks() : [];
    const names = new Set([...quiet, ...this.#folders.linksInto(trees)]);
    for (const name of moved) names.delete(name);
    this.#forget([...trees, ...moved]);
    statistics.refreshed += names.size + moved.length;
    statistics.switched += moved.length;
    if (moved.length > 0) await loader.refreshAll(moved, { atOnce: true });
    if (names.size > 0) await loader.refreshAll([...names]);
    const published = loader.statistics.loaded - before.loaded;
    const removed = loader.statistics.removed - before.removed;
    statistics.published += published;
    statistics.removed += removed;
    statistics.unchanged += loader.statistics.unchanged - before.unchanged;
    const [first = ''] = [...moved, ...quiet];
    if (published + removed > 0) this.#options.refreshed({ published, removed, first });
  }

  /** Links that lead to something else now. One that leads nowhere is gone as a file is. */
  #movedLinks(): string[] {
    const pathNow = (path: string) => identityOf(path)?.path;
    const { root } = this.#options;
    return this.#folders.movedLinks(pathNow).filter((name) => pathNow(root + name) !== undefined);
  }

  #forget(names: readonly string[]): void {
    this.#counted(() => this.#folders.forget(names));
  }

  /**
   * Whether the folder is not there, or is another one under the same name. Nobody says so if the folder above it
   * cannot be watched.
   */
  #isOther(): boolean {
    const now = identityOf(this.#folder);
    return now === undefined || (now.path === this.#options.root && now.id !== this.#identity);
  }

  /** Returns whether another folder is served soon, or none is there: then nothing more is done here. */
  async #checkWay(): Promise<boolean> {
    this.#isWayChanged = false;
    const now = identityOf(this.#folder);
    this.#watchWay();
    if (now === undefined) {
      await this.#missing();
      return true;
    }
    this.#missingSinceMs = undefined;
    if (this.#isGone) {
      this.#isGone = false;
      this.#options.back();
    }
    if (now.path !== this.#options.root) {
      this.#lookLater(MISSING_EVERY_MS); // if it cannot be loaded, it is tried again
      this.#options.moved();
      return true;
    }
    if (now.id !== this.#identity) this.#pending.add('', this.#options.clock.now());
    this.#identity = now.id;
    return false;
  }

  /** Takes all names away if the folder was not there at the look before, too. */
  async #missing(): Promise<void> {
    const nowMs = this.#options.clock.now();
    this.#identity = undefined;
    this.#missingSinceMs ??= nowMs;
    this.#pending.clear(); // all is read when the folder is there again
    this.#lookLater(MISSING_EVERY_MS);
    if (this.#isGone || nowMs - this.#missingSinceMs < MISSING_EVERY_MS) return;
    const loader = this.#loader as Refreshable; // as in #refresh
    const { removed } = loader.statistics;
    this.#forget(['']);
    await loader.refreshAll([''], { isGone: true });
    this.#options.statistics.removed += loader.statistics.removed - removed;
    this.#isGone = true;
    this.#options.gone();
  }

  #watchWay(): void {
    const way = wayTo(this.#folder);
    this.#way = new Set(way);
    for (const path of way) this.#source.add(path.slice(0, Math.max(1, path.lastIndexOf('/'))));
  }

  #lookLater(ms: number): void {
    if (this.#cancelLook !== undefined || this.#isClosed) return;
    this.#cancelLook = this.#options.clock.after(ms, () => {
      this.#cancelLook = undefined;
      this.#isWayChanged = true;
      for (const name of this.#movedLinks()) this.#pending.add(name, this.#options.clock.now());
      this.#arm(0);
      if (this.#options.lookEveryMs !== undefined) this.#lookLater(this.#options.lookEveryMs);
    });
  }

  #lookAtHardLinks(): void {
    if (this.#cancelHardLinks !== undefined || this.#hardLinks.size === 0) return;
    const { clock, quietMs } = this.#options;
    this.#cancelHardLinks = clock.after(HARD_LINKS_EVERY_MS, () => {
      this.#cancelHardLinks = undefined;
      const changed = this.#hardLinks.takeChanged();
      for (const name of changed) this.#pending.add(name, clock.now());
      if (changed.length > 0) this.#arm(quietMs);
      this.#lookAtHardLinks();
    });
  }

  /** The number of watched folders is kept up to date. */
  #counted<Result>(action: () => Result): Result {
    const before = this.#folders.size;
    const result = action();
    this.#options.statistics.folders += this.#folders.size - before;
    return result;
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return; // it was removed just now: that is news of its own
    this.#options.statistics.errors++;
    this.#options.failed(error);
  }
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}
