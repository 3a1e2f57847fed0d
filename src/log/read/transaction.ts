/**
 * One transaction, from what its record knows: how the request came, what the cache decided, which segments of the
 * stream the answer is, when they were acknowledged. And how to find its frames in a capture: sequence numbers of the
 * record are those of the wire.
 */
import type { LogEntry } from './entry.js';
import { describeFrames, type JoinedFrame } from './join.js';

/** Lines for people. `frames`: those of a capture, if one was read. */
export function describeTransaction(entry: LogEntry, frames?: readonly JoinedFrame[]): string[] {
  const request = entry.line ?? `${entry.method ?? '?'} ${entry.target ?? '?'} HTTP/${entry.version ?? '?'}`;
  const decision = [`request ${request}`, `cache ${cacheOf(entry)}`, `took ${pathOf(entry)}`];
  return [
    `transaction ${entry.transaction ?? '(not in this log)'}`,
    `  client    ${entry.client}${entry.port === undefined ? '' : ` port ${entry.port}`}`,
    `  request   ${request}${entry.host === undefined ? '' : `, host ${entry.host}`}`,
    `  began     ${entry.time}${entry.received === undefined ? '' : `, its bytes end at or before ${entry.received}`}`,
    `  took      ${pathOf(entry)}`,
    `  cache     ${cacheOf(entry)}`,
    `  answer    ${answerOf(entry)}`,
    ...timesOf(entry).map((line) => `  ${line}`),
    ...(frames === undefined ? captureOf(entry) : describeFrames(frames, decision)).map((line) => `  ${line}`),
  ];
}

function pathOf({ reason }: LogEntry): string {
  return reason === undefined
    ? 'the fast path: whole in one segment, answered in the call that brought it'
    : `${reason}`;
}

function cacheOf({ cache, object, generation, coding, site }: LogEntry): string {
  if (cache === undefined) return '(not in this log)';
  const which = object === undefined ? '' : `: object ${object}, generation ${generation}`;
  return `${cache}${which}${coding === undefined ? '' : `, ${coding}`}${site === undefined ? '' : `, site ${site}`}`;
}

function answerOf({ status, length, bytes, sequence }: LogEntry): string {
  const [from, to] = Array.isArray(sequence) ? (sequence as readonly number[]) : [];
  const where = from === undefined ? '' : `, sequence numbers ${from} to ${to}`;
  return `${status}${length === undefined ? '' : `, ${length} bytes queued`}, ${bytes} of payload acknowledged${where}`;
}

function timesOf({ answered, first, last, closed, ended }: LogEntry): string[] {
  const at = (name: string, seconds: LogEntry[string]) =>
    typeof seconds === 'number' ? [`${name.padEnd(9)} +${(1_000 * seconds).toFixed(3)} ms`] : [];
  return [
    ...at('queued', answered),
    ...at('first ack', first),
    ...at('last ack', last),
    ...at('ended', ended).map((line) => `${line}: ${closed}, not all was acknowledged`),
  ];
}

function captureOf({ client, port, sequence }: LogEntry): string[] {
  if (port === undefined || !Array.isArray(sequence)) return [];
  const family = String(client).includes(':') ? 'ipv6' : 'ip';
  return [`frames    fastpath dissect CAPTURE --filter '${family}.addr == ${client} && tcp.port == ${port}'`];
}
