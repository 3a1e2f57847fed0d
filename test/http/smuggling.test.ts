/**
 * Requests on whose end two parsers may differ. Each is followed by what would be a second request if the body were
 * taken for empty; none of them may be answered as two, and all must end the connection.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import type { Store } from '../../src/cache/library/store.js';
import { get, HttpBench, makeExampleStore, waysToCut } from '../support/http-bench.js';
import { SMUGGLING_FORMS } from '../support/request-fuzz/corpus.js';

const SMUGGLED = 'GET /empty HTTP/1.1\r\nHost: a\r\n\r\n';

const post = (...fields: string[]) =>
  `POST / HTTP/1.1\r\nHost: a\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;

const vectors: readonly (readonly [what: string, head: string, status: number])[] = [
  ['Transfer-Encoding and Content-Length', post('Transfer-Encoding: chunked', 'Content-Length: 5'), 400],
  ['Content-Length and Transfer-Encoding', post('Content-Length: 5', 'Transfer-Encoding: chunked'), 400],
  ['two different Content-Lengths', post('Content-Length: 5', 'Content-Length: 0'), 400],
  ['two equal Content-Lengths', post('Content-Length: 5', 'Content-Length: 5'), 400],
  ['a list as Content-Length', post('Content-Length: 5, 5'), 400],
  ['a Content-Length with a sign', post('Content-Length: +5'), 400],
  ['a negative Content-Length', post('Content-Length: -0'), 400],
  ['a hexadecimal Content-Length', post('Content-Length: 0x5'), 400],
  ['a Content-Length with a space in it', post('Content-Length: 1 0'), 400],
  ['a Content-Length with an underscore', post('Content-Length: 1_0'), 400],
  ['a Content-Length with a fraction', post('Content-Length: 5.0'), 400],
  ['a Content-Length of letters', post('Content-Length: abc'), 400],
  ['an empty Content-Length', post('Content-Length:'), 400],
  ['a Content-Length with digits of another script', post('Content-Length: \u00b2'), 400],
  ['chunked from HTTP/1.0', post('Transfer-Encoding: chunked').replace('1.1', '1.0'), 400],
  ['chunked not last', post('Transfer-Encoding: chunked, gzip'), 400],
  ['chunked not last, in two lines', post('Transfer-Encoding: chunked', 'Transfer-Encoding: identity'), 400],
  ['chunked twice', post('Transfer-Encoding: chunked, chunked'), 400],
  ['chunked twice, in two lines', post('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'), 400],
  ['another coding alone', post('Transfer-Encoding: gzip'), 400],
  ['identity', post('Transfer-Encoding: identity'), 400],
  ['an unknown coding', post('Transfer-Encoding: xchunked'), 400],
  ['an unknown coding under chunked', post('Transfer-Encoding: cow, chunked'), 400],
  ['a known coding under chunked', post('Transfer-Encoding: gzip, chunked'), 501],
  ['an empty Transfer-Encoding', post('Transfer-Encoding:'), 400],
  ['an empty member', post('Transfer-Encoding: , chunked'), 400],
  ['chunked in quotes', post('Transfer-Encoding: "chunked"'), 400],
  ['chunked with a parameter', post('Transfer-Encoding: chunked;a=b'), 400],
  ['chunked behind VT', post('Transfer-Encoding: \vchunked'), 400],
  ['chunked with NUL', post('Transfer-Encoding: chunked\0'), 400],
  ['chunked in a folded line', post('Transfer-Encoding:\r\n chunked'), 400],
  ['a space before the colon', post('Transfer-Encoding : chunked'), 400],
  ['a tab before the colon', post('Content-Length\t: 5'), 400],
  ['a name with a space before it', post(' Transfer-Encoding: chunked'), 400],
  ['a line that ends in LF', post('X: y\nTransfer-Encoding: chunked'), 400],
  ['a line that ends in CR', post('X: y\rTransfer-Encoding: chunked'), 400],
  ['a field hidden in CR CR LF', post('X: y\r\r\nTransfer-Encoding: chunked'), 400],
  ['two Hosts in one', post('Host: b'), 400],
  ['Host with a list', 'GET / HTTP/1.1\r\nHost: a, b\r\n\r\n', 400],
  ['Host with user information', 'GET / HTTP/1.1\r\nHost: me@a\r\n\r\n', 400],
  ['Host with a path', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 400],
  ['Host with a space', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
  ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', 400],
  ['Host with a port that is none', 'GET / HTTP/1.1\r\nHost: a:b\r\n\r\n', 400],
  ['Host with two ports', 'GET / HTTP/1.1\r\nHost: a:80:80\r\n\r\n', 400],
  ['Host with an open bracket', 'GET / HTTP/1.1\r\nHost: [::1\r\n\r\n', 400],
];

describe('a request on whose end parsers may differ', () => {
  let store: Store;
  before(async () => {
    store = await makeExampleStore();
  });

  function statuses(parts: readonly string[]): number[] {
    const { sent } = new HttpBench(store).feed(parts);
    return [...sent.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
  }

  for (const [what, head, status] of vectors) {
    it(`is refused with ${status} and ends the connection: ${what}`, () => {
      const bench = new HttpBench(store);
      for (const [way, parts] of waysToCut(`${head}0\r\n\r\n`)) {
        const connection = bench.feed([...parts, SMUGGLED]);
        expect(connection.sent, way).to.match(new RegExp(`^HTTP/1.1 ${status} .*\r\nConnection: close\r\n`, 's'));
        expect(connection.sent.match(/HTTP\/1\.1/g), way).to.have.length(1);
        expect(connection.closing, way).to.equal(true);
      }
    });
  }

  for (const { what, text, status = 400 } of SMUGGLING_FORMS) {
    it(`gets ${status} and an end, and hides nothing: ${what}`, () => {
      const bench = new HttpBench(store);
      for (const [way, parts] of waysToCut(text)) {
        const connection = bench.feed([...parts, SMUGGLED]);
        expect(connection.sent, way).to.match(new RegExp(`^HTTP/1.1 ${status} .*\r\nConnection: close\r\n`, 's'));
        expect(connection.sent.match(/HTTP\/1\.1 \d/g), way).to.have.length(1);
        expect(connection.closing, way).to.equal(true);
      }
    });
  }

  for (const host of [
    'a',
    'a:80',
    'a:',
    'A-b.c_d~e',
    '192.0.2.1:8080',
    '[2001:db8::1]',
    '[::ffff:192.0.2.1]:80',
    'a%20b',
  ]) {
    it(`is not one with Host: ${host}`, () => {
      expect(statuses([`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`])).to.deep.equal([200]);
    });
  }

  it('has its body taken for what it says, not for a request', () => {
    const length = `POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`;
    const size = SMUGGLED.length.toString(16);
    const chunked = `${post('Transfer-Encoding: chunked')}${size}\r\n${SMUGGLED}\r\n0\r\n\r\n`;
    for (const text of [length, chunked]) {
      for (const [way, parts] of waysToCut(text + get('/a'))) {
        expect(statuses(parts), way).to.deep.equal([405, 200]);
      }
    }
  });

  it('has bad chunks answered with 400, and not what is behind them', () => {
    const bodies = [
      'Z\r\nhello\r\n0\r\n\r\n',
      '5\r\nhello0\r\n\r\n',
      '5\r\nhello world\r\n0\r\n\r\n',
      '5;\r\nhello\r\n0\r\n\r\n',
    ];
    for (const body of bodies) {
      expect(statuses([post('Transfer-Encoding: chunked') + body + SMUGGLED])).to.deep.equal([400]);
    }
  });

  it('made at random is answered the same whole and in parts, once or not at all behind an error', () => {
    const piece = fc.constantFrom(
      'GET /a HTTP/1.1\r\n',
      'POST /a HTTP/1.1\r\n',
      'GET /a HTTP/1.0\r\n',
      'Host: a\r\n',
      'Content-Length: 5\r\n',
      'Content-Length: 0\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Connection: keep-alive\r\n',
      'Expect: 100-continue\r\n',
      'Range: bytes=0-1\r\n',
      '\r\n',
      'hello',
      '5\r\nhello\r\n',
      '0\r\n\r\n',
      SMUGGLED,
      '\n',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), fc.array(fc.nat(400), { maxLength: 8 }), (pieces, places) => {
        const text = pieces.join('');
        const cuts = [0, ...places.map((place) => Math.min(place, text.length)).sort((a, b) => a - b), text.length];
        const whole = statuses([text]);
        expect(statuses(cuts.slice(1).map((cut, i) => text.slice(cuts[i], cut)))).to.deep.equal(whole);
        expect(whole.slice(0, -1).filter((status) => status === 400 || status === 413)).to.deep.equal([]);
      }),
      { numRuns: 500 },
    );
  });
});
