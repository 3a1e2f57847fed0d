/**
 * docs/tcp-requirements.md and docs/udp-requirements.md as data: one row a requirement, in Markdown tables with the
 * same four columns.
 *
 *     | id | what is asked | what the stack does | shown by |
 *
 * The last cell is a list, parted by `<br>`: a packet script (its path below test/packets), a mocha test (its file
 * below test, a colon and its title in quotes), or `see ID` for another row that shows this one. It may be empty only
 * when the third cell says `no, because …`.
 */
export interface Row {
  readonly id: string;
  readonly asked: string;
  readonly answer: string;
  readonly shownBy: readonly string[];
  /** Line number in the document, from 1. */
  readonly line: number;
}

/** `9293-MUST-1`, `6298-1`, `9293-E12`, `LX-10`. */
export const ID = /\b(?:\d{3,4}-(?:(?:MUST|SHLD|MAY)-)?E?\d+|LX-\d+)\b/g;
const WHOLE_ID = new RegExp(`^${ID.source}$`);

/** The rows of a document. */
export function parseTable(text: string): Row[] {
  const rows: Row[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const cells = cellsOf(line);
    if (cells.length < 3 || !WHOLE_ID.test(cells[0]!)) continue;
    const [id, asked, answer, tests = ''] = cells as [string, string, string, string?];
    rows.push({ id, asked, answer, shownBy: tests.split('<br>').map(trim).filter(Boolean), line: index + 1 });
  }
  return rows;
}

/** The same document with other last cells. */
export function withTests(text: string, testsOf: (row: Row) => readonly string[]): string {
  const byLine = new Map(parseTable(text).map((row) => [row.line, row]));
  return text
    .split('\n')
    .map((line, index) => {
      const row = byLine.get(index + 1);
      return row === undefined ? line : formatRow({ ...row, shownBy: testsOf(row) });
    })
    .join('\n');
}

/** A row of the table of requirements, in Markdown. */
export function formatRow({ id, asked, answer, shownBy }: Row): string {
  return `| ${id} | ${asked} | ${answer} | ${shownBy.join('<br>')} |`;
}

/** The ids in the first column of the list of requirements, which groups several a row and marks some with `*`. */
export function idsOfList(text: string): string[] {
  return text.split('\n').flatMap((line) => Array.from((cellsOf(line)[0] ?? '').matchAll(ID), ([id]) => id));
}

/** A `|` within a cell is written `\|`. */
function cellsOf(line: string): string[] {
  if (!line.startsWith('|')) return [];
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map(trim);
}

function trim(text: string): string {
  return text.trim();
}
