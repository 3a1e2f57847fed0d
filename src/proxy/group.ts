/**
 * The servers of one upstream: which one gets a request, and who waits while all have as many as they may.
 */
import { choose } from './balance/balance.js';
import { ProxyFailure } from './failure.js';
import type { Complete } from './options.js';
import { RetryBudget } from './retry-budget.js';
import { type HealthListener, UpstreamServer } from './server.js';
import { newUpstreamStatistics, type UpstreamReading, type UpstreamStatistics } from './statistics.js';

/** A request that looks for a server. */
export interface Seeker {
  readonly key: string | undefined;
  /** Servers that have failed it. Another one is better, if there is one. */
  readonly tried: ReadonlySet<UpstreamServer>;
  readonly isRetry: boolean;
  /** Its client has left, so it needs no server; it is neither `found` nor `notFound` then. */
  readonly isGone: boolean;
  /** Called once, perhaps at once. */
  found(server: UpstreamServer): void;
  /** Called once instead, if there is no server in time. */
  notFound(failure: ProxyFailure): void;
}

interface Waiter {
  readonly seeker: Seeker;
  readonly timer: NodeJS.Timeout;
}

/** As almost always: no tiers need be made. */
function isUpAndFirst(server: UpstreamServer): boolean {
  return !server.isBackup && server.fitness === 'up';
}

export class UpstreamGroup {
  readonly name: string;
  readonly options: Complete;
  readonly servers: readonly UpstreamServer[];
  readonly statistics: UpstreamStatistics = newUpstreamStatistics();
  readonly budget = new RetryBudget();
  /** In the order in which they came. A Map lets go of one in the middle. */
  readonly #waiting = new Map<Seeker, Waiter>();
  /** Requests that have a server, and tunnels. */
  #given = 0;
  #whenIdle: (() => void) | undefined;

  constructor(
    name: string,
    options: Complete,
    now: () => number,
    listener: HealthListener,
    /** Servers of the group that this one takes the place of. */
    before: ReadonlyMap<string, UpstreamServer> = new Map(),
  ) {
    this.name = name;
    this.options = options;
    this.servers = options.servers.map(
      (server) => before.get(server.url) ?? new UpstreamServer(server, options, now, listener),
    );
  }

  /** This group is the one that its servers belong to. */
  adopt(): void {
    for (const server of this.servers) server.owner = this;
  }

  /** Fulfilled when no request of this group is under way. It gets no new ones. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenIdle = resolve;
      this.#lookIdle();
    });
  }

  /** Finds a server for a request, now or when one has room. */
  seek(seeker: Seeker): void {
    if (seeker.isGone) return;
    const server = this.#serverFor(seeker);
    if (server === 'none') {
      seeker.notFound(new ProxyFailure('no-server', 'no server is up'));
      return;
    }
    if (server !== 'full') {
      this.#give(seeker, server);
      return;
    }
    const { queue, queueTimeoutMs } = this.options;
    if (this.#waiting.size >= queue) {
      seeker.notFound(new ProxyFailure('busy', `all servers are busy, and ${queue} requests wait`));
      return;
    }
    this.statistics.queued++;
    const timer = setTimeout(() => this.#giveUp(seeker), queueTimeoutMs);
    this.#waiting.set(seeker, { seeker, timer });
    this.statistics.waiting = this.#waiting.size;
  }

  /** The client of a request that waits has gone. */
  forget(seeker: Seeker): void {
    this.#remove(seeker);
  }

  /** A request is done with its server: the next one may have the place. */
  release(server: UpstreamServer): void {
    server.active--;
    this.#left(server);
  }

  /** The request has become a tunnel. It holds no place of a request any more. */
  becomesTunnel(server: UpstreamServer): void {
    server.active--;
    server.tunnels++;
    server.owner?.wake();
  }

  releaseTunnel(server: UpstreamServer): void {
    server.tunnels--;
    this.#left(server);
  }

  #left(server: UpstreamServer): void {
    this.#given--;
    server.owner?.wake();
    if (server.owner !== this) this.wake();
    this.#lookIdle();
  }

  #lookIdle(): void {
    if (this.#given === 0 && this.#waiting.size === 0) this.#whenIdle?.();
  }

  /** Gives servers to those who wait, as far as there is room; also called when a server has come back. */
  wake(): void {
    for (const seeker of this.#waiting.keys()) {
      if (seeker.isGone) {
        this.#remove(seeker);
        continue;
      }
      const server = this.#serverFor(seeker);
      if (server === 'full') return;
      this.#remove(seeker);
      if (server === 'none') seeker.notFound(new ProxyFailure('no-server', 'no server is up'));
      else this.#give(seeker, server);
    }
  }

  read(): UpstreamReading {
    const servers = this.servers.map((server) => ({ url: server.id, counters: server.read() }));
    return { name: this.name, counters: { ...this.statistics }, servers };
  }

  /** The best servers that are there have not failed this request yet. */
  hasUntried({ tried }: Seeker): boolean {
    return this.#bestFor(tried)?.every((server) => !tried.has(server)) ?? false;
  }

  #serverFor({ key, tried }: Seeker): UpstreamServer | 'full' | 'none' {
    const best = this.#bestFor(tried);
    if (best === undefined) return 'none';
    if (best.length === 1) return best[0]?.hasRoom ? best[0] : 'full';
    const [first, ...others] = best.filter((server) => server.hasRoom);
    return first === undefined ? 'full' : choose(this.options.balance, [first, ...others], key);
  }

  /**
   * The best servers that are there: those that are up, else backups, else those that failed lately. A server whose
   * checks fail gets nothing. Among their equals, those that have failed this request come last. Undefined: all are
   * down.
   */
  #bestFor(tried: ReadonlySet<UpstreamServer>): readonly UpstreamServer[] | undefined {
    if (tried.size === 0 && this.servers.every(isUpAndFirst)) return this.servers;
    const paused = this.servers.filter((server) => server.fitness === 'paused');
    const up = this.servers.filter((server) => server.fitness === 'up');
    const tiers = [
      up.filter((server) => !server.isBackup && !tried.has(server)),
      up.filter((server) => server.isBackup && !tried.has(server)),
      up,
      paused.filter((server) => !tried.has(server)),
      paused,
    ];
    return tiers.find(({ length }) => length > 0);
  }

  #give(seeker: Seeker, server: UpstreamServer): void {
    server.begin(seeker.isRetry);
    this.#given++;
    seeker.found(server);
  }

  #giveUp(seeker: Seeker): void {
    this.#remove(seeker);
    const { queueTimeoutMs } = this.options;
    seeker.notFound(new ProxyFailure('busy', `all servers were busy for ${queueTimeoutMs} ms`));
  }

  #remove(seeker: Seeker): void {
    const waiter = this.#waiting.get(seeker);
    if (waiter === undefined) return;
    clearTimeout(waiter.timer);
    this.#waiting.delete(seeker);
    this.statistics.waiting = this.#waiting.size;
    // A seeker that gets a server now counts at once, before anybody looks.
    queueMicrotask(() => this.#lookIdle());
  }
}
