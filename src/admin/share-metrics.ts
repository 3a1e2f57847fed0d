/** The metrics of a bounded bandwidth: what each site has sent. They have no values while nothing is bounded. */
import { Counter, type Registry } from 'prom-client';
import type { Reading } from './source.js';

/** A metric of the sites' shares. */
export interface ShareMetric {
  readonly name: string;
  readonly help: string;
  readonly of: 'sentBytes' | 'delayedBytes';
}

export const SHARE_METRICS: readonly ShareMetric[] = [
  {
    name: 'fastpath_site_sent_bytes_total',
    help: 'TCP payload sent by site while the bandwidth is bounded, resends included.',
    of: 'sentBytes',
  },
  {
    name: 'fastpath_site_delayed_bytes_total',
    help: 'The part of it that waited for its turn.',
    of: 'delayedBytes',
  },
];

/** Metrics of the bandwidth that each site has had, read when somebody scrapes. */
export function addShareMetrics(registry: Registry, now: () => Reading): void {
  for (const { name, help, of } of SHARE_METRICS) {
    new Counter({
      name,
      help,
      labelNames: ['site'],
      registers: [registry],
      collect() {
        this.reset();
        for (const share of now().shares) this.inc({ site: share.site }, share[of]);
      },
    });
  }
}
