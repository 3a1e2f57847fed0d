import { expect } from 'chai';
import { MOST_HINT_BYTES } from '../../../src/cache/head/heads.js';
import { hintedNames, hintLine } from '../../../src/cache/head/hints.js';

const hintsOf = (html: string, name = '/a/index.html') => hintLine(Buffer.from(html, 'latin1'), name);
const values = (html: string, name?: string) =>
  hintsOf(html, name)
    .replace(/^Link: |\r\n$/g, '')
    .split(', ')
    .filter((value) => value !== '');

describe('the hints of a page', () => {
  it('are its styles, scripts and modules, and what it preloads, in its order', () => {
    const html = `<!doctype html><link rel="stylesheet" href="style.css">
      <link rel=modulepreload href=/m.js><link rel="preload" as="font" href="f.woff2" crossorigin>
      <script src="../old.js?v=1" defer></script><p>…<script type="module" src="/app.js"></script>`;
    expect(values(html)).to.deep.equal([
      '</a/style.css>; rel=preload; as=style',
      '</m.js>; rel=modulepreload',
      '</a/f.woff2>; rel=preload; as=font; crossorigin',
      '</old.js?v=1>; rel=preload; as=script',
      '</app.js>; rel=modulepreload',
    ]);
  });

  it('are relative to the page, or to its base', () => {
    const link = '<link rel=stylesheet href=s.css>';
    expect(values(link, '/')).to.deep.equal(['</s.css>; rel=preload; as=style']);
    expect(values(link, '/docs/page')).to.deep.equal(['</docs/s.css>; rel=preload; as=style']);
    expect(values(`<base href="/b/">${link}`)).to.deep.equal(['</b/s.css>; rel=preload; as=style']);
  });

  const NONE: Readonly<Record<string, string>> = {
    'another site': '<script src="https://cdn.example/x.js"></script><script src="//cdn.example/y.js"></script>',
    'a page that has another base': '<base href="https://cdn.example/"><script src="x.js"></script>',
    'what other media need': '<link rel=stylesheet media=print href=p.css>',
    'an alternate style': '<link rel="alternate stylesheet" href=a.css>',
    'a script for old browsers': '<script nomodule src=o.js></script>',
    'data that is no script': '<script type="application/json" src=d.json></script>',
    'an icon, a feed, the next page': '<link rel=icon href=i.png><link rel=alternate href=f.xml><link rel=next href=n>',
    'what stands in a comment, a script or a text area': `<!-- <script src=c.js></script> -->
      <script>'<link rel=stylesheet href=s.css>'</script><textarea><script src=t.js></script></textarea>`,
    'a preload of no kind': '<link rel=preload href=x>',
    'what is no address': '<script src="http://["></script><script src="ü.js"></script><script src=""></script>',
    'a page that links nothing': '<p>text',
  };
  for (const [name, html] of Object.entries(NONE)) {
    it(`leave out ${name}`, () => {
      expect(hintsOf(html, '/')).to.equal('');
    });
  }

  it('never end the line, whatever a page says', () => {
    const html = '<script src="a&#13;&#10;Set-Cookie: b.js"></script><script src="x>; rel=next.js"></script>';
    expect(hintsOf(html)).to.not.match(/\r\n(?!$)|Set-Cookie: b|<[^>]*;/);
  });

  it('take a bounded room, and come from a bounded part of the page', () => {
    const many = Array.from({ length: 500 }, (_, i) => `<script src="/scripts/${i}.js"></script>`).join('');
    const line = hintsOf(many);
    expect(line.length)
      .to.be.at.most(MOST_HINT_BYTES)
      .and.above(MOST_HINT_BYTES - 60);
    expect(line.endsWith('; as=script\r\n')).to.equal(true);
    expect(hintsOf(`${' '.repeat(1_048_576)}<script src=late.js></script>`)).to.equal('');
  });

  it('are names of files for those who read ahead', () => {
    const head = `A: b\r\n${hintsOf('<script src="/x%20y.js?q"></script><link rel=stylesheet href="/%zz">')}C: d\r\n\r\n`;
    expect(hintedNames(head)).to.deep.equal(['/x y.js']);
    expect(hintedNames('A: b\r\n\r\n')).to.deep.equal([]);
  });
});
