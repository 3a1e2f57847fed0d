/**
 * The cache in front of an upstream over TAP: one request for a thousand clients, hits on the fast path, expiry and
 * validation, an origin that dies, purges, requests for parts, two hosts, a reload.
 */
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect as connectSecure } from 'node:http2';
import { request as requestSecure } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { makeCertificate } from '../support/certificate.js';
import { describeInNamespace } from '../support/namespace.js';
import { fastpath, readableFolder, ServeProcess } from '../support/serve-process.js';
import { PATIENCE_MS } from '../support/until.js';

const ADDRESS = '10.77.0.2';
const CLIENTS = 1_000;

/** One request over TLS, by HTTP/1.1 or HTTP/2: what Cache-Status says, and the body. */
async function askSecure(path: string, version: number): Promise<Record<string, string>> {
  if (version === 1) {
    const asked = requestSecure({ host: ADDRESS, path, rejectUnauthorized: false, agent: false }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return { 'cache-status': String(answer.headers['cache-status']), body: await textOf(answer) };
  }
  const session = connectSecure(`https://${ADDRESS}`, { rejectUnauthorized: false });
  try {
    const stream = session.request({ ':path': path });
    const [head] = (await once(stream, 'response')) as [Record<string, string>];
    return { 'cache-status': String(head['cache-status']), body: await textOf(stream) };
  } finally {
    session.destroy();
  }
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** An origin whose answers are numbered by target. */
class TestOrigin {
  readonly held: (() => void)[] = [];
  #port = 0;
  readonly #counts = new Map<string, number>();
  #server = createServer();

  async open(): Promise<void> {
    this.#server = createServer((request, response) => this.#answer(request, response));
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  count(target: string): number {
    return this.#counts.get(target) ?? 0;
  }

  release(): void {
    for (const answer of this.held.splice(0)) answer();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { url = '', headers } = request;
    const number = this.count(url) + 1;
    this.#counts.set(url, number);
    const send = (fields: Record<string, string>, body: string) => {
      response.writeHead(200, { 'Content-Length': String(body.length), ...fields }).end(body);
    };
    const [, name = ''] = /^\/(\w+)/.exec(url) ?? [];
    const fresh = { 'Cache-Control': 'max-age=600' };
    if (name === 'slow') this.held.push(() => send(fresh, `slow ${number}`));
    else if (name === 'short') {
      const isKnown = headers['if-none-match'] === '"v1"';
      const fields = { 'Cache-Control': 'max-age=2, stale-if-error=600', ETag: '"v1"' };
      if (isKnown) response.writeHead(304, fields).end();
      else send(fields, `short ${number}`);
    } else if (name === 'proto') send(fresh, `${headers['x-forwarded-proto']} ${number}`);
    else if (name === 'host') send(fresh, headers.host ?? '');
    else if (name === 'vary') send({ ...fresh, Vary: 'X-Kind' }, String(headers['x-kind']));
    else if (name === 'tag')
      send({ ...fresh, 'Cache-Tag': url.endsWith('2') ? 'news, two' : 'one' }, `${url} ${number}`);
    else send({ ...fresh, ETag: '"v1"' }, `${name} ${number}`);
  }
}

describeInNamespace(import.meta.url, 'fastpath serve with a cache in front of an upstream', () => {
  const folder = readableFolder('fastpath-kept-');
  const config = join(folder, 'site.yaml');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
  const origin = new TestOrigin();
  let server: ServeProcess;

  const file = (more = '') => `
sites: [{folder: www, routes: [{path: /, to: [file, upstream app]}]}]
upstreams: {app: {servers: ["${origin.url}"], retry: {attempts: 0}, passive: {failures: 0}, cache: {${more}}}}
admin: {listen: ${join(folder, 'admin.sock')}}
log: {to: none}
tls: {certificates: [{certificate: cert.pem, key: key.pem}]}
`;

  before(async () => {
    mkdirSync(join(folder, 'www'));
    const made = makeCertificate(ADDRESS);
    if (made === undefined) throw new Error('openssl makes no certificate');
    for (const name of ['cert', 'key'] as const) writeFileSync(join(folder, `${name}.pem`), made[name]);
    await origin.open();
    writeFileSync(config, file());
    server = await ServeProcess.start(['--config', config], { env });
  });
  after(async () => {
    await server.end('SIGKILL');
    await origin.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Asks until the answer fits. A pause between two questions leaves the core to the server. */
  async function askUntil(path: string, fits: RegExp | ((text: string) => boolean)): Promise<string> {
    const isFit = typeof fits === 'function' ? fits : (text: string) => fits.test(text);
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await pause(20)) {
      const text = await ask(path);
      if (isFit(text)) return text;
    }
    throw new Error(`${path} never gets the answer ${fits}`);
  }

  /** Asks until the fast path answers, which the main thread has to be told of first. */
  const untilFast = (path: string) => askUntil(path, /\r\nCache-Status: fastpath; hit\r\n/);

  it('makes one request for a thousand clients that ask for one cold object', async () => {
    const answers = Promise.all(Array.from({ length: CLIENTS }, () => ask('/slow')));
    while (origin.held.length === 0) await pause(5);
    await server.counters((counters) => (counters['http.handedOverNow'] ?? 0) >= CLIENTS);
    origin.release();
    const bodies = new Set((await answers).map((text) => text.slice(-6)));
    expect([...bodies]).to.deep.equal(['slow 1']);
    expect(origin.count('/slow')).to.equal(1);
  });

  it('sends what it keeps by the fast path: Age grows, and no byte of the body is read', async () => {
    expect(await ask('/fresh')).to.match(/\r\nCache-Status: fastpath; fwd=uri-miss; fwd-status=200; stored\r\n/);
    const text = await untilFast('/fresh');
    expect(text).to.match(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\nAge: \d+\r\n[\s\S]*\r\n\r\nfresh 1$/);
    const age = (answer: string) => Number(/\r\nAge: (\d+)/.exec(answer)?.[1]);
    await askUntil('/fresh', (later) => age(later) > age(text));
    expect(origin.count('/fresh')).to.equal(1);
    const all = await server.counters();
    expect(all['http.storedHits']).to.be.greaterThan(1);
    expect(all['stack.tcp.payloadBytesRead']).to.equal(0);
  });

  it('answers HEAD, conditions and ranges from what is kept', async () => {
    await ask('/fresh?parts');
    await untilFast('/fresh?parts');
    expect(await ask('/fresh?parts', '', 'HEAD')).to.match(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n$/);
    expect(await ask('/fresh?parts', 'If-None-Match: "v1"\r\n')).to.match(/^HTTP\/1\.1 304 Not Modified\r\n/);
    expect(await ask('/fresh?parts', 'Range: bytes=0-4\r\n')).to.match(/^HTTP\/1\.1 206 [\s\S]*\r\n\r\nfresh$/);
    expect(origin.count('/fresh?parts')).to.equal(1);
  });

  it('keeps the answers for two hosts, and those that Vary chooses between, apart', async () => {
    const bodies = [];
    for (const host of ['a.example', 'b.example', 'A.example', 'a.example:80', 'a.example:8080']) {
      bodies.push((await ask('/host', '', 'GET', host)).split('\r\n\r\n')[1]);
    }
    expect(bodies).to.deep.equal(['a.example', 'b.example', 'a.example', 'a.example', 'a.example:8080']);
    const kinds = [];
    for (const kind of ['x', 'y', 'x', 'y']) kinds.push((await ask('/vary', `X-Kind: ${kind}\r\n`)).slice(-1));
    expect(kinds).to.deep.equal(['x', 'y', 'x', 'y']);
    expect(origin.count('/vary')).to.equal(2);
  });

  it('sends it to HTTPS from the same memory, and keeps what http and https get apart', async () => {
    await ask('/proto');
    expect(await untilFast('/proto')).to.match(/http 1$/);
    const hit = { 'cache-status': 'fastpath; hit', body: 'https 2' };
    for (const version of [1, 2]) {
      let got = await askSecure('/proto', version);
      while (got['cache-status'] !== hit['cache-status']) {
        await pause(20);
        got = await askSecure('/proto', version);
      }
      expect(got).to.deep.equal(hit);
    }
    expect(await ask('/proto')).to.match(/http 1$/);
    expect(origin.count('/proto')).to.equal(2);
  });

  it('takes URLs, prefixes and tags away, at once and for all workers', async () => {
    const paths = ['/tag/1', '/tag/2', '/tag/3'];
    for (const path of paths) await ask(path);
    for (const path of paths) await untilFast(path);
    const purge = async (...args: string[]) => (await fastpath(['purge', ...args], { env })).stdout.trim();
    // The same without the program, which takes its time to start.
    const told = async (query: string) => {
      const sent = request({ socketPath: join(folder, 'admin.sock'), method: 'POST', path: `/purge?${query}` }).end();
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      return (JSON.parse(await textOf(answer)) as { answers: { answers: number }[] }).answers[0]?.answers;
    };
    expect(await purge(`http://${ADDRESS}/tag/1`)).to.equal('cache of app: 1 answer');
    expect(await ask('/tag/1')).to.match(/\/tag\/1 2$/);
    expect(await told('prefix=/tag/')).to.equal(3);
    expect(await ask('/tag/2')).to.match(/\/tag\/2 2$/);
    expect(await told('tag=news')).to.equal(1);
    expect(await ask('/tag/2')).to.match(/\/tag\/2 3$/);
    await untilFast('/tag/2');
    expect(await purge('--soft', '--tag', 'news')).to.equal('cache of app: 1 answer');
    expect(await ask('/tag/2')).to.match(/fwd=stale; fwd-status=200/);
    expect(await told('url=/nowhere')).to.equal(0);
  });

  it('asks whether what has expired is still good, and lets it stand in when the origin dies', async () => {
    await ask('/short');
    await untilFast('/short');
    expect(await askUntil('/short', /fwd=stale; fwd-status=304; stored/)).to.match(/short 1$/);
    await untilFast('/short');
    await origin.close();
    const text = await askUntil('/short', /detail=stale-if-error/);
    expect(text).to.match(/^HTTP\/1\.1 200 OK[\s\S]*short 1$/);
    expect(await ask('/other')).to.match(/^HTTP\/1\.1 50[24] /);
    await origin.open();
  });

  it('keeps what it has over a reload that changes other things, and begins anew with other options', async () => {
    await ask('/fresh?reload');
    await untilFast('/fresh?reload');
    const reload = async (text: string) => {
      const before = server.events.length;
      writeFileSync(config, text);
      server.child.kill('SIGHUP');
      await server.event('reloaded', (event) => server.events.indexOf(event) >= before);
    };
    await reload(`${file()}grace: 5s\n`);
    await untilFast('/fresh?reload');
    expect(origin.count('/fresh?reload')).to.equal(1);
    await reload(file('maxObject: 1M'));
    await askUntil('/fresh?reload', /fresh 2$/);
    expect(origin.count('/fresh?reload')).to.equal(2);
    const { stdout } = await fastpath(['status'], { env });
    expect(stdout).to.match(/cache of app: \d+ answers?, .* requests? to the origin/);
  });
});

/** One request on a connection of its own, and all that comes back. */
async function ask(path: string, headers = '', method = 'GET', host = ADDRESS): Promise<string> {
  const socket = connect(80, ADDRESS);
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${headers}\r\n`);
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  await once(socket, 'close');
  return text;
}
