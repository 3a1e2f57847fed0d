/**
 * All data-path workers of a server: makes them and the ways between them, and speaks to them as one.
 */
import { MessageChannel } from 'node:worker_threads';
import type { Library } from '../cache/library.js';
import type { TapHandle } from '../net/device/tap.js';
import { Wakeup } from '../net/driver/wakeup.js';
import type { SiblingSetup, WorkerSetup } from './messages.js';
import type { ServeError } from './serve-error.js';
import { createStatisticsMemory, sumCounters } from './statistics-block.js';
import { WorkerHandle } from './worker-handle.js';

/** What is the same for every worker. */
export type CommonSetup = Pick<
  WorkerSetup,
  'addresses' | 'port' | 'backlog' | 'limits' | 'tcp' | 'serverHeader' | 'trace'
>;

export interface DataPlaneEvents {
  conflict(address: string, mac: string): void;
  warning(text: string): void;
  died(error: ServeError): void;
}

/** How long a worker may take to end by itself after its grace, before its thread is terminated, ms. */
const TERMINATE_AFTER_MS = 1_000;

export class DataPlane {
  readonly #workers: WorkerHandle[];
  readonly #bells: Wakeup[];
  readonly #detach: (() => void)[] = [];

  /** One worker for each queue. `capturePath`: undefined, or where this worker writes the frames it sees. */
  constructor(
    queues: readonly TapHandle[],
    common: CommonSetup,
    capturePath: (index: number) => string | undefined,
    library: Library,
    events: DataPlaneEvents,
  ) {
    this.#bells = queues.map(() => Wakeup.create());
    const siblings = connectAll(this.#bells);
    const subscribers = new Map<number, { released(id: number): void }>();
    this.#workers = queues.map((tap, index) => {
      const plan = {
        ...common,
        index,
        workers: queues.length,
        tap,
        bellFd: this.#bells[index]!.fd,
        statistics: createStatisticsMemory(),
        capturePath: capturePath(index),
        siblings: siblings[index]!,
      };
      return new WorkerHandle(plan, this.#bells[index]!, {
        ...events,
        released: (from, ids) => {
          for (const id of ids) subscribers.get(from)?.released(id);
        },
      });
    });
    for (const worker of this.#workers) {
      const subscriber = library.attach((message) => worker.send({ kind: 'cache', message }));
      subscribers.set(worker.index, subscriber);
      this.#detach.push(() => subscriber.detach());
    }
  }

  get size(): number {
    return this.#workers.length;
  }

  /** Fulfilled when every worker listens. @throws what killed one of them. */
  async ready(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.ready));
  }

  /** The interface is up: announce our addresses. */
  start(): void {
    for (const worker of this.#workers) worker.send({ kind: 'start' });
  }

  /** All counters, added up. */
  counters(): Map<string, number> {
    return sumCounters(this.#workers.map((worker) => worker.statistics?.read() ?? new Map()));
  }

  /** How often the slowest worker has published: one that does not move is stuck. */
  get heartbeat(): number {
    return Math.min(...this.#workers.map((worker) => worker.statistics?.heartbeat ?? 0));
  }

  /** Closes all connections within the grace and ends the threads. Returns false if one had to be terminated. */
  async stop(graceMs: number): Promise<boolean> {
    for (const worker of this.#workers) worker.stop(graceMs);
    const allGone = Promise.all(this.#workers.map((worker) => worker.gone)).then(() => true);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), graceMs + TERMINATE_AFTER_MS);
    });
    const clean = await Promise.race([allGone, late]);
    clearTimeout(timer);
    if (!clean) await Promise.all(this.#workers.map((worker) => worker.terminate()));
    this.#release();
    return clean;
  }

  #release(): void {
    for (const detach of this.#detach) detach();
    for (const bell of this.#bells) bell.close();
  }
}

/** For each worker the ways to all others, the next one in the ring first. */
function connectAll(bells: readonly Wakeup[]): SiblingSetup[][] {
  const count = bells.length;
  const ways: SiblingSetup[][] = bells.map(() => []);
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      const { port1, port2 } = new MessageChannel();
      const [there, back] = [new SharedArrayBuffer(4), new SharedArrayBuffer(4)];
      const at = (from: number, to: number) => (to - from - 1 + count) % count;
      ways[a]![at(a, b)] = { port: port1, bellFd: bells[b]!.fd, waiting: there, waitingHere: back };
      ways[b]![at(b, a)] = { port: port2, bellFd: bells[a]!.fd, waiting: back, waitingHere: there };
    }
  }
  return ways;
}
