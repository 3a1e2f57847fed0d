/** The closing lines of a test run: what was slow, flaky or failed, and the counts in the form that CI reads. */
import { emptyResult, type RunResult, SLOW_MS } from './reporter.js';

/** So many slow tests are named, the slowest first. */
const MOST_SLOW = 40;
/** So many characters of what a failed test said are repeated: its beginning and its end. */
const MOST_MESSAGE = 4_000;
/** The same of one that passed at its second try. */
const MOST_OF_FLAKY = 1_000;

/** Files with a test that failed, each once. What inside a namespace failed belongs to the file outside. */
export function filesToRunAgain(results: readonly RunResult[]): string[] {
  const failed = results.filter(({ nested, failures, file }) => !nested && failures.length > 0 && file !== '');
  return [...new Set(failed.map(({ file }) => file))];
}

/**
 * The results of a run after some of its files have run once more. A second run in which all is well counts, and what
 * failed before it is flaky. Any other file stays as it was.
 */
export function withSecondRun(first: readonly RunResult[], second: readonly RunResult[]): RunResult[] {
  const of = (results: readonly RunResult[], file: string) => results.filter((result) => result.file === file);
  const files = filesToRunAgain(first).filter((file) => isMended(of(first, file), of(second, file)));
  const isReplaced = ({ file }: RunResult) => files.includes(file);
  const flaky = first.filter((result) => isReplaced(result) && !result.nested).flatMap(({ failures }) => failures);
  return [
    ...first.filter((result) => !isReplaced(result)),
    ...second.filter(isReplaced),
    { ...emptyResult('', false), flaky },
  ];
}

/** Whether the second run of a file has tried all that failed, and nothing failed. What it skipped it has not tried. */
function isMended(first: readonly RunResult[], second: readonly RunResult[]): boolean {
  const skipped = new Set(second.flatMap(({ skips }) => skips));
  const failed = first.flatMap(({ failures }) => failures);
  const hasPassed = second.some(({ nested, passed }) => !nested && passed > 0);
  const hasFailed = second.some(({ nested, failed }) => !nested && failed > 0);
  return hasPassed && !hasFailed && !failed.some(({ title }) => skipped.has(title));
}

/**
 * Adds up what several mocha processes found. A file inside a namespace counts as the one test that the outer run has
 * for it; but its slow and flaky tests are named.
 */
export function sum(results: readonly RunResult[]): RunResult {
  const outer = results.filter(({ nested }) => !nested);
  const count = (key: 'passed' | 'failed' | 'skipped') => outer.reduce((total, result) => total + result[key], 0);
  return {
    file: '',
    nested: false,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    slow: results.flatMap(({ slow }) => slow).sort((a, b) => b.ms - a.ms),
    flaky: results.flatMap(({ flaky }) => flaky).sort((a, b) => a.title.localeCompare(b.title)),
    // The outer run repeats what the inner one says.
    failures: outer.flatMap(({ failures }) => failures),
    skips: outer.flatMap(({ skips }) => skips),
  };
}

/**
 * The lines to print, the counts last: `2859 passed, 0 failed, 0 skipped`. Failures stand right before them: whoever
 * sees no more than the end of the output sees what went wrong.
 */
export function closingLines({ passed, failed, skipped, slow, flaky, failures }: RunResult): string[] {
  const lines: string[] = [];
  if (slow.length > 0) lines.push(`Slow tests (over ${SLOW_MS / 1000} s):`);
  for (const { title, ms } of slow.slice(0, MOST_SLOW)) lines.push(`  ${(ms / 1000).toFixed(1)} s  ${title}`);
  if (slow.length > MOST_SLOW) lines.push(`  and ${slow.length - MOST_SLOW} more`);
  if (flaky.length > 0) lines.push('Flaky tests (passed at the second try only):');
  for (const { title, message } of flaky) lines.push(`  ${title}`, ...indented(shortened(message, MOST_OF_FLAKY)));
  if (failures.length > 0) lines.push('Failed tests:');
  for (const { title, message } of failures) lines.push(`  ${title}`, ...indented(shortened(message, MOST_MESSAGE)));
  lines.push(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return lines;
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => `    ${line}`);
}

function shortened(message: string, most: number): string {
  if (message.length <= most) return message;
  const half = most / 2;
  return `${message.slice(0, half)}\n…\n${message.slice(-half)}`;
}
