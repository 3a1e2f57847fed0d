import { expect } from 'chai';
import fc from 'fast-check';
import { CONTENT_LENGTH, HOST_FIELD, IF_MATCH, OTHER_FIELD, RANGE } from '../../../src/http/grammar/fields.js';
import { ascii } from '../../../src/http/grammar/grammar.js';
import { GET, UNKNOWN_METHOD } from '../../../src/http/grammar/methods.js';
import { DEFAULT_LIMITS } from '../../../src/http/limits.js';
import { COMPLETE, INCOMPLETE, RequestScanner } from '../../../src/http/request/scanner.js';
import { waysToCut } from '../../support/http-bench.js';

function textOf(scanner: RequestScanner, from: number, to: number): string {
  return String.fromCharCode(...scanner.bytes.subarray(from, to));
}

/** The outcome for `text`, and the scanner as it is then; the text is given in these parts. */
function scan(parts: readonly string[], limits = DEFAULT_LIMITS): { outcome: number; scanner: RequestScanner } {
  const scanner = new RequestScanner(limits);
  const bytes = ascii(parts.join(''));
  scanner.begin(bytes, 0);
  let to = 0;
  let outcome = INCOMPLETE;
  for (const part of parts) {
    to += part.length;
    outcome = scanner.scan(to);
    if (outcome !== INCOMPLETE) break;
  }
  return { outcome, scanner };
}

describe('the scanner of request heads', () => {
  it('finds the parts of a request, however it is cut', () => {
    const head =
      'GET /a/b?c=d HTTP/1.1\r\nHost: example.org\r\nrAnGe:\t bytes=0-1 \t\r\nX-Empty:\r\nIf-Match: "a"\tb\r\n\r\n';
    for (const [way, parts] of waysToCut(head)) {
      const { outcome, scanner } = scan(parts);
      expect(outcome, way).to.equal(COMPLETE);
      expect(scanner.at, way).to.equal(head.length);
      expect(scanner.method, way).to.equal(GET);
      expect(textOf(scanner, scanner.targetFrom, scanner.targetTo), way).to.equal('/a/b?c=d');
      expect(scanner.minorVersion, way).to.equal(1);
      expect(scanner.fieldCount, way).to.equal(4);
      expect(scanner.seen, way).to.equal((1 << HOST_FIELD) | (1 << RANGE) | (1 << IF_MATCH));
      const row = scanner.findRow(RANGE);
      expect(textOf(scanner, scanner.nameFrom(row), scanner.nameTo(row)), way).to.equal('rAnGe');
      expect(textOf(scanner, scanner.valueFrom(row), scanner.valueTo(row)), way).to.equal('bytes=0-1');
      const empty = scanner.findRow(OTHER_FIELD);
      expect(scanner.valueTo(empty) - scanner.valueFrom(empty), way).to.equal(0);
    }
  });

  it('stops at the end of the head, whatever is behind it', () => {
    const head = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    const { outcome, scanner } = scan([`${head}\0\r\nGET`]);
    expect(outcome).to.equal(COMPLETE);
    expect(scanner.at).to.equal(head.length);
  });

  it('forgets the request before', () => {
    const scanner = new RequestScanner(DEFAULT_LIMITS);
    const bytes = ascii(
      'POST /%20 HTTP/1.0\r\nContent-Length: 0\r\ncontent-length: 0\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n',
    );
    scanner.begin(bytes, 0);
    expect(scanner.scan(bytes.length)).to.equal(COMPLETE);
    expect(scanner.repeated).to.equal(1 << CONTENT_LENGTH);
    expect(scanner.targetIsPlainPath).to.equal(false);
    scanner.begin(bytes, scanner.at);
    expect(scanner.scan(bytes.length)).to.equal(COMPLETE);
    expect(scanner.repeated).to.equal(0);
    expect(scanner.seen).to.equal(1 << HOST_FIELD);
    expect(scanner.minorVersion).to.equal(1);
    expect(scanner.targetIsPlainPath).to.equal(true);
  });

  it('finds every line of a field', () => {
    const { scanner } = scan(['GET / HTTP/1.1\r\nIf-Match: a\r\nX: y\r\nif-match: b\r\nIF-MATCH: c\r\n\r\n']);
    const rows: number[] = [];
    for (let row = scanner.findRow(IF_MATCH); row >= 0; row = scanner.findRow(IF_MATCH, row)) rows.push(row);
    expect(rows).to.deep.equal([0, 2, 3]);
  });

  for (const [path, plain] of [
    ['/', true],
    ['/a.b/c.html', true],
    ['/a/.b', false],
    ['/a..b', false],
    ['/a//b', false],
    ['/%61', false],
    ['/a?', false],
    ['http://a/', false],
    ['*', false],
  ] as const) {
    it(`${plain ? 'takes' : 'does not take'} ${path} for a path to look up as it is, however it is cut`, () => {
      for (const [way, parts] of waysToCut(`GET ${path} HTTP/1.1\r\n\r\n`)) {
        expect(scan(parts).scanner.targetIsPlainPath, way).to.equal(plain);
      }
    });
  }

  const wrong: readonly (readonly [what: string, text: string, status: number])[] = [
    ['a method in lower case is unknown, not wrong', 'get / HTTP/1.1\r\n\r\n', COMPLETE],
    ['a bare LF after the request line', 'GET / HTTP/1.1\nHost: a\r\n\r\n', 400],
    ['a bare CR in the request line', 'GET /\r HTTP/1.1\r\n\r\n', 400],
    ['a bare LF after a field', 'GET / HTTP/1.1\r\nHost: a\n\r\n', 400],
    ['a bare CR after a field', 'GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n', 400],
    ['a bare CR as the empty line', 'GET / HTTP/1.1\r\nHost: a\r\n\rX', 400],
    ['a bare LF as the empty line', 'GET / HTTP/1.1\r\nHost: a\r\n\n', 400],
    ['a folded line', 'GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n', 400],
    ['a line folded with a tab', 'GET / HTTP/1.1\r\nHost: a\r\n\tb\r\n\r\n', 400],
    ['white space before the first field', 'GET / HTTP/1.1\r\n Host: a\r\n\r\n', 400],
    ['a space before the colon', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400],
    ['a space in a field name', 'GET / HTTP/1.1\r\nHo st: a\r\n\r\n', 400],
    ['an empty field name', 'GET / HTTP/1.1\r\n: a\r\n\r\n', 400],
    ['a field without a colon', 'GET / HTTP/1.1\r\nHost\r\n\r\n', 400],
    ['a bracket in a field name', 'GET / HTTP/1.1\r\nA[b]: c\r\n\r\n', 400],
    ['UTF-8 in a field name', 'GET / HTTP/1.1\r\nGr\u00fc: c\r\n\r\n', 400],
    ['UTF-8 in a field value is taken', 'GET / HTTP/1.1\r\nA: gr\u00fcn\r\n\r\n', COMPLETE],
    ['NUL in a field value', 'GET / HTTP/1.1\r\nA: b\0c\r\n\r\n', 400],
    ['VT in a field value', 'GET / HTTP/1.1\r\nA: b\vc\r\n\r\n', 400],
    ['DEL in a field value', 'GET / HTTP/1.1\r\nA: bcdefgh\x7fi\r\n\r\n', 400],
    ['two spaces after the method', 'GET  / HTTP/1.1\r\n\r\n', 400],
    ['two spaces before the version', 'GET /  HTTP/1.1\r\n\r\n', 400],
    ['a space after the version', 'GET / HTTP/1.1 \r\n\r\n', 400],
    ['a tab instead of a space', 'GET\t/ HTTP/1.1\r\n\r\n', 400],
    ['a space before the method', ' GET / HTTP/1.1\r\n\r\n', 400],
    ['an empty method', ' / HTTP/1.1\r\n\r\n', 400],
    ['an empty target', 'GET  HTTP/1.1\r\n\r\n', 400],
    ['no target', 'GET HTTP/1.1\r\n\r\n', 400],
    ['no version (HTTP/0.9)', 'GET /\r\n\r\n', 400],
    ['a fragment', 'GET /#a HTTP/1.1\r\n\r\n', 400],
    ['a control character in the target', 'GET /\x01 HTTP/1.1\r\n\r\n', 400],
    ['a version in lower case', 'GET / http/1.1\r\n\r\n', 400],
    ['a version without a minor one', 'GET / HTTP/1\r\n\r\n', 400],
    ['a version with a leading zero', 'GET / HTTP/01.1\r\n\r\n', 400],
    ['a version with a long minor one', 'GET / HTTP/1.10\r\n\r\n', 400],
    ['a version with spaces in it', 'GET / HTTP/ 1.1\r\n\r\n', 400],
    ['HTTP/2.0', 'GET / HTTP/2.0\r\n\r\n', 505],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
    ['HTTP/0.9 with its number', 'GET / HTTP/0.9\r\n\r\n', 505],
    ['HTTP/1.9 is HTTP/1.1', 'GET / HTTP/1.9\r\n\r\n', COMPLETE],
    ['an empty line before the request', '\r\nGET / HTTP/1.1\r\n\r\n', COMPLETE],
    ['four empty lines before it', '\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n', COMPLETE],
    ['five empty lines before it', '\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n', 400],
    ['an empty line with a bare LF before it', '\nGET / HTTP/1.1\r\n\r\n', 400],
    ['a CR before the request', '\rGET / HTTP/1.1\r\n\r\n', 400],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['a colon in the method', 'GE:T / HTTP/1.1\r\n\r\n', 400],
  ];
  for (const [what, text, status] of wrong) {
    it(`${what}: ${status === COMPLETE ? 'taken' : status}, however it is cut`, () => {
      for (const [way, parts] of waysToCut(text)) expect(scan(parts).outcome, way).to.equal(status);
    });
  }

  it('refuses a wrong byte as soon as it has come', () => {
    expect(scan(['GET /\t']).outcome).to.equal(400);
    expect(scan(['GET / HTTP/x']).outcome).to.equal(400);
    expect(scan(['GET / HTTP/1.1\r\nA\t']).outcome).to.equal(400);
  });

  describe('has limits', () => {
    const limits = { ...DEFAULT_LIMITS, requestLineBytes: 100, headerBytes: 200, headerFields: 3 };
    // The request line counts with its CRLF, the header section without the empty line.
    const line = (bytes: number) => `GET /${'a'.repeat(bytes - 16)} HTTP/1.1\r\n`;
    const field = (bytes: number) => `A: ${'b'.repeat(bytes - 5)}\r\n`;

    it('takes what is as long as they allow', () => {
      const text = `${line(100)}${field(100)}${field(50)}${field(50)}\r\n`;
      for (const [way, parts] of waysToCut(text)) expect(scan(parts, limits).outcome, way).to.equal(COMPLETE);
    });

    it('refuses a request line that is a byte longer with 414', () => {
      for (const [way, parts] of waysToCut(`${line(101)}\r\n`)) expect(scan(parts, limits).outcome, way).to.equal(414);
    });

    it('refuses a header section that is a byte longer with 431', () => {
      const text = `${line(100)}${field(100)}${field(101)}\r\n`;
      for (const [way, parts] of waysToCut(text)) expect(scan(parts, limits).outcome, way).to.equal(431);
    });

    it('refuses a field too many with 431', () => {
      const text = `${line(50)}${field(9).repeat(4)}\r\n`;
      for (const [way, parts] of waysToCut(text)) expect(scan(parts, limits).outcome, way).to.equal(431);
    });

    it('does not wait for the end of what is too long already', () => {
      expect(scan([`GET /${'a'.repeat(100)}`], limits).outcome).to.equal(414);
      expect(scan(['A'.repeat(101)], limits).outcome).to.equal(501);
      expect(scan([`${line(50)}A: ${'b'.repeat(200)}`], limits).outcome).to.equal(431);
      expect(scan([`${line(50)}${'A'.repeat(201)}`], limits).outcome).to.equal(431);
    });
  });

  it('says the same of random bytes whole and in parts, and never more than it was given', () => {
    const word = fc.constantFrom(
      'GET',
      ' ',
      '/',
      '\r\n',
      '\r',
      '\n',
      'HTTP/1.1',
      'Host',
      ':',
      ' ',
      'a',
      '\t',
      '\0',
      '%',
      '\r\n\r\n',
    );
    const text = fc.array(word, { maxLength: 30 }).map((words) => words.join(''));
    fc.assert(
      fc.property(text, fc.array(fc.nat(40), { maxLength: 6 }), (rest, places) => {
        const whole = `GET / HTTP/1.1\r\n${rest}`;
        const cuts = [0, ...places.map((place) => Math.min(place, whole.length)).sort((a, b) => a - b), whole.length];
        const parts = cuts.slice(1).map((cut, i) => whole.slice(cuts[i], cut));
        const one = scan([whole]);
        const many = scan(parts);
        expect(many.outcome).to.equal(one.outcome);
        expect(one.scanner.at).to.be.at.most(whole.length);
        if (one.outcome !== COMPLETE) return;
        expect(many.scanner.at).to.equal(one.scanner.at);
        expect(many.scanner.seen).to.equal(one.scanner.seen);
        expect(many.scanner.fieldCount).to.equal(one.scanner.fieldCount);
      }),
      { numRuns: 2000 },
    );
  });

  it('ends a field value at the right byte, wherever the control character stands', () => {
    const octets = fc.array(fc.nat(255), { maxLength: 24 });
    fc.assert(
      fc.property(octets, (value) => {
        const text = `GET / HTTP/1.1\r\nA:${String.fromCharCode(...value)}`;
        const bad = value.findIndex((octet) => (octet < 32 && octet !== 9) || octet === 127);
        const { outcome } = scan([text, '\r\n\r\n']);
        if (bad < 0) expect(outcome).to.equal(COMPLETE);
        else if (value[bad] !== 13) expect(outcome).to.equal(400);
      }),
      { numRuns: 2000 },
    );
  });

  it('knows no method that is not exactly one', () => {
    for (const method of ['GET ', 'get', 'GETS', 'GE', 'Head', 'PROPFIND', 'HEADX']) {
      const { scanner } = scan([`${method.trim()} / HTTP/1.1\r\n\r\n`]);
      if (method !== 'GET ') expect(scanner.method, method).to.equal(UNKNOWN_METHOD);
    }
  });
});
