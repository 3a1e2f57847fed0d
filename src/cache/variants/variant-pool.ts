/**
 * Compressing threads: started when there is work, ended when there has been none for a while. They run with the lowest
 * priority, so they take only time that the data path and the rest of the machine leave.
 *
 * All folders of one library share them, so their number is bounded however many sites there are.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { ownFile } from '../../own-files.js';
import type { OutcomeOf, VariantJob } from './variant-job.js';

/** One thread less than cores, for the data path; and two are enough for work that nobody waits for. */
export const MOST_THREADS = Math.max(1, Math.min(2, availableParallelism() - 1));
/** A thread takes 0.1 s of CPU to start, and 10 MB while it is there. */
const IDLE_MS = 2_000;

export class VariantPool {
  static readonly #shared = new WeakMap<object, VariantPool>();
  readonly #idle: VariantThread[] = [];
  /** Those who wait for a thread; each has one job, and there are few: one for each folder and thread. */
  readonly #waiting: (() => void)[] = [];
  #busy = 0;
  #timer: NodeJS.Timeout | undefined;

  /** The pool of a library. */
  static of(library: object): VariantPool {
    const there = VariantPool.#shared.get(library);
    if (there !== undefined) return there;
    const pool = new VariantPool();
    VariantPool.#shared.set(library, pool);
    return pool;
  }

  /** Does one job in a thread of its own, when one is free. Rejected if the thread dies. */
  async run<Job extends VariantJob>(job: Job): Promise<OutcomeOf<Job>> {
    while (this.#busy >= MOST_THREADS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy++;
    const thread = this.#idle.pop() ?? new VariantThread();
    try {
      const outcome = await thread.run(job);
      this.#idle.push(thread);
      return outcome;
    } finally {
      this.#busy--;
      this.#waiting.shift()?.();
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#endIdle(), IDLE_MS).unref();
    }
  }

  #endIdle(): void {
    for (const thread of this.#idle.splice(0)) thread.close();
  }
}

class VariantThread {
  readonly #worker = new Worker(ownFile('./cache/variants/variant-worker.js'), { name: 'fastpath-compressing' });
  /** Of the job under way. */
  #resolve: (outcome: unknown) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor() {
    this.#worker.unref(); // a program that has ended otherwise does not wait for it
    this.#worker.on('message', (outcome: unknown) => this.#resolve(outcome));
    this.#worker.on('error', (error) => this.#reject(error));
    this.#worker.on('exit', () => this.#reject(new Error('a compressing thread ended')));
  }

  run<Job extends VariantJob>(job: Job): Promise<OutcomeOf<Job>> {
    return new Promise((resolve, reject) => {
      this.#resolve = (outcome) => resolve(outcome as OutcomeOf<Job>); // variant-worker.ts answers as the job asks
      this.#reject = reject;
      this.#worker.postMessage(job);
    });
  }

  close(): void {
    void this.#worker.terminate();
  }
}
