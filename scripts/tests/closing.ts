/** The closing lines of a test run: what was slow, what was flaky, and the counts in the form that CI reads. */
import { type RunResult, SLOW_MS } from './reporter.js';

/**
 * Adds up what several mocha processes found. A file inside a namespace counts as the one test that the outer run has
 * for it; but its slow and flaky tests are named.
 */
export function sum(results: readonly RunResult[]): RunResult {
  const outer = results.filter(({ nested }) => !nested);
  const count = (key: 'passed' | 'failed' | 'skipped') => outer.reduce((total, result) => total + result[key], 0);
  return {
    nested: false,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    slow: results.flatMap(({ slow }) => slow).sort((a, b) => b.ms - a.ms),
    flaky: results.flatMap(({ flaky }) => flaky).sort(),
  };
}

/** The lines to print, the counts last: `2859 passed, 0 failed, 0 skipped`. */
export function closingLines({ passed, failed, skipped, slow, flaky }: RunResult): string[] {
  const lines: string[] = [];
  if (slow.length > 0) lines.push(`Slow tests (over ${SLOW_MS / 1000} s):`);
  for (const { title, ms } of slow) lines.push(`  ${(ms / 1000).toFixed(1)} s  ${title}`);
  if (flaky.length > 0) lines.push('Flaky tests (passed at the second try only):');
  for (const title of flaky) lines.push(`  ${title}`);
  lines.push(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return lines;
}
