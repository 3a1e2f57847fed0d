/**
 * Which tests show which requirement: ids stand in the titles of mocha tests (`[6298-1]` or `(6298-1)`) and behind
 * `Rows:` in a comment of packet scripts. Sources are read, nothing is run.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ID } from './table.js';

/** One test as a row of the table names it, and the ids it claims. */
export interface NamedTest {
  readonly name: string;
  readonly ids: readonly string[];
}

/** A title: the first argument of `it` or `describe`, in any quotes. What a template fills in is shown as `…`. */
const TITLE =
  /\b(?:it|describe|describeInNamespace)(?:\.\w+)?\((?:import\.meta\.url,)?\s*(['"`])((?:\\.|\$\{(?:[^{}]|\{[^{}]*\})*\}|(?!\1)[^\\])*)\1/g;
const FILLED_IN = /\$\{(?:[^{}]|\{[^{}]*\})*\}/g;
const ROWS = /^(?:\/\/|#)\s*Rows:(.*)$/gm;

/** All tests below the folder `test` that claim an id, sorted by name. */
export function findTests(folder: string): NamedTest[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return files.flatMap((file) => {
    if (file.endsWith('.test.ts')) return testsOfSource(file, readFileSync(join(folder, file), 'utf8'));
    if (file.endsWith('.pkt')) return testsOfScript(file, readFileSync(join(folder, file), 'utf8'));
    return [];
  });
}

/** The mocha tests of one source file, by their titles. */
export function testsOfSource(file: string, source: string): NamedTest[] {
  const titles = Array.from(source.matchAll(TITLE), ([, , title]) => readable(title!));
  return titles
    .map((title) => ({ name: `${file}: "${withoutIds(title)}"`, ids: idsIn(title) }))
    .filter(({ ids }) => ids.length > 0);
}

/** A packet script is one test. */
export function testsOfScript(file: string, script: string): NamedTest[] {
  const ids = Array.from(script.matchAll(ROWS), ([, rows]) => idsIn(rows!)).flat();
  return ids.length === 0 ? [] : [{ name: file, ids }];
}

/** As a person reads it; `|` would end a cell of the table. */
function readable(title: string): string {
  return title.replace(FILLED_IN, '…').replace(/\\(.)/g, '$1').replaceAll('|', '\\|');
}

/** The ids need not be said again in the row that they point to. */
function withoutIds(title: string): string {
  const ids = new RegExp(`\\s*[[(](?:${ID.source}|[\\s,])+[\\])]`, 'g');
  return title.replace(ids, '').trim();
}

function idsIn(text: string): string[] {
  return Array.from(text.matchAll(ID), ([id]) => id);
}
