/** The results as text: a table for each workload, the open-loop latencies, and the aims. */
import { type CheckedAim, checkAims, ratios } from './aims.js';
import type { GrowthRow } from './growth/rounds.js';
import { nginxAtItsBest, type OpenLoopRow, type Results, type Row, serverCpu } from './results.js';
import { describeRefusals } from './verdict.js';

/** Lines up cells: the first column to the left, all others to the right. */
export function alignColumns(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}

/** A number with about three digits that matter, thousands separated. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Microseconds, or milliseconds from ten of them on. */
export function latency(us: number): string {
  return us < 10_000 ? `${figure(us)} µs` : `${figure(us / 1000)} ms`;
}

const HEADINGS =
  'server|req/s|best|±%|GB/s|p50|p99|CPU µs/req|best|±%|user|system|both cores|client %|other %|RSS MB|× req/s|× CPU|errors';

function cells(row: Row, best: { rate: number; cpu: number } | undefined): string[] {
  const m = row.median;
  return [
    row.server,
    figure(m.requestsPerSecond),
    figure(row.bestRate),
    row.rateSpread.toFixed(0),
    (m.bytesPerSecond / 1e9).toFixed(2),
    latency(m.p50),
    latency(m.p99),
    figure(serverCpu(m)),
    figure(row.bestCpu),
    row.cpuSpread.toFixed(0),
    figure(m.serverUser),
    figure(m.serverSystem),
    figure(m.bothCores),
    `${m.clientPercent.toFixed(0)}${m.clientPercent >= 98 ? '*' : ''}`,
    m.otherPercent.toFixed(0),
    (m.residentBytes / 1e6).toFixed(0),
    best ? (m.requestsPerSecond / best.rate).toFixed(2) : '–',
    best ? (serverCpu(m) / best.cpu).toFixed(2) : '–',
    `${m.errors}`,
  ];
}

/** The table of one workload. */
export function workloadTable(rows: readonly Row[], workload: string): string {
  const best = nginxAtItsBest(rows, workload);
  const lines = rows.filter((row) => row.workload === workload).map((row) => cells(row, best));
  return `${workload}\n${alignColumns([HEADINGS.split('|'), ...lines])}`;
}

function openLoopTable(rows: readonly OpenLoopRow[]): string {
  const lines = rows.map((row) => [
    `${row.workload} ${row.server}`,
    figure(row.askedRate),
    figure(row.requestsPerSecond),
    latency(row.p50),
    latency(row.p99),
    latency(row.p999),
    `${row.failed}`,
  ]);
  return alignColumns([['server', 'asked req/s', 'sent', 'p50', 'p99', 'p99.9', 'failed'], ...lines]);
}

/** fastpath against each of the others: requests a second / CPU time a request, as ratios of medians. */
function ratioTable(rows: readonly Row[]): string {
  const own = rows.filter(({ server }) => server.startsWith('fastpath') || server === 'floor-ring');
  const pair = ({ rate, cpu }: { rate: number; cpu: number }) => `${figure(rate)} / ${figure(cpu)}`;
  const lines = own.map((row) => [`${row.workload} ${row.server}`, ...ratios(rows, row).map(pair)]);
  return alignColumns([['', '× nginx at its best', '× floor', '× lwip'], ...lines]);
}

/** A row for each server and amount. */
export function growthTable(rows: readonly GrowthRow[]): string {
  const lines = rows.map((row) => [
    `${row.count.toLocaleString('en-US')} ${row.kind} ${row.server}`,
    figure(row.cpu),
    figure(row.best),
    row.spread.toFixed(0),
    figure(row.user),
    (row.residentBytes / 1e6).toFixed(0),
  ]);
  return alignColumns([['', 'CPU µs/req', 'best', '±%', 'user', 'RSS MB'], ...lines]);
}

/** The aims with what was found, and a sentence if the machine was too restless for some of them. */
export function aimsTable(aims: readonly CheckedAim[]): string {
  const lines = aims.map(({ text, wanted, found, theirs, verdict }) => [
    text,
    figure(wanted),
    figure(found),
    figure(theirs),
    verdict,
  ]);
  const refusals = describeRefusals(aims.map(({ verdict }) => verdict));
  const table = alignColumns([['aim', 'wanted', 'found', 'nginx', ''], ...lines]);
  return refusals === undefined ? table : `${table}\n\n${refusals}`;
}

const LEGEND = `Figures are medians of the rounds, with the best round beside them. CPU µs/req: of the server's processes.
both cores: of server, client and kernel together. × against nginx at its best for that workload. client % with *: the
client's core is full, so compare CPU time, not req/s. other %: used by neither (interrupts, other programs); if it is
large, the machine was not quiet.`;

/** Everything, as the terminal shows it. */
export function report(results: Results): string {
  const machine = Object.entries(results.machine).map(([key, value]) => `${key}: ${value}`);
  const servers = Object.entries(results.servers).map(([name, note]) => `  ${name}: ${note}`);
  const workloads = [...new Set(results.rows.map((row) => row.workload))];
  const parts = [
    machine.join(', '),
    servers.join('\n'),
    ...workloads.map((workload) => workloadTable(results.rows, workload)),
    LEGEND,
  ];
  if (results.openLoop.length > 0) parts.push(`Latency at a fixed rate (h2load)\n${openLoopTable(results.openLoop)}`);
  if (results.growth.length > 0) parts.push(`Growth: 32 requests under way\n${growthTable(results.growth)}`);
  parts.push(`req/s / CPU a request\n${ratioTable(results.rows)}`);
  const aims = checkAims(results.rows, results.growth, results.callNanoseconds);
  if (aims.length > 0) parts.push(aimsTable(aims));
  if (results.leftOut.length > 0) parts.push(`Left out:\n${results.leftOut.map((line) => `  ${line}`).join('\n')}`);
  return parts.join('\n\n');
}
