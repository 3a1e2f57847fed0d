import { expect } from 'chai';
import { ascii } from '../../../src/http/grammar/grammar.js';
import { type PathRule, PathRules } from '../../../src/http/sites/path-rules.js';

function apply(rules: readonly PathRule[], path: string): string | null {
  const bytes = ascii(`#${path}#`);
  return new PathRules(rules).apply(bytes, 1, bytes.length - 1)?.to ?? null;
}

const redirect = (from: string, to: string): PathRule => ({ from, to, status: 301 });
const rewrite = (from: string, to: string): PathRule => ({ from, to, status: 0 });

describe('redirects and rewrites by pattern', () => {
  const rows: readonly (readonly [what: string, rule: PathRule, path: string, to: string | null])[] = [
    ['puts the rest of the path in', redirect('/old/*', '/new/:splat'), '/old/a/b', '/new/a/b'],
    ['takes an empty rest', redirect('/old/*', '/new/:splat'), '/old/', '/new/'],
    ['takes no path that is shorter than the pattern', redirect('/old/*', '/new/:splat'), '/old', null],
    ['takes no path that only begins like it', redirect('/old', '/new'), '/older', null],
    ['is not moved by case', redirect('/Old', '/new'), '/old', null],
    ['puts segments in', redirect('/b/:year/:slug', '/:slug-:year'), '/b/2026/x', '/x-2026'],
    ['takes one segment for a name', redirect('/b/:year', '/y'), '/b/1/2', null],
    ['takes no empty segment for a name', redirect('/b/:year/', '/y'), '/b//', null],
    ['leads to another host', redirect('/*', 'https://example.org:8443/:splat'), '/a', 'https://example.org:8443/a'],
    [
      'encodes what it puts into an address',
      redirect('/a/*', '/b/:splat'),
      '/a/ü\r\n ?#\\',
      '/b/%FC%0D%0A%20%3F%23%5C',
    ],
    ['encodes the rest of an address where it must', redirect('/a', '/grün\n'), '/a', '/gr%C3%BCn%0A'],
    ['does not encode the name of an object', rewrite('/a/*', '/b/:splat'), '/a/ %', '/b/ %'],
    ['names an object by its bytes of UTF-8', rewrite('/a', '/ü'), '/a', '/\xc3\xbc'],
    ['is compared as bytes of UTF-8', rewrite('/ü', '/a'), '/\xc3\xbc', '/a'],
    ['takes signs of regular expressions for themselves', rewrite('/a.b(c)|[d]$', '/e'), '/a.b(c)|[d]$', '/e'],
    ['and for nothing else', rewrite('/a.b', '/e'), '/axb', null],
    ['takes a line end in the rest', rewrite('/a/*', '/b'), '/a/\n', '/b'],
  ];
  for (const [what, rule, path, to] of rows) {
    it(what, () => {
      expect(apply([rule], path)).to.equal(to);
    });
  }

  it('takes the first that fits', () => {
    const rules = [redirect('/a/b/*', '/1'), redirect('/a/*', '/2'), redirect('/*', '/3')];
    expect(['/a/b/c', '/a/c', '/c'].map((path) => apply(rules, path))).to.deep.equal(['/1', '/2', '/3']);
  });

  for (const [what, rule] of [
    ['a pattern without "/"', redirect('old', '/new')],
    ['a placeholder that the pattern has not', redirect('/old', '/new/:splat')],
    ['a name that stands twice', redirect('/:a/:a', '/new')],
    ['a rewrite that leads away', rewrite('/old', 'https://example.org/')],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() => new PathRules([rule])).to.throw(RangeError);
    });
  }
});
