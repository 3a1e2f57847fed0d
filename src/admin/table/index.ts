/** All metrics that show counters, group by group. */
import { CACHE } from './cache.js';
import { DHCP } from './dhcp.js';
import { HTTP } from './http.js';
import { INTERNET } from './internet.js';
import { LINK } from './link.js';
import { countersOf, type Metric } from './metric.js';
import { PROCESS } from './process.js';
import { TCP } from './tcp.js';
import { TLS } from './tls.js';
import { UDP } from './udp.js';
import { WATCH } from './watch.js';

/** The groups as docs/metrics.md has them. */
export const GROUPS: readonly (readonly [title: string, metrics: readonly Metric[]])[] = [
  ['HTTP', HTTP],
  ['HTTPS', TLS],
  ['Cache', CACHE],
  ['Changed files', WATCH],
  ['TCP', TCP],
  ['UDP', UDP],
  ['IP and ICMP', INTERNET],
  ['DHCP', DHCP],
  ['Frames', LINK],
  ['Log and process', PROCESS],
];

/** All of them. */
export const METRICS: readonly Metric[] = GROUPS.flatMap(([, metrics]) => metrics);

/** The counters that have a metric. */
export const NAMED_COUNTERS: ReadonlySet<string> = new Set(
  METRICS.flatMap((metric) => countersOf(metric).map(([, counter]) => counter)),
);
