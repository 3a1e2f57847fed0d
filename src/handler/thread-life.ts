/** How a thread that answers requests is started, watched and ended. kept-thread.ts decides when. */
import inspector from 'node:inspector';
import { Worker } from 'node:worker_threads';
import { SlowFailure } from '../channel/index.js';
import type { BeatingSetup, LifeMessage, StopMessage } from './life-messages.js';
import { describeError } from './troubles.js';

/** How long a thread may take to get ready, ms: a large application reads many files. */
const LOAD_MS = 60_000;
/** How long a thread may take to end, ms. */
const CLOSE_MS = 1_000;
/** Looks at the heartbeat within the time in which it must have moved. */
const LOOKS = 8;

/** Why a thread has ended that nobody has ended. */
export const BY_ITSELF = 'it has ended by itself';

/** A kind of thread. */
export interface ThreadKind {
  /** The file that it runs. */
  readonly entry: URL;
  readonly name: string;
  /** What messages call it: `the handler`. */
  readonly what: string;
}

/** What the thread's owner is told. */
export interface LifeEvents {
  /** A message that is none of its life. */
  heard(message: unknown): void;
  /** It was ready and has ended. `failure`: what its requests are to be told. */
  ended(life: ThreadLife, failure: SlowFailure, reason: string): void;
}

/** One thread, from its start to its end. */
export class ThreadLife {
  /** Fulfilled when it is ready. Rejected if it ends before, or takes too long; the message says why. */
  readonly ready: Promise<void>;
  readonly startedAt = performance.now();
  /** The number of its channels; 0: it has none yet. */
  generation = 0;
  readonly #worker: Worker;
  readonly #events: LifeEvents;
  readonly #beats: Int32Array;
  readonly #loadLimit: NodeJS.Timeout;
  #watch: NodeJS.Timeout | undefined;
  #isReady = false;
  #isOver = false;
  #failure: SlowFailure = SlowFailure.died;
  #reason = BY_ITSELF;
  #rejected: (error: Error) => void = () => {};
  #resolveGone: () => void = () => {};
  readonly #gone = new Promise<void>((resolve) => {
    this.#resolveGone = resolve;
  });

  /** @param setup what the thread gets beside its heartbeat; it survives structured cloning */
  constructor({ entry, name }: ThreadKind, setup: object, events: LifeEvents) {
    this.#events = events;
    const beats = new SharedArrayBuffer(4);
    this.#beats = new Int32Array(beats);
    const workerData: BeatingSetup = { ...setup, beats };
    this.#worker = new Worker(entry, { name, workerData });
    this.#loadLimit = setTimeout(() => this.#terminate(`it was not ready after ${LOAD_MS / 1000} s`), LOAD_MS);
    this.ready = new Promise((resolve, reject) => {
      this.#rejected = reject;
      this.#worker.on('message', (message: LifeMessage) => this.#take(message, resolve));
    });
    this.ready.catch(() => {}); // a waiter sees it, but there may be none yet
    this.#worker.once('error', (error) => {
      this.#reason = describeError(error);
    });
    this.#worker.once('exit', (code) => {
      if (this.#reason === BY_ITSELF && code !== 0)
        this.#reason = `it has ended with status ${code}, as by process.exit`;
      this.#over();
    });
  }

  post(message: unknown): void {
    if (!this.#isOver) this.#worker.postMessage(message);
  }

  /** Ends it if its event loop stands still for so long, ms; 0: never. From now on, in place of what held before. */
  watch(limitMs: number): void {
    clearInterval(this.#watch);
    if (limitMs === 0 || this.#isOver) return;
    let last = -1;
    let looks = 0;
    // Looks are counted, and not time: a process that was stopped for a while goes on where it was.
    this.#watch = setInterval(() => {
      const beat = Atomics.load(this.#beats, 0);
      looks = beat === last ? looks + 1 : 0;
      last = beat;
      if (looks < LOOKS || inspector.url() !== undefined) return; // a debugger may hold it
      this.#failure = SlowFailure.stuck;
      this.#terminate(`it did not move for ${limitMs / 1000} s, as in an endless loop`);
    }, limitMs / LOOKS);
    this.#watch.unref();
  }

  /** Ends it at once. */
  cut(reason: string): void {
    this.#terminate(reason);
  }

  /** Asks it to end, and ends it if it takes too long. Fulfilled when it is gone. */
  async close(): Promise<void> {
    if (this.#isOver) return;
    this.post({ kind: 'stop' } satisfies StopMessage);
    const late = setTimeout(() => this.#terminate('it was asked to end'), CLOSE_MS);
    await this.#gone;
    clearTimeout(late);
  }

  #take(message: LifeMessage, resolve: () => void): void {
    if (message.kind === 'failed') this.#reason = message.reason;
    else if (message.kind === 'ready') {
      this.#isReady = true;
      clearTimeout(this.#loadLimit);
      resolve();
    } else if (!this.#isOver) this.#events.heard(message);
  }

  /** A thread that sits in a call of the system does not end by that. Then it is given up. */
  #terminate(reason: string): void {
    if (this.#isOver) return;
    clearInterval(this.#watch);
    this.#reason = reason;
    void this.#worker.terminate();
    setTimeout(() => this.#over(), CLOSE_MS).unref();
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#loadLimit);
    clearInterval(this.#watch);
    this.#worker.unref();
    this.#resolveGone();
    if (this.#isReady) this.#events.ended(this, this.#failure, this.#reason);
    else this.#rejected(new Error(this.#reason));
  }
}
