/**
 * The metrics of a server in Prometheus' text format. The numbers are read once for each scrape, from counters that are
 * kept anyway, so a server that nobody scrapes does nothing for it.
 *
 * `prom-client` escapes, checks names and prints, and has the metrics of Node itself (loop lag, garbage collections,
 * heap, process).
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { addKeptMetrics } from './kept-metrics.js';
import { addShareMetrics } from './share-metrics.js';
import type { AdminSource, Reading } from './source.js';
import { METRICS, NAMED_COUNTERS } from './table/index.js';
import { countersOf, labelsOf, type Metric, typeOf } from './table/metric.js';
import { addTrafficMetrics } from './traffic-metrics.js';
import { addUpstreamMetrics } from './upstream-metrics.js';

/** Gauges of prom-client whose names end with `_total`, against the conventions. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** The name of the metric for counters that are in no table, so that a scrape shows them all the same. */
export const UNNAMED = 'fastpath_unnamed_counter';

export class Metrics {
  readonly #registry = new Registry();
  readonly #source: Pick<AdminSource, 'read'>;
  /** The numbers of the scrape under way. */
  #reading: Reading;
  /** The counters that have a metric. */
  readonly #named = new Set(NAMED_COUNTERS);

  constructor(source: Pick<AdminSource, 'read'>) {
    this.#source = source;
    this.#reading = source.read();
    const now = () => this.#reading;
    for (const metric of METRICS) addMetric(this.#registry, metric, now);
    addUnnamed(this.#registry, now, this.#named);
    addTrafficMetrics(this.#registry, now);
    addShareMetrics(this.#registry, now);
    addUpstreamMetrics(this.#registry, now);
    addKeptMetrics(this.#registry, now);
    collectDefaultMetrics({ register: this.#registry });
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The numbers of now, as text. */
  text(): Promise<string> {
    this.#reading = this.#source.read();
    for (const metric of this.#reading.metrics ?? []) this.#addOfModule(metric);
    return this.#registry.metrics();
  }

  /** Modules are loaded after the listener for administrators stands. */
  #addOfModule(metric: Metric): void {
    const [[, counter = ''] = []] = countersOf(metric);
    if (this.#named.has(counter)) return;
    this.#named.add(counter);
    addMetric(this.#registry, metric, () => this.#reading);
  }
}

function addMetric(registry: Registry, metric: Metric, now: () => Reading): void {
  const { name, help } = metric;
  const configuration = { name, help, labelNames: labelsOf(metric), registers: [registry] };
  if (typeOf(metric) === 'gauge') {
    new Gauge({
      ...configuration,
      collect() {
        for (const [labels, value] of samples(metric, now())) this.set(labels, value);
      },
    });
    return;
  }
  new Counter({
    ...configuration,
    collect() {
      this.reset();
      for (const [labels, value] of samples(metric, now())) this.inc(labels, value);
    },
  });
}

type Labels = Record<string, string>;

/** The values of a metric. A counter that this server does not have has no value. */
function samples(metric: Metric, { workers, whole }: Reading): [Labels, number][] {
  const out: [Labels, number][] = [];
  for (const [value, counter] of countersOf(metric)) {
    const labels: Labels = typeof metric.source === 'string' ? {} : { [metric.source.label]: value ?? '' };
    const perWorker = workers.map((counters) => counters.get(counter));
    if (metric.isPerWorker) {
      for (const [i, found] of perWorker.entries()) {
        if (found !== undefined) out.push([{ worker: `${i}`, ...labels }, found * metric.scale]);
      }
      continue;
    }
    const all = [...perWorker, whole.get(counter)].filter((found) => found !== undefined);
    if (all.length > 0) out.push([labels, all.reduce((sum, each) => sum + each, 0) * metric.scale]);
  }
  return out;
}

function addUnnamed(registry: Registry, now: () => Reading, named: ReadonlySet<string>): void {
  new Gauge({
    name: UNNAMED,
    help: 'Counters that have no metric of their own yet, by their internal names.',
    labelNames: ['counter'],
    registers: [registry],
    collect() {
      const { workers, whole } = now();
      this.reset();
      for (const counters of [...workers, whole]) {
        for (const [counter, value] of counters) if (!named.has(counter)) this.inc({ counter }, value);
      }
    },
  });
}
