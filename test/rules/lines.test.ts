/**
 * No line of a comment or a page has more than 120 characters. Biome keeps code within that, but for strings that it
 * cannot break, such as the title of a test. A row of a table in Markdown and a drawing may be wider.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MOST = 120;
const KINDS = /\.(ts|md|sh)$/;

/** The lines that are too long, as `file:line`. */
function longLines(file: string, text: string): string[] {
  const isProse = file.endsWith('.ts') ? isComment : isNoRow;
  return text.split('\n').flatMap((line, i) => (line.length > MOST && isProse(line) ? [`${file}:${i + 1}`] : []));
}

/** A comment's line; but no drawing, which is indented. */
function isComment(line: string): boolean {
  return /^\s*(\/\*\*|\*|\/\/) {0,4}\S/.test(line);
}

/** No row of a table and no drawing, which Markdown indents by four. */
function isNoRow(line: string): boolean {
  return !/^\s*\||^ {4}/.test(line);
}

function files(): string[] {
  try {
    const options = { cwd: ROOT, encoding: 'utf8' } as const;
    return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], options).split('\n');
  } catch {
    return [];
  }
}

describe('lines', () => {
  it('of more than 120 characters are found in prose, tables and drawings aside', () => {
    const long = 'a word '.repeat(20);
    expect(longLines('a.md', `short\n${long}\n| ${long} |`)).to.deep.equal(['a.md:2']);
    expect(longLines('a.ts', `it('${long}');\n  // ${long}\n * ${long}\n *     ${long}`)).to.deep.equal([
      'a.ts:2',
      'a.ts:3',
    ]);
  });

  it('have at most 120 characters', function () {
    const checked = files().filter((name) => KINDS.test(name));
    if (checked.length === 0) {
      console.log('      (skipped: this is no git checkout, so the files are not known)');
      this.skip();
    }
    const wrong = checked.flatMap((name) => longLines(name, readFileSync(join(ROOT, name), 'utf8')));
    expect(wrong).to.deep.equal([]);
  });
});
