/**
 * All counters of a data-path worker, as a tree. Their dotted names are those of `--json`, `fastpath status` and
 * src/admin/table, which gives each its name and help for Prometheus.
 */
import type { AskStatistics } from '../../cache/library/asks.js';
import type { Store } from '../../cache/library/store.js';
import type { ChannelStatistics } from '../../channel/index.js';
import type { DhcpStatistics } from '../../dhcp/statistics.js';
import type { LogStatistics } from '../../log/access-log.js';
import type { RingStatistics } from '../../net/device/ring/ring-tap.js';
import type { TapStatistics } from '../../net/device/tap.js';
import type { PollLoopStatistics } from '../../net/driver/poll-loop.js';
import type { StackStatistics } from '../../net/stack.js';
import type { CounterTree } from './statistics-block.js';
import type { SteeringStatistics } from './steering.js';

/** V8's work in a worker: it proves that frames allocate nothing. */
export interface HeapStatistics {
  usedBytes: number;
  totalBytes: number;
  /** Garbage collections, and how long they took. */
  collections: number;
  collectionMicroseconds: number;
}

/**
 * The groups of counters. What a worker does not have (a ring, a log, siblings) is an empty group. Beside them each
 * module has its own group, under its name.
 */
export interface WorkerCounters extends CounterTree {
  readonly stack: StackStatistics;
  readonly asks: AskStatistics;
  readonly store: Store;
  readonly device: TapStatistics;
  readonly loop: PollLoopStatistics;
  readonly ring: Pick<RingStatistics, 'failed'> | RingStatistics;
  readonly log: LogStatistics | object;
  /** All channels to other threads together. */
  readonly channel: ChannelStatistics;
  readonly steering: SteeringStatistics | object;
  /** Of the DHCP client. */
  readonly dhcp: DhcpStatistics | object;
  readonly heap: HeapStatistics;
  readonly connections: { readonly open: number };
}
