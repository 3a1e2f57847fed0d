/**
 * Reads files in threads beside the main one, several at the same time. Used by loader.ts; what is read, and how, is in
 * reading.ts.
 *
 * The main thread takes the places in memory, and a thread fills them. So which files are held does not depend on
 * which disk or thread is quicker.
 */
import { Worker } from 'node:worker_threads';
import { ownFile } from '../../own-files.js';
import type { Draft } from '../object/draft.js';
import { FileReading, type ReadingJob, type ReadingOutcome, type ReadingSetup } from './reading.js';
import { batchOf, type SharedSlab } from './reading-batch.js';
import type { ReadingReport } from './reading-worker.js';

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

/** A reading thread. */
export class ThreadReader implements FileReader {
  readonly #worker: Worker;
  readonly #known = new Set<SharedArrayBuffer>();
  #resolve: (report: ReadingReport & { kind: 'batch' }) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(setup: ReadingSetup, onRead: (bytes: number) => void) {
    this.#worker = new Worker(ownFile('./cache/reading/reading-worker.js'), {
      name: 'fastpath-reading',
      workerData: setup,
    });
    this.#worker.on('message', (report: ReadingReport) => {
      if (report.kind === 'read') onRead(report.bytes);
      else this.#resolve(report);
    });
    this.#worker.on('error', (error) => this.#reject(error));
    this.#worker.on('exit', () => this.#reject(new Error('a reading thread ended')));
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
      if (this.#known.has(buffer)) continue;
      this.#known.add(buffer);
      slabs.push({ id, buffer });
    }
    return slabs;
  }
}
