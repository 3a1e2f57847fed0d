/** wrk, the closed-loop load generator: as many requests as the server answers, over a fixed number of connections. */
import { type Placement, run } from './processes.js';

export interface WrkResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Latency percentiles, microseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Failed connects, reads, writes, time-outs and answers that were not 2xx or 3xx. */
  readonly errors: number;
}

export interface WrkOptions {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** Ask for `Connection: close`. */
  readonly close?: boolean;
  /** A Lua script of wrk's, for requests that differ. */
  readonly script?: string;
}

const MICROSECONDS: Record<string, number> = { us: 1, ms: 1000, s: 1_000_000, m: 60_000_000 };

function duration(text: string | undefined): number {
  const [, value, unit] = /^([\d.]+)(us|ms|s|m)$/.exec(text ?? '') ?? [];
  return value === undefined ? Number.NaN : Number(value) * MICROSECONDS[unit!]!;
}

function errorCount(output: string): number {
  const socket = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)?.slice(1) ?? [];
  const status = /Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0;
  return socket.reduce((sum, count) => sum + Number(count), Number(status));
}

/** Reads what `wrk --latency` prints; throws an Error showing it if the expected lines are not there. */
export function parseWrk(output: string): WrkResult {
  const requests = /(\d+) requests in/.exec(output)?.[1];
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(output)?.[1];
  if (requests === undefined || rate === undefined) throw new Error(`not the output of wrk --latency:\n${output}`);
  return {
    requests: Number(requests),
    requestsPerSecond: Number(rate),
    p50: duration(/^\s+50%\s+(\S+)/m.exec(output)?.[1]),
    p99: duration(/^\s+99%\s+(\S+)/m.exec(output)?.[1]),
    errors: errorCount(output),
  };
}

/** One run with one thread. */
export async function runWrk(options: WrkOptions, place: Placement): Promise<WrkResult> {
  const header = options.close ? ['-H', 'Connection: close'] : [];
  const script = options.script === undefined ? [] : ['-s', options.script];
  const load = ['-t1', `-c${options.connections}`, `-d${options.seconds}s`, '--latency', '--timeout', '5s'];
  const argv = ['wrk', ...load, ...header, ...script, options.url];
  return parseWrk(await run(argv, place, (options.seconds + 20) * 1000));
}
