import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { docstringsOf, ENTRIES, type Export, exportsOf, linksOf, unexportedTypes } from '../../scripts/api/surface.js';
import * as browser from '../../src/browser/index.js';
import * as api from '../../src/index.js';
import * as module from '../../src/module/index.js';

/** What npm run api finds out in half a minute, as far as a parser can tell in a second. */
describe('the public API', () => {
  let exports: Export[];
  before(() => {
    exports = ENTRIES.flatMap(({ path }) => exportsOf(path));
  });
  const named = ({ name, file }: Export) => `${name} in ${file}`;

  it('is found whole by this test', () => {
    const names = exports.map(({ name }) => name);
    expect(names).to.include.members([...Object.keys(api), ...Object.keys(browser), ...Object.keys(module)]);
    expect(names).to.include.members(['StackOptions', 'Connection', 'ServeOptions', 'TcbView', 'ModuleWorker']);
  });

  it('has a docstring for each export', () => {
    expect(exports.filter(({ docstring }) => docstring.length < 8).map(named)).to.deep.equal([]);
  });

  it('explains itself to a reader who has no file of the source: it points at none, and at no comment', () => {
    const pointer = /\b[\w-]+\.ts\b|\bsrc\/|\bthis file\b|\bsee (above|below)\b/i;
    const texts = exports.flatMap((each) => docstringsOf(each).map((text) => `${each.name}: ${text}`));
    expect(texts.length, 'members are read too').to.be.greaterThan(2 * exports.length);
    expect(texts.filter((text) => pointer.test(text))).to.deep.equal([]);
  });

  it('has every export under a heading of its entry', () => {
    const homeless = ENTRIES.filter(({ specifier }) => specifier !== 'fastpath/module')
      .flatMap(({ path }) => exportsOf(path))
      .filter(({ section }) => section === '');
    expect(homeless.map(named)).to.deep.equal([]);
  });

  it('exports each type that a declaration of it mentions', () => {
    expect(unexportedTypes(exports)).to.deep.equal([]);
  });

  it('links to nothing but itself', () => {
    const names = new Set(exports.map(({ name }) => name));
    const broken = exports.flatMap((each) => linksOf(each).filter((name) => !names.has(name)));
    expect(broken).to.deep.equal([]);
  });

  it('has a link to each entry on the front page of the reference', () => {
    const page = readFileSync(fileURLToPath(new URL('../../../scripts/api/front-page.md', import.meta.url)), 'utf8');
    expect(page, 'typedoc writes the title itself').not.to.match(/^#/m);
    for (const { specifier } of ENTRIES) expect(page).to.contain(`{@link ${specifier}! ${specifier}}`);
  });
});
