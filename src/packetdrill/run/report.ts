/**
 * Writes what a person reads about a script: one line if all is well, and after a failure all that helps to find its
 * cause.
 */
import { type Failure, type ScriptResult, type TimelineEntry, VERDICTS, type Verdict } from './result.js';

/** How many lines of the time line are shown before the one that failed, and after it. */
const BEFORE = 12;
const AFTER = 4;

const ARROWS: Readonly<Record<TimelineEntry['kind'], string>> = {
  in: '<',
  out: '>',
  call: '·',
  check: '?',
};

/** The report of one failed, broken or unsupported script. */
export function describeResult(result: ScriptResult): string {
  const { failure, path, ipVersion } = result;
  if (result.verdict === 'empty') return `${path} (${ipVersion}): nothing in it was checked`;
  if (failure === undefined) return `${path} (${ipVersion}): passed`;
  const lines = [`${path}:${failure.at.line}:${failure.at.column}: ${failure.problem} (${ipVersion})`, failure.excerpt];
  lines.push(...comparison(failure), ...timeline(result, failure), ...variables(failure));
  if (result.notChecked.length > 0)
    lines.push(`    ${result.notChecked.length} assertions before it could not be checked`);
  return lines.join('\n');
}

function comparison(failure: Failure): string[] {
  const lines: string[] = [];
  if (failure.expected !== undefined) lines.push(`    expected  ${failure.expected}`);
  if (failure.actual !== undefined) lines.push(`    came      ${failure.actual}`);
  for (const { field, expected, actual } of failure.differences) {
    lines.push(`    ${field}: expected ${expected}, came ${actual}`);
  }
  return lines;
}

/** The packets around the failure. A `-` in place of a line number marks a packet that the script does not mention. */
function timeline(result: ScriptResult, failure: Failure): string[] {
  const last = result.timeline.findLastIndex((entry) => entry.line !== 0 && entry.line <= failure.at.line);
  const shown = result.timeline.slice(Math.max(0, last - BEFORE), last + 1 + AFTER);
  if (shown.length === 0) return [];
  return ['    what happened, seconds since the start, line of the script:', ...shown.map(timelineLine)];
}

function timelineLine({ time, kind, text, line }: TimelineEntry): string {
  const at = (time / 1_000_000).toFixed(6).padStart(12);
  const where = line === 0 ? '     -' : String(line).padStart(6);
  return `    ${at} ${where}  ${ARROWS[kind]} ${text}`;
}

function variables(failure: Failure): string[] {
  const pairs = Object.entries(failure.variables).map(([name, value]) => `${name} ${value}`);
  if (pairs.length === 0) return [];
  const lines = ['    the connection:'];
  for (let i = 0; i < pairs.length; i += 6) lines.push(`      ${pairs.slice(i, i + 6).join(', ')}`);
  return lines;
}

/** The counts of one folder, for the summary. */
export interface FolderSummary extends Record<Verdict, number> {
  readonly folder: string;
  notChecked: number;
}

function emptySummary(folder: string): FolderSummary {
  return { folder, passed: 0, failed: 0, empty: 0, broken: 0, unsupported: 0, notChecked: 0 };
}

/** Results by folder, in the order in which folders first appear. */
export function summarize(results: readonly ScriptResult[]): FolderSummary[] {
  const folders = new Map<string, FolderSummary>();
  for (const result of results) {
    const folder = result.path.includes('/') ? result.path.slice(0, result.path.lastIndexOf('/')) : '.';
    let summary = folders.get(folder);
    if (summary === undefined) {
      summary = emptySummary(folder);
      folders.set(folder, summary);
    }
    summary[result.verdict]++;
    summary.notChecked += result.notChecked.length;
  }
  return [...folders.values()];
}

const COLUMNS = [
  ...VERDICTS.map((verdict) => ({ key: verdict, title: String(verdict) })),
  { key: 'notChecked' as const, title: 'assertions not checked' },
];

/** The summary as a table, with a total if there is more than one folder. */
export function summaryTable(summaries: readonly FolderSummary[]): string {
  const total = emptySummary('all');
  for (const each of summaries) {
    for (const { key } of COLUMNS) total[key] += each[key];
  }
  const rows = summaries.length > 1 ? [...summaries, total] : summaries;
  const width = Math.max(6, ...rows.map(({ folder }) => folder.length));
  const header = ['folder'.padEnd(width), ...COLUMNS.map(({ title }) => title)].join('  ');
  const line = (row: FolderSummary) =>
    [row.folder.padEnd(width), ...COLUMNS.map(({ key, title }) => String(row[key]).padStart(title.length))].join('  ');
  return [header, ...rows.map(line)].join('\n');
}
