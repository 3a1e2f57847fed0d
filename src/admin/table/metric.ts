/**
 * A metric for Prometheus, as data: its name, its help, and the counters that it shows. The tables beside this file
 * have one for every counter of a server. A test fails if a counter has none.
 *
 * Names follow Prometheus' conventions: what only grows ends with `_total`, units are seconds and bytes, a label has
 * few values. What does not end with `_total` is a gauge.
 */

/** The counters behind a metric: one, or one for each value of a label. */
export type Source = string | { readonly label: string; readonly of: Readonly<Record<string, string>> };

/** One metric. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly source: Source;
  /** What a counter is multiplied with, so that its unit is a base unit. */
  readonly scale: number;
  /** A line for each worker, with the label `worker`. */
  readonly isPerWorker: boolean;
}

/** A metric of one counter. */
export function one(name: string, counter: string, help: string, scale = 1): Metric {
  return { name, help, source: counter, scale, isPerWorker: false };
}

/** The same with a line for each worker. */
export function perWorker(name: string, counter: string, help: string, scale = 1): Metric {
  return { ...one(name, counter, help, scale), isPerWorker: true };
}

/** A metric with a label. `of`: the label's values, and the counter of each; `group` stands before all of these. */
export function by(name: string, label: string, group: string, of: Readonly<Record<string, string>>, help: string) {
  const counters = Object.entries(of).map(([value, counter]) => [value, `${group}.${counter}`]);
  return { name, help, source: { label, of: Object.fromEntries(counters) }, scale: 1, isPerWorker: false };
}

/** `counter` or `gauge`. */
export function typeOf({ name }: Metric): 'counter' | 'gauge' {
  return name.endsWith('_total') ? 'counter' : 'gauge';
}

/** The labels of a metric. */
export function labelsOf({ source, isPerWorker }: Metric): string[] {
  return [...(isPerWorker ? ['worker'] : []), ...(typeof source === 'string' ? [] : [source.label])];
}

/** The counters of a metric, with the value of its label. */
export function countersOf({ source }: Metric): (readonly [value: string | undefined, counter: string])[] {
  return typeof source === 'string' ? [[undefined, source]] : Object.entries(source.of);
}
