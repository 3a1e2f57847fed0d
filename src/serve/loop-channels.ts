/**
 * The channels of a thread in Node's event loop to threads that answer requests (the handler's, the upstreams'): what a
 * data-path worker has in its poll loop. A TLS thread has one.
 */
import {
  attachWorker,
  ChannelStatistics,
  RequestPath,
  type WorkerEnd,
  type WorkerLink,
  watchBell,
} from '../channel/index.js';
import { sys } from '../net/device/libc.js';

export class LoopChannels {
  readonly statistics = new ChannelStatistics();
  /** What HTTP hands requests over to. */
  readonly slowPath: RequestPath;
  readonly #ends = new Map<string, WorkerEnd>();
  readonly #links = new Map<string, WorkerLink>();
  readonly #close: () => void;
  #isScheduled = false;

  /** @param watchFd this thread's end of its bell (`createLoopBell`) */
  constructor(watchFd: number) {
    this.slowPath = new RequestPath(this.#ends);
    this.#close = watchBell(watchFd, () => this.#drain());
  }

  /** A thread that begins. If there was one of that name, it has ended. */
  attach(name: string, link: WorkerLink): void {
    const before = this.#links.get(name);
    if (before !== undefined) {
      this.fail(name);
      sys.close(before.wakeFd);
    }
    this.#links.set(name, link);
    this.#ends.set(name, attachWorker(link, this.statistics));
  }

  /** The thread of that name has ended. */
  fail(name: string): void {
    this.#ends.get(name)?.fail();
  }

  close(): void {
    this.#close();
    for (const { wakeFd } of this.#links.values()) sys.close(wakeFd);
  }

  #drain(): void {
    let hasMore = false;
    for (const end of this.#ends.values()) hasMore = end.drain() || hasMore;
    if (!hasMore || this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#drain();
    });
  }
}
