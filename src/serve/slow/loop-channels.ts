/**
 * The channels of a thread in Node's event loop to threads that answer requests (the handler's, the upstreams'): what a
 * data-path worker has in its poll loop. A TLS thread has one.
 */
import { type ChannelNews, ChannelSet, type ChannelStatistics, RequestPath, watchBell } from '../../channel/index.js';

export class LoopChannels {
  /** What HTTP hands requests over to. */
  readonly slowPath: RequestPath;
  readonly #set = new ChannelSet();
  readonly #close: () => void;
  /** Sets the clock: called before anybody is told what has come. */
  readonly #tick: () => void;
  #isScheduled = false;

  /** @param watchFd this thread's end of its bell (`createLoopBell`) @param tick sets the clock that times answers */
  constructor(watchFd: number, tick: () => void) {
    this.#tick = tick;
    this.slowPath = new RequestPath(this.#set.ends);
    this.#close = watchBell(watchFd, () => this.#drain());
  }

  get statistics(): ChannelStatistics {
    return this.#set.statistics;
  }

  obey(news: ChannelNews): void {
    this.#set.obey(news);
  }

  close(): void {
    this.#close();
    this.#set.close(true);
  }

  #drain(): void {
    this.#tick();
    if (!this.#set.drain() || this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#drain();
    });
  }
}
