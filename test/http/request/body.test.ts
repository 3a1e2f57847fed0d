import { expect } from 'chai';
import fc from 'fast-check';
import { ascii } from '../../../src/http/grammar/grammar.js';
import { BodyReader } from '../../../src/http/request/body.js';
import { CHUNKED } from '../../../src/http/request/framing.js';
import { COMPLETE, INCOMPLETE } from '../../../src/http/request/scanner.js';
import { waysToCut } from '../../support/http-bench.js';

/** The outcome, and how many bytes were taken. */
function read(length: number, parts: readonly string[], limit = 1000): readonly [outcome: number, taken: number] {
  const body = new BodyReader(length, limit);
  const bytes = ascii(parts.join(''));
  let from = 0;
  let to = 0;
  let outcome = INCOMPLETE;
  for (const part of parts) {
    to += part.length;
    outcome = body.read(bytes, from, to);
    from = body.at;
    if (outcome !== INCOMPLETE) break;
    expect(from, 'an unfinished body takes all there is').to.equal(to);
  }
  return [outcome, from];
}

describe('a body that is read past', () => {
  const good: readonly (readonly [what: string, body: string])[] = [
    ['no chunk', '0\r\n\r\n'],
    ['one chunk', '5\r\nhello\r\n0\r\n\r\n'],
    ['several chunks with data that looks like framing', '5\r\n0\r\n\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n'],
    ['sizes in both cases, with leading zeros', '000a\r\n0123456789\r\n0B\r\n0123456789a\r\n00\r\n\r\n'],
    ['a size of nine digits, eight of them zeros', '000000005\r\nhello\r\n0\r\n\r\n'],
    ['extensions', '5;a;b=c; d="e f\\";g"\r\nhello\r\n0;x\r\n\r\n'],
    ['trailer fields', '0\r\nDigest: a=b\r\nX:\r\n\r\n'],
  ];
  for (const [what, body] of good) {
    it(`ends where it ends: ${what}, however it is cut`, () => {
      for (const [way, parts] of waysToCut(body)) {
        expect(read(CHUNKED, [...parts, 'GET /']), way).to.deep.equal([COMPLETE, body.length]);
      }
    });
  }

  const bad: readonly (readonly [what: string, body: string])[] = [
    ['a size that is no number', 'Z\r\nhello\r\n0\r\n\r\n'],
    ['no size', '\r\nhello\r\n0\r\n\r\n'],
    ['a size with 0x', '0x5\r\nhello\r\n0\r\n\r\n'],
    ['a size with an underscore', '1_0\r\n'],
    ['a negative size', '-5\r\nhello\r\n'],
    ['a space before the size', ' 5\r\nhello\r\n'],
    ['a space behind the size', '5 \r\nhello\r\n'],
    ['a bare LF behind the size', '5\nhello\r\n0\r\n\r\n'],
    ['a bare CR behind the size', '5\rhello\r\n0\r\n\r\n'],
    ['a semicolon without an extension', '5;\r\nhello\r\n0\r\n\r\n'],
    ['NUL in an extension', '5;a\0\r\nhello\r\n0\r\n\r\n'],
    ['a bare LF in an extension', '5;a\nhello\r\n0\r\n\r\n'],
    ['a bare CR in an extension', '5;a\rb\r\nhello\r\n0\r\n\r\n'],
    ['a space in an extension', '5;a =b\r\nhello\r\n0\r\n\r\n'],
    ['a control character in a quoted extension', '5;a="\v"\r\nhello\r\n0\r\n\r\n'],
    ['a line end in a quoted extension', '5;a="\r\nhello\r\n0\r\n\r\n'],
    ['a line end behind a backslash', '5;a="\\\r\n"\r\nhello\r\n0\r\n\r\n'],
    ['a bracket in an extension', '5;[\r\nhello\r\n0\r\n\r\n'],
    ['data without its CRLF', '5\r\nhello0\r\n\r\n'],
    ['data longer than its size', '5\r\nhello world\r\n0\r\n\r\n'],
    ['a bare LF behind the data', '5\r\nhello\n0\r\n\r\n'],
    ['a trailer without a colon', '0\r\nX\r\n\r\n'],
    ['a folded trailer', '0\r\nX: y\r\n z\r\n\r\n'],
    ['a bare LF behind a trailer', '0\r\nX: y\n\r\n'],
    ['a bare LF at the end', '0\r\n\n'],
  ];
  for (const [what, body] of bad) {
    it(`refuses ${what}, however it is cut`, () => {
      for (const [way, parts] of waysToCut(body)) expect(read(CHUNKED, parts)[0], way).to.equal(400);
    });
  }

  it('of a given length ends after so many bytes', () => {
    for (const [way, parts] of waysToCut('hello')) {
      expect(read(5, [...parts, 'GET /']), way).to.deep.equal([COMPLETE, 5]);
    }
    expect(read(5, ['hell'])).to.deep.equal([INCOMPLETE, 4]);
  });

  it('may be as long as the limit, and not a byte longer', () => {
    const body = '5\r\nhello\r\n0\r\n\r\n';
    expect(read(CHUNKED, [body], body.length)[0]).to.equal(COMPLETE);
    expect(read(CHUNKED, [body], body.length - 1)[0]).to.equal(413);
    expect(read(10, ['0123456789'], 10)[0]).to.equal(COMPLETE);
    expect(read(11, [''], 10)[0]).to.equal(413);
  });

  it('is refused as soon as a chunk announces too much', () => {
    expect(read(CHUNKED, ['ffffffff\r\n'])[0]).to.equal(413);
    expect(read(CHUNKED, ['5', 'f'.repeat(900)])[0]).to.equal(413);
  });

  it('cannot be made endless by trailers or extensions', () => {
    expect(read(CHUNKED, [`0\r\n${'A: b\r\n'.repeat(200)}`])[0]).to.equal(413);
    expect(read(CHUNKED, [`5;${'a'.repeat(2000)}`])[0]).to.equal(413);
  });

  it('of random chunks is found whole', () => {
    const chunk = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 8 }), fc.array(fc.nat(300), { maxLength: 5 }), (chunks, places) => {
        const sized = chunks.map((data) => `${data.length.toString(16)}\r\n${data}\r\n`);
        const body = `${sized.join('')}0\r\n\r\n`;
        const cuts = [0, ...places.map((place) => Math.min(place, body.length)).sort((a, b) => a - b), body.length];
        const parts = cuts.slice(1).map((cut, i) => body.slice(cuts[i], cut));
        expect(read(CHUNKED, [...parts, '5\r\n'])).to.deep.equal([COMPLETE, body.length]);
      }),
    );
  });
});
