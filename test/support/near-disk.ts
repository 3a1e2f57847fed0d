/** What is read on demand, in one thread: a disk and a worker, for the tests. */

import { type DiskJob, type DiskResult, type DiskSetup, SiteDisk } from '../../src/cache/demand/disk.js';
import type { Disk } from '../../src/cache/demand/disk-pool.js';
import { Asks, type Outcome } from '../../src/cache/library/asks.js';
import type { Library } from '../../src/cache/library/library.js';
import { Store } from '../../src/cache/library/store.js';
import type { Subscriber } from '../../src/cache/library/subscribers.js';
import type { SharedSlab } from '../../src/cache/reading/reading-batch.js';

/** A disk in this thread. It does nothing while it is held back. */
export class NearDisk implements Disk {
  readonly jobs: DiskJob[] = [];
  /** How often it was closed. */
  closes = 0;
  /** Called before a job is done. */
  before: (job: DiskJob) => void = () => {};
  readonly #sites = new Map<DiskSetup, SiteDisk>();
  #isHeld = false;
  #held: (() => void)[] = [];

  do(_site: number, setup: DiskSetup, job: DiskJob, slab?: SharedSlab): Promise<DiskResult> {
    this.jobs.push(job);
    return new Promise((resolve, reject) => {
      const work = () => {
        try {
          this.before(job);
          resolve(this.#do(setup, job, slab));
        } catch (error) {
          reject(error);
        }
      };
      if (this.#isHeld) this.#held.push(work);
      else setImmediate(work);
    });
  }

  hold(): void {
    this.#isHeld = true;
  }

  go(): void {
    this.#isHeld = false;
    for (const work of this.#held.splice(0)) setImmediate(work);
  }

  async close(): Promise<void> {
    this.closes++;
  }

  #do(setup: DiskSetup, job: DiskJob, slab?: SharedSlab): DiskResult {
    const disk = this.#sites.get(setup) ?? new SiteDisk(setup);
    this.#sites.set(setup, disk);
    if (slab !== undefined) disk.addSlab(slab.id, slab.buffer);
    return disk.do(job);
  }
}

/** A worker in this thread that may be slow to let go of what was evicted. */
export class NearWorker {
  /** Absent names are absent for a second of this clock. */
  nowMs = 0;
  readonly asks = new Asks(() => this.nowMs);
  readonly store: Store = new Store((id) => this.#released.push(id), this.asks);
  readonly subscriber: Subscriber;
  /** It hears nothing while this is true. */
  isBusy = false;
  #released: number[] = [];
  readonly #inbox: (() => void)[] = [];

  constructor(library: Library) {
    this.subscriber = library.attach((message) => {
      this.#inbox.push(() => this.store.apply(message));
      setImmediate(() => this.turn());
    });
    this.turn();
  }

  turn(): void {
    if (this.isBusy) return;
    for (const apply of this.#inbox.splice(0)) apply();
    for (const id of this.#released.splice(0)) this.subscriber.released(id);
    if (this.asks.hasNews) this.subscriber.want(this.asks.take());
  }

  /** Asks for a name; the outcome. */
  ask(name: string, site = 0): Promise<Outcome> {
    return new Promise((resolve) => {
      this.asks.want(site, name, { settled: resolve });
      this.turn();
    });
  }
}
