/**
 * Mocha's `spec` reporter, and one thing more: it writes down which tests were slow, which passed only at the second
 * try, and how many there were, for scripts/tests/main.ts to put together. It writes a file into the folder that the
 * environment variable FASTPATH_TEST_RESULTS names, and nothing where that is not set.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';

const { EVENT_RUN_END, EVENT_TEST_PASS, EVENT_TEST_RETRY, EVENT_TEST_FAIL, EVENT_TEST_PENDING } =
  Mocha.Runner.constants;

/** The variable that names the folder for results. */
export const RESULTS_FOLDER = 'FASTPATH_TEST_RESULTS';
/** Set in the process that runs one file inside a network namespace: its tests are counted as one by the outer run. */
export const INSIDE_NAMESPACE = 'FASTPATH_TEST_NAMESPACE';
/** A test that takes longer is named, milliseconds. */
export const SLOW_MS = 2000;

/** What one mocha process found in one file. */
export interface RunResult {
  /** The test file, as mocha was given it. Empty for what belongs to none. */
  file: string;
  /** True for the tests of a file inside a namespace. */
  nested: boolean;
  passed: number;
  failed: number;
  skipped: number;
  /** Titles of the tests that were skipped. */
  skips: string[];
  /** Tests that took longer than `SLOW_MS`. */
  slow: { title: string; ms: number }[];
  /** Tests that failed and then passed, and what they said the first time. */
  flaky: { title: string; message: string }[];
  /** Tests that failed, and what they said. */
  failures: { title: string; message: string }[];
}

export default class ResultReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const folder = process.env[RESULTS_FOLDER];
    if (folder === undefined) return;
    const nested = process.env[INSIDE_NAMESPACE] === '1';
    const results = new Map<string, RunResult>();
    const resultOf = ({ file = '' }: { file?: string | undefined }) => {
      const result = results.get(file) ?? emptyResult(file, nested);
      results.set(file, result);
      return result;
    };
    const retried = new Map<string, string>();
    runner.on(EVENT_TEST_RETRY, (test, error: Error) => {
      retried.set(test.fullTitle(), error.stack ?? error.message);
    });
    runner.on(EVENT_TEST_PENDING, (test) => {
      const result = resultOf(test);
      result.skipped++;
      result.skips.push(test.fullTitle());
    });
    runner.on(EVENT_TEST_FAIL, (test, error: Error) => {
      const result = resultOf(test);
      result.failed++;
      result.failures.push({ title: test.fullTitle(), message: error.stack ?? error.message });
    });
    runner.on(EVENT_TEST_PASS, (test) => {
      const result = resultOf(test);
      const title = test.fullTitle();
      const ms = test.duration ?? 0;
      result.passed++;
      const message = retried.get(title);
      if (message !== undefined) result.flaky.push({ title, message });
      if (ms > SLOW_MS) result.slow.push({ title, ms });
    });
    runner.on(EVENT_RUN_END, () => {
      writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify([...results.values()]));
    });
  }
}

/** Nothing found yet. */
export function emptyResult(file: string, nested: boolean): RunResult {
  return { file, nested, passed: 0, failed: 0, skipped: 0, skips: [], slow: [], flaky: [], failures: [] };
}
