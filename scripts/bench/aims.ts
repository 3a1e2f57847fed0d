/**
 * What fastpath wants to reach, as ratios within one run, checked against its rows. docs/benchmarks.md explains them.
 */
import type { Measurement } from './measure.js';
import { nginxAtItsBest, type Row, serverCpu } from './results.js';

/**
 * `rate`: requests a second, at least; `cpu`: the server's CPU time a request, at most; both as ratios to `against`.
 */
interface Aim {
  readonly workload: string;
  readonly server: string;
  readonly against: string;
  readonly measure: 'rate' | 'cpu';
  readonly wanted: number;
}

const BEST = 'nginx at its best';

function aim(workload: string, measure: 'rate' | 'cpu', wanted: number, against = BEST, server = 'fastpath'): Aim {
  return { workload, server, against, measure, wanted };
}

const AIMS: readonly Aim[] = [
  aim('100B', 'rate', 1.5),
  aim('100B', 'cpu', 0.6),
  aim('100B', 'rate', 1, 'lwip'),
  aim('1KiB', 'rate', 1.5),
  aim('1KiB', 'cpu', 0.6),
  aim('1KiB', 'rate', 1, 'lwip'),
  aim('16KiB', 'rate', 1.5),
  aim('16KiB', 'rate', 4, 'lwip'),
  aim('128KiB', 'rate', 1.15),
  aim('128KiB', 'cpu', 0.7),
  aim('128KiB', 'rate', 10, 'lwip'),
  aim('1MiB', 'rate', 1),
  aim('1MiB', 'cpu', 1.25),
  aim('1MiB', 'rate', 10, 'lwip'),
  aim('close', 'rate', 1.8),
  aim('16KiB', 'rate', 0.4, 'nginx-notso', 'fastpath-mtu'),
  aim('128KiB', 'rate', 0.4, 'nginx-notso', 'fastpath-mtu'),
  aim('1MiB', 'rate', 0.4, 'nginx-notso', 'fastpath-mtu'),
];

/** User-space CPU of ours at 100 B, microseconds a request. */
const USER_US = 1;

export interface CheckedAim {
  readonly text: string;
  readonly wanted: number;
  readonly found: number;
  /** What the floor reaches by the same measure: no stack over this TAP can do better. NaN where it has no row. */
  readonly floor: number;
  readonly met: boolean;
}

function reference(rows: readonly Row[], { workload, against }: Aim): { rate: number; cpu: number } | undefined {
  if (against === BEST) return nginxAtItsBest(rows, workload);
  const row = rows.find((candidate) => candidate.server === against && candidate.workload === workload);
  return row && { rate: row.median.requestsPerSecond, cpu: serverCpu(row.median) };
}

function check(rows: readonly Row[], wanted: Aim): CheckedAim | undefined {
  const rowOf = (server: string) =>
    rows.find((row) => row.server === server && row.workload === wanted.workload)?.median;
  const ours = rowOf(wanted.server);
  const theirs = reference(rows, wanted);
  if (!ours || !theirs) return undefined;
  const isRate = wanted.measure === 'rate';
  const ratio = (row: Measurement) => (isRate ? row.requestsPerSecond / theirs.rate : serverCpu(row) / theirs.cpu);
  const floor = wanted.server === 'fastpath' ? rowOf('floor') : undefined;
  const found = ratio(ours);
  return {
    text: `${wanted.workload}: ${wanted.server} × ${wanted.against}, ${isRate ? 'req/s, at least' : 'CPU a request, at most'}`,
    wanted: wanted.wanted,
    found,
    floor: floor ? ratio(floor) : Number.NaN,
    met: isRate ? found >= wanted.wanted : found <= wanted.wanted,
  };
}

/** Every aim for which this run has both rows. */
export function checkAims(rows: readonly Row[]): CheckedAim[] {
  const checked = AIMS.map((wanted) => check(rows, wanted)).filter((result) => result !== undefined);
  const userTime = (server: string) =>
    rows.find((row) => row.server === server && row.workload === '100B')?.median.serverUser ?? Number.NaN;
  const found = userTime('fastpath');
  if (!Number.isNaN(found)) {
    const text = '100B: fastpath, user µs a request, at most';
    checked.push({ text, wanted: USER_US, found, floor: userTime('floor'), met: found <= USER_US });
  }
  return checked;
}
