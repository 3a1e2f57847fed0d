/**
 * The main thread's end of the proxy's thread: starts it, gives it new settings, and has its counters. If the thread
 * ends, which a fault of ours alone can bring about, its requests fail, and it is started again.
 */
import { Worker } from 'node:worker_threads';
import { endThread, RestartDelay, type ThreadOwner } from '../../handler/index.js';
import type { UpstreamReading } from '../statistics.js';
import type { MessageFromProxy, MessageToProxy, ProxyThreadSettings, ProxyThreadSetup } from './messages.js';

export class ProxyThread {
  readonly #owner: ThreadOwner;
  #settings: ProxyThreadSettings;
  #worker: Worker | undefined;
  #again: NodeJS.Timeout | undefined;
  readonly #delay = new RestartDelay();
  #isClosing = false;
  #upstreams: readonly UpstreamReading[] = [];

  private constructor(settings: ProxyThreadSettings, owner: ThreadOwner) {
    this.#settings = settings;
    this.#owner = owner;
  }

  /** Fulfilled when requests are forwarded. */
  static async start(settings: ProxyThreadSettings, owner: ThreadOwner): Promise<ProxyThread> {
    const thread = new ProxyThread(settings, owner);
    await thread.#start();
    return thread;
  }

  /** The counters, at most a second old. */
  get upstreams(): readonly UpstreamReading[] {
    return this.#upstreams;
  }

  /** Requests under way end as they began. */
  configure(settings: ProxyThreadSettings): void {
    this.#settings = settings;
    this.#send({ kind: 'settings', settings });
  }

  /** Ends the thread. What it has under way is reset. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#again);
    if (this.#worker !== undefined) await endThread(this.#worker, { kind: 'stop' } satisfies MessageToProxy);
  }

  #send(message: MessageToProxy): void {
    this.#worker?.postMessage(message);
  }

  /** @throws {Error} if the thread ends before it is ready */
  #start(): Promise<void> {
    const setup: ProxyThreadSetup = { ...this.#settings, links: this.#owner.connect() };
    const worker = new Worker(new URL('./thread.js', import.meta.url), { name: 'fastpath-proxy', workerData: setup });
    this.#worker = worker;
    return new Promise((resolve, reject) => {
      let isReady = false;
      let reason = 'it has ended';
      worker.on('message', (message: MessageFromProxy) => {
        if (message.kind === 'reading') this.#upstreams = message.upstreams;
        else if (message.kind === 'warning') this.#owner.warn(message.text);
        else {
          isReady = true;
          resolve();
        }
      });
      worker.once('error', (error) => {
        reason = String(error.stack ?? error);
      });
      worker.once('exit', () => {
        this.#worker = undefined;
        if (isReady) this.#died(reason);
        else reject(new Error(`the proxy's thread cannot begin: ${reason}`));
      });
    });
  }

  #died(reason: string): void {
    if (this.#isClosing) return;
    this.#owner.ended();
    this.#owner.warn(`the proxy's thread has ended, and starts again in ${this.#delay.ms} ms: ${reason}`);
    this.#again = setTimeout(() => {
      void this.#start().catch((error: Error) => this.#died(error.message));
    }, this.#delay.take());
  }
}
