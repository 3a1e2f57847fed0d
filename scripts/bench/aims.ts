/**
 * What fastpath wants to reach, as ratios within one run, checked against its rows. docs/benchmarks.md explains them.
 */
import { RING_PAYS_FROM_NS } from '../../src/serve/worker/frames.js';
import type { GrowthRow } from './growth/rounds.js';
import { nginxAtItsBest, type Row, serverCpu } from './results.js';
import { judge, type Verdict } from './verdict.js';

/** `wanted`: requests a second, at least, as a ratio to `against`. */
interface Aim {
  readonly workload: string;
  readonly server: string;
  readonly against: string;
  readonly wanted: number;
}

const BEST = 'nginx at its best';
const FLOOR = 'floor';

function aim(workload: string, wanted: number, against: string, server = 'fastpath'): Aim {
  return { workload, server, against, wanted };
}

const FEW_BYTES = ['100B', '1KiB', '16KiB'];

/** Against the floor by plain calls. Where a system call is dear, fastpath goes through io_uring, as it comes. */
const PLAIN_AIMS: readonly Aim[] = FEW_BYTES.map((name) => aim(name, 0.95, FLOOR));
const RING_AIMS: readonly Aim[] = FEW_BYTES.flatMap((name) => [
  aim(name, 1.05, FLOOR),
  aim(name, 0.95, FLOOR, 'fastpath-plain'),
]);

const AIMS: readonly Aim[] = [
  ...FEW_BYTES.flatMap((name) => [aim(name, 1.3, BEST), aim(name, name === '16KiB' ? 4 : 1, 'lwip')]),
  ...['128KiB', '1MiB'].flatMap((name) => [aim(name, 1, FLOOR), aim(name, 1, BEST), aim(name, 10, 'lwip')]),
  aim('close', 0.9, FLOOR),
  aim('close', 1.3, BEST),
  aim('16KiB', 0.4, 'nginx-notso', 'fastpath-mtu'),
  aim('128KiB', 0.4, 'nginx-notso', 'fastpath-mtu'),
  aim('1MiB', 0.4, 'nginx-notso', 'fastpath-mtu'),
];

/** User CPU at 100 B beyond the floor's, whose user CPU is that of the calls, microseconds a request. */
const USER_US = 1;
/** CPU time a request with most connections or objects, against fewest. */
const GROWTH = 1.15;

export interface CheckedAim {
  readonly text: string;
  readonly wanted: number;
  readonly found: number;
  /** The same measure for the server that the aim compares with, where that says something; else NaN. */
  readonly theirs: number;
  readonly verdict: Verdict;
}

function check(rows: readonly Row[], { workload, server, against, wanted }: Aim): CheckedAim | undefined {
  const rowOf = (name: string) => rows.find((row) => row.server === name && row.workload === workload);
  const ours = rowOf(server);
  const theirs = against === BEST ? nginxAtItsBest(rows, workload) : referenceOf(rowOf(against));
  if (!ours || !theirs) return undefined;
  const found = ours.median.requestsPerSecond / theirs.rate;
  return {
    text: `${workload}: ${server} × ${against}, req/s, at least`,
    wanted,
    found,
    theirs: Number.NaN,
    verdict: judge(found >= wanted, [ours.rateSpread, theirs.rateSpread]),
  };
}

function referenceOf(row: Row | undefined): { rate: number; rateSpread: number } | undefined {
  return row && { rate: row.median.requestsPerSecond, rateSpread: row.rateSpread };
}

/** Every aim for which this run has both rows. `callNanoseconds`: what a system call costs. */
export function checkAims(rows: readonly Row[], growth: readonly GrowthRow[] = [], callNanoseconds = 0): CheckedAim[] {
  const aims = [...(callNanoseconds < RING_PAYS_FROM_NS ? PLAIN_AIMS : RING_AIMS), ...AIMS];
  const checked = aims.map((wanted) => check(rows, wanted));
  return [...checked, checkUserTime(rows), ...checkGrowth(growth)].filter((result) => result !== undefined);
}

function checkUserTime(rows: readonly Row[]): CheckedAim | undefined {
  const rowOf = (name: string) => rows.find((row) => row.server === name && row.workload === '100B');
  const [ours, floor] = [rowOf('fastpath'), rowOf(FLOOR)];
  if (!ours || !floor) return undefined;
  const found = ours.median.serverUser - floor.median.serverUser;
  return {
    text: "100B: fastpath, user µs a request beyond the floor's, at most",
    wanted: USER_US,
    found,
    theirs: Number.NaN,
    verdict: judge(found <= USER_US, [ours.cpuSpread, floor.cpuSpread]),
  };
}

/** fastpath's growth from the fewest to the most of each kind, with nginx's own beside it. */
export function checkGrowth(rows: readonly GrowthRow[]): CheckedAim[] {
  const kinds = [...new Set(rows.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const ours = growthOf(rows, kind, 'fastpath');
    if (ours === undefined) return [];
    const { fewest, most, ratio } = ours;
    return [
      {
        text: `${fewest.count.toLocaleString('en-US')} to ${most.count.toLocaleString('en-US')} ${kind}: CPU ×, at most`,
        wanted: GROWTH,
        found: ratio,
        theirs: growthOf(rows, kind, 'nginx')?.ratio ?? Number.NaN,
        verdict: judge(ratio <= GROWTH, [fewest.spread, most.spread]),
      },
    ];
  });
}

function growthOf(rows: readonly GrowthRow[], kind: string, server: string) {
  const own = rows.filter((row) => row.kind === kind && row.server === server).sort((a, b) => a.count - b.count);
  const [fewest, most] = [own[0], own.at(-1)];
  if (fewest === undefined || most === undefined || fewest === most) return undefined;
  return { fewest, most, ratio: most.cpu / fewest.cpu };
}

/** The servers that fastpath is compared with, for the table of ratios. */
export function ratios(rows: readonly Row[], row: Row): readonly { against: string; rate: number; cpu: number }[] {
  const best = nginxAtItsBest(rows, row.workload);
  const others = ['floor', 'lwip'].map((name) => {
    const other = rows.find((each) => each.server === name && each.workload === row.workload);
    return { against: name, rate: other?.median.requestsPerSecond, cpu: other && serverCpu(other.median) };
  });
  return [{ against: BEST, rate: best?.rate, cpu: best?.cpu }, ...others].map(({ against, rate, cpu }) => ({
    against,
    rate: row.median.requestsPerSecond / (rate ?? Number.NaN),
    cpu: serverCpu(row.median) / (cpu ?? Number.NaN),
  }));
}
