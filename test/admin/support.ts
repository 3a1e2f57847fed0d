/** A server's counters without a server: every group as a worker has it, and what there is once. */

import type { Reading } from '../../src/admin/source.js';
import { Supply } from '../../src/cache/demand/supply.js';
import { Library } from '../../src/cache/library/library.js';
import { Store } from '../../src/cache/library/store.js';
import { ChannelStatistics } from '../../src/channel/index.js';
import { DhcpStatistics } from '../../src/dhcp/statistics.js';
import type { KeptCounters } from '../../src/handler/index.js';
import { HttpStatistics } from '../../src/http/sending/statistics.js';
import { LogStatistics } from '../../src/log/access-log.js';
import type { SiteTraffic } from '../../src/log/traffic.js';
import type { WriterStatistics } from '../../src/log/writer.js';
import type { RingStatistics } from '../../src/net/device/ring/ring-tap.js';
import type { TapStatistics } from '../../src/net/device/tap.js';
import type { PollLoopStatistics } from '../../src/net/driver/poll-loop.js';
import { InternetStatistics } from '../../src/net/ip/statistics.js';
import { TcpStatistics } from '../../src/net/tcp/statistics.js';
import { UdpStatistics } from '../../src/net/udp/statistics.js';
import type { WorkerCounters } from '../../src/serve/worker/counters.js';
import { createStatisticsMemory, StatisticsReader, StatisticsWriter } from '../../src/serve/worker/statistics-block.js';
import type { SteeringStatistics } from '../../src/serve/worker/steering.js';
import { newWatchStatistics } from '../../src/site/watch/statistics.js';
import { TlsStatistics } from '../../src/tls/settings.js';

/** A worker with a ring, a log and siblings. The compiler wants every counter here, so none can be forgotten. */
export function fullCounters(http = new HttpStatistics()): WorkerCounters & { readonly http: HttpStatistics } {
  const store = new Store(() => {});
  const device: TapStatistics = { sendBlocked: 0, sendFailed: 0, receiveMalformed: 0, superSegmentsLowered: 0 };
  const loop: PollLoopStatistics = { polls: 0, timeouts: 0, wakeups: 0, frames: 0, fullTurns: 0 };
  const ring: RingStatistics = { turns: 0, earlyEnters: 0, failed: 0 };
  const steering: SteeringStatistics = { shared: 0, strayed: 0, taken: 0, dropped: 0 };
  return {
    stack: { internet: new InternetStatistics(), tcp: new TcpStatistics(), udp: new UdpStatistics() },
    http,
    asks: store.asks.counters(),
    store,
    device,
    loop,
    ring,
    log: new LogStatistics(),
    channel: new ChannelStatistics(),
    steering,
    dhcp: new DhcpStatistics(),
    heap: { usedBytes: 0, totalBytes: 0, collections: 0, collectionMicroseconds: 0 },
    connections: { open: 0 },
  };
}

/** The counters of a worker as the main thread reads them. */
export function published(counters: WorkerCounters): Map<string, number> {
  const memory = createStatisticsMemory();
  const writer = new StatisticsWriter(memory, [counters, { tls: new TlsStatistics() }]);
  writer.publish();
  return new StatisticsReader(memory, writer.names).read().set('worker.heartbeat', 1);
}

/** The counters that there are once, as src/serve/server.ts names them. */
export function wholeCounters(): Map<string, number> {
  const library = new Library();
  const written: WriterStatistics = { lines: 0, bytes: 0, dropped: 0, failures: 0, failedRotations: 0 };
  const kept: KeptCounters = { restarts: 0, stuck: 0, replaced: 0 };
  const groups = {
    cache: library.statistics,
    supply: Supply.of(library).statistics,
    logThread: written,
    watch: newWatchStatistics(),
    kept: { withoutRoom: 0 },
    handler: kept,
    proxy: kept,
  };
  const server = { uptimeSeconds: 12.5, workers: 1, conflicts: 0, ready: 1 };
  return new Map(
    Object.entries({ ...groups, server }).flatMap(([group, counters]) =>
      Object.entries(counters).map(([name, value]) => [`${group}.${name}`, value as number] as const),
    ),
  );
}

/** A reading of these workers. */
export function reading(workers: readonly WorkerCounters[], traffic: readonly SiteTraffic[] = []): Reading {
  const shares = [{ site: 'shop', sentBytes: 3000, delayedBytes: 1000 }];
  const sites = new Map([[0, 'shop']]);
  return { workers: workers.map(published), whole: wholeCounters(), traffic, shares, sites };
}
