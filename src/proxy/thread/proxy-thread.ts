/**
 * The main thread's end of the proxy's thread: gives it new settings, and has its counters. If the thread ends, which a
 * fault of ours alone can bring about, its requests fail, and it is started again.
 */
import { type KeptCounters, KeptThread, type ThreadKind, type ThreadOwner } from '../../handler/index.js';
import { ownFile } from '../../own-files.js';
import type { CachesEnd } from '../../shared-cache/thread/caches-end.js';
import { isFromCaches } from '../../shared-cache/thread/messages.js';
import type { UpstreamReading } from '../statistics.js';
import type { MessageFromProxy, MessageToProxy, ProxyThreadSettings } from './messages.js';

const KIND: ThreadKind = {
  entry: ownFile('./proxy/thread/thread.js'),
  name: 'fastpath-proxy',
  what: 'the proxy',
};

export class ProxyThread {
  readonly #kept: KeptThread;
  #upstreams: readonly UpstreamReading[] = [];

  private constructor(settings: ProxyThreadSettings, owner: ThreadOwner, caches: CachesEnd, stuckMs: number) {
    this.#kept = new KeptThread(KIND, settings, owner, stuckMs);
    this.#kept.heard = (message) => {
      const news = message as MessageFromProxy;
      if (isFromCaches(news)) caches.received(news);
      else if (news.kind === 'reading') this.#upstreams = news.upstreams;
    };
    caches.send = (order) => this.#kept.post(order satisfies MessageToProxy);
  }

  /** Fulfilled when requests are forwarded. `caches`: has the messages of its caches. @param stuckMs see KeptThread */
  static async start(
    settings: ProxyThreadSettings,
    owner: ThreadOwner,
    caches: CachesEnd,
    stuckMs: number,
  ): Promise<ProxyThread> {
    const thread = new ProxyThread(settings, owner, caches, stuckMs);
    try {
      await thread.#kept.start();
    } catch (cause) {
      throw new Error(`the proxy's thread cannot begin: ${(cause as Error).message}`, { cause });
    }
    return thread;
  }

  /** The counters, at most a second old. */
  get upstreams(): readonly UpstreamReading[] {
    return this.#upstreams;
  }

  /** What the thread itself has gone through. */
  get counters(): KeptCounters {
    return this.#kept.counters;
  }

  /** Requests under way end as they began. */
  configure(settings: ProxyThreadSettings): void {
    this.#kept.setup = settings;
    this.#kept.post({ kind: 'settings', settings } satisfies MessageToProxy);
  }

  set stuckMs(milliseconds: number) {
    this.#kept.stuckMs = milliseconds;
  }

  /** Ends the thread. What it has under way is reset. */
  close(): Promise<void> {
    return this.#kept.close();
  }
}
