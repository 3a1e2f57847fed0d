/**
 * The disk threads of a server, seen from the main thread. They are started when the first name is wanted that is not
 * in memory, and stay. A job goes to the thread with the fewest jobs, so one file on a slow disk does not hold up all
 * others.
 */
import { Worker } from 'node:worker_threads';
import { ownFile } from '../../own-files.js';
import type { SharedSlab } from '../reading/reading-batch.js';
import type { DiskJob, DiskResult, DiskSetup } from './disk.js';
import type { MessageFromDisk, MessageToDisk } from './disk-worker.js';

/** Does disk jobs. */
export interface Disk {
  /** `slab`: the one in which the job's place lies. Rejected if the thread dies. */
  do(site: number, setup: DiskSetup, job: DiskJob, slab?: SharedSlab): Promise<DiskResult>;
  close(): Promise<unknown>;
}

/** More threads help with a disk that does several things at once, and each costs 10 MB. */
const MOST_THREADS = 2;

export class DiskPool implements Disk {
  #threads: DiskThread[] = [];

  do(site: number, setup: DiskSetup, job: DiskJob, slab?: SharedSlab): Promise<DiskResult> {
    return this.#choose().do(site, setup, job, slab);
  }

  /** Ends the threads. The next job starts new ones. */
  async close(): Promise<unknown> {
    return Promise.all(this.#threads.splice(0).map((thread) => thread.close()));
  }

  #choose(): DiskThread {
    this.#threads = this.#threads.filter(({ isDead }) => !isDead);
    let best = this.#threads[0];
    for (const thread of this.#threads) if (best === undefined || thread.load < best.load) best = thread;
    if (best !== undefined && (best.load === 0 || this.#threads.length === MOST_THREADS)) return best;
    const thread = new DiskThread();
    this.#threads.push(thread);
    return thread;
  }
}

interface Settle {
  readonly resolve: (result: DiskResult) => void;
  readonly reject: (error: unknown) => void;
}

class DiskThread {
  isDead = false;
  readonly #worker: Worker;
  readonly #jobs = new Map<number, Settle>();
  readonly #setups = new Map<number, DiskSetup>();
  readonly #slabs = new Map<number, SharedArrayBuffer>();
  #nextId = 1;

  constructor() {
    this.#worker = new Worker(ownFile('./cache/demand/disk-worker.js'), { name: 'fastpath-disk' });
    this.#worker.on('message', ({ id, result }: MessageFromDisk) => {
      const job = this.#jobs.get(id);
      this.#jobs.delete(id);
      job?.resolve(result);
    });
    this.#worker.on('error', (error) => this.#died(error));
    this.#worker.on('exit', () => this.#died(new Error('a disk thread ended')));
    this.#worker.unref(); // after the listeners: one for 'message' makes the thread hold the process again
  }

  /** Jobs under way. */
  get load(): number {
    return this.#jobs.size;
  }

  do(site: number, setup: DiskSetup, job: DiskJob, slab?: SharedSlab): Promise<DiskResult> {
    if (this.#setups.get(site) !== setup) {
      this.#setups.set(site, setup);
      this.#post({ kind: 'site', site, setup });
    }
    if (slab !== undefined && this.#slabs.get(slab.id) !== slab.buffer) {
      this.#slabs.set(slab.id, slab.buffer);
      this.#post({ kind: 'slab', slab: slab.id, buffer: slab.buffer });
    }
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#jobs.set(id, { resolve, reject });
      this.#post({ kind: 'job', id, site, job });
    });
  }

  close(): Promise<unknown> {
    return this.#worker.terminate();
  }

  #post(message: MessageToDisk): void {
    this.#worker.postMessage(message);
  }

  #died(error: unknown): void {
    this.isDead = true;
    for (const { reject } of this.#jobs.values()) reject(error);
    this.#jobs.clear();
  }
}
