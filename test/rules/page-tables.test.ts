/** A page about a folder begins with a table of its files: it names each of them, and no file that is not there. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const path = (relative: string) => fileURLToPath(new URL(`../../../${relative}`, import.meta.url));

/** Pages, and the folder that each describes. */
const PAGES = { 'docs/http.md': 'src/http', 'docs/cache.md': 'src/cache' };

/** The files that the first column of the page's first table names: `a.ts, b.ts`, or in a room `room/: a.ts, b.ts`. */
function namedIn(page: string): string[] {
  const [table = ''] = /^\| file \(.*?\n\n/ms.exec(page) ?? [];
  return [...table.matchAll(/^\| (?:([\w-]+\/): )?([^|]*)\|/gm)].flatMap(([, room = '', cell = '']) =>
    (cell.match(/[\w-]+\.ts/g) ?? []).map((name) => `${room}${name}`),
  );
}

/** The files of a folder and its rooms; an index only passes on what the others have, and a .d.ts has no code. */
function filesOf(folder: string): string[] {
  const names = readdirSync(path(folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && name !== 'index.ts');
}

describe('tables of files', () => {
  for (const [page, folder] of Object.entries(PAGES)) {
    it(`${page} has each file of ${folder} once`, () => {
      expect(namedIn(readFileSync(path(page), 'utf8')).sort()).to.deep.equal(filesOf(folder).sort());
    });
  }
});
