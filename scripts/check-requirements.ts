/**
 * Checks docs/tcp-requirements.md: each requirement has an answer and either a test that exists and claims it, or a
 * reason.
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
import { parseTable, withTests } from './requirements/table.js';
import { findTests, type NamedTest } from './requirements/tests.js';

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const TABLE = path('docs/tcp-requirements.md');
const LIST = path('../shared/TCP-REQUIREMENTS.md');

/** What is wrong with the table of this repository. */
export function requirementProblems(tests: readonly NamedTest[] = findTests(path('test'))): string[] {
  const list = existsSync(LIST) ? readFileSync(LIST, 'utf8') : undefined;
  return problemsOf(parseTable(readFileSync(TABLE, 'utf8')), tests, list);
}

function main(flags: readonly string[]): number {
  const tests = findTests(path('test'));
  const text = readFileSync(TABLE, 'utf8');
  const rows = parseTable(text);
  if (flags.includes('--missing')) {
    for (const id of idsWithoutTest(rows, tests)) console.log(id);
    return 0;
  }
  if (flags.includes('--write'))
    writeFileSync(
      TABLE,
      withTests(text, (row) => testsFor(row, tests)),
    );
  const problems = requirementProblems(tests);
  for (const problem of problems) console.error(problem);
  console.log(`${rows.length} requirements, ${tests.length} tests that claim one, ${problems.length} problems`);
  return problems.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
