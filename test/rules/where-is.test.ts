/** docs/where-is.md names files and symbols: each must be there, and be declared in that file. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const path = (relative: string) => fileURLToPath(new URL(`../../../${relative}`, import.meta.url));
const ROW = /^\| (.+) \| \[(\S+)\]\(\.\.\/src\/(\S+)\) \| `(\w+)` \|$/;

interface Entry {
  readonly behaviour: string;
  readonly file: string;
  readonly name: string;
}

function entries(page: string): Entry[] {
  return page.split('\n').flatMap((line) => {
    const [, behaviour = '', shown, file = '', name = ''] = ROW.exec(line) ?? [];
    return shown === undefined || shown !== file ? [] : [{ behaviour, file: `src/${file}`, name }];
  });
}

/** True if the text declares the name: a function, a class, a constant, a type, a method, a getter or a field. */
function declares(text: string, name: string): boolean {
  const top = `(export )?(abstract )?(async )?(function|class|const|interface|type) ${name}\\b`;
  const member = `  ((protected|abstract|override|static|async|readonly|get|set) )*#?${name}(\\(|:| =|<)`;
  return new RegExp(`^(${top}|${member})`, 'm').test(text);
}

describe('docs/where-is.md', () => {
  const page = readFileSync(path('docs/where-is.md'), 'utf8');
  const found = entries(page);

  it('has a well-formed row for each of more than eighty behaviours, in alphabetical order', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| ')).length - 1;
    expect(found.length).to.equal(rows).and.at.least(80);
    const names = found.map(({ behaviour }) => behaviour.toLowerCase());
    expect(names).to.deep.equal([...names].sort());
  });

  it('names files that exist, and symbols that they declare', () => {
    const wrong = found.filter(({ file, name }) => {
      return !existsSync(path(file)) || !declares(readFileSync(path(file), 'utf8'), name);
    });
    expect(wrong.map(({ behaviour, file, name }) => `${behaviour}: ${name} in ${file}`)).to.deep.equal([]);
  });

  it('would notice a name that is only used there', () => {
    expect(declares('import { later } from "x";\nconst y = later(1);', 'later')).to.equal(false);
    expect(declares('export function later(a: number) {}', 'later')).to.equal(true);
    expect(declares('  get later(): number {', 'later')).to.equal(true);
  });
});
