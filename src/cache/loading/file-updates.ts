/**
 * Reads files, and decides what becomes of each: it is published, it is the same as before, it is being written, or it
 * is too large for one object. Used by loader.ts.
 */
import { availableParallelism } from 'node:os';
import { latin1Text } from '../../net/wire/latin1.js';
import { type FoundFile, isClosed } from '../folder/folder.js';
import { warning } from '../folder/warnings.js';
import type { Draft } from '../object/draft.js';
import { type FileEvents, FileLoading, type RefusalReason } from '../reading/file-loading.js';
import { keyOf, namesOf } from '../reading/file-measures.js';
import { stampTag } from '../reading/large-file.js';
import { isSettled } from '../reading/reading.js';
import type { ReadingThreads } from '../reading/reading-pool.js';
import type { Sidecars } from '../variants/sidecars.js';
import type { LoadProgress } from './load-options.js';
import type { LoadedSite } from './loaded-site.js';
import { isForbidden, publishForbidden } from './made-answers.js';

/** A disk gains little from more readers, and each thread costs 10 MB. */
const MOST_THREADS = 4;
const FILES_PER_THREAD = 50_000;
const BYTES_PER_THREAD = 256 * 1024 * 1024;
/** How the files of an update are read. */
export interface ReadOptions {
  /** Names that are served after the update; null: nobody needs to know. */
  readonly served: Set<string> | null;
  readonly sidecars: ReadonlyMap<string, Sidecars>;
  readonly maxObjectBytes: number;
  readonly report: ((progress: LoadProgress) => void) | undefined;
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

/** The files of one site. */
export class FileUpdates {
  readonly #site: LoadedSite;
  readonly #pool: ReadingThreads;
  readonly #threads: number | undefined;
  readonly #publishHead: (file: FoundFile) => boolean;
  /** Files of the update under way that cannot be read. */
  #closed: FoundFile[] = [];

  /**
   * @param threads how many read; undefined: as the work needs
   * @param publishHead publishes the head of a file that comes in pieces; false: there is no room
   */
  constructor(
    site: LoadedSite,
    pool: ReadingThreads,
    threads: number | undefined,
    publishHead: (file: FoundFile) => boolean,
  ) {
    this.#site = site;
    this.#pool = pool;
    this.#threads = threads;
    this.#publishHead = publishHead;
  }

  /** Reads these files, and publishes what has to be. @throws the reason of the signal */
  async read(files: readonly FoundFile[], update: ReadOptions): Promise<void> {
    const { served, sidecars, maxObjectBytes, report, signal, atOnce, isBeside } = update;
    const totalBytes = files.reduce((sum, file) => sum + file.size, 0);
    const progress = { files: 0, totalFiles: files.length, bytes: 0, totalBytes };
    const publish = ({ file, draft, isYoung }: ReadFile) => {
      this.#fileRead(file, draft, isYoung, served);
      this.#site.variants.add(file, sidecars.get(file.name));
    };
    let waiting: ReadFile[] = [];
    const events: FileEvents = {
      read: (file, draft, isYoung) => {
        if (atOnce) waiting.push({ file, draft, isYoung });
        else publish({ file, draft, isYoung });
      },
      refused: (file, reason) => this.#refuse(file, reason, served),
      failed: (file, reason, detail) => {
        if (reason === 'unreadable') this.#closed.push(file);
        else this.#site.warn(warning(reason, file.name, detail));
      },
      progress: (done, bytes) => {
        progress.files = done;
        progress.bytes = Math.max(progress.bytes, bytes);
        report?.(progress);
      },
    };
    const threads = this.#threads ?? threadsFor(files.length, totalBytes);
    const pool = this.#pool;
    const options = { setup: this.#site.disk, maxObjectBytes, threads, pool, isBeside, signal };
    try {
      await new FileLoading(this.#site.library, options, events).run(files);
      for (const each of waiting) publish(each);
      waiting = [];
      this.#publishClosed(served);
    } finally {
      this.#closed = [];
      for (const { draft } of waiting) this.#site.library.discard(draft);
    }
  }

  #fileRead(file: FoundFile, draft: Draft, isYoung: boolean, served: Set<string> | null): void {
    if (isYoung) this.#site.unsettled.add(file.name, file.path, file, Date.now());
    else if (this.#site.unsettled.size > 0) this.#site.unsettled.forget(file.name);
    if (served !== null && this.#wasThere(file, draft, served)) {
      this.#site.statistics.unchanged++;
      this.#site.library.discard(draft);
    } else {
      this.#site.statistics.loaded++;
      this.#site.library.publish(draft);
    }
  }

  /** Whether the file is published as it is, under all its names. */
  #wasThere(file: FoundFile, draft: Draft, served: Set<string>): boolean {
    const names = namesOf(file);
    for (const each of names) served.add(each);
    return names.every((each) => this.#site.inMemory.isSame(each, draft));
  }

  /** A file that is not in memory as a whole. */
  #refuse(file: FoundFile, reason: RefusalReason, served: Set<string> | null): void {
    if (reason === 'changing') {
      if (this.#keepOld(file, served)) return;
      this.#site.warn(warning(reason, file.name));
    } else if (reason === 'too-large' && isClosed(file.path)) {
      this.#closed.push(file);
      return;
    } else if (reason === 'too-large' && this.#publishLarge(file)) {
      for (const name of namesOf(file)) served?.add(name);
      return;
    }
    this.#site.library.setLazy(this.#site.disk.site, true);
  }

  /** A file that cannot be read is 403. It is told once, as long as it stays so. */
  #publishClosed(served: Set<string> | null): void {
    for (const file of this.#closed) {
      if (!isForbidden(this.#site, file)) this.#site.warn(warning('unreadable', file.name));
      publishForbidden(this.#site, file, served);
    }
  }

  /** A file that is being written is served as it was before, and looked at again. False: it was not served. */
  #keepOld(file: FoundFile, served: Set<string> | null): boolean {
    const names = namesOf(file);
    const isServed = (name: string) => this.#site.inMemory.find(name)?.status === 200;
    if (served === null || !names.every(isServed)) return false;
    for (const name of names) served.add(name);
    this.#site.unsettled.add(file.name, file.path, undefined, Date.now());
    return true;
  }

  /** The head of a file that is sent in pieces. Its stamp counts only if it is older than a tick of the clock. */
  #publishLarge(file: FoundFile): boolean {
    if (!isSettled(file, Date.now())) return false;
    const there = this.#site.inMemory.find(keyOf(file));
    const isSame = there !== undefined && there.stream !== 0 && latin1Text(there.etag) === `"${stampTag(file)}"`;
    if (isSame) this.#site.statistics.unchanged++;
    else if (!this.#publishHead(file)) return false;
    else this.#site.statistics.loaded++;
    return true;
  }
}

/**
 * One thread for each `FILES_PER_THREAD` or `BYTES_PER_THREAD`: starting a thread takes 0.1 s of CPU, and it should
 * save more than that.
 */
function threadsFor(files: number, bytes: number): number {
  const wanted = 1 + Math.floor(files / FILES_PER_THREAD) + Math.floor(bytes / BYTES_PER_THREAD);
  return Math.min(wanted, MOST_THREADS, availableParallelism());
}
