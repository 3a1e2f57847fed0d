/** Metrics of the modules of other people: one for each counter that a module declares or that its guard keeps. */
import type { Metric } from './metric.js';

/** A module's counters, each with its help. What can go down stands in `levels`. */
export interface CountedModule {
  readonly name: string;
  readonly counters: Readonly<Record<string, string>>;
  readonly levels: Readonly<Record<string, string>>;
}

/** The metrics of one module: the counter `finger.queriesAnswered` is fastpath_module_finger_queries_answered_total. */
export function moduleMetrics({ name, counters, levels }: CountedModule): Metric[] {
  const metric = (counter: string, help: string, end: string): Metric => ({
    name: `fastpath_module_${name}_${snakeCase(counter)}${end}`,
    help,
    source: `${name}.${counter}`,
    scale: 1,
    isPerWorker: false,
  });
  return [
    ...Object.entries(counters).map(([counter, help]) => metric(counter, help, '_total')),
    ...Object.entries(levels).map(([counter, help]) => metric(counter, help, '')),
  ];
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
