/**
 * What `fastpath stat` shows: the counters of a server by their internal names, each with its change a second and its
 * average since the start. What is no counter but a level (open connections, bytes in use) has neither.
 */
import type { CacheReading } from '../shared-cache/thread/messages.js';
import { cacheLabel } from './cache-label.js';
import { METRICS } from './table/index.js';
import { countersOf, typeOf } from './table/metric.js';

/** Counters by dotted name, at a time. */
export interface StatSample {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly uptimeSeconds: number;
  readonly values: ReadonlyMap<string, number>;
  /** Those of modules that can go down. */
  readonly levels?: ReadonlySet<string>;
}

/** A line of the table. */
export interface StatRow {
  readonly name: string;
  readonly value: number;
  /** Undefined: a level, or there was no sample before. */
  readonly perSecond?: number;
  readonly average?: number;
}

/** Names of counters that can go down. */
const LEVELS: ReadonlySet<string> = new Set(
  METRICS.filter((metric) => typeOf(metric) === 'gauge').flatMap((metric) =>
    countersOf(metric).map(([, counter]) => counter),
  ),
);

/** Counters of a cache that can go down. */
const KEPT_LEVELS = ['answers', 'bytes', 'limitBytes', 'fetching'] as const;

/** The answer of a control socket as a sample. @throws {TypeError} if it is none: the server is starting */
export function sampleOf(answer: object): StatSample {
  const { time, uptimeSeconds, counters, cache, supply, modules, caches } = answer as Readonly<Record<string, unknown>>;
  if (typeof uptimeSeconds !== 'number' || typeof time !== 'string') throw new TypeError('the server is starting');
  const values = new Map<string, number>();
  for (const [group, of] of [
    ['', counters],
    ['cache.', cache],
    ['supply.', supply],
  ] as const) {
    for (const [name, value] of Object.entries(of ?? {}))
      if (typeof value === 'number') values.set(group + name, value);
  }
  const levels: string[] = ((modules ?? []) as { levels: readonly string[] }[]).flatMap((module) => module.levels);
  for (const { name, counters: own } of (caches ?? []) as readonly CacheReading[]) {
    const group = `kept.${cacheLabel(name)}`;
    for (const [counter, value] of Object.entries(own)) values.set(`${group}.${counter}`, value as number);
    levels.push(...KEPT_LEVELS.map((level) => `${group}.${level}`));
  }
  return { time: Date.parse(time), uptimeSeconds, values, levels: new Set(levels) };
}

/** The rows of a sample, in the order of its counters. `before`: an earlier sample of the same server. */
export function statRows(now: StatSample, before?: StatSample): StatRow[] {
  const passed = before === undefined ? 0 : (now.time - before.time) / 1_000;
  return [...now.values].map(([name, value]) => {
    if (LEVELS.has(name) || now.levels?.has(name)) return { name, value };
    const average = value / Math.max(now.uptimeSeconds, 0.1);
    const earlier = before?.values.get(name);
    // A server that has handed over counts from nothing again.
    if (earlier === undefined || passed <= 0 || value < earlier) return { name, value, average };
    return { name, value, perSecond: (value - earlier) / passed, average };
  });
}

/** A filter of names: patterns with `*` for anything; with `!` in front: not these. Without a positive one: all. */
export function nameFilter(patterns: readonly string[]): (name: string) => boolean {
  const wanted = patterns.filter((pattern) => !pattern.startsWith('!')).map(regexOf);
  const unwanted = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => regexOf(pattern.slice(1)));
  return (name) =>
    (wanted.length === 0 || wanted.some((each) => each.test(name))) && !unwanted.some((each) => each.test(name));
}

/** A pattern without a `*` stands for every name that contains it. */
function regexOf(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return pattern.includes('*') ? new RegExp(`^${escaped.replaceAll('*', '.*')}$`, 'i') : new RegExp(escaped, 'i');
}
