/** Several servers: which one gets a request, who waits, who is tried next, and what new options change. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RetryOptions, UpstreamOptions } from '../../src/proxy/options.js';
import { until } from '../support/until.js';
import { answerOf, only, ProxyWorld } from './support.js';

describe('an upstream', () => {
  let world: ProxyWorld;

  beforeEach(() => {
    world = new ProxyWorld();
  });
  afterEach(() => world.end());

  const named = (name: string) => world.origin((req, res) => void req.pipe(res.setHeader('X-Name', name)));
  const whoAnswers = async (path = '/', headers = {}) => (await world.get(path, { headers })).headers['x-name'];

  it('shares requests by weight', async () => {
    const [a, b] = [await named('a'), await named('b')];
    await world.start({ servers: [{ url: a.url, weight: 3 }, { url: b.url }] });
    const names: unknown[] = [];
    for (let i = 0; i < 8; i++) names.push(await whoAnswers());
    expect(names.filter((name) => name === 'a').length).to.equal(6);
  });

  it('gives one key always to one server', async () => {
    const origins = [await named('a'), await named('b'), await named('c')];
    const servers = origins.map(({ url }) => ({ url }));
    await world.start({ servers, balance: 'hash', hashKey: { of: 'cookie', name: 'sid' } });
    const first = await whoAnswers('/1', { Cookie: 'x=y; sid=42' });
    for (let i = 0; i < 5; i++) expect(await whoAnswers(`/${i}`, { Cookie: 'sid=42' })).to.equal(first);
  });

  it('tries another server when one is not there, whatever the method, with the body', async () => {
    const b = await world.origin((req, res) => void req.pipe(res));
    await world.start({ servers: [{ url: 'http://127.0.0.1:1', weight: 100 }, { url: b.url }] });
    const { status, body } = await world.get('/', { method: 'POST' }, 'the body');
    expect([status, String(body)]).to.deep.equal([200, 'the body']);
    expect(world.troubles).to.deep.equal([]);
  });

  it('sends a short body of an idempotent request twice, and a long one not', async () => {
    const bad = await world.rawOrigin((socket) => void socket.once('data', () => socket.destroy()));
    const good = await world.origin((req, res) => void req.pipe(res));
    const servers = [{ url: bad.url, weight: 1_000 }, { url: good.url }];
    await world.start({ servers, retry: { bodyBytes: 1_000 }, passive: { failures: 0 } });
    expect(String((await world.get('/', { method: 'PUT' }, 'short')).body)).to.equal('short');
    expect((await world.get('/', { method: 'PUT' }, Buffer.alloc(200_000))).status).to.equal(502);
    expect((await world.get('/', { method: 'POST' }, 'short')).status).to.equal(502);
  });

  const unavailable = async (retry: RetryOptions) => {
    const bad = await world.origin((_, res) => void res.writeHead(503).end('ill'));
    const good = await named('good');
    await world.start({ servers: [{ url: bad.url, weight: 1_000 }, { url: good.url }], retry });
    return world.get();
  };

  it('passes a 503 of a server on, unless it is to be tried elsewhere', async () => {
    const { status, body } = await unavailable({});
    expect([status, String(body)]).to.deep.equal([503, 'ill']);
    await world.end();
    world = new ProxyWorld();
    const other = await unavailable({ on: ['unavailable'] });
    expect([other.status, other.headers['x-name']]).to.deep.equal([200, 'good']);
  });

  it('makes no retry after an interim answer has gone to the client', async () => {
    const bad = await world.says('HTTP/1.1 103 Early Hints\r\n\r\n', (socket) => socket.end());
    const good = await named('good');
    await world.start({ servers: [{ url: bad.url, weight: 1_000 }, { url: good.url }] });
    expect((await world.get()).status).to.equal(502);
  });

  it('retries a part of the requests only, so that a fault of all servers is not made worse', async () => {
    const bad = await world.rawOrigin((socket) => void socket.once('data', () => socket.destroy()));
    await world.start({ servers: only(bad.url), passive: { failures: 0 }, retry: { attempts: 3 } });
    for (let i = 0; i < 40; i++) expect((await world.get()).status).to.equal(502);
    const [reading] = world.proxy.read();
    // 20 are saved, and each request earns a fifth.
    expect(reading?.servers[0]?.counters.retries).to.be.within(20, 28);
    expect(reading?.counters.retriesWithheld).to.be.above(0);
  });

  it('answers a burst although one of two servers is not there, and no retry is withheld', async () => {
    const good = await named('good');
    await world.start({ servers: [{ url: 'http://127.0.0.1:1' }, { url: good.url }], passive: { failures: 0 } });
    const answers = await Promise.all(Array.from({ length: 200 }, () => world.get('/', { method: 'POST' }, 'body')));
    expect(answers.filter(({ status }) => status !== 200).length).to.equal(0);
    const [reading] = world.proxy.read();
    expect(reading?.servers[0]?.counters.connectFailures).to.be.above(50);
    expect(reading?.counters.retriesWithheld).to.equal(0);
    expect(world.troubles).to.deep.equal([]);
  });

  it('passes a request by all servers that are not there, whatever the number of retries', async () => {
    const good = await named('good');
    const dead = [1, 2, 3].map((port) => ({ url: `http://127.0.0.1:${port}`, weight: 1_000 }));
    await world.start({ servers: [...dead, { url: good.url }], retry: { attempts: 1 } });
    expect(await whoAnswers()).to.equal('good');
    expect(world.proxy.read()[0]?.servers.map(({ counters }) => counters.requests)).to.deep.equal([1, 1, 1, 1]);
  });

  it('ends when no server is there, for each key of a hash', async () => {
    const dead = [1, 2, 3].map((port) => ({ url: `http://127.0.0.1:${port}` }));
    await world.start({ servers: dead, balance: 'hash', passive: { failures: 1 } });
    for (let i = 0; i < 10; i++) expect((await world.get(`/${i}`)).status).to.equal(502);
    // Each server once, and one retry beyond.
    expect(world.trouble?.attempts).to.equal(4);
  });

  it('has no client pay for the trial of a server that is not there, and tells of its pause once', async () => {
    let now = 0;
    const good = await named('good');
    const servers = [{ url: 'http://127.0.0.1:1', weight: 1_000 }, { url: good.url }];
    await world.start({ servers, passive: { failures: 1, pauseMs: 1_000 } }, { now: () => now });
    for (let trial = 1; trial <= 30; trial++) {
      expect((await world.get('/', { method: 'POST' }, 'body')).status).to.equal(200);
      expect(world.proxy.read()[0]?.servers[0]?.counters.connectFailures).to.equal(trial);
      now += 1_000;
    }
    expect(world.changes.map(({ change }) => change)).to.deep.equal(['paused']);
  });

  it('uses a backup only while no other server is up', async () => {
    const [main, spare] = [await named('main'), await named('spare')];
    await world.start({ servers: [{ url: main.url }, { url: spare.url, backup: true }] });
    expect([await whoAnswers(), await whoAnswers()]).to.deep.equal(['main', 'main']);
    await main.close();
    expect(await whoAnswers()).to.equal('spare');
  });

  it('lets requests wait for a place, in their order, and refuses those beyond', async () => {
    const open: (() => void)[] = [];
    const paths: unknown[] = [];
    const origin = await world.origin((req, res) => {
      paths.push(req.url);
      open.push(() => res.end());
    });
    await world.start({ servers: only(origin.url), connections: 1, queue: 2 });
    const first = world.get('/1');
    await until(() => open.length === 1, 'the first request');
    const second = world.get('/2');
    await until(() => world.proxy.read()[0]?.counters.waiting === 1, 'the second to wait');
    const third = world.get('/3');
    await until(() => world.proxy.read()[0]?.counters.waiting === 2, 'the third to wait');
    const { status, headers } = await world.get('/4');
    expect([status, headers['retry-after']]).to.deep.equal([503, '5']);
    for (let i = 0; i < 3; i++) {
      await until(() => open.length === i + 1, 'the next request');
      open[i]?.();
    }
    expect((await Promise.all([first, second, third])).map((answer) => answer.status)).to.deep.equal([200, 200, 200]);
    expect(paths).to.deep.equal(['/1', '/2', '/3']);
    expect(origin.accepted).to.equal(1);
  });

  it('forgets a request that waits when its client goes', async () => {
    const origin = await world.origin(() => {});
    await world.start({ servers: only(origin.url), connections: 1 });
    const first = world.open();
    first.end();
    await until(() => world.proxy.read()[0]?.servers[0]?.counters.active === 1, 'the first to be there');
    const second = world.open();
    second.end();
    await until(() => world.proxy.read()[0]?.counters.waiting === 1, 'the second to wait');
    second.destroy();
    await until(() => world.proxy.read()[0]?.counters.waiting === 0, 'the second to be forgotten');
    first.destroy();
  });

  it('gives up those that wait too long', async () => {
    const origin = await world.origin(() => {});
    await world.start({ servers: only(origin.url), connections: 1, queueTimeoutMs: 30 });
    const first = world.open();
    first.end();
    await until(() => world.proxy.read()[0]?.servers[0]?.counters.active === 1, 'the first to be there');
    expect((await world.get()).status).to.equal(503);
    expect(world.trouble?.failure.kind).to.equal('busy');
    first.destroy();
  });

  it('answers 1,000 requests at once over no more connections than it may have', async () => {
    const origin = await world.origin((_, res) => void setImmediate(() => res.end('ok')));
    await world.start({ servers: only(origin.url), connections: 32 });
    const all = Array.from({ length: 1_000 }, (_, i) => world.get(`/${i}`));
    const statuses = new Set((await Promise.all(all)).map(({ status }) => status));
    expect([...statuses]).to.deep.equal([200]);
    expect(origin.accepted).to.be.within(1, 32);
    expect(world.proxy.read()[0]?.servers[0]?.counters.active).to.equal(0);
  });

  it('takes a server out that fails its checks, and back when it answers them', async () => {
    let isWell = true;
    const origin = await world.origin((req, res) => {
      res.statusCode = req.url === '/health' && !isWell ? 500 : 200;
      res.end();
    });
    const check = { path: '/health', everyMs: 10, timeoutMs: 100_000, rise: 2, fall: 2 };
    await world.start({ servers: only(origin.url), check, queueTimeoutMs: 50 });
    expect((await world.get()).status).to.equal(200);
    isWell = false;
    await until(() => world.changes.length === 1, 'the server to be out');
    expect(world.changes[0]?.reason).to.equal('the check was answered by 500');
    expect((await world.get()).status).to.equal(503);
    expect(world.trouble?.failure.kind).to.equal('no-server');
    isWell = true;
    await until(() => world.changes.length === 2, 'the server to be back');
    expect((await world.get()).status).to.equal(200);
    expect(world.changes.map(({ change }) => change)).to.deep.equal(['down', 'up']);
  });

  it('takes new options while requests are under way, and keeps what did not change', async () => {
    let finish = () => {};
    const slow = await world.origin((_, res) => {
      res.write('a');
      finish = () => res.end('b');
    });
    const kept = await named('kept');
    const next = await named('next');
    const options: UpstreamOptions = { servers: [{ url: slow.url, weight: 1_000 }, { url: kept.url }] };
    await world.start(options);
    const req = world.open();
    req.end();
    const answer = answerOf(req);
    await until(() => slow.sockets.size === 1, 'the request to be there');
    world.configure({ app: { servers: [{ url: kept.url }, { url: next.url, weight: 1_000 }] } });
    expect(await whoAnswers()).to.equal('next');
    expect(() => world.configure({ app: { servers: [] } })).to.throw(RangeError);
    expect(await whoAnswers()).to.equal('next');
    finish();
    expect(String((await answer).body)).to.equal('ab');
    await until(() => slow.sockets.size === 0, 'the old server to be let go');
  });

  it('gives a place that becomes free in an old group to those who wait in the new one', async () => {
    const open: (() => void)[] = [];
    const origin = await world.origin((_, res) => void open.push(() => res.end()));
    const options = { servers: only(origin.url), connections: 1 };
    await world.start(options);
    const first = world.get();
    await until(() => open.length === 1, 'the first request');
    const other = { url: 'http://127.0.0.1:1', backup: true };
    world.configure({ app: { ...options, servers: [...options.servers, other] } });
    const second = world.get();
    await until(() => world.proxy.read()[0]?.counters.waiting === 1, 'the second to wait');
    open[0]?.();
    await until(() => open.length === 2, 'the second request');
    open[1]?.();
    expect([(await first).status, (await second).status]).to.deep.equal([200, 200]);
  });

  it('reaches a server by the path of its socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fastpath-proxy-'));
    const server = createServer((req, res) => void res.end(`over a socket: ${req.headers.host}`));
    server.listen(join(folder, 'app.sock'));
    await once(server, 'listening');
    await world.start({ servers: only(`unix:${join(folder, 'app.sock')}`), host: 'upstream' });
    expect(String((await world.get()).body)).to.equal('over a socket: localhost');
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
});
