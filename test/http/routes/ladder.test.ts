import { expect } from 'chai';
import { ABSENT } from '../../../src/cache/library/asks.js';
import type { Library } from '../../../src/cache/library/library.js';
import type { Store } from '../../../src/cache/library/store.js';
import { FIRST_KEPT_SPACE, keptName } from '../../../src/http/routes/kept-names.js';
import type { Route } from '../../../src/http/routes/route.js';
import { ONE_SITE, type SiteTable } from '../../../src/http/sites/sites.js';
import type { FakeConnection } from '../../support/fake-connection.js';
import { FakeSlowPath } from '../../support/fake-slow-path.js';
import { get, HttpBench, request } from '../../support/http-bench.js';
import { addFileTo, makeSite } from '../../support/site.js';

function statuses({ sent }: FakeConnection): string {
  return [...sent.matchAll(/HTTP\/1.1 (\d+)/g)].map((match) => match[1]!).join(' ');
}

describe('the ladder of a request', () => {
  let library: Library;
  let store: Store;
  let slowPath: FakeSlowPath;

  beforeEach(async () => {
    ({ library, store } = await makeSite({ files: { '/a': { content: 'file' }, '/api/x': { content: 'file' } } }));
    slowPath = new FakeSlowPath();
  });

  function benchOf(routes: readonly Route[], more: Partial<SiteTable> = {}, handler = false): HttpBench {
    return new HttpBench(store, {}, undefined, { ...ONE_SITE, sites: [{ routes, handler }], ...more }, slowPath);
  }

  /** Where requests end: at a status, or at an upstream ('handler' for the handler). */
  function ends(bench: HttpBench, ...requests: string[]): string[] {
    return requests.map((text) => {
      const before = slowPath.connections.length;
      const connection = bench.feed([text]);
      if (slowPath.connections.length === before) return statuses(connection);
      return slowPath.last.last.upstream || 'handler';
    });
  }

  /** Names that were asked of the disk, all of which are absent. */
  function wanted(): string[] {
    const wants = store.asks.take();
    for (const { ask } of wants) store.asks.settle(Int32Array.of(ask, ABSENT));
    return wants.map(({ name }) => name);
  }

  it('leads from memory to disk to an error where there is no route', () => {
    const bench = benchOf([{ path: '/api/', to: ['handler'] }]);
    expect(ends(bench, get('/a'), get('/b'), request('POST', '/a'))).to.deep.equal(['200', '404', '405']);
  });

  it('ends at the handler for a path below a prefix, whatever lies in the folder', () => {
    const bench = benchOf([{ path: '/api/', to: ['handler'] }]);
    const all = [
      get('/api/x'),
      get('/api/none?q'),
      request('DELETE', '/api/x'),
      request('HEAD', '/api/x'),
      get('/api'),
    ];
    expect(ends(bench, ...all)).to.deep.equal(['handler', 'handler', 'handler', 'handler', '404']);
  });

  it('ends at the upstream that the route names', () => {
    const bench = benchOf([
      { path: '/api/', methods: ['POST'], to: [{ upstream: 'writers' }] },
      { path: '/api/', to: [{ upstream: 'readers' }] },
    ]);
    expect(ends(bench, request('POST', '/api/x'), get('/api/x'))).to.deep.equal(['writers', 'readers']);
  });

  it('goes through files first if the route says so', () => {
    const bench = benchOf([{ path: '/', to: ['file', { upstream: 'app' }] }]);
    expect(ends(bench, get('/a'), get('/b'), request('POST', '/a'))).to.deep.equal(['200', 'app', 'app']);
  });

  it('asks no disk for a route to the cache, and the disk before the handler for one to files', () => {
    library.setLazy(0, true);
    library.flush();
    const bench = benchOf([
      { path: '/hot/', to: ['cache'] },
      { path: '/warm/', to: ['cache', 'handler'] },
      { path: '/cold/', to: ['file', 'handler'] },
    ]);
    expect(ends(bench, get('/hot/x'), get('/warm/x'))).to.deep.equal(['404', 'handler']);
    expect(wanted()).to.deep.equal([]);
    const connection = bench.feed([get('/cold/x')]);
    expect([connection.sent, slowPath.connections.length]).to.deep.equal(['', 1]);
    expect(wanted()).to.deep.equal(['/cold/x']);
    expect(slowPath.last.last.text).to.match(/^GET \/cold\/x /);
    slowPath.last.answer('made');
    expect(statuses(connection)).to.equal('200');
  });

  it('leaves a body in TCP until the disk has said whether there is a file', () => {
    library.setLazy(0, true);
    library.flush();
    const bench = benchOf([], {}, true);
    const handed = bench.feed([`${get('/none', 'Content-Length: 5')}he`, 'llo']);
    expect(handed.waiting).to.equal(5);
    expect(wanted()).to.deep.equal(['/none']);
    expect(slowPath.last.last.text).to.match(/\r\n\r\nhello$/);
    const answered = bench.feed([get('/late', 'Content-Length: 5'), `hello${get('/a')}`]);
    const [ask] = store.asks.take();
    addFileTo(library, '/late', 'found');
    store.asks.settle(Int32Array.of(ask!.ask, 0));
    expect([statuses(answered), answered.waiting]).to.deep.equal(['200 200', 0]);
    expect(slowPath.connections).to.have.lengthOf(1);
  });

  it('compares the normal form of a path, so no spelling slips past a route', () => {
    const bench = benchOf([{ path: '/api/', to: ['handler'] }]);
    const spellings = ['/x/../api/y', '/%61pi/y', '//api//y', '/api/../api/y', 'http://example.org/api/y', '/api/y?z'];
    expect(ends(bench, ...spellings.map((path) => get(path)))).to.deep.equal(spellings.map(() => 'handler'));
    expect(ends(bench, get('/api/../a'), get('/api/%2e%2e/a'))).to.deep.equal(['200', '200']);
  });

  it('leaves an escaped slash to the handler, and to nobody else', () => {
    const bench = benchOf([{ path: '/api/', to: ['handler'] }]);
    expect(ends(bench, get('/api/a%2Fb'), get('/x%2Fb'), get('/x/../api/%2f'))).to.deep.equal([
      'handler',
      '404',
      'handler',
    ]);
    expect(ends(bench, get('/api/%zz'))).to.deep.equal(['400']);
  });

  it('has routes for some hosts of a site', () => {
    const bench = benchOf([{ path: '/', hosts: ['api.example.org'], to: ['handler'] }], {
      hosts: ['example.org', 'api.example.org'].map((name) => ({ name, site: 0 })),
    });
    const toApi = get('/a').replace('example.org', 'api.example.org');
    expect(ends(bench, toApi, get('/a'), get('/a').replace('example.org', 'other'))).to.deep.equal([
      'handler',
      '200',
      '200',
    ]);
  });

  it('takes an answer that was kept before it hands over, by the whole target', () => {
    const bench = benchOf([{ path: '/api/', to: ['handler'] }], { kept: { '': FIRST_KEPT_SPACE } }, true);
    const keep = (target: string) =>
      addFileTo(library, keptName('http', 'example.org', target), 'kept', FIRST_KEPT_SPACE);
    for (const target of ['/api/x?q=1', '/none']) keep(target);
    library.flush();
    const kept = [get('/api/x?q=1'), get('/none'), request('HEAD', '/none')];
    expect(ends(bench, ...kept, get('/api/x'), get('/api/x?q=2'), request('POST', '/none'))).to.deep.equal([
      '200',
      '200',
      '200',
      'handler',
      'handler',
      'handler',
    ]);
    expect(bench.statistics).to.include({ cacheHits: 3, storedHits: 3, cacheMisses: 2, handedOver: 3 });
    expect(bench.feed([get('/none')]).account.payloadBytesRead).to.equal(0);
  });

  it('keeps the answers of each upstream apart, and looks for none where none is kept', () => {
    const to = (upstream: string) => [{ upstream }];
    const routes = ['a', 'b', 'c'].map((name) => ({ path: `/${name}/`, to: to(name) }));
    const spaces = { a: FIRST_KEPT_SPACE, b: FIRST_KEPT_SPACE + 1 };
    const bench = benchOf([...routes, { path: '/both', methods: ['GET'], to: to('a') }], { kept: spaces });
    for (const target of ['/a/x', '/b/x', '/c/x']) {
      addFileTo(library, keptName('http', 'example.org', target), 'kept', spaces.a);
    }
    library.flush();
    const lookups = store.hits + store.misses;
    expect(ends(bench, get('/a/x'), get('/b/x'), get('/c/x'))).to.deep.equal(['200', 'b', 'c']);
    expect(store.hits + store.misses - lookups).to.equal(2);
  });

  it('changes with a new table from the next request on', () => {
    const bench = benchOf([{ path: '/api/', to: ['handler'] }]);
    const connection = bench.feed([get('/api/x') + get('/api/x')]);
    bench.sites.use(ONE_SITE);
    slowPath.last.answer('made');
    expect(statuses(connection)).to.equal('200 200');
    expect(connection.sent).to.match(/made.*file$/s);
  });

  it('answers OPTIONS of the server itself, and a preflight by the handler', () => {
    const bench = benchOf([], {}, true);
    expect(ends(bench, request('OPTIONS', '*'), request('OPTIONS', '/a'))).to.deep.equal(['200', 'handler']);
  });
});
