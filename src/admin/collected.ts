/** A metric of the registry whose values are read at each scrape. */
import { Counter, Gauge, type Registry } from 'prom-client';

/** Labels and value of one line. */
export type Sample = readonly [labels: Record<string, string>, value: number];

/** Adds a metric: a counter if its name ends with `_total`, else a gauge. */
export function addCollected(
  registry: Registry,
  { name, help }: { readonly name: string; readonly help: string },
  labelNames: string[],
  values: () => readonly Sample[],
): void {
  const configuration = { name, help, labelNames, registers: [registry] };
  if (name.endsWith('_total')) {
    new Counter({
      ...configuration,
      collect() {
        this.reset();
        for (const [labels, value] of values()) this.inc(labels, value);
      },
    });
    return;
  }
  new Gauge({
    ...configuration,
    collect() {
      this.reset();
      for (const [labels, value] of values()) this.set(labels, value);
    },
  });
}
