/**
 * The examples in the docstrings of the public API. test/package/package.test.ts compiles them with those of the pages,
 * and here the ones that say what they print are run: all in this process, since they are in memory.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { expect } from 'chai';
import { transform } from 'sucrase';
import { ENTRIES, type Export, exportsOf } from '../../scripts/api/surface.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** What an example says that it prints: `console.log(…); // this`. */
const CLAIM = /^ *console\.log\(.*\); \/\/ (.*)$/gm;

const exports = ENTRIES.flatMap(({ path }) => exportsOf(path));
/** By the file that declares it, since two entries may export the same. */
const distinct = [...new Map(exports.map((each) => [`${each.file} ${each.name}`, each])).values()];

const claimsOf = (code: string) => Array.from(code.matchAll(CLAIM), ([, claim = '']) => claim);

describe('the examples of the public API', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-examples-'));
    // Without one of its own, the examples would belong to a package of a folder above.
    writeFileSync(join(folder, 'package.json'), '{"name":"examples","private":true}');
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(ROOT, join(folder, 'node_modules', 'fastpath'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('are there for each export; a type may point to the example of an export that uses it', () => {
    const byName = new Map(distinct.map((each) => [each.name, each]));
    const hasExample = ({ kind, examples, see }: Export) =>
      examples.length > 0 || (kind === 'type' && see.some((name) => byName.get(name)?.examples.length));
    expect(distinct.filter((each) => !hasExample(each)).map(({ name }) => name)).to.deep.equal([]);
  });

  it('print what they say', async () => {
    const { log } = console;
    for (const { name, examples } of distinct) {
      for (const code of examples.filter((each) => claimsOf(each).length > 0)) {
        const path = join(folder, `${name}.mjs`);
        writeFileSync(path, transform(code, { transforms: ['typescript'] }).code);
        const printed: string[] = [];
        console.log = (...values) => printed.push(format(...values));
        try {
          await import(pathToFileURL(path).href);
        } finally {
          console.log = log;
        }
        expect(printed, name).to.deep.equal(claimsOf(code));
      }
    }
  });
});
