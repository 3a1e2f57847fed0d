/**
 * The main thread's end of the proxy's thread: starts it, gives it new settings, and has its counters. If the thread
 * ends, which a fault of ours alone can bring about, its requests fail, and it is started again.
 */
import { Worker } from 'node:worker_threads';
import type { ThreadLink } from '../../channel/index.js';
import type { UpstreamReading } from '../statistics.js';
import type { MessageFromProxy, MessageToProxy, ProxyThreadSettings, ProxyThreadSetup } from './messages.js';

/** After an end: how long until the next start, ms. It doubles with each that follows. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;
/** How long the thread may take to end, ms. */
const CLOSE_MS = 1_000;

/** What the owner of the thread does. */
export interface ProxyThreadOwner {
  /** New channels to the workers, for a thread that begins. */
  connect(): readonly ThreadLink[];
  /** The thread has ended: what it had under way has failed. */
  ended(): void;
  warn(text: string): void;
}

export class ProxyThread {
  readonly #owner: ProxyThreadOwner;
  #settings: ProxyThreadSettings;
  #worker: Worker | undefined;
  #again: NodeJS.Timeout | undefined;
  #delayMs = FIRST_DELAY_MS;
  #isClosing = false;
  #upstreams: readonly UpstreamReading[] = [];

  private constructor(settings: ProxyThreadSettings, owner: ProxyThreadOwner) {
    this.#settings = settings;
    this.#owner = owner;
  }

  /** Fulfilled when requests are forwarded. */
  static async start(settings: ProxyThreadSettings, owner: ProxyThreadOwner): Promise<ProxyThread> {
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
    const worker = this.#worker;
    if (worker === undefined) return;
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    this.#send({ kind: 'stop' });
    const late = setTimeout(() => void worker.terminate(), CLOSE_MS);
    await gone;
    clearTimeout(late);
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
    this.#owner.warn(`the proxy's thread has ended, and starts again in ${this.#delayMs} ms: ${reason}`);
    this.#again = setTimeout(() => {
      void this.#start().catch((error: Error) => this.#died(error.message));
    }, this.#delayMs);
    this.#delayMs = Math.min(LONGEST_DELAY_MS, 2 * this.#delayMs);
  }
}
