/** What the main thread does with a thread that answers requests: owns it, waits before it starts again, ends it. */
import type { Worker } from 'node:worker_threads';
import type { ThreadLink } from '../channel/index.js';

/** What the owner of such a thread does. */
export interface ThreadOwner {
  /** New channels to the workers, for a thread that is ready. */
  connect(): readonly ThreadLink[];
  /** The thread has ended: what it had under way has failed. */
  ended(): void;
  warn(text: string): void;
}

/** After an end: how long until the next start, ms. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;
/** How long a thread may take to end, ms. */
const CLOSE_MS = 1_000;

/** The time until the next start. It doubles with each. */
export class RestartDelay {
  #ms = FIRST_DELAY_MS;

  /** What `take` gives next, ms. */
  get ms(): number {
    return this.#ms;
  }

  take(): number {
    const ms = this.#ms;
    this.#ms = Math.min(LONGEST_DELAY_MS, 2 * ms);
    return ms;
  }

  reset(): void {
    this.#ms = FIRST_DELAY_MS;
  }
}

/** Tells the thread to end, and terminates it if it takes too long. Fulfilled when it is gone. */
export async function endThread(worker: Worker, message: unknown): Promise<void> {
  const gone = new Promise((resolve) => worker.once('exit', resolve));
  worker.postMessage(message);
  const late = setTimeout(() => void worker.terminate(), CLOSE_MS);
  await gone;
  clearTimeout(late);
}
