/** What a whole run has found: rounds gathered into rows, rows into the file that `--json` writes. */
import type { GrowthRow } from './growth/rounds.js';
import type { OpenLoopResult } from './h2load.js';
import type { Measurement } from './measure.js';
import { median, spreadPercent } from './statistics.js';

/** All rounds of one server with one workload. */
export interface Row {
  readonly server: string;
  readonly workload: string;
  /** The medians of the rounds, figure by figure. */
  readonly median: Measurement;
  /** The best round: most requests a second, and least CPU time a request. */
  readonly bestRate: number;
  readonly bestCpu: number;
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
  /** What a system call costs on this machine today. */
  readonly callNanoseconds: number;
  readonly servers: Record<string, string>;
  readonly rows: readonly Row[];
  readonly openLoop: readonly OpenLoopRow[];
  readonly growth: readonly GrowthRow[];
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
    bestRate: Math.max(...rounds.map((round) => round.requestsPerSecond)),
    bestCpu: Math.min(...rounds.map(serverCpu)),
    rateSpread: spreadPercent(rounds.map((round) => round.requestsPerSecond)),
    cpuSpread: spreadPercent(rounds.map(serverCpu)),
    rounds,
  };
}

/** nginx at its best for a workload: the highest rate of its rows, and the least CPU time a request. */
export function nginxAtItsBest(rows: readonly Row[], workload: string): NginxAtItsBest | undefined {
  const candidates = rows.filter((row) => row.workload === workload && /^nginx/.test(row.server));
  const [fastest] = [...candidates].sort((a, b) => b.median.requestsPerSecond - a.median.requestsPerSecond);
  if (fastest === undefined) return undefined;
  return {
    rate: fastest.median.requestsPerSecond,
    rateSpread: fastest.rateSpread,
    cpu: Math.min(...candidates.map((row) => serverCpu(row.median))),
  };
}

export interface NginxAtItsBest {
  readonly rate: number;
  /** Of the row that has this rate. */
  readonly rateSpread: number;
  readonly cpu: number;
}
