/**
 * Reads a list of files into the library. It reserves a place for each file, in the order of the list, lets readers
 * read the files in batches, and reports the result of each file. A file that does not fit is refused. Used by
 * file-updates.ts.
 *
 *     files ──admit──▶ drafts ──batch──▶ reader 1, 2 … ──outcomes──▶ publish │ try again │ warn
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FoundFile } from '../folder/folder.js';
import type { WarningReason } from '../folder/warnings.js';
import type { Library } from '../library/library.js';
import { LARGEST_OBJECT_BYTES } from '../library/limits.js';
import type { Draft } from '../object/draft.js';
import { measuresOf } from './file-measures.js';
import { type ReadingJob, type ReadingOutcome, type ReadingSetup, TICK_MS } from './reading.js';
import { NearReader, type ReadingTask, type ReadingThreads, ThreadReader } from './reading-pool.js';

/** Why a file is not read whole. */
export type RefusalReason =
  /** The cache is full. */
  | 'no-room'
  /** It is larger than an object may be: it comes in pieces. */
  | 'too-large'
  /** It was being written each time it was read. */
  | 'changing';

/** What becomes of a file. */
export interface FileEvents {
  /** It has been read. `isYoung`: the file changed shortly before, so it may be incomplete; see reading.ts. */
  read(file: FoundFile, draft: Draft, isYoung: boolean): void;
  refused(file: FoundFile, reason: RefusalReason): void;
  failed(file: FoundFile, reason: WarningReason, detail: string): void;
  /** How many files and bytes are done. Bytes of files under way are counted too. */
  progress(files: number, bytes: number): void;
}

export interface FileLoadingOptions {
  readonly setup: ReadingSetup;
  readonly maxObjectBytes: number;
  /** How many threads read, and from where they come. */
  readonly threads: number;
  readonly pool: ReadingThreads;
  /** Nobody waits for it: it leaves the processor to the data path. */
  readonly isBeside: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** A file that is to be read, as it was when it was looked at last. */
interface Pending {
  readonly file: FoundFile;
  /** Its size when the folder was walked: what it counts for in the progress. */
  readonly walkedBytes: number;
  readonly attempt: number;
}

interface Task extends ReadingTask {
  readonly pending: Pending;
}

const ATTEMPTS = 4;
/** A batch is large, so that a message costs little for each file, but small enough to share the files evenly. */
const BATCH_FILES = 256;
const BATCH_BYTES = 4 * 1024 * 1024;
/** With less work than this a thread costs more than it saves: it takes 0.1 s of CPU to start. */
const NEAR_FILES = 512;
const NEAR_BYTES = 4 * 1024 * 1024;
/** The same where a thread waits for work. */
const NEAR_FILES_BESIDE = 8;

export class FileLoading {
  readonly #library: Library;
  readonly #options: FileLoadingOptions;
  readonly #events: FileEvents;
  #queue: Pending[] = [];
  #next = 0;
  #again: Pending[] = [];
  #finishedFiles = 0;
  #finishedBytes = 0;

  constructor(library: Library, options: FileLoadingOptions, events: FileEvents) {
    this.#library = library;
    this.#options = options;
    this.#events = events;
  }

  /** Reads all of them. @throws the signal's reason; nothing is under way any more then. */
  async run(files: readonly FoundFile[]): Promise<void> {
    this.#queue = files.map((file) => ({ file, walkedBytes: file.size, attempt: 1 }));
    const seats = this.#makeSeats(files);
    try {
      while (this.#queue.length > 0) {
        await Promise.all(seats.map((seat) => this.#readOn(seat, seats)));
        this.#queue = this.#again;
        this.#next = 0;
        this.#again = [];
        if (this.#queue.length > 0) await sleep(TICK_MS);
      }
      for (const { reader } of seats) if (reader instanceof ThreadReader) this.#options.pool.giveBack(reader);
    } catch (error) {
      await Promise.all(seats.map(({ reader }) => reader.close()));
      throw error;
    } finally {
      for (const { tasks } of seats) for (const { draft } of tasks) this.#library.discard(draft);
    }
  }

  #makeSeats(files: readonly FoundFile[]): Seat[] {
    const { setup, threads, pool, isBeside } = this.#options;
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    const nearFiles = isBeside && pool.hasIdle ? NEAR_FILES_BESIDE : NEAR_FILES;
    const isNear = files.length <= nearFiles && bytes <= NEAR_BYTES;
    const seats: Seat[] = [];
    for (let i = 0; i < (isNear ? 1 : Math.min(threads, files.length)); i++) {
      const onRead = (more: number) => {
        seat.bytes += more;
        this.#report(seats);
      };
      const seat = new Seat(isNear ? new NearReader(setup, onRead) : pool.take(isBeside, onRead));
      seats.push(seat);
    }
    return seats;
  }

  /** Gives a reader one batch after another, until no batch is left. */
  async #readOn(seat: Seat, seats: readonly Seat[]): Promise<void> {
    const { signal } = this.#options;
    const giveUp = () => void seat.reader.close();
    signal?.addEventListener('abort', giveUp);
    try {
      for (;;) {
        signal?.throwIfAborted();
        seat.tasks = this.#nextBatch();
        if (seat.tasks.length === 0) return;
        const outcomes = await seat.reader.read(seat.tasks);
        this.#take(seat, outcomes);
        this.#library.flush();
        this.#report(seats);
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  #report(seats: readonly Seat[]): void {
    const underWay = seats.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#events.progress(this.#finishedFiles, this.#finishedBytes + underWay);
  }

  /** The next files for which there is room, with their places. Those for which there is none are refused. */
  #nextBatch(): Task[] {
    const tasks: Task[] = [];
    let bytes = 0;
    while (this.#next < this.#queue.length && tasks.length < BATCH_FILES && bytes < BATCH_BYTES) {
      const pending = this.#queue[this.#next++] as Pending; // the index was compared
      const task = this.#admit(pending);
      if (task === undefined) continue;
      tasks.push(task);
      bytes += pending.file.size;
    }
    return tasks;
  }

  #admit(pending: Pending): Task | undefined {
    const { file } = pending;
    const { setup, maxObjectBytes } = this.#options;
    if (file.size > Math.min(maxObjectBytes, LARGEST_OBJECT_BYTES)) return this.#refuse(pending, 'too-large');
    const measures = measuresOf(file, setup);
    const draft = this.#library.reserve(measures, 'file', setup.site);
    if (draft === undefined) return this.#refuse(pending, 'no-room');
    return { pending, draft, job: jobOf(file, draft) };
  }

  #refuse(pending: Pending, reason: RefusalReason): undefined {
    const { file } = pending;
    this.#finish(pending);
    this.#events.refused(file, reason);
  }

  #take(seat: Seat, outcomes: readonly ReadingOutcome[]): void {
    const tasks = seat.tasks;
    seat.tasks = [];
    seat.bytes = 0;
    for (const [i, { pending, draft }] of tasks.entries()) {
      const outcome = outcomes[i];
      if (outcome?.kind === 'done' || outcome?.kind === 'young') {
        draft.sealedElsewhere();
        this.#finish(pending);
        this.#events.read(pending.file, draft, outcome.kind === 'young');
      } else {
        this.#library.discard(draft);
        if (outcome !== undefined) this.#notRead(pending, outcome);
      }
    }
  }

  #notRead(pending: Pending, outcome: ReadingOutcome): void {
    const { file, walkedBytes, attempt } = pending;
    if (outcome.kind === 'changed' && attempt < ATTEMPTS) {
      this.#again.push({ walkedBytes, file: { ...file, ...outcome.stamp }, attempt: attempt + 1 });
      return;
    }
    this.#finish(pending);
    if (outcome.kind === 'changed') this.#events.refused(file, 'changing');
    else if (outcome.kind === 'failed') this.#events.failed(file, outcome.reason, outcome.detail);
  }

  #finish({ walkedBytes }: Pending): void {
    this.#finishedFiles++;
    this.#finishedBytes += walkedBytes;
  }
}

/** The fields are written out, because with a spread V8 gives the object one shape after another. */
export function jobOf(file: FoundFile, { block }: Draft): ReadingJob {
  const { name, path, size, mtimeMs, ctimeMs, ino, codings, plan } = file;
  const { slab, from, length } = block;
  return {
    name,
    path,
    size,
    mtimeMs,
    ctimeMs,
    ino,
    codings: codings ?? 0,
    slab: slab.id,
    blockFrom: from,
    blockLength: length,
    plan,
  };
}

/** A reader, what it is reading, and how many bytes of that it has reported. */
class Seat {
  tasks: readonly Task[] = [];
  bytes = 0;

  constructor(readonly reader: NearReader | ThreadReader) {}
}

const INDEX = '/index.html';

/** The names a file is found under: its own, and for an index its folder's with the slash. */
export function namesOf(name: string): string[] {
  return name.endsWith(INDEX) ? [name, name.slice(0, name.length - INDEX.length + 1)] : [name];
}
