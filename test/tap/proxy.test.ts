/**
 * The reverse proxy over TAP, with curl: `--proxy`, upstreams of a configuration, a reload, an origin that misbehaves,
 * a WebSocket's handshake, and what the operator sees.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { describeInNamespace } from '../support/namespace.js';
import { CURL, fastpath, readableFolder, ServeProcess } from '../support/serve-process.js';

const run = promisify(execFile);
const SITE = 'http://10.77.0.2';

describeInNamespace(import.meta.url, 'fastpath serve as a reverse proxy', () => {
  const folder = readableFolder('fastpath-proxy-');
  const config = join(folder, 'site.yaml');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
  let server: ServeProcess;
  let origin: Awaited<ReturnType<typeof startOrigin>>;

  before(async () => {
    mkdirSync(join(folder, 'www'));
    writeFileSync(join(folder, 'www/index.html'), 'a file');
    writeFileSync(join(folder, 'www/502.html'), '<h1>Soon back</h1>');
    origin = await startOrigin();
  });
  after(async () => {
    await origin.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A server for the tests of a group. */
  function serves(...args: (() => string)[]): void {
    before(async () => {
      server = await ServeProcess.start(
        args.map((arg) => arg()),
        { env },
      );
    });
    after(async () => {
      if (server.child.exitCode === null) await server.end('SIGKILL');
    });
  }

  /** What curl prints, body first. */
  const curl = async (...args: string[]) => {
    const given = [...CURL, '-w', '\n%{http_code}', ...args];
    const { stdout } = await run('curl', given, { maxBuffer: 2 ** 28 }).catch((error) => error as { stdout: string });
    return stdout;
  };

  describe('and a folder', () => {
    serves(
      () => '--proxy',
      () => origin.url,
      () => join(folder, 'www'),
    );

    it('answers files itself and leaves the rest to --proxy, bodies both ways', async () => {
      expect(await curl(`${SITE}/`)).to.equal('a file\n200');
      expect(await curl(`${SITE}/echo`, '-d', 'the body')).to.equal('POST /echo 10.77.0.1 the body\n200');
      expect(await curl(`${SITE}/echo`, '-H', 'Expect: 100-continue', '-T', join(folder, 'www/index.html'))).to.equal(
        'PUT /echo 10.77.0.1 a file\n200',
      );
      const big = join(folder, 'big');
      writeFileSync(big, Buffer.alloc(4_000_000, 'x'));
      expect(await curl(`${SITE}/sum`, '-T', big)).to.equal(`4000000 ${sha1(Buffer.alloc(4_000_000, 'x'))}\n200`);
      const stdout = await curl(`${SITE}/large`);
      expect(stdout.length).to.equal(8_000_000 + 4);
      // Hits and misses on one connection.
      expect(await curl(`${SITE}/`, `${SITE}/echo`, `${SITE}/`)).to.equal(
        'a file\n200GET /echo 10.77.0.1 \n200a file\n200',
      );
    });

    it('survives an origin that misbehaves, and says what happened', async () => {
      expect(await curl(`${SITE}/reset`)).to.match(/\n502$/);
      // What breaks off ends with a reset, which may overtake the head if both are there at once.
      expect(await curl(`${SITE}/half`)).to.match(/^(half)?\n(200|000)$/);
      expect(await curl(`${SITE}/garbage`)).to.match(/\n502$/);
      expect(await curl(`${SITE}/echo`)).to.equal('GET /echo 10.77.0.1 \n200');
      await server.event('warning', ({ message }) =>
        /upstream proxy: GET \/reset .* got 502: .*2 attempts/.test(`${message}`),
      );
      const { stdout } = await fastpath(['status', '--json'], { env });
      const { upstreams } = JSON.parse(stdout) as { upstreams: { name: string; servers: object[] }[] };
      expect(upstreams.map(({ name, servers }) => [name, servers.length])).to.deep.equal([['proxy', 1]]);
      expect((await fastpath(['status'], { env })).stdout).to.match(
        /upstream proxy: http:\S+ is up, \d+ requests?, \d+ failed/,
      );
    });
  });

  describe('and nothing else', () => {
    serves(
      () => '--proxy',
      () => origin.url,
    );

    it('needs no folder', async () => {
      expect(await curl(`${SITE}/`)).to.equal('GET / 10.77.0.1 \n200');
    });

    it('joins the connections of a WebSocket', async () => {
      const socket = connect(80, '10.77.0.2');
      socket.write('GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += String(chunk);
        if (text.endsWith('hello')) socket.write('echo me');
        if (text.endsWith('echo me')) socket.end();
      });
      await once(socket, 'close');
      expect(text).to.match(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\nhelloecho me$/);
    });
  });

  describe('by a configuration', () => {
    const file = (url: string) => `
sites:
  - folder: www
    errorPages: {502: /502.html}
    routes: [{path: /app/, to: upstream app}]
upstreams:
  app: {servers: ["${url}"], retry: {attempts: 0}}
`;
    serves(
      () => '--config',
      () => {
        writeFileSync(config, file('http://127.0.0.1:1'));
        return config;
      },
    );

    it('takes other upstreams at a reload, and sends the page of the site with an error', async () => {
      expect(await curl(`${SITE}/app/x`)).to.equal('<h1>Soon back</h1>\n502');
      writeFileSync(config, file(origin.url));
      server.child.kill('SIGHUP');
      const { changed } = await server.event('reloaded');
      expect(changed).to.include('upstreams');
      expect(await curl(`${SITE}/app/x`)).to.equal('GET /app/x 10.77.0.1 \n200');
      expect(await curl(`${SITE}/other`)).to.match(/\n404$/);
    });
  });
});

const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex');

/** An origin on the loopback of the namespace that behaves as the path says. */
async function startOrigin() {
  const server = createServer((req, res) => {
    const { socket } = req;
    if (req.url === '/reset') return void socket.resetAndDestroy();
    if (req.url === '/garbage') return void socket.end('no HTTP at all\r\n\r\n');
    if (req.url === '/half') return void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
    if (req.url === '/large') return void res.end(Buffer.alloc(8_000_000, 'l'));
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body = Buffer.concat(chunks);
      if (req.url === '/sum') res.end(`${body.length} ${sha1(body)}`);
      else res.end(`${req.method} ${req.url} ${req.headers['x-forwarded-for']} ${body}`);
    });
  });
  server.on('upgrade', (_, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello');
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
