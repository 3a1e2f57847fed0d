/** What can be wrong with the table of requirements; an empty list means that it holds what it promises. */
import { idsOfList, type Row } from './table.js';
import type { NamedTest } from './tests.js';

/** At most so many tests are named in a row; a reader wants an example, not a list. */
const NAMED_AT_MOST = 3;
const SEE = /^see (\S+)$/;
const NO = /^no, because \S/;

/**
 * A row's last cell made anew: its references to other rows, and the first tests that claim its id, packet scripts
 * first.
 */
export function testsFor(row: Row, tests: readonly NamedTest[]): string[] {
  const names = tests.filter(({ ids }) => ids.includes(row.id)).map(({ name }) => name);
  const scripts = names.filter((name) => name.endsWith('.pkt'));
  const mocha = names.filter((name) => !name.endsWith('.pkt'));
  const chosen = [...mocha.slice(0, NAMED_AT_MOST - Math.min(1, scripts.length)), ...scripts];
  return [...row.shownBy.filter((name) => SEE.test(name)), ...chosen.slice(0, NAMED_AT_MOST)];
}

/** Complaints about the rows, each a sentence that begins with the id. */
export function problemsOf(rows: readonly Row[], tests: readonly NamedTest[], list?: string): string[] {
  const byName = new Map<string, Set<string>>();
  for (const { name, ids } of tests) byName.set(name, new Set([...(byName.get(name) ?? []), ...ids]));
  const byId = new Map(rows.map((row) => [row.id, row]));
  const problems = rows.flatMap((row) => problemsOfRow(row, byName, byId));
  for (const row of rows) if (byId.get(row.id) !== row) problems.push(`${row.id} has two rows (line ${row.line})`);
  for (const id of list === undefined ? [] : idsOfList(list)) if (!byId.has(id)) problems.push(`${id} has no row`);
  return problems;
}

function problemsOfRow(row: Row, tests: Map<string, Set<string>>, rows: Map<string, Row>): string[] {
  const { id, asked, answer, shownBy } = row;
  const problems: string[] = [];
  if (asked === '') problems.push(`${id} does not say what is asked`);
  if (answer === '') problems.push(`${id} has no answer`);
  if (shownBy.length === 0 && !NO.test(answer)) problems.push(`${id} names no test and does not say "no, because …"`);
  for (const name of shownBy) {
    const other = SEE.exec(name)?.[1];
    if (other !== undefined) {
      if (!rows.get(other)?.shownBy.some((each) => !SEE.test(each)))
        problems.push(`${id} points to ${other}, which names no test`);
    } else if (!tests.has(name)) problems.push(`${id} names a test that is not there: ${name}`);
    else if (!tests.get(name)!.has(id)) problems.push(`${id} names a test that does not claim it: ${name}`);
  }
  return problems;
}

/** Ids of rows that no test claims. */
export function idsWithoutTest(rows: readonly Row[], tests: readonly NamedTest[]): string[] {
  const claimed = new Set(tests.flatMap(({ ids }) => ids));
  return rows.filter(({ id }) => !claimed.has(id)).map(({ id }) => id);
}
