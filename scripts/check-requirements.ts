/**
 * Checks docs/tcp-requirements.md and docs/udp-requirements.md: each requirement has an answer and either a test that
 * exists and claims it, or a reason.
 *
 *     npm run check:requirements               says what is wrong; exit status 1 if anything is
 *     npm run check:requirements -- --write    fills the last column in, from the ids in the titles of the tests
 *     npm run check:requirements -- --missing  lists the ids that no test claims
 *
 * Where the list that the ids are from lies beside the repository (../shared/TCP-REQUIREMENTS.md), no id of it may be
 * missing.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { idsWithoutTest, problemsOf, testsFor } from './requirements/check.js';
import { parseTable, type Row, withTests } from './requirements/table.js';
import { findTests, type NamedTest } from './requirements/tests.js';

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const TABLES = ['docs/tcp-requirements.md', 'docs/udp-requirements.md'].map(path);
const LIST = path('../shared/TCP-REQUIREMENTS.md');

/** What is wrong with the tables of this repository. */
export function requirementProblems(tests: readonly NamedTest[] = findTests(path('test'))): string[] {
  const list = existsSync(LIST) ? readFileSync(LIST, 'utf8') : undefined;
  return problemsOf(allRows(), tests, list);
}

function allRows(): Row[] {
  return TABLES.flatMap((table) => parseTable(readFileSync(table, 'utf8')));
}

/** Fills in the last column of one document. */
function write(table: string, tests: readonly NamedTest[]): void {
  const text = readFileSync(table, 'utf8');
  writeFileSync(
    table,
    withTests(text, (row) => testsFor(row, tests)),
  );
}

function main(flags: readonly string[]): number {
  const tests = findTests(path('test'));
  if (flags.includes('--missing')) {
    for (const id of idsWithoutTest(allRows(), tests)) console.log(id);
    return 0;
  }
  if (flags.includes('--write')) for (const table of TABLES) write(table, tests);
  const problems = requirementProblems(tests);
  for (const problem of problems) console.error(problem);
  console.log(`${allRows().length} requirements, ${tests.length} tests that claim one, ${problems.length} problems`);
  return problems.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
