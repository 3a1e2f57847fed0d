/** Files outside of the book that its pages link to. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { addressBeside, writeBeside } from '../../scripts/book/beside.js';

const FILES = {
  'docs/a.md':
    '# A & b\n\n## The `x` of it\n\n[b](deep/b.md#here) ![p](images/p.svg) [code](../src/x.ts) ' +
    '[up](../../gone.md) [out](https://example.org/c.md) [none](none.md) <script>1</script>\n',
  'docs/deep/b.md': '# B\n\n[back](../a.md)\n',
  'docs/images/p.svg': '<svg/>',
  'src/x.ts': 'const x = 1;\n',
};

describe('what the book links to outside of it', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-beside-'));
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is a page with its pictures and what it leads to, or the text of a file', () => {
    const out = join(folder, 'out');
    expect(writeBeside(folder, out, ['docs/a.md', 'docs/none.md']).sort()).to.deep.equal(Object.keys(FILES).sort());
    const read = (path: string) => readFileSync(join(out, addressBeside(path)), 'utf8');
    expect(read('src/x.ts')).to.equal(FILES['src/x.ts']);
    expect(read('docs/images/p.svg')).to.equal('<svg/>');
    expect(read('docs/deep/b.md')).to.include('<a href="/from/docs/a.md.html">back</a>');
    const page = read('docs/a.md');
    expect(page)
      .to.include('<title>A &amp; b</title>')
      .and.include('<h2 id="the-x-of-it">')
      .and.include('<a href="/from/docs/deep/b.md.html#here">b</a>')
      .and.include('<img src="/from/docs/images/p.svg" alt="p">')
      .and.include('<a href="/from/src/x.ts.txt">code</a>')
      .and.include('<a href="https://example.org/c.md">out</a>')
      .and.include('<a href="none.md">none</a>')
      .and.include('&lt;script&gt;');
  });
});
