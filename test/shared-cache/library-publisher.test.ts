import { expect } from 'chai';
import type { Library } from '../../src/cache/library/library.js';
import type { Store } from '../../src/cache/library/store.js';
import { FIRST_KEPT_SPACE, keptName } from '../../src/http/routes/kept-names.js';
import { ONE_SITE } from '../../src/http/sites/sites.js';
import { SECOND } from '../../src/net/clock.js';
import { LibraryPublisher } from '../../src/shared-cache/library-publisher.js';
import type { PublishedAnswer } from '../../src/shared-cache/publisher.js';
import type { FakeConnection } from '../support/fake-connection.js';
import { FakeSlowPath } from '../support/fake-slow-path.js';
import { get, HttpBench, request } from '../support/http-bench.js';
import { makeSite } from '../support/site.js';

describe('a stored answer on the fast path', () => {
  let library: Library;
  let store: Store;
  let slowPath: FakeSlowPath;
  let bench: HttpBench;
  let publisher: LibraryPublisher;

  beforeEach(async () => {
    ({ library, store } = await makeSite({ files: {} }));
    slowPath = new FakeSlowPath();
    const site = { routes: [{ path: '/api/', to: ['handler' as const] }] };
    bench = new HttpBench(
      store,
      {},
      undefined,
      { ...ONE_SITE, sites: [site], kept: { '': FIRST_KEPT_SPACE } },
      slowPath,
    );
    publisher = new LibraryPublisher(library, FIRST_KEPT_SPACE, 'fastpath');
  });

  function answer(more: Partial<PublishedAnswer> = {}): PublishedAnswer {
    const now = bench.wallClock.seconds;
    return {
      scheme: 'http',
      host: 'example.org',
      target: '/api/x?q=1',
      status: 200,
      message: 'OK',
      fields: ['Date', 'Sun, 06 Nov 1994 08:49:37 GMT', 'ETag', '"v1"', 'Content-Type', 'text/plain', 'X-Of', 'origin'],
      body: Buffer.from('hello from the origin'),
      born: now - 10,
      until: now + 50,
      ...more,
    };
  }

  function advance(seconds: number): void {
    bench.clock.now += seconds * SECOND;
  }

  function fields({ sent }: FakeConnection): string[] {
    return sent.split('\r\n\r\n', 1)[0]?.split('\r\n').sort() ?? [];
  }

  it('is sent with its own Date, its Age and Cache-Status, and none of its bytes is read', () => {
    expect(publisher.put(answer())).to.equal(true);
    const connection = bench.feed([get('/api/x?q=1')]);
    expect(fields(connection)).to.deep.equal(
      [
        'HTTP/1.1 200 OK',
        'Server: test',
        'Age: 10',
        'Content-Length: 21',
        'Date: Sun, 06 Nov 1994 08:49:37 GMT',
        'ETag: "v1"',
        'Content-Type: text/plain',
        'X-Of: origin',
        'Cache-Status: fastpath; hit',
      ].sort(),
    );
    expect(connection.sent).to.match(/\r\n\r\nhello from the origin$/);
    expect(connection.account.payloadBytesRead).to.equal(0);
    expect(bench.statistics).to.include({ cacheHits: 1, handedOver: 0 });
  });

  it('grows older by the second, and objects of one age share a head', () => {
    publisher.put(answer());
    publisher.put(answer({ target: '/api/y', born: bench.wallClock.seconds - 12 }));
    const ages = [];
    for (let i = 0; i < 3; i++) {
      ages.push(...[get('/api/x?q=1'), get('/api/y')].map((text) => /Age: (\d+)/.exec(bench.feed([text]).sent)?.[1]));
      advance(1);
    }
    expect(ages).to.deep.equal(['10', '12', '11', '13', '12', '14']);
  });

  it('is not sent any more from the second of its expiry on, and the reason is counted', () => {
    publisher.put(answer());
    advance(49);
    expect(bench.feed([get('/api/x?q=1')]).sent).to.contain('Age: 59');
    advance(1);
    bench.feed([get('/api/x?q=1')]);
    expect(slowPath.connections).to.have.length(1);
    expect(bench.statistics).to.include({ offExpired: 1, offRoute: 0, handedOver: 1 });
  });

  it('is of one scheme, one host with its port, and one cache', () => {
    const body = (text: string) => Buffer.from(text);
    publisher.put(answer({ body: body('of example.org') }));
    publisher.put(answer({ host: 'EXAMPLE.org:8080', body: body('of its port') }));
    publisher.put(answer({ scheme: 'https', host: 'other.example', body: body('of https') }));
    new LibraryPublisher(library, FIRST_KEPT_SPACE + 1, 'b').put(answer({ host: 'b.example', body: body('of b') }));
    const ask = (host: string) => bench.feed([`GET /api/x?q=1 HTTP/1.1\r\nHost: ${host}\r\n\r\n`]).sent;
    expect(ask('example.org')).to.match(/of example.org$/);
    expect(ask('Example.ORG')).to.match(/of example.org$/);
    expect(ask('example.org:8080')).to.match(/of its port$/);
    expect(ask('example.org:80')).to.match(/of example.org$/); // the usual port (RFC 9110 section 4.2.3)
    for (const host of ['other.example', 'b.example', 'example.org:443']) expect(ask(host), host).to.equal('');
    expect(bench.statistics).to.include({ storedHits: 4, handedOver: 3 });
    expect(keptName('https', 'A.example', '/B')).to.equal('/B\nhttps://a.example');
    expect(keptName('https', 'a.example:443', '/B')).to.equal('/B\nhttps://a.example');
    expect(keptName('https', 'a.example:80', '/B')).to.equal('/B\nhttps://a.example:80');
  });

  it('is replaced, and withdrawn', () => {
    publisher.put(answer());
    publisher.put(answer({ body: Buffer.from('newer') }));
    expect(bench.feed([get('/api/x?q=1')]).sent).to.match(/newer$/);
    expect(library.statistics.stored).to.equal(1);
    publisher.remove({ scheme: 'http', host: 'example.org', target: '/api/x?q=1' });
    bench.feed([get('/api/x?q=1')]);
    expect(slowPath.connections).to.have.length(1);
    expect(library.statistics.stored).to.equal(0);
  });

  it('answers HEAD, a condition and a range, each with the Age', () => {
    publisher.put(answer());
    const ask = (method: string, line: string) => bench.feed([request(method, '/api/x?q=1', line)]).sent;
    expect(ask('HEAD', '')).to.match(/Age: 10\r\n.*Content-Length: 21\r\n.*\r\n\r\n$/s);
    const unchanged = ask('GET', 'If-None-Match: "v1"\r\n');
    expect(unchanged).to.match(/^HTTP\/1.1 304 Not Modified\r\n/);
    expect(unchanged).to.contain('Age: 10\r\n').and.contain('ETag: "v1"').and.not.contain('X-Of');
    const part = ask('GET', 'Range: bytes=0-4\r\n');
    expect(part).to.match(/^HTTP\/1.1 206 Partial Content\r\n/);
    expect(part)
      .to.contain('Age: 10\r\n')
      .and.contain('Content-Range: bytes 0-4/21')
      .and.match(/\r\n\r\nhello$/);
    expect(slowPath.connections).to.have.length(0);
  });

  it('may have a weak entity-tag, which answers If-None-Match and no more', () => {
    publisher.put(answer({ fields: ['ETag', 'W/"v1"', 'Content-Type', 'text/plain'] }));
    const ask = (...lines: string[]) =>
      Number(bench.feed([request('GET', '/api/x?q=1', lines.map((line) => `${line}\r\n`).join(''))]).sent.slice(9, 12));
    expect(ask()).to.equal(200);
    for (const tag of ['W/"v1"', '"v1"', '"v0", W/"v1"', '*']) expect(ask(`If-None-Match: ${tag}`), tag).to.equal(304);
    expect(ask('If-None-Match: W/"v2"')).to.equal(200);
    for (const tag of ['W/"v1"', '"v1"']) expect(ask('Range: bytes=0-4', `If-Range: ${tag}`), tag).to.equal(200);
    expect(bench.feed([get('/api/x?q=1')]).sent).to.contain('\r\nETag: W/"v1"\r\n');
    expect(slowPath.connections).to.have.length(0);
  });

  it('is not held against conditions that only the origin can judge', () => {
    publisher.put(answer());
    const lines = ['If-Match: "v1"', 'If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT'];
    for (const line of lines) bench.feed([request('GET', '/api/x?q=1', `${line}\r\n`)]);
    expect(slowPath.connections).to.have.length(2);
  });

  it('may be an error or a redirect, whose Location stays as it is', () => {
    const fields = ['Location', '/api/z'];
    publisher.put(answer({ status: 302, fields, body: Buffer.alloc(0) }));
    const { sent } = bench.feed([get('/api/x?q=1')]);
    expect(sent)
      .to.match(/^HTTP\/1.1 302 Found\r\n/)
      .and.contain('Location: /api/z\r\n');
    publisher.put(answer({ status: 404, fields: [], body: Buffer.from('none') }));
    expect(bench.feed([get('/api/x?q=1')]).sent).to.match(/^HTTP\/1.1 404 Not Found\r\n.*none$/s);
  });

  it('is not put where the fast path would not be right: odd tags, odd statuses, no memory', () => {
    expect(publisher.put(answer({ fields: ['ETag', 'v1'] }))).to.equal(false);
    expect(publisher.put(answer({ fields: ['ETag', '"v1"', 'ETag', '"v2"'] }))).to.equal(false);
    expect(publisher.put(answer({ status: 299 }))).to.equal(false);
    expect(publisher.put(answer({ status: 204, body: Buffer.alloc(0) }))).to.equal(false);
    expect(publisher.put(answer({ body: Buffer.alloc(library.limitBytes) }))).to.equal(false);
    expect(library.statistics.stored).to.equal(0);
  });
});
