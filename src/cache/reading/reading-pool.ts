/**
 * Reads files in threads beside the main one, several at the same time. Used by file-loading.ts. What is
 * read, and how, is in reading.ts.
 *
 * The main thread takes the places in memory, and a thread fills them. So which files are held does not depend on
 * which disk or thread is quicker.
 *
 * The threads of the first load end with it. Those that read later, beside serving, have a lower priority than the data
 * path, and wait for more work for a while: a thread takes 0.1 to 0.3 s of CPU until it reads as fast as it can.
 */
import { Worker } from 'node:worker_threads';
import { ownFile } from '../../own-files.js';
import type { Draft } from '../object/draft.js';
import { FileReading, type ReadingJob, type ReadingOutcome, type ReadingSetup } from './reading.js';
import { batchOf, type SharedSlab } from './reading-batch.js';
import type { ReadingReport, ReadingStart } from './reading-worker.js';

/** A file to be read, with the memory taken for it. */
export interface ReadingTask {
  readonly job: ReadingJob;
  readonly draft: Draft;
}

/** Reads batches. One at a time: a second `read` waits for the first. */
export interface FileReader {
  /** Outcomes in the order of the tasks. */
  read(tasks: readonly ReadingTask[]): Promise<readonly ReadingOutcome[]>;
  /** Ends at once, in the middle of a file too. No memory is written after the promise is fulfilled. */
  close(): Promise<unknown>;
}

/** Reads in this thread, with turns of the event loop between: for a few small files, which need no thread. */
export class NearReader implements FileReader {
  readonly #reading: FileReading;

  constructor(setup: ReadingSetup, onRead: (bytes: number) => void) {
    this.#reading = new FileReading(setup, onRead);
  }

  async read(tasks: readonly ReadingTask[]): Promise<readonly ReadingOutcome[]> {
    const outcomes: ReadingOutcome[] = [];
    for (const { job, draft } of tasks) {
      await new Promise((resolve) => setImmediate(resolve));
      const { slab } = draft.block;
      this.#reading.addSlab(slab.id, slab.buffer);
      outcomes.push(this.#reading.read(job));
    }
    this.#reading.leave();
    return outcomes;
  }

  async close(): Promise<void> {}
}

const DONE: ReadingOutcome = { kind: 'done' };

/** How long a thread waits for more work, ms. It takes 10 MB. */
const IDLE_MS = 10_000;

/** The reading threads of one folder. */
export class ReadingThreads {
  readonly #setup: ReadingSetup;
  #idle: ThreadReader[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(setup: ReadingSetup) {
    this.#setup = setup;
  }

  /** Whether a thread waits for work: then a few files cost less there than in the main thread. */
  get hasIdle(): boolean {
    return this.#idle.length > 0;
  }

  /** A thread; `isBeside`: one that works beside serving. `onRead` is told of more bytes of a large file. */
  take(isBeside: boolean, onRead: (bytes: number) => void): ThreadReader {
    const reader = (isBeside ? this.#idle.pop() : undefined) ?? new ThreadReader({ setup: this.#setup, isBeside });
    reader.onRead = onRead;
    reader.holdProcess(true);
    return reader;
  }

  /** A thread has nothing to do any more. */
  giveBack(reader: ThreadReader): void {
    if (!reader.isBeside || reader.isDead) {
      void reader.close();
      return;
    }
    reader.onRead = () => {};
    reader.holdProcess(false);
    this.#idle.push(reader);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.close(), IDLE_MS).unref();
  }

  /** Ends the threads that wait for work. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const idle = this.#idle;
    this.#idle = [];
    await Promise.all(idle.map((reader) => reader.close()));
  }
}

/** A reading thread. */
export class ThreadReader implements FileReader {
  readonly isBeside: boolean;
  isDead = false;
  onRead: (bytes: number) => void = () => {};
  readonly #worker: Worker;
  /** By number of the slab: what the thread knows. */
  readonly #known = new Map<number, SharedArrayBuffer>();
  #resolve: (report: ReadingReport & { kind: 'batch' }) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(start: ReadingStart) {
    this.isBeside = start.isBeside;
    this.#worker = new Worker(ownFile('./cache/reading/reading-worker.js'), {
      name: 'fastpath-reading',
      workerData: start,
    });
    this.#worker.on('message', (report: ReadingReport) => {
      if (report.kind === 'read') this.onRead(report.bytes);
      else this.#resolve(report);
    });
    this.#worker.on('error', (error) => this.#died(error));
    this.#worker.on('exit', () => this.#died(new Error('a reading thread ended')));
  }

  /** Whether the process lives at least as long as this thread. */
  holdProcess(holds: boolean): void {
    if (holds) this.#worker.ref();
    else this.#worker.unref();
  }

  async read(tasks: readonly ReadingTask[]): Promise<readonly ReadingOutcome[]> {
    const batch = batchOf(
      tasks.map(({ job }) => job),
      this.#newSlabs(tasks),
    );
    const { exceptions } = await new Promise<ReadingReport & { kind: 'batch' }>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#worker.postMessage(batch);
    });
    const outcomes = tasks.map(() => DONE);
    for (const [i, outcome] of exceptions) outcomes[i] = outcome;
    return outcomes;
  }

  close(): Promise<unknown> {
    return this.#worker.terminate();
  }

  /** Slabs that this thread has not been told of. */
  #newSlabs(tasks: readonly ReadingTask[]): SharedSlab[] {
    const slabs: SharedSlab[] = [];
    for (const { draft } of tasks) {
      const { id, buffer } = draft.block.slab;
      if (this.#known.get(id) === buffer) continue;
      this.#known.set(id, buffer);
      slabs.push({ id, buffer });
    }
    return slabs;
  }

  #died(error: unknown): void {
    this.isDead = true;
    this.#reject(error);
  }
}
