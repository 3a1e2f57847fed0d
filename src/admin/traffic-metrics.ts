/**
 * The metrics that come from the records of the access log: histograms of time and size, and counts by site. The log
 * thread adds them up (src/log/traffic.ts); without a log they have no values.
 */
import { Counter, Histogram, type MetricType, type Registry } from 'prom-client';
import * as names from '../log/record-names.js';
import {
  BY_CACHE,
  BY_CLASS,
  BY_CODING,
  BY_REASON,
  CLASSES,
  FIRST_BYTE,
  type HistogramPlace,
  LAST_BYTE,
  MOST_SITES,
  noTraffic,
  SIZE,
} from '../log/traffic.js';
import type { Reading } from './source.js';

/** A histogram of the log's records. */
export interface TrafficHistogram {
  readonly name: string;
  readonly help: string;
  readonly place: HistogramPlace;
}

/** A count of the log's records by one of their fields. */
export interface TrafficCount {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  readonly at: number;
  readonly values: readonly string[];
}

export const TRAFFIC_HISTOGRAMS: readonly TrafficHistogram[] = [
  {
    name: 'fastpath_http_request_duration_seconds',
    help: 'From the first byte of a request until the client has acknowledged the last byte of the answer.',
    place: LAST_BYTE,
  },
  {
    name: 'fastpath_http_first_byte_seconds',
    help: 'From the first byte of a request until the client has acknowledged a part of the answer.',
    place: FIRST_BYTE,
  },
  {
    name: 'fastpath_http_response_size_bytes',
    help: 'Bytes of an answer that the client has acknowledged, its head included.',
    place: SIZE,
  },
];

export const TRAFFIC_COUNTS: readonly TrafficCount[] = [
  {
    name: 'fastpath_http_site_responses_total',
    help: 'Answers by site and class of status; none: the client went away.',
    label: 'class',
    at: BY_CLASS,
    values: CLASSES,
  },
  {
    name: 'fastpath_http_site_cache_results_total',
    help: 'Requests by site and what the cache said.',
    label: 'result',
    at: BY_CACHE,
    values: names.CACHE_NAMES,
  },
  {
    name: 'fastpath_http_site_slow_paths_total',
    help: 'Requests by site and why they left the fast path; none: they did not.',
    label: 'reason',
    at: BY_REASON,
    values: names.REASON_NAMES,
  },
  {
    name: 'fastpath_http_site_codings_total',
    help: 'Answers by site and content coding.',
    label: 'coding',
    at: BY_CODING,
    values: names.CODING_NAMES,
  },
];

/** Histograms and counts by site from the records of the access log (src/log/traffic.ts). */
export function addTrafficMetrics(registry: Registry, now: () => Reading): void {
  const traffic = oncePerReading(now);
  for (const { name, help, place } of TRAFFIC_HISTOGRAMS) new GivenHistogram(registry, name, help, place, traffic);
  for (const { name, help, label, at, values } of TRAFFIC_COUNTS) {
    new Counter({
      name,
      help,
      labelNames: ['site', label],
      registers: [registry],
      collect() {
        this.reset();
        for (const [site, numbers] of traffic()) {
          for (const [i, value] of values.entries()) {
            this.inc({ site, [label]: value }, numbers[at + i] ?? 0);
          }
        }
      },
    });
  }
}

type Sample = Awaited<ReturnType<Histogram['get']>>['values'][number];

/** prom-client has the type in its declarations only. */
const HISTOGRAM = 'histogram' as unknown as MetricType;

/** A histogram whose counts come from elsewhere: prom-client can only observe single values. */
class GivenHistogram extends Histogram {
  readonly #head: { readonly name: string; readonly help: string };
  readonly #place: HistogramPlace;
  readonly #traffic: () => NamedTraffic;

  constructor(registry: Registry, name: string, help: string, place: HistogramPlace, traffic: () => NamedTraffic) {
    super({ name, help, labelNames: ['site'], buckets: [...place.bounds], registers: [registry] });
    this.#head = { name, help };
    this.#place = place;
    this.#traffic = traffic;
  }

  override get(): ReturnType<Histogram['get']> {
    const values = [...this.#traffic()].flatMap(([site, numbers]) => this.#samples(numbers, site));
    return Promise.resolve({ ...this.#head, type: HISTOGRAM, values, aggregator: 'sum', collect: () => {} });
  }

  /** What the registry prints; prom-client's types do not have it. */
  getForPromString(): ReturnType<Histogram['get']> {
    return this.get();
  }

  #samples(values: Float64Array, site: string): Sample[] {
    const { name } = this.#head;
    const { at, bounds } = this.#place;
    let count = 0;
    const buckets = [...bounds, '+Inf'].map((le, i) => {
      count += values[at + i] ?? 0;
      return { metricName: `${name}_bucket`, labels: { site, le }, value: count };
    });
    const sum = values[at + bounds.length + 1] ?? 0;
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: { site }, value: sum },
      { metricName: `${name}_count`, labels: { site }, value: count },
    ] as Sample[];
  }
}

/** Sites beyond the bound, together. */
const OTHERS = 'others';

/** The numbers of the sites by name. */
type NamedTraffic = ReadonlyMap<string, Float64Array>;

/** All metrics of a scrape are made of the same numbers, which are put together once. */
function oncePerReading(now: () => Reading): () => NamedTraffic {
  let reading: Reading | undefined;
  let named: NamedTraffic = new Map();
  return () => {
    if (reading !== now()) {
      reading = now();
      named = trafficByName(reading);
    }
    return named;
  };
}

/**
 * The numbers of the sites by name. A series begins with 0: `rate()` does not see the first increment of one that comes
 * later. A site that was loaded anew has had several numbers; its counts are one series all the same.
 */
function trafficByName({ traffic, sites }: Reading): NamedTraffic {
  const byName = new Map<string, Float64Array>();
  if (traffic === undefined) return byName;
  for (const [site, name] of sites) byName.set(site < MOST_SITES ? name : OTHERS, noTraffic());
  for (const { site, values } of traffic) {
    const name = site === undefined ? OTHERS : (sites.get(site) ?? `${site}`);
    const there = byName.get(name);
    byName.set(name, there === undefined ? values : there.map((value, i) => value + (values[i] ?? 0)));
  }
  return byName;
}
