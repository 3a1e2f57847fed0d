/** Why requests did not take the fast path, in the words of the access log. docs/slow-path.md explains each. */
import type { HttpStatistics } from '../http/sending/statistics.js';
import { formatCount, formatTimes } from '../words/numbers.js';

/** The words of the log, and the counter of each. */
export const REASON_COUNTERS: readonly (readonly [word: string, counter: keyof HttpStatistics])[] = [
  ['conditional', 'offConditional'],
  ['range', 'offRange'],
  ['target', 'offTarget'],
  ['carried', 'carriedOver'],
  ['body', 'offBody'],
  ['method', 'offMethod'],
  ['no-object', 'offNoObject'],
  ['host', 'offHost'],
  ['rule', 'offRule'],
  ['waited', 'waited'],
  ['stream', 'streams'],
  ['route', 'offRoute'],
  ['expired', 'offExpired'],
  ['refused', 'refused'],
  ['request-timeout', 'requestTimeouts'],
  ['no-handler', 'handOversRefused'],
  ['handler-failed', 'handlerFailures'],
  ['handler-timeout', 'handlerTimeouts'],
];

/** `  off the fast path: 3 conditional, 1 no-object`; no line if every request took it. */
export function describeReasons(counters: Readonly<Record<string, number>>): string[] {
  const shown = REASON_COUNTERS.flatMap(([word, counter]) => {
    const value = counters[`http.${counter}`] ?? 0;
    return value === 0 ? [] : [`${formatCount(value)} ${word}`];
  });
  return shown.length === 0 ? [] : [`  off the fast path: ${shown.join(', ')}`];
}

/** `  the handler's thread: started again 2 times, stuck once`; no line if nothing has happened to it. */
export function describeThreads(counters: Readonly<Record<string, number>>): string[] {
  return [
    ...describeThread("the handler's thread", 'handler', counters),
    ...describeThread("the proxy's thread", 'proxy', counters),
  ];
}

function describeThread(what: string, group: string, counters: Readonly<Record<string, number>>): string[] {
  const words = { restarts: 'started again', stuck: 'stuck', replaced: 'replaced' };
  const shown = Object.entries(words).flatMap(([name, word]) => {
    const value = counters[`${group}.${name}`] ?? 0;
    return value === 0 ? [] : [`${word} ${formatTimes(value)}`];
  });
  return shown.length === 0 ? [] : [`  ${what}: ${shown.join(', ')}`];
}
