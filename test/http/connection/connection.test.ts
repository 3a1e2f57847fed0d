import { expect } from 'chai';
import type { Store } from '../../../src/cache/library/store.js';
import type { FakeConnection } from '../../support/fake-connection.js';
import { ALPHABET, DATE_LINE, get, HttpBench, makeExampleStore, request, waysToCut } from '../../support/http-bench.js';
import { makeSite } from '../../support/site.js';

const A_FIELDS =
  'Content-Type: text/plain\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n' +
  'ETag: "abc"\r\nAccept-Ranges: bytes\r\n\r\n';
const A_HEAD = `Content-Length: 26\r\n${A_FIELDS}`;
const NOT_MODIFIED_HEAD = 'ETag: "abc"\r\n\r\n';

/** What is sent before the fixed head. */
function start(status: string, connection = ''): string {
  return `HTTP/1.1 ${status}\r\n${DATE_LINE}${connection === '' ? '' : `Connection: ${connection}\r\n`}`;
}

function error(status: string, connection = '', fields = ''): string {
  const text = `${status}\n`;
  const head = `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${text.length}\r\n${fields}\r\n`;
  return start(status, connection) + head + text;
}

function part(range: string, content: string): string {
  const fields = `Content-Range: bytes ${range}\r\nContent-Length: ${content.length}\r\n`;
  return start('206 Partial Content') + fields + A_FIELDS + content;
}

const WHOLE = start('200 OK') + A_HEAD + ALPHABET;
const EMPTY = start('200 OK') + A_HEAD.replace('26', '0').replace('abc', 'nothing');
const ALLOW = 'Allow: GET, HEAD, OPTIONS\r\n';
const CHUNKS = '5\r\nhello\r\n0\r\n\r\n';

/** Requests after which the connection persists, and their whole answers. */
const persisting: readonly (readonly [what: string, request: string, answer: string])[] = [
  ['GET of a file', get('/a'), WHOLE],
  ['HEAD of a file', request('HEAD', '/a'), start('200 OK') + A_HEAD],
  ['GET with a query', get('/a?b=/../c%zz'), WHOLE],
  ['GET with escapes and dots', get('/x/%2e%2E/./%61'), WHOLE],
  ['GET in absolute-form', get('http://other.example:8080/a'), WHOLE],
  ['GET in absolute-form with scheme in capitals', get('HTTP://example.org/a?b'), WHOLE],
  ['GET with an empty line before it', `\r\n${get('/a')}`, WHOLE],
  [
    'GET with fields that look like others',
    get('/a', 'Accept: x', 'Cost: a', 'xange: bytes=0-1', 'Xonnection: close', 'Content-Xength: 3'),
    WHOLE,
  ],
  ['GET with Connection: keep-alive', get('/a', 'Connection: Keep-Alive, Upgrade'), WHOLE],
  [
    'GET by HTTP/1.0 with keep-alive',
    'GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
    start('200 OK', 'keep-alive') + A_HEAD + ALPHABET,
  ],
  [
    'GET with If-None-Match that matches',
    get('/a', 'If-None-Match: "abc"'),
    start('304 Not Modified') + NOT_MODIFIED_HEAD,
  ],
  [
    'HEAD with If-Modified-Since that holds',
    request('HEAD', '/a', 'If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT'),
    start('304 Not Modified') + NOT_MODIFIED_HEAD,
  ],
  ['GET with If-None-Match that does not', get('/a', 'If-None-Match: "b"'), WHOLE],
  ['GET with If-Match that fails', get('/a', 'If-Match: "b"'), error('412 Precondition Failed')],
  ['GET with a range', get('/a', 'Range: bytes=1-3'), part('1-3/26', 'bcd')],
  ['GET of an empty file with a range of all', get('/empty', 'Range: bytes=0-'), EMPTY],
  ['GET with a suffix range', get('/a', 'Range: bytes=-2'), part('24-25/26', 'yz')],
  ['GET with a range of all', get('/a', 'Range: bytes=0-'), part('0-25/26', ALPHABET)],
  ['GET with a range and If-Range that holds', get('/a', 'Range: bytes=3-3', 'If-Range: "abc"'), part('3-3/26', 'd')],
  ['GET with a range and If-Range that does not', get('/a', 'Range: bytes=3-3', 'If-Range: "b"'), WHOLE],
  [
    'GET with a range and If-None-Match that matches',
    get('/a', 'Range: bytes=3-3', 'If-None-Match: "abc"'),
    start('304 Not Modified') + NOT_MODIFIED_HEAD,
  ],
  ['GET with two ranges that lie close together', get('/a', 'Range: bytes=1-2,4-5'), part('1-5/26', 'bcdef')],
  ['GET with two Range fields', get('/a', 'Range: bytes=1-2', 'Range: bytes=1-2'), WHOLE],
  ['HEAD with a range', request('HEAD', '/a', 'Range: bytes=1-2'), start('200 OK') + A_HEAD],
  [
    'GET with a range behind the end',
    get('/a', 'Range: bytes=26-'),
    `${start('416 Range Not Satisfiable')}Content-Range: bytes */26\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      'Content-Length: 26\r\n\r\n416 Range Not Satisfiable\n',
  ],
  ['GET of nothing', get('/b'), error('404 Not Found')],
  ['HEAD of nothing', request('HEAD', '/b'), error('404 Not Found').replace('404 Not Found\n', '')],
  ['GET with an escaped slash', get('/dir%2F'), error('404 Not Found')],
  ['OPTIONS of *', request('OPTIONS', '*'), `${start('200 OK')}${ALLOW}Content-Length: 0\r\n\r\n`],
  ['OPTIONS of a file', request('OPTIONS', '/a'), `${start('200 OK')}${ALLOW}Content-Length: 0\r\n\r\n`],
  ['OPTIONS of nothing', request('OPTIONS', '/b'), error('404 Not Found')],
  [
    'POST with a body',
    `${request('POST', '/a', 'Content-Length: 5')}GET /`,
    error('405 Method Not Allowed', '', ALLOW),
  ],
  ['DELETE', request('DELETE', '/a'), error('405 Method Not Allowed', '', ALLOW)],
  ['TRACE', request('TRACE', '/a'), error('405 Method Not Allowed', '', ALLOW)],
  ['CONNECT', request('CONNECT', 'example.org:443'), error('405 Method Not Allowed', '', ALLOW)],
  ['an unknown method', request('BREW', '/a'), error('501 Not Implemented')],
  ['GET with an empty body', get('/a', 'Content-Length: 0'), WHOLE],
  ['GET with a body', `${get('/a', 'Content-Length: 5')}GET /`, WHOLE],
  ['GET with a body whose length has leading zeros', `${get('/a', 'Content-Length: 005')}GET /`, WHOLE],
  ['GET with a length of several zeros', get('/a', 'Content-Length: 000'), WHOLE],
  [
    'GET with a length that is decimal although it begins with 0',
    `${get('/a', 'Content-Length: 010')}0123456789`,
    WHOLE,
  ],
  ['GET with a chunked body', `${get('/a', 'Transfer-Encoding: Chunked')}${CHUNKS}`, WHOLE],
  [
    'GET with Expect and a body',
    `${get('/a', 'Expect: 100-Continue', 'Content-Length: 5')}hello`,
    `HTTP/1.1 100 Continue\r\n\r\n${WHOLE}`,
  ],
  ['GET with Expect and no body', get('/a', 'Expect: 100-continue'), WHOLE],
  ['a folder without its slash', get('/dir'), start('301 Moved Permanently')],
];

/** Requests after which the server closes. */
const closing: readonly (readonly [what: string, request: string, answer: string])[] = [
  ['GET with Connection: close', get('/a', 'Connection: close'), start('200 OK', 'close') + A_HEAD + ALPHABET],
  [
    'GET with close among other options',
    get('/a', 'Connection: keep-alive', 'Connection: TE , CLOSE'),
    start('200 OK', 'close') + A_HEAD + ALPHABET,
  ],
  ['GET by HTTP/1.0', 'GET /a HTTP/1.0\r\n\r\n', start('200 OK', 'close') + A_HEAD + ALPHABET],
  ['HEAD by HTTP/1.0', 'HEAD /a HTTP/1.0\r\n\r\n', start('200 OK', 'close') + A_HEAD],
  [
    'GET by HTTP/1.0 with close and keep-alive',
    'GET /a HTTP/1.0\r\nConnection: close, keep-alive\r\n\r\n',
    start('200 OK', 'close') + A_HEAD + ALPHABET,
  ],
  ['GET with a bad escape', get('/%zz'), error('400 Bad Request', 'close')],
  ['GET with NUL in the path', get('/a%00'), error('400 Bad Request', 'close')],
  ['GET of *', get('*'), error('400 Bad Request', 'close')],
  ['GET of something that is no path', get('a'), error('400 Bad Request', 'close')],
  ['GET of another scheme', get('ftp://example.org/a'), error('400 Bad Request', 'close')],
  ['GET of an authority with user information', get('http://me@example.org/a'), error('400 Bad Request', 'close')],
  ['GET of an authority without a host', get('http:///a'), error('400 Bad Request', 'close')],
  [
    'HEAD with a bad escape',
    request('HEAD', '/%zz'),
    error('400 Bad Request', 'close').replace('400 Bad Request\n', ''),
  ],
  ['CONNECT to something that is no authority', request('CONNECT', 'a/b'), error('400 Bad Request', 'close')],
  ['HTTP/1.1 without Host', 'GET /a HTTP/1.1\r\n\r\n', error('400 Bad Request', 'close')],
  ['two Host fields', get('/a', 'Host: example.org'), error('400 Bad Request', 'close')],
  ['two Host fields by HTTP/1.0', 'GET /a HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n', error('400 Bad Request', 'close')],
  ['a bare LF', 'GET /a HTTP/1.1\nHost: a\n\n', error('400 Bad Request', 'close')],
  ['HTTP/2.0', 'GET /a HTTP/2.0\r\n\r\n', error('505 HTTP Version Not Supported', 'close')],
  ['an unknown expectation', get('/a', 'Expect: more'), error('417 Expectation Failed', 'close')],
  [
    'POST that waits for 100 Continue',
    request('POST', '/a', 'Expect: 100-continue', 'Content-Length: 5'),
    error('405 Method Not Allowed', 'close', ALLOW),
  ],
  ['a body too long', request('POST', '/a', 'Content-Length: 65537'), error('413 Content Too Large', 'close')],
  [
    'a body too long for counting',
    request('POST', '/a', `Content-Length: ${'9'.repeat(400)}`),
    error('413 Content Too Large', 'close'),
  ],
];

function expectAnswer(sent: string, answer: string, way: string): void {
  if (answer.endsWith('\r\n\r\n') || answer.includes('\r\n\r\n')) expect(sent, way).to.equal(answer);
  else expect(sent, way).to.match(new RegExp(`^${answer}`));
}

describe('an HTTP connection', () => {
  let store: Store;
  before(async () => {
    store = await makeExampleStore();
  });

  for (const [what, text, answer] of persisting) {
    it(`${what}: answered, and the connection persists, however it is cut`, () => {
      for (const [way, parts] of waysToCut(text)) {
        const connection = new HttpBench(store).feed(parts);
        expectAnswer(connection.sent, answer, way);
        expect(connection.closing, way).to.equal(false);
        expect(connection.waiting, way).to.equal(0);
      }
    });

    it(`${what}: the next request behind it is answered too`, () => {
      const alone = new HttpBench(store).feed([text]).sent;
      const next = get('/empty');
      const nextAnswer = new HttpBench(store).feed([next]).sent;
      for (const [way, parts] of waysToCut(text + next)) {
        expect(new HttpBench(store).feed(parts).sent, way).to.equal(alone + nextAnswer);
      }
    });
  }

  for (const [what, text, answer] of closing) {
    it(`${what}: answered, then closed, however it is cut, and nothing behind it is answered`, () => {
      for (const [way, parts] of waysToCut(text)) {
        const connection = new HttpBench(store).feed([...parts, get('/a')]);
        expect(connection.sent, way).to.equal(answer);
        expect(connection.closing, way).to.equal(true);
        expect(connection.waiting, way).to.equal(0);
      }
    });
  }

  it('never reads the payload of what it sends whole, nor that of heads', () => {
    const bench = new HttpBench(store);
    const connection = bench.connect();
    for (const path of ['/a', '/', '/empty', '/long', '/dir/', '/gr%C3%BCn', '/sp%20ace', '/nothing', '/dir']) {
      for (const method of ['GET', 'HEAD', 'OPTIONS']) connection.deliver(request(method, path));
      connection.deliver(get(path, 'If-None-Match: "tag"', 'Range: bytes=0-'));
    }
    expect(connection.account.payloadBytesRead).to.be.below(9 * 2 * 32); // the edges of "Range: bytes=0-"
    const whole = bench.connect();
    for (const path of ['/a', '/', '/empty', '/long', '/nothing', '/dir', '/dir?q']) whole.deliver(get(path));
    expect(whole.account.payloadBytesRead).to.equal(0);
  });

  it('sends a part of a file with at most the edges of two blocks read', () => {
    for (let from = 0; from < 200; from++) {
      const connection = new HttpBench(store).feed([get('/long', `Range: bytes=${from}-${from + 4000}`)]);
      expect(connection.sent).to.match(/x{4001}$/);
      expect(connection.account.payloadBytesRead).to.be.at.most(2 * 31);
    }
  });

  it('asks a folder without its slash to come again with it, and keeps the query', () => {
    const location = (path: string) => /\r\nLocation: (.*)\r\n/.exec(new HttpBench(store).feed([get(path)]).sent)?.[1];
    expect(location('/dir')).to.equal('/dir/');
    expect(location('/dir?a=b&c')).to.equal('/dir/?a=b&c');
    expect(location('//dir?a')).to.equal('/dir/?a');
    expect(location('http://other/x/../dir?a')).to.equal('/dir/?a');
    expect(location('/dir?\u00fc="%41')).to.equal('/dir/?%FC="%41');
  });

  it('redirects with the same HTML page, with a query and without', () => {
    const answer = (method: string, path: string) => new HttpBench(store).feed([request(method, path)]).sent;
    for (const [path, link] of [
      ['/dir', '/dir/'],
      ['/dir?a&"b', '/dir/?a&#38;&#34;b'],
    ] as const) {
      const [head, body] = answer('GET', path).split('\r\n\r\n');
      expect(body).to.equal(`<!doctype html><title>Moved</title><a href="${link}">Moved here</a>\n`);
      expect(head).to.contain(`\r\nContent-Length: ${body!.length}\r\nContent-Type: text/html; charset=utf-8\r\n`);
      expect(answer('HEAD', path)).to.equal(`${head}\r\n\r\n`);
    }
  });

  it('finds names with spaces and in UTF-8, escaped and raw', () => {
    expect(new HttpBench(store).feed([get('/sp%20ace')]).sent).to.match(/space$/);
    expect(new HttpBench(store).feed([get('/gr%c3%BCn')]).sent).to.match(/green$/);
    const raw = String.fromCharCode(...new TextEncoder().encode('/grün'));
    expect(new HttpBench(store).feed([get(raw)]).sent).to.match(/green$/);
  });

  it('tells a client that waits for it to go on, before the body comes', () => {
    const connection = new HttpBench(store).connect();
    connection.deliver(get('/a', 'Content-Length: 5', 'Expect: 100-continue'));
    expect(connection.sent).to.equal('HTTP/1.1 100 Continue\r\n\r\n');
    connection.deliver('hello');
    expect(connection.sent).to.equal(`HTTP/1.1 100 Continue\r\n\r\n${WHOLE}`);
  });

  it('has Nagle off, so that the end of an answer does not wait for the acknowledgement of its start', () => {
    expect(new HttpBench(store).connect().noDelay).to.equal(true);
  });

  it('tells nobody to go on who does not wait for it', () => {
    const bench = new HttpBench(store);
    bench.connect().deliver(get('/a', 'Content-Length: 5', 'Expect: 100-continue'));
    const connection = bench.connect();
    connection.deliver(get('/a', 'Content-Length: 5'));
    expect(connection.sent).to.equal('');
    connection.deliver('hello');
    expect(connection.sent).to.equal(WHOLE);
  });

  it('answers OPTIONS * on an empty site, and does not take the next target for the server', async () => {
    const { store: empty } = await makeSite({ files: {} });
    const connection = new HttpBench(empty).feed([request('OPTIONS', '*'), request('OPTIONS', '/')]);
    expect(connection.sent.match(/HTTP\/1.1 \d+/g)).to.deep.equal(['HTTP/1.1 200', 'HTTP/1.1 404']);
  });

  it('keeps the requests of two connections apart that come in turns, byte by byte', () => {
    const bench = new HttpBench(store);
    const one = bench.connect();
    const two = bench.connect();
    const first = `${get('/a', 'Connection: close', 'Transfer-Encoding: chunked')}${CHUNKS}`;
    const second = `${request('HEAD', '/a', 'Content-Length: 20', 'X: yyyyyyyyyyyyyyyyyyyy')}${'z'.repeat(20)}`;
    for (let i = 0; i < Math.max(first.length, second.length); i++) {
      if (i < first.length) one.deliver(first[i]!);
      if (i < second.length) two.deliver(second[i]!);
    }
    expect(one.sent).to.equal(start('200 OK', 'close') + A_HEAD + ALPHABET);
    expect(two.sent).to.equal(start('200 OK') + A_HEAD);
    expect(two.closing).to.equal(false);
  });

  it('carries a head of the largest size, and refuses a larger one', () => {
    const limits = { requestLineBytes: 3000, headerBytes: 5000 };
    const line = `GET /a?${'q'.repeat(3000 - 18)} HTTP/1.1\r\n`;
    const fields = (bytes: number) => `Host: a\r\nX: ${'y'.repeat(bytes - 14)}\r\n`;
    for (const size of [1, 7, 100, 1460]) {
      const cut = (text: string) => text.match(new RegExp(`.{1,${size}}`, 'gs'))!;
      const fits = new HttpBench(store, limits).feed(cut(`${line}${fields(5000)}\r\n`));
      expect(fits.sent, `${size}`).to.equal(WHOLE);
      const tooLong = new HttpBench(store, limits).feed(cut(`${line}${fields(5001)}\r\n`));
      expect(tooLong.sent, `${size}`).to.equal(error('431 Request Header Fields Too Large', 'close'));
    }
  });

  it('closes after as many requests as it may answer', () => {
    const bench = new HttpBench(store, { requestsPerConnection: 3 });
    const connection = bench.feed([get('/a').repeat(5)]);
    expect(connection.sent).to.equal(WHOLE + WHOLE + start('200 OK', 'close') + A_HEAD + ALPHABET);
    expect(connection.closing).to.equal(true);
    expect(bench.statistics.requests).to.equal(3);
  });

  it('counts what it does', () => {
    const bench = new HttpBench(store);
    const connection = bench.connect();
    connection.deliver(get('/a') + request('HEAD', '/a') + get('/nothing') + get('/dir'));
    connection.deliver(get('/a', 'Range: bytes=0-1'));
    connection.deliver(get('/a', 'If-None-Match: *').slice(0, 20));
    connection.deliver(get('/a', 'If-None-Match: *').slice(20));
    connection.deliver('x');
    connection.deliver('\0');
    connection.disappear('closed');
    expect(bench.statistics).to.deep.include({
      connections: 1,
      openConnections: 0,
      requests: 6,
      cacheHits: 5,
      cacheMisses: 1,
      ok: 2,
      partial: 1,
      notModified: 1,
      redirects: 1,
      clientErrors: 2,
      serverErrors: 0,
      refused: 1,
      carriedOver: 2,
    });
  });
});

describe('an HTTP connection that ends', () => {
  let store: Store;
  before(async () => {
    store = await makeExampleStore();
  });

  function endAfter(text: string): FakeConnection {
    const connection = new HttpBench(store).connect();
    connection.acknowledges = false;
    connection.deliver(text);
    connection.end();
    return connection;
  }

  it('by a FIN right behind the request: the whole answer, then FIN', () => {
    const connection = endAfter(get('/a'));
    expect(connection.sent).to.equal(WHOLE);
    expect(connection.closing).to.equal(true);
    expect(connection.gone).to.equal(false);
  });

  it('by a FIN between requests: FIN', () => {
    expect(endAfter('').closing).to.equal(true);
    expect(endAfter('').sent).to.equal('');
    expect(endAfter('\r\n').sent).to.equal('');
  });

  it('by a FIN within a head or a body: 400, then FIN', () => {
    for (const text of ['G', get('/a').slice(0, -1), `${get('/a', 'Content-Length: 5')}hell`]) {
      const connection = endAfter(text);
      expect(connection.sent).to.equal(error('400 Bad Request', 'close'));
      expect(connection.closing).to.equal(true);
    }
  });

  it('by a FIN after our own: nothing more', () => {
    const connection = endAfter(get('/a', 'Connection: close'));
    expect(connection.sent).to.equal(start('200 OK', 'close') + A_HEAD + ALPHABET);
  });

  it('by an error: late bytes are taken and thrown away, not answered by RST', () => {
    const connection = new HttpBench(store).connect();
    connection.deliver('\0');
    for (let i = 0; i < 100; i++) connection.deliver(get('/a').repeat(20));
    expect(connection.sent).to.equal(error('400 Bad Request', 'close'));
    expect(connection.waiting).to.equal(0);
    expect(connection.gone).to.equal(false);
  });
});

describe('pipelined requests', () => {
  let store: Store;
  before(async () => {
    store = await makeExampleStore();
  });

  it('are answered in their order', () => {
    const paths = ['/a', '/nothing', '/empty', '/', '/a', '/dir'];
    const connection = new HttpBench(store).feed([paths.map((path) => get(path)).join('')]);
    const alone = paths.map((path) => new HttpBench(store).feed([get(path)]).sent);
    expect(connection.sent).to.equal(alone.join(''));
  });

  it('wait in TCP while too many pieces are queued, and go on when there is room', () => {
    const bench = new HttpBench(store, { queuedPieces: 6 });
    const connection = bench.connect();
    connection.acknowledges = false;
    connection.deliver(get('/a').repeat(10));
    expect(connection.sent).to.equal(WHOLE.repeat(3));
    expect(connection.waiting).to.equal(get('/a').length * 7);
    expect(bench.statistics.heldBack).to.equal(1);
    connection.acknowledge(2);
    expect(connection.sent).to.equal(WHOLE.repeat(4));
    connection.acknowledgeAll();
    expect(connection.sent).to.equal(WHOLE.repeat(10));
    expect(connection.waiting).to.equal(0);
    const { resumes } = connection;
    connection.deliver(get('/a').repeat(3));
    connection.acknowledgeAll();
    expect(connection.resumes, 'nothing to resume').to.equal(resumes);
  });

  it('are not offered again before there is room', () => {
    const bench = new HttpBench(store, { queuedBytes: 10_000 });
    const connection = bench.connect();
    connection.acknowledges = false;
    connection.deliver(get('/long').repeat(4));
    expect(connection.queuedPieces).to.equal(4);
    connection.acknowledge(1);
    expect(connection.resumes).to.equal(0);
    connection.acknowledge(1);
    expect(connection.resumes).to.equal(1);
    expect(bench.statistics.heldBack).to.equal(2);
  });

  it('wait while too many bytes are queued', () => {
    const connection = new HttpBench(store, { queuedBytes: 5000 }).connect();
    connection.acknowledges = false;
    connection.deliver(get('/long').repeat(3));
    expect(connection.sent.match(/HTTP\/1.1 200/g)).to.have.length(1);
    connection.acknowledgeAll();
    expect(connection.sent.match(/HTTP\/1.1 200/g)).to.have.length(3);
  });

  it('behind a FIN are all answered before ours', () => {
    const connection = new HttpBench(store, { queuedPieces: 2 }).connect();
    connection.acknowledges = false;
    connection.deliver(get('/a').repeat(4));
    connection.end();
    expect(connection.closing).to.equal(false);
    connection.acknowledgeAll();
    expect(connection.sent).to.equal(WHOLE.repeat(4));
    expect(connection.closing).to.equal(true);
  });
});
