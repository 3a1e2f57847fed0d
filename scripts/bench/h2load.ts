/**
 * h2load with a fixed rate: latency when the server is not saturated. wrk's closed loop only ever sends when an answer
 * has come, so its percentiles describe its own queue; here requests come by the clock, whatever the server does.
 */
import { readFile, rm } from 'node:fs/promises';
import { type Placement, run } from './processes.js';
import { percentile } from './statistics.js';

export interface OpenLoopResult {
  /** What was really sent; well below what was asked for, the figures mean little. */
  readonly requestsPerSecond: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly failed: number;
}

export interface OpenLoopOptions {
  readonly url: string;
  /** Requests a second, of all connections together. */
  readonly rate: number;
  readonly connections: number;
  readonly seconds: number;
  /** Where h2load may write its log. */
  readonly logFile: string;
}

/** Reads h2load's log: start (µs since the epoch), status and duration (µs) of each request. */
export function parseLog(text: string): OpenLoopResult {
  const durations: number[] = [];
  let failed = 0;
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [start, status, duration] = line.split('\t').map(Number);
    if (status! < 200 || status! >= 400) failed++;
    else durations.push(duration!);
    first = Math.min(first, start!);
    last = Math.max(last, start!);
  }
  const sorted = Float64Array.from(durations).sort();
  return {
    requestsPerSecond: (sorted.length / (last - first)) * 1_000_000,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    p999: percentile(sorted, 0.999),
    failed,
  };
}

/** One run at a fixed rate, with one thread. */
export async function runOpenLoop(options: OpenLoopOptions, place: Placement): Promise<OpenLoopResult> {
  const perConnection = Math.round(options.rate / options.connections);
  const load = ['-t1', `-c${options.connections}`, `--rps=${perConnection}`, `-D${options.seconds}`];
  const argv = ['h2load', '--h1', ...load, `--log-file=${options.logFile}`, options.url];
  await run(argv, place, (options.seconds + 20) * 1000);
  const log = await readFile(options.logFile, 'latin1');
  await rm(options.logFile);
  return parseLog(log);
}
