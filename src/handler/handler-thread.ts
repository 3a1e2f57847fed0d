/**
 * The main thread's end of a handler's thread: starts it, and starts it again if it ends. An exception that nobody
 * catches ends the thread, as it ends a process of Node's. Its requests fail, and nothing else does.
 */
import { Worker } from 'node:worker_threads';
import type { HandlerThreadSetup, MessageFromHandler, MessageToHandler } from './messages.js';
import { endThread, RestartDelay, type ThreadOwner } from './thread-life.js';
import { describeError } from './troubles.js';

/** A thread that has lived so long counts as sound, ms. */
const SOUND_AFTER_MS = 60_000;
export class HandlerThread {
  readonly #url: string;
  readonly #owner: ThreadOwner;
  #worker: Worker | undefined;
  #again: NodeJS.Timeout | undefined;
  readonly #delay = new RestartDelay();
  #isClosing = false;
  /** How often the thread has been started again. */
  restarts = 0;

  private constructor(url: string, owner: ThreadOwner) {
    this.#url = url;
    this.#owner = owner;
  }

  /** Fulfilled when the file is loaded and its handler answers. @throws {Error} why it cannot be loaded */
  static async start(url: string, owner: ThreadOwner): Promise<HandlerThread> {
    const thread = new HandlerThread(url, owner);
    await thread.#start();
    return thread;
  }

  /** Ends the thread. What it has under way is reset. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#again);
    if (this.#worker !== undefined) await endThread(this.#worker, { kind: 'stop' } satisfies MessageToHandler);
  }

  /** @throws {Error} if the thread ends before it is ready */
  #start(): Promise<void> {
    const workerData: HandlerThreadSetup = { url: this.#url };
    const worker = new Worker(new URL('./thread.js', import.meta.url), { name: 'fastpath-handler', workerData });
    this.#worker = worker;
    const startedAt = performance.now();
    return new Promise((resolve, reject) => {
      let isLoaded = false;
      let reason = 'it has ended by itself';
      worker.on('message', (message: MessageFromHandler) => {
        if (message.kind === 'warning') this.#owner.warn(message.text);
        else if (message.kind === 'failed') reason = message.reason;
        else {
          isLoaded = true;
          worker.postMessage({ kind: 'serve', links: this.#owner.connect() } satisfies MessageToHandler);
          resolve();
        }
      });
      worker.once('error', (error) => {
        reason = describeError(error);
      });
      worker.once('exit', () => {
        this.#worker = undefined;
        if (isLoaded) this.#died(reason, performance.now() - startedAt);
        else reject(new Error(reason));
      });
    });
  }

  #died(reason: string, livedMs: number): void {
    if (this.#isClosing) return;
    this.#owner.ended();
    if (livedMs > SOUND_AFTER_MS) this.#delay.reset();
    this.#owner.warn(`the handler's thread has ended, and starts again in ${this.#delay.ms} ms: ${reason}`);
    this.#startLater();
  }

  #startLater(): void {
    this.#again = setTimeout(() => void this.#startAgain(), this.#delay.take());
  }

  async #startAgain(): Promise<void> {
    this.restarts++;
    try {
      await this.#start();
    } catch (error) {
      if (this.#isClosing) return;
      this.#owner.warn(`the handler cannot be loaded again: ${describeError(error)}`);
      this.#startLater();
    }
  }
}
