/** What a whole run has found: rounds gathered into rows, rows into the file that `--json` writes. */
import type { OpenLoopResult } from './h2load.js';
import type { Measurement } from './measure.js';
import { median, spreadPercent } from './statistics.js';

/** All rounds of one server with one workload. */
export interface Row {
  readonly server: string;
  readonly workload: string;
  /** The medians of the rounds, figure by figure. */
  readonly median: Measurement;
  /** Of requests a second, and of the server's CPU time a request: ± percent. */
  readonly rateSpread: number;
  readonly cpuSpread: number;
  readonly rounds: readonly Measurement[];
}

/** One server under a fixed rate. */
export interface OpenLoopRow extends OpenLoopResult {
  readonly server: string;
  readonly workload: string;
  readonly askedRate: number;
}

export interface Results {
  readonly machine: Record<string, string | number | boolean>;
  readonly servers: Record<string, string>;
  readonly rows: readonly Row[];
  readonly openLoop: readonly OpenLoopRow[];
  /** Servers and workloads that were not measured, and why. */
  readonly leftOut: readonly string[];
}

/** CPU microseconds a request of the server, user and system. */
export function serverCpu(measurement: Measurement): number {
  return measurement.serverUser + measurement.serverSystem;
}

/** Gathers the rounds of one server with one workload. */
export function makeRow(server: string, workload: string, rounds: readonly Measurement[]): Row {
  const keys = Object.keys(rounds[0]!) as (keyof Measurement)[];
  const medians = keys.map((key) => [key, median(rounds.map((round) => round[key]))]);
  return {
    server,
    workload,
    median: Object.fromEntries(medians) as Measurement,
    rateSpread: spreadPercent(rounds.map((round) => round.requestsPerSecond)),
    cpuSpread: spreadPercent(rounds.map(serverCpu)),
    rounds,
  };
}

/** nginx at its best for a workload: the highest rate of its rows, and the least CPU time a request. */
export function nginxAtItsBest(rows: readonly Row[], workload: string): { rate: number; cpu: number } | undefined {
  const candidates = rows.filter((row) => row.workload === workload && /^nginx/.test(row.server));
  if (candidates.length === 0) return undefined;
  return {
    rate: Math.max(...candidates.map((row) => row.median.requestsPerSecond)),
    cpu: Math.min(...candidates.map((row) => serverCpu(row.median))),
  };
}
