/**
 * Brings a folder into the cache, and keeps single names of it up to date afterwards. Main thread; called by the CLI.
 *
 *     folder.ts finds names ──▶ reader.ts reads each file into its place ──▶ library.ts publishes it to the workers
 *
 * What becomes of what:
 * - a file: 200 under its name; `index.html` also under its folder's name with a slash;
 * - a folder: 301 from its name without the slash to the one with it;
 * - a file over a limit: 503 that names the limit, under the same names as it would have had.
 *
 * Small files are read first: a cache that is too small then holds as many files as it can. Several are read at the same
 * time, but places are given in order, so which files are held does not depend on the disk. When memory becomes free later, refused files are tried again.
 */
import { lookup } from 'mrmime';
import { DEFAULT_MAX_NAMES, FolderWalk, type Found, openFolder } from './folder.js';
import {
  type Answer,
  encodePath,
  type LimitReason,
  limitText,
  noticeAnswer,
  redirectAnswer,
  sizeText,
} from './heads.js';
import { LARGEST_OBJECT_BYTES, type Library } from './library.js';
import { Coding, DEFAULT_SITE } from './published.js';
import { type ReadRequest, type ReadResult, readObject } from './reader.js';
import { Turns } from './turns.js';
import { type WarningReason, type WarningSink, warning } from './warnings.js';

/** How far loading has come: for a progress bar. */
export interface LoadProgress {
  files: number;
  readonly totalFiles: number;
  bytes: number;
  readonly totalBytes: number;
}

/** Which folder, and what is left out or limited. */
export interface LoadOptions {
  /** Serve names that begin with '.' as well; `.well-known` always is. */
  readonly dotfiles?: boolean;
  /** Largest file taken into memory (`--max-object`). */
  readonly maxObjectBytes?: number;
  /** Most files and folders. */
  readonly maxNames?: number;
  /** Files read at the same time. */
  readonly concurrency?: number;
  /** Which virtual host. */
  readonly site?: number;
  /** Told of each thing left out, and of each file over a limit. */
  readonly warn?: WarningSink;
}

export interface LoaderStatistics {
  /** Files read and published, since the start. */
  loaded: number;
  /** Files read again and found to be the same. */
  unchanged: number;
  removed: number;
  /** How often each warning was given. */
  warnings: Partial<Record<WarningReason, number>>;
}

/** Enough to keep a disk busy: Node's pool has four threads. */
const DEFAULT_CONCURRENCY = 8;
const INDEX = 'index.html';
/** Heads and names of an object are no longer than this together; its sums are a sixteenth of its bytes. */
const MOST_BESIDE_BYTES = 16384;

/** Brings a folder into a `Library`. See the top of this file. */
export class FolderLoader {
  readonly statistics: LoaderStatistics = { loaded: 0, unchanged: 0, removed: 0, warnings: {} };
  readonly #library: Library;
  readonly #root: Buffer;
  readonly #options: LoadOptions;
  readonly #site: number;
  readonly #maxObjectBytes: number;
  /** Names of files that did not fit, and their sizes. */
  readonly #refused = new Map<string, number>();
  #retryQueued = false;
  /** Updates run one after another, so that an older state of a file never replaces a newer one. */
  #queue: Promise<unknown> = Promise.resolve();

  /** Throws FolderError if the folder does not exist or cannot be read. */
  constructor(folder: string, library: Library, options: LoadOptions = {}) {
    this.#root = openFolder(folder);
    this.#library = library;
    this.#options = options;
    this.#site = options.site ?? DEFAULT_SITE;
    this.#maxObjectBytes = Math.min(options.maxObjectBytes ?? LARGEST_OBJECT_BYTES, LARGEST_OBJECT_BYTES);
    library.onFreed(() => this.#memoryFreed());
  }

  /** The folder's real path. */
  get root(): string {
    return this.#root.toString('utf8');
  }

  /** Loads the whole folder. `progress` is called after each piece read; a signal stops it between two files. */
  load(progress?: (progress: LoadProgress) => void, signal?: AbortSignal): Promise<void> {
    return this.#enqueue(() => this.#update(Buffer.alloc(0), progress, signal));
  }

  /**
   * Brings the cache up to date with what is now under `name` ('/docs/a.html', or '/docs' for a folder with all in
   * it): new and changed files are published as a new generation, what is gone is removed.
   */
  refresh(name: string | Uint8Array): Promise<void> {
    const bytes = typeof name === 'string' ? Buffer.from(name, 'utf8') : Buffer.from(name);
    const end = bytes.at(-1) === 0x2f ? bytes.length - 1 : bytes.length;
    if (end > 0 && bytes[0] !== 0x2f) throw new RangeError('a name in the folder begins with a slash');
    return this.#enqueue(() => this.#update(bytes.subarray(0, end)));
  }

  #enqueue(task: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(task);
    this.#queue = done.catch(() => {});
    return done;
  }

  async #update(name: Buffer, report?: (progress: LoadProgress) => void, signal?: AbortSignal): Promise<void> {
    const { dotfiles = false, maxNames = DEFAULT_MAX_NAMES } = this.#options;
    const walk = new FolderWalk(this.#root, { dotfiles, maxNames, warn: this.#warn });
    const { files, folders } = await walk.from(name);
    files.sort((a, b) => a.size - b.size || Buffer.compare(a.name, b.name));
    const served = new Set<string>();
    for (const folder of folders) await this.#publishRedirect(folder, served);
    const progress = {
      files: 0,
      totalFiles: files.length,
      bytes: 0,
      totalBytes: files.reduce((sum, file) => sum + file.size, 0),
    };
    const turns = new Turns();
    await this.#forEach(files, signal, async (file) => {
      let counted = 0;
      const onRead = (bytes: number) => {
        counted += bytes;
        progress.bytes += bytes;
        report?.(progress);
      };
      await turns.run((turn) => this.#loadFile(file, served, { turn, onRead }));
      progress.files++;
      progress.bytes += file.size - counted; // what was read twice, or not at all
      report?.(progress);
    });
    this.#removeOthers(name, served);
    this.#library.flush();
  }

  /** Runs `task` for every file, several at a time. The first error ends it, once those under way have finished. */
  async #forEach(files: readonly Found[], signal: AbortSignal | undefined, task: (file: Found) => Promise<void>) {
    let next = 0;
    const run = async () => {
      while (next < files.length) {
        signal?.throwIfAborted();
        await task(files[next++]!);
      }
    };
    const runs = Array.from({ length: this.#options.concurrency ?? DEFAULT_CONCURRENCY }, run);
    const results = await Promise.allSettled(runs);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #loadFile(file: Found, served: Set<string>, reading: Pick<ReadRequest, 'turn' | 'onRead'>): Promise<void> {
    const key = { names: namesOf(file.name), site: this.#site, coding: Coding.identity };
    const result = await readObject(this.#library, {
      root: this.#root,
      path: file.path,
      key,
      contentType: contentTypeOf(file.name),
      maxObjectBytes: this.#maxObjectBytes,
      ...reading,
    });
    this.#refused.delete(file.name.toString('latin1'));
    if (result.kind === 'gone') return;
    if (result.kind === 'failed') {
      this.#warn(warning(result.reason, file.name, result.detail));
      return;
    }
    for (const name of key.names) served.add(name.toString('latin1'));
    if (result.kind === 'sealed') this.#publishFile(result, key.names);
    else await this.#publishNotice(file, key.names, result.reason, result.size);
  }

  #publishFile({ draft, answer }: ReadResult & { kind: 'sealed' }, names: readonly Buffer[]): void {
    if (names.every((name) => this.#isSame(name, answer))) {
      this.statistics.unchanged++;
      this.#library.discard(draft);
      return;
    }
    this.statistics.loaded++;
    this.#library.publish(draft);
  }

  #isSame(name: Buffer, answer: Answer): boolean {
    const { etagFrom, etagLength, head } = answer;
    const etag = Buffer.from(head.subarray(etagFrom, etagFrom + etagLength)).toString('latin1');
    const there = this.#library.get(name, this.#site);
    return there?.contentType === answer.contentType && this.#library.etagOf(name, this.#site) === etag;
  }

  async #publishNotice(file: Found, names: readonly Buffer[], reason: LimitReason, size: number): Promise<void> {
    const limit = reason === 'max-object' ? this.#maxObjectBytes : this.#library.limitBytes;
    this.#warn(warning(reason, file.name, `${sizeText(size)}; ${limitText(reason, limit)}`));
    if (reason === 'cache-size') this.#refused.set(file.name.toString('latin1'), size);
    await this.#publishShort(names, noticeAnswer(reason, limit), 'notice');
  }

  async #publishRedirect(folder: Found, served: Set<string>): Promise<void> {
    if (folder.name.length === 0) return;
    served.add(folder.name.toString('latin1'));
    if (this.#library.get(folder.name, this.#site)?.status === 301) return;
    await this.#publishShort([folder.name], redirectAnswer(`${encodePath(folder.name)}/`), 'redirect');
  }

  async #publishShort(
    names: readonly Buffer[],
    { answer, payload }: { answer: Answer; payload: Uint8Array },
    kind: 'redirect' | 'notice',
  ): Promise<void> {
    const draft = this.#library.reserve({ names, site: this.#site }, answer, payload.length, kind);
    if (draft === undefined) throw new Error('a short answer is always admitted');
    draft.payload.set(payload);
    await draft.seal(answer);
    this.#library.publish(draft);
  }

  /** Removes every name under `name` that is not served any more. */
  #removeOthers(name: Buffer, served: ReadonlySet<string>): void {
    const candidates = [...this.#library.namesUnder(name, this.#site), ...namesOf(name)];
    for (const candidate of candidates) {
      const text = Buffer.from(candidate).toString('latin1');
      if (served.has(text)) continue;
      this.#refused.delete(text);
      if (this.#library.remove(candidate, this.#site)) this.statistics.removed++;
    }
  }

  #memoryFreed(): void {
    if (this.#retryQueued || this.#refused.size === 0) return;
    this.#retryQueued = true;
    void this.#enqueue(() => this.#retryRefused());
  }

  /** Tries again the refused files that may fit now, the smallest first. */
  async #retryRefused(): Promise<void> {
    this.#retryQueued = false;
    const refused = [...this.#refused].sort((a, b) => a[1] - b[1]);
    for (const [name, size] of refused) {
      const { usedBytes, limitBytes } = this.#library.statistics;
      if (usedBytes + size + size / 16 + MOST_BESIDE_BYTES > limitBytes) return;
      await this.#update(Buffer.from(name, 'latin1'));
    }
  }

  readonly #warn: WarningSink = (given) => {
    const { warnings } = this.statistics;
    warnings[given.reason] = (warnings[given.reason] ?? 0) + 1;
    this.#options.warn?.(given);
  };
}

/** The names a file is found under: its own, and for an index its folder's with the slash. */
function namesOf(name: Buffer): Buffer[] {
  const folder = name.length - INDEX.length;
  if (name[folder - 1] !== 0x2f || name.toString('latin1', folder) !== INDEX) return [name];
  return [name, name.subarray(0, folder)];
}

/** Content-Type by the name's extension; text is said to be UTF-8, which it nearly always is. */
function contentTypeOf(name: Buffer): string {
  const base = name.toString('latin1', name.lastIndexOf(0x2f) + 1);
  const type = base.includes('.') ? lookup(base) : undefined;
  if (type === undefined) return 'application/octet-stream';
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type;
}
