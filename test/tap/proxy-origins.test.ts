/**
 * The whole server as a reverse proxy over TAP: origins that misbehave in every way of test/proxy/ways.ts, nginx and an
 * application of Node's behind it, and wget, `ws` and Chromium in front. At the end nothing is left open.
 */
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { WebSocket, WebSocketServer } from 'ws';
import { type Answer, onHeads, ProxyWorld, requestTo } from '../proxy/support.js';
import { OK, WAYS } from '../proxy/ways.js';
import { CHROMIUM, launchChromium, newPage } from '../support/chromium.js';
import { describeInNamespace } from '../support/namespace.js';
import { hasNginx, Nginx } from '../support/nginx.js';
import { needs, readableFolder, run, ServeProcess } from '../support/serve-process.js';
import { PATIENCE_MS } from '../support/until.js';

const HOST = '10.77.0.2';
const SITE = `http://${HOST}`;

/** What Chromium's page does: a script of the origin's, a form, events, a socket. It tells the origin what it saw. */
const PAGE = `<!doctype html><meta charset="utf-8"><title>Behind</title><link rel="icon" href="data:,">
<script type="module">
const text = await (await fetch('/app/echo', { method: 'POST', body: 'posted' })).text();
const event = await new Promise((resolve) => {
  const source = new EventSource('/app/events');
  source.onmessage = ({ data }) => { source.close(); resolve(data); };
});
const word = await new Promise((resolve) => {
  const socket = new WebSocket('ws://' + location.host + '/app/socket');
  socket.onopen = () => socket.send('sent');
  socket.onmessage = ({ data }) => resolve(data);
});
document.title = [text, event, word].join(' ');
</script><p>The page.</p>`;

describeInNamespace(import.meta.url, 'fastpath serve in front of origins', () => {
  const folder = readableFolder('fastpath-origins-');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
  const world = new ProxyWorld();
  const nginx = new Nginx();
  const application = createServer(answer);
  const sockets = new WebSocketServer({ server: application });
  let server: ServeProcess;
  const get = (path: string) => requestTo({ host: HOST, path });

  before(async () => {
    mkdirSync(join(folder, 'www'));
    writeFileSync(join(folder, 'www/index.html'), 'a file');
    sockets.on('connection', (socket) =>
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
    );
    application.listen(0, '127.0.0.1');
    await once(application, 'listening');
    const upstreams: Record<string, object> = {
      app: { servers: [`http://127.0.0.1:${(application.address() as AddressInfo).port}`] },
      ...(await unusual(world)),
    };
    for (const [i, { says, after, options }] of WAYS.entries()) {
      const { url } = await world.says(says, after);
      const { headTimeoutMs, bodyTimeoutMs } = options ?? {};
      const times = {
        ...(headTimeoutMs !== undefined && { headTimeout: `${headTimeoutMs}ms` }),
        ...(bodyTimeoutMs !== undefined && { bodyTimeout: `${bodyTimeoutMs}ms` }),
      };
      upstreams[`way${i}`] = { servers: [url], retry: { attempts: 0 }, ...times };
    }
    if (hasNginx()) {
      await nginx.start('location /nginx/ { alias www/; autoindex on; }');
      writeFileSync(join(nginx.folder, 'www/file.txt'), 'x'.repeat(300_000));
      upstreams.nginx = { servers: [`http://127.0.0.1:${nginx.port}`] };
    }
    const routes = Object.keys(upstreams).map((name) => ({ path: `/${name}/`, to: `upstream ${name}` }));
    const config = join(folder, 'site.json');
    writeFileSync(config, JSON.stringify({ sites: [{ folder: 'www', routes }], upstreams }));
    server = await ServeProcess.start(['--config', config], { env });
  });

  after(async () => {
    expect(await server.end()).to.equal(0);
    for (const socket of sockets.clients) socket.terminate();
    application.close();
    application.closeAllConnections();
    await world.end();
    await nginx.end();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [i, { name, is }] of WAYS.entries()) {
    it(`lives with one that ${name}`, async () => {
      const answer = await get(`/way${i}/`).catch((error: NodeJS.ErrnoException) => error);
      // What breaks off ends with a reset, which may overtake the head if both are there at once.
      if (is.isWhole === false && 'code' in answer && answer.code === 'ECONNRESET') return;
      const { status, isWhole, body } = answer as Answer;
      expect(status).to.equal(is.status);
      expect(isWhole, 'whole').to.equal(is.isWhole ?? true);
      if (is.body !== undefined) expect(String(body)).to.equal(is.body);
    });
  }

  it('lives with one that sends a head of 100 MB', async () => {
    expect((await get('/endless/')).status).to.equal(502);
  });

  it('waits for one that starts slowly, and passes on what trickles', async () => {
    expect(String((await get('/slow/')).body)).to.equal('late');
    expect(String((await get('/trickle/')).body)).to.equal('slow!');
  });

  it('keeps a Date of the future', async () => {
    expect((await get('/future/')).headers.date).to.equal('Fri, 01 Jan 2100 00:00:00 GMT');
  });

  it('passes on an answer that comes before the request is read', async () => {
    const { status, body } = await requestTo({ host: HOST, path: '/early/', method: 'POST' }, Buffer.alloc(65_536));
    expect([status, String(body)]).to.deep.equal([413, 'no!']);
  });

  it('pays 502 for one that is not there, and 504 or 502 for one that takes no connection', async () => {
    expect((await get('/absent/')).status).to.equal(502);
    expect((await get('/nowhere/')).status).to.be.oneOf([502, 504]);
  });

  it('gives nginx’s files to wget, and to wget -c the rest of one', async function () {
    if (!hasNginx()) return this.skip();
    needs(this, 'wget');
    const whole = await run('wget', ['-q', '-O', '-', `${SITE}/nginx/file.txt`]);
    expect(whole.stdout).to.equal('x'.repeat(300_000));
    const part = join(folder, 'part');
    writeFileSync(part, 'y'.repeat(100_000));
    const { code } = await run('wget', ['-q', '-c', '-O', part, `${SITE}/nginx/file.txt`]);
    expect(code).to.equal(0);
    const { stdout } = await run('sh', ['-c', `tr -d x < ${part} | wc -c; wc -c < ${part}`]);
    expect(stdout.trim().split(/\s+/)).to.deep.equal(['100000', '300000']);
  });

  it('carries the messages of ws, small and large, and how it closes', async () => {
    const socket = new WebSocket(`ws://${HOST}/app/socket`);
    await once(socket, 'open');
    for (const message of ['one', 'x'.repeat(500_000)]) {
      socket.send(message);
      const [data] = await once(socket, 'message');
      expect(String(data)).to.equal(message);
    }
    const closed = once(socket, 'close');
    socket.close(4_001, 'enough');
    expect((await closed)[0]).to.equal(4_001);
  });

  it('shows Chromium a page that posts, listens to events and opens a socket', async function () {
    if (CHROMIUM === undefined) return this.skip();
    const browser = await launchChromium();
    try {
      const page = await newPage(browser);
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(String(error)));
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
      await page.goto(`${SITE}/app/page`);
      await page.waitForFunction("document.title !== 'Behind'", { timeout: PATIENCE_MS });
      expect([await page.title(), problems]).to.deep.equal(['POST posted event sent', []]);
    } finally {
      await browser.close();
    }
  });

  it('lets go of an origin when the client goes', async () => {
    const socket = connect(80, HOST);
    socket.write('GET /app/forever HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    const gone = once(application, 'gone');
    // A reset, in any case: `destroy` sends one only if something has not been read, and a FIN may be half a close.
    socket.resetAndDestroy();
    await gone;
  });

  it('has nothing open afterwards, and still serves', async () => {
    expect(String((await get('/')).body)).to.equal('a file');
    expect(String((await get('/app/echo')).body)).to.equal('GET ');
    const counters = await server.counters((now) => now['channel.open'] === 0 && now['connections.open'] === 0);
    expect([counters['channel.open'], counters['http.handedOverNow'], counters['connections.open']]).to.deep.equal([
      0, 0, 0,
    ]);
    expect(server.events.filter(({ event }) => event === 'error')).to.deep.equal([]);
  });

  /** The application behind the server. */
  function answer(req: IncomingMessage, res: ServerResponse): void {
    if (req.url === '/app/page') {
      res.setHeader('Content-Type', 'text/html');
      res.end(PAGE);
    } else if (req.url === '/app/events') {
      res.setHeader('Content-Type', 'text/event-stream');
      res.write('data: event\n\n');
    } else if (req.url === '/app/forever') {
      res.write('some');
      req.socket.once('close', () => application.emit('gone'));
    } else {
      res.write(`${req.method} `);
      req.pipe(res);
    }
  }
});

/** Upstreams that misbehave by more than bytes. */
async function unusual(world: ProxyWorld): Promise<Record<string, object>> {
  const endless = await world.rawOrigin((socket) => {
    onHeads(socket, () => {
      socket.write(OK);
      const lines = `X-Much: ${'m'.repeat(1_000)}\r\n`.repeat(64);
      let left = 100e6;
      const more = (): void => {
        while (left > 0 && !socket.destroyed) {
          left -= lines.length;
          if (!socket.write(lines)) return void socket.once('drain', more);
        }
      };
      more();
    });
  });
  const slow = await world.origin((_, res) => void setTimeout(() => res.end('late'), 300));
  const trickle = await world.rawOrigin((socket) => {
    onHeads(socket, async () => {
      for (const byte of `${OK}Content-Length: 5\r\n\r\nslow!`) {
        socket.write(byte);
        await sleep(1);
      }
    });
  });
  const future = await world.says(`${OK}Date: Fri, 01 Jan 2100 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n`);
  const early = await world.rawOrigin((socket) => {
    socket.once('data', () => {
      socket.pause();
      socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno!');
    });
  });
  const absent = await world.rawOrigin(() => {});
  await absent.close();
  const one = (url: string, connectTimeout = '60s') => ({ servers: [url], retry: { attempts: 0 }, connectTimeout });
  return {
    endless: one(endless.url),
    slow: one(slow.url),
    trickle: one(trickle.url),
    future: one(future.url),
    early: one(early.url),
    absent: one(absent.url),
    nowhere: one('http://192.0.2.1:9', '200ms'), // RFC 5737: nobody has this address
  };
}
