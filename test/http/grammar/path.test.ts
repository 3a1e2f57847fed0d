import { expect } from 'chai';
import fc from 'fast-check';
import { BAD_PATH, NO_SUCH_PATH, normalizePath } from '../../../src/http/grammar/path.js';

function normalize(path: string): string | number {
  const bytes = new TextEncoder().encode(`xx${path}`);
  const out = new Uint8Array(bytes.length).fill(0xa5);
  const length = normalizePath(bytes, 2, bytes.length, out);
  return length < 0 ? length : new TextDecoder().decode(out.subarray(0, length));
}

describe('the normal form of a path', () => {
  const rows: readonly (readonly [string, string | number])[] = [
    ['/', '/'],
    ['/a/b.html', '/a/b.html'],
    ['/a/b/', '/a/b/'],
    ['//', '/'],
    ['//a///b//', '/a/b/'],
    ['/.', '/'],
    ['/..', '/'],
    ['/../../etc/passwd', '/etc/passwd'],
    ['/a/..', '/'],
    ['/a/../b', '/b'],
    ['/a/b/..', '/a/'],
    ['/a/b/../..', '/'],
    ['/a/b/../../../../c', '/c'],
    ['/a/./b/.', '/a/b/'],
    ['/a/.../b', '/a/.../b'],
    ['/..a/.b/c..', '/..a/.b/c..'],
    ['/%2e%2e/%2E%2e/x', '/x'],
    ['/a/%2e./b', '/b'],
    ['/%61%20b', '/a b'],
    ['/gr%C3%BCn', '/grün'],
    ['/grün', '/grün'],
    ['/%25', '/%'],
    ['/%252e%252e/x', '/%2e%2e/x'],
    ['/a%5C..%5Cb', '/a\\..\\b'],
    ['/%00', BAD_PATH],
    ['/a%', BAD_PATH],
    ['/a%4', BAD_PATH],
    ['/a%zz', BAD_PATH],
    ['/a%4g/', BAD_PATH],
    ['/a%2/b', BAD_PATH],
    ['/a%2Fb', NO_SUCH_PATH],
    ['/..%2f..%2fetc', NO_SUCH_PATH],
  ];
  for (const [path, expected] of rows) {
    it(`${path} is ${expected === BAD_PATH ? 'bad' : expected === NO_SUCH_PATH ? 'no path' : expected}`, () => {
      expect(normalize(path)).to.equal(expected);
    });
  }

  it('never has a dot segment or an empty one, and starts at the root', () => {
    const segment = fc.constantFrom('', '.', '..', '%2e', '%2E%2e', '.%2e', 'a', 'b%20', '...', '%2e.a');
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 12 }), (segments) => {
        const normal = normalize(`/${segments.join('/')}`);
        expect(normal).to.be.a('string');
        const parts = String(normal).split('/');
        expect(parts.shift()).to.equal('');
        if (parts.at(-1) === '') parts.pop();
        for (const part of parts) expect(['', '.', '..']).not.to.include(part);
      }),
    );
  });

  it('is what the URL standard makes of it, but for empty segments and escapes', () => {
    const segment = fc.constantFrom('.', '..', 'a', 'bc', '...', 'd.e');
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 12 }), fc.boolean(), (segments, folder) => {
        const path = `/${segments.join('/')}${folder ? '/' : ''}`;
        expect(normalize(path)).to.equal(new URL(`http://h${path}`).pathname);
      }),
    );
  });
});
