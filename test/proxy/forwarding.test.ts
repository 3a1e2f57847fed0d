/** Requests and answers on their way through the proxy: heads, bodies, interim answers, trailers, upgrades. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { until } from '../support/until.js';
import { allOf, answerOf, onHeads, only, ProxyWorld } from './support.js';

describe('the proxy', () => {
  let world: ProxyWorld;

  beforeEach(() => {
    world = new ProxyWorld();
  });
  afterEach(() => world.end());

  /** An origin that says what it got, behind the proxy; and the last request that it got. */
  async function echo(options = {}) {
    const got: IncomingMessage[] = [];
    const origin = await world.origin((req, res) => {
      got.push(req);
      req.pipe(res);
    });
    await world.start({ servers: only(origin.url), ...options });
    const last = () => {
      const req = got.at(-1);
      if (req === undefined) throw new Error('no request came');
      return req;
    };
    return { origin, last };
  }

  it('writes the head of a request anew', async () => {
    const { last } = await echo();
    const headers = {
      Host: 'shop.example',
      'X-Kept': 'yes',
      Connection: 'keep-alive, X-Private',
      'X-Private': 'no',
      'Keep-Alive': 'timeout=1',
      'Proxy-Connection': 'keep-alive',
      TE: 'trailers, deflate',
      Proxy: 'http://evil.example',
      Forwarded: 'for=203.0.113.9',
      'X-Forwarded-For': '203.0.113.9',
      X_Forwarded_For: '203.0.113.9',
      'X-Real-IP': '203.0.113.9',
      Via: '1.0 front',
    };
    await world.get('/a?b=c', { headers });
    const { method, url, headers: got } = last();
    expect([method, url]).to.deep.equal(['GET', '/a?b=c']);
    const { via, ...others } = got;
    expect(via).to.match(/^1\.0 front, 1\.1 fastpath-[\da-f]{8}$/);
    expect(others).to.deep.equal({
      host: 'shop.example',
      connection: 'keep-alive',
      'x-kept': 'yes',
      te: 'trailers',
      forwarded: 'for=127.0.0.1;host=shop.example;proto=http',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'shop.example',
    });
  });

  it('carries on what a front proxy says that it trusts', async () => {
    const { last } = await echo({ trust: ['127.0.0.0/8'] });
    const headers = {
      Host: 'a:8080',
      Forwarded: 'for=203.0.113.9',
      'X-Forwarded-For': '203.0.113.9',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Port': '443',
    };
    await world.get('/', { headers });
    const { headers: got } = last();
    expect(got.forwarded).to.equal('for=203.0.113.9, for=127.0.0.1;host="a:8080";proto=http');
    expect(got['x-forwarded-for']).to.equal('203.0.113.9, 127.0.0.1');
    expect([got['x-forwarded-proto'], got['x-forwarded-port']]).to.deep.equal(['https', '443']);
  });

  it("sends the server's own name with host: upstream", async () => {
    const { origin, last } = await echo({ host: 'upstream', forwarded: 'none' });
    await world.get('/', { headers: { Host: 'shop.example' } });
    const { host, forwarded, 'x-forwarded-host': other } = last().headers;
    expect([host, forwarded, other]).to.deep.equal([`127.0.0.1:${origin.port}`, undefined, undefined]);
  });

  it('takes the host of an absolute target, and sends a path', async () => {
    const { last } = await echo();
    const socket = await world.dial();
    socket.write('GET http://real.example/p?q HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n');
    await allOf(socket);
    expect([last().url, last().headers.host]).to.deep.equal(['/p?q', 'real.example']);
  });

  it('answers OPTIONS * itself, and one whose hops are used up; others lose a hop', async () => {
    const { last } = await echo();
    expect((await world.get('*', { method: 'OPTIONS' })).status).to.equal(204);
    const asked = (hops: string) => world.get('/x', { method: 'OPTIONS', headers: { 'Max-Forwards': hops } });
    expect((await asked('0')).status).to.equal(204);
    expect((await asked('3')).status).to.equal(200);
    expect(last().headers['max-forwards']).to.equal('2');
  });

  it('refuses CONNECT and TRACE', async () => {
    await echo();
    const socket = await world.dial();
    socket.write('CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n');
    expect(await allOf(socket)).to.match(/^HTTP\/1\.1 405 /);
    expect((await world.get('/', { method: 'TRACE' })).status).to.equal(405);
    expect(world.proxy.read()[0]?.counters.requests).to.equal(0);
  });

  const WRONG: readonly (readonly [name: string, head: string, status: number])[] = [
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody', 400],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['another coding', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n', 501],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
    ['a host that is none', 'GET / HTTP/1.1\r\nHost: a/b@c\r\n\r\n', 400],
    ['a fragment', 'GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['a target without a slash', 'GET a HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['bytes beyond ASCII', 'GET /\xe4 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ];
  for (const [name, head, status] of WRONG) {
    it(`sends nothing on of a request with ${name}`, async () => {
      const { origin } = await echo();
      const socket = await world.dial();
      socket.write(head, 'latin1');
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(String(answer).slice(0, 12)).to.equal(`HTTP/1.1 ${status}`);
      expect(origin.accepted).to.equal(0);
    });
  }

  it('keeps the fields of an answer, without those of its connection', async () => {
    const head = [
      'HTTP/1.1 299 Odd but Fine',
      'Content-Length: 2',
      'Set-Cookie: a=1',
      'set-cookie: b=2',
      'Connection: X-Hop',
      'X-Hop: no',
      'Keep-Alive: timeout=9',
      'Upgrade: h2c',
      'X-Latin: \xe4',
    ];
    const origin = await world.says(Buffer.from(`${head.join('\r\n')}\r\n\r\nok`, 'latin1'));
    await world.start({ servers: only(origin.url) });
    const socket = await world.dial();
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const text = await allOf(socket);
    expect(text.replace(/Date: .*/, 'Date: now').split('\r\n')).to.deep.equal([
      'HTTP/1.1 299 Odd but Fine',
      'Content-Length: 2',
      'Set-Cookie: a=1',
      'set-cookie: b=2',
      'X-Latin: \xe4',
      'Via: 1.1 fastpath',
      'Date: now',
      'Connection: close',
      '',
      'ok',
    ]);
  });

  it('passes on HEAD, 204 and 304 as they are', async () => {
    const origin = await world.origin((req, res) => {
      const status = { '/204': 204, '/304': 304 }[req.url ?? ''] ?? 200;
      res.writeHead(status, { ETag: '"v1"', ...(status === 200 && { 'Content-Length': 5 }) });
      res.end(req.method === 'HEAD' || status !== 200 ? undefined : 'whole');
    });
    await world.start({ servers: only(origin.url) });
    const head = await world.get('/', { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.body.length]).to.deep.equal([200, '5', 0]);
    for (const status of [204, 304]) {
      const { headers, ...answer } = await world.get(`/${status}`);
      expect([answer.status, headers.etag, headers['content-length']]).to.deep.equal([status, '"v1"', undefined]);
    }
    expect(world.troubles).to.deep.equal([]);
  });

  it('passes on a 304 that tells the length of what it stands for', async () => {
    const origin = await world.says('HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\nContent-Length: 5\r\n\r\n');
    await world.start({ servers: only(origin.url) });
    const { status, isWhole, headers } = await world.get();
    expect([status, isWhole, headers.etag, headers['content-length']]).to.deep.equal([304, true, '"v1"', '5']);
    expect(world.troubles).to.deep.equal([]);
    expect((await world.get()).status).to.equal(304);
    expect(world.proxy.read()[0]?.servers[0]?.counters.resets).to.equal(0);
  });

  it('passes trailers of an answer on, but none that frame or authenticate', async () => {
    const origin = await world.origin((_, res) => {
      res.writeHead(200, { Trailer: 'X-Sum' });
      res.write('body');
      res.addTrailers({ 'X-Sum': '42', Age: '7', 'Set-Cookie': 'a=b' });
      res.end();
    });
    await world.start({ servers: only(origin.url) });
    const { trailers, headers } = await world.get();
    expect([trailers, headers.trailer]).to.deep.equal([{ 'x-sum': '42' }, 'X-Sum']);
  });

  it('passes interim answers on, Early Hints with all their fields', async () => {
    const origin = await world.says(
      'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nX-More: 1\r\n\r\n' +
        'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    );
    await world.start({ servers: only(origin.url) });
    const req = world.open();
    const seen: unknown[] = [];
    req.on('information', ({ statusCode, headers }) => seen.push([statusCode, headers]));
    req.end();
    expect(String((await answerOf(req)).body)).to.equal('ok');
    expect(seen).to.deep.equal([
      [103, { link: '</a.css>; rel=preload', 'x-more': '1' }],
      [102, {}],
    ]);
  });

  it('sends no interim answer to a client of HTTP/1.0, and ends its answer with the connection', async () => {
    const origin = await world.says(
      'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    );
    await world.start({ servers: only(origin.url) });
    const socket = await world.dial();
    socket.write('GET / HTTP/1.0\r\n\r\n');
    const text = await allOf(socket);
    expect(text)
      .to.match(/^HTTP\/1\.1 200 OK\r\n/)
      .and.match(/\r\n\r\nok$/);
  });

  it('asks for a body only when an upstream takes it', async () => {
    const { last } = await echo();
    const headers = { Expect: '100-continue', 'Content-Length': '4' };
    const req = world.open('/', { method: 'POST', headers });
    req.flushHeaders();
    await once(req, 'continue');
    req.end('body');
    expect(String((await answerOf(req)).body)).to.equal('body');
    expect(last().headers.expect).to.equal(undefined);

    world.configure({ app: { servers: only('http://127.0.0.1:1'), retry: { attempts: 0 } } });
    const unasked = world.open('/', { method: 'POST', headers });
    let wasAsked = false;
    unasked.on('continue', () => {
      wasAsked = true;
    });
    unasked.flushHeaders();
    expect((await answerOf(unasked)).status).to.equal(502);
    expect(wasAsked).to.equal(false);
  });

  it('streams a body of unknown length up, piece by piece', async () => {
    const { last } = await echo();
    const req = world.open('/', { method: 'POST' });
    const answer = answerOf(req);
    for (const piece of ['one ', 'two ', 'three']) req.write(piece);
    req.end();
    expect(String((await answer).body)).to.equal('one two three');
    expect(last().headers['transfer-encoding']).to.equal('chunked');
  });

  it('keeps the length of a body that has one, and of an empty POST', async () => {
    const { last } = await echo();
    await world.get('/', { method: 'PUT', headers: { 'Content-Length': '5' } }, 'hello');
    expect([last().headers['content-length'], last().headers['transfer-encoding']]).to.deep.equal(['5', undefined]);
    await world.get('/', { method: 'POST', headers: { 'Content-Length': '0' } });
    expect(last().headers['content-length']).to.equal('0');
    await world.get('/', { method: 'DELETE', headers: { 'Content-Length': '3' } }, 'abc');
    expect(last().headers['content-length']).to.equal('3');
  });

  it('sends the head and what is there of an answer at once', async () => {
    let finish = () => {};
    const origin = await world.origin((_, res) => {
      res.write('first');
      finish = () => res.end('last');
    });
    await world.start({ servers: only(origin.url) });
    const req = world.open();
    req.end();
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    const [first] = (await once(res, 'data')) as [Buffer];
    expect(String(first)).to.equal('first');
    finish();
    expect(String((await once(res, 'data'))[0])).to.equal('last');
  });

  it('holds an upstream back while the client does not read', async () => {
    let written = 0;
    const origin = await world.origin((_, res) => {
      const more = () => {
        while (written < 256e6 && !res.destroyed) {
          written += 65_536;
          if (!res.write(Buffer.alloc(65_536))) return void res.once('drain', more);
        }
        res.end();
      };
      more();
    });
    await world.start({ servers: only(origin.url) });
    const socket = await world.dial();
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await isSteady(() => written);
    expect(written).to.be.within(65_536, 64e6);
    expect(world.proxy.read()[0]?.servers[0]?.counters.timeouts).to.equal(0);
  });

  it('holds a client back while the upstream does not read', async () => {
    const origin = await world.rawOrigin((socket) => void socket.pause());
    await world.start({ servers: only(origin.url) });
    const req = world.open('/', { method: 'POST' });
    let taken = 0;
    const more = () => {
      while (taken < 256e6 && !req.destroyed) {
        taken += 65_536;
        if (!req.write(Buffer.alloc(65_536))) return void req.once('drain', more);
      }
    };
    more();
    await isSteady(() => taken);
    expect(taken).to.be.within(65_536, 64e6);
    req.destroy();
  });

  it('answers pipelined requests in their order', async () => {
    const origin = await world.origin((req, res) => {
      setTimeout(() => res.end(`${req.url};`), req.url === '/1' ? 30 : 0);
    });
    await world.start({ servers: only(origin.url) });
    const socket = await world.dial();
    const one = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
    socket.write(one('/1') + one('/2') + one('/3', 'Connection: close\r\n'));
    expect((await allOf(socket)).match(/\/\d;/g)).to.deep.equal(['/1;', '/2;', '/3;']);
  });

  it('joins the connections after an upgrade, both ways, and counts them as tunnels', async () => {
    const origin = await world.rawOrigin((socket) => {
      onHeads(socket, (head) => {
        socket.removeAllListeners('data');
        expect(head)
          .to.match(/\r\nupgrade: websocket\r\n/i)
          .and.match(/Sec-WebSocket-Key: abc/);
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Y: z\r\n\r\nhello',
        );
        socket.pipe(socket);
      });
    });
    await world.start({ servers: only(origin.url), connections: 1 });
    const socket = await world.dial();
    socket.write(
      'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: abc\r\n\r\nearly',
    );
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += String(chunk);
    });
    await until(() => text.endsWith('helloearly'), `the echo of early; got ${text}`);
    expect(text)
      .to.match(/^HTTP\/1\.1 101 /)
      .and.match(/\r\nX-Y: z\r\n/);
    socket.write('late');
    await until(() => text.endsWith('late'), 'the echo of late');
    const counters = () => world.proxy.read()[0]?.servers[0]?.counters;
    expect([counters()?.tunnels, counters()?.active]).to.deep.equal([1, 0]);
    socket.destroy();
    await until(() => origin.sockets.size === 0 && counters()?.tunnels === 0, 'the other side to close');
  });

  it('refuses an upgrade when the server has as many tunnels as it may', async () => {
    const origin = await world.rawOrigin((socket) => {
      onHeads(socket, () => socket.write('HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'));
    });
    await world.start({ servers: only(origin.url), tunnels: 1 });
    const asking = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';
    const first = await world.dial();
    first.write(asking);
    await once(first, 'data');
    const second = await world.dial();
    second.write(asking);
    expect(await allOf(second)).to.match(/^HTTP\/1\.1 503 /);
    first.destroy();
  });

  it('answers a request for h2c as if it had not asked', async () => {
    const { last } = await echo();
    const headers = { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABk' };
    expect((await world.get('/', { headers })).status).to.equal(200);
    expect([last().headers.upgrade, last().headers['http2-settings']]).to.deep.equal([undefined, undefined]);
  });

  it("sends the site's page with an error, and the reason to the log alone", async () => {
    const page = { type: 'text/html', body: Buffer.from('<h1>Soon back</h1>') };
    const errorPages = (status: number) => (status === 502 ? page : undefined);
    await world.start({ servers: only('http://127.0.0.1:1'), retry: { attempts: 0 } }, { errorPages });
    const { status, headers, body } = await world.get('/x');
    expect([status, headers['content-type'], String(body)]).to.deep.equal([502, 'text/html', '<h1>Soon back</h1>']);
    expect(headers['cache-control']).to.equal('no-store');
    const { upstream, method, target, attempts, failure } = world.trouble ?? {};
    expect([upstream, method, target, attempts, failure?.kind]).to.deep.equal(['app', 'GET', '/x', 1, 'connect']);
  });

  it('ends a circle at its second round: the upstream is this server itself', async () => {
    await world.start({ servers: only('http://127.0.0.1:1') });
    world.configure({ app: { servers: only(`http://127.0.0.1:${world.front.port}`) } });
    expect((await world.get('/round')).status).to.equal(508);
    expect(world.troubles.map(({ failure, status }) => [failure.kind, status])).to.deep.equal([['loop', 508]]);
    expect(world.proxy.read()[0]?.counters.requests).to.equal(1);
  });

  it('takes a request that has passed another server of ours, or another upstream of this one', async () => {
    const { last } = await echo();
    await world.get('/');
    const names = last().headers.via ?? '';
    const other = new ProxyWorld();
    const origin = await other.origin((_req, res) => void res.end('whole'));
    await other.start({ servers: only(origin.url) });
    const { status } = await other.get('/', { headers: { Via: `${names}, 1.1 fastpath` } });
    await other.end();
    expect(status).to.equal(200);
  });

  it('answers for an upstream that does not exist with 503', async () => {
    await world.start({});
    expect((await world.get()).status).to.equal(503);
  });
});

/** Fulfilled when the number has not changed for some turns of the loop in which it could have. */
async function isSteady(value: () => number): Promise<void> {
  let before = -1;
  for (let same = 0; same < 60; ) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    same = value() === before && before > 0 ? same + 1 : 0;
    before = value();
  }
}
