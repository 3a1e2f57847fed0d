/** A handler behind a server, over a real interface: hits and misses mix, and no fault leaves anything behind. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { describeInNamespace } from '../support/namespace.js';
import { readableFolder, run, ServeProcess } from '../support/serve-process.js';

const URL_BASE = 'http://10.77.0.2';
const HANDLER = fileURLToPath(new URL('../support/handler-program.js', import.meta.url));
/** Far more than a server takes for a first upload: some thirty MiB for heaps that grow, however large the upload. */
const UPLOAD_BYTES = 128 * 1024 * 1024;

describeInNamespace(import.meta.url, 'a server with a handler', () => {
  const folder = readableFolder('fastpath-handler-');
  const version = join(folder, 'version');
  const accessLog = join(folder, 'access.log');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run'), FASTPATH_TEST_VERSION: version };
  let server: ServeProcess;

  before(async () => {
    mkdirSync(join(folder, 'www'));
    writeFileSync(join(folder, 'www', 'index.html'), 'a file');
    writeFileSync(version, 'one');
    const config = join(folder, 'site.yaml');
    const lines = [
      'sites: [{folder: ./www}]',
      `handler: ${HANDLER}`,
      'limits: {handlerStuck: 1s}',
      `log: {to: ${accessLog}, format: json}`,
    ];
    writeFileSync(config, lines.join('\n'));
    server = await ServeProcess.start([config, '--user', 'root', '--workers', '2'], { env });
  });

  after(async () => {
    expect(await server.end()).to.equal(0);
    rmSync(folder, { recursive: true, force: true });
  });

  /** The counters, once these are so. */
  const counts = (wanted: Readonly<Record<string, number>>) =>
    server.counters((counters) => Object.entries(wanted).every(([name, value]) => counters[name] === value));

  /** Entries of the access log, once those of the requests for these targets are in it. */
  async function logged(...targets: string[]) {
    for (;;) {
      const lines = readFileSync(accessLog, 'utf8').split('\n').slice(0, -1);
      const entries = lines.map(
        (line) => JSON.parse(line) as { target: string; status: number; reason?: string; closed?: string },
      );
      if (targets.every((wanted) => entries.some(({ target }) => target === wanted))) return entries;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function text(answer: Promise<IncomingMessage>): Promise<string> {
    let all = '';
    for await (const chunk of (await answer).setEncoding('utf8')) all += chunk;
    return all;
  }

  const ask = (path: string, agent?: Agent): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => get(URL_BASE + path, { agent: agent ?? false }, resolve).on('error', reject));

  it('answers hits and misses on one connection, in order', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const answers = ['/', '/hello', '/', '/hello', '/hello', '/'].map((path) => text(ask(path, agent)));
    expect(await Promise.all(answers)).to.deep.equal(['a file', 'hello', 'a file', 'hello', 'hello', 'a file']);
    agent.destroy();
  });

  it('is served to curl: chunks, trailers, interim answers, Expect', async () => {
    const { stdout } = await run('curl', ['-sS', '--raw', '-i', '-H', 'TE: trailers', `${URL_BASE}/trailers`]);
    expect(stdout).to.match(/^HTTP\/1\.1 103 Early Hints\r\nLink: .*\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    expect(stdout.endsWith('4\r\nbody\r\n0\r\nX-Sum: 4\r\n\r\n')).to.equal(true);
    const words = ['-sS', '-H', 'Expect: 100-continue', '--data-binary', 'abc', `${URL_BASE}/echo`];
    expect((await run('curl', words)).stdout).to.equal('abc');
  });

  it('streams an upload without keeping it', async () => {
    const hash = createHash('sha256');
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      const upload = request(`${URL_BASE}/upload`, { method: 'PUT' }, resolve).on('error', reject);
      const chunk = Buffer.alloc(1024 * 1024, 'upload');
      let left = UPLOAD_BYTES;
      const more = (): void => {
        while (left > 0) {
          left -= chunk.length;
          hash.update(chunk);
          if (!upload.write(chunk)) {
            upload.once('drain', more);
            return;
          }
        }
        upload.end();
      };
      more();
    });
    const { sha256, grownBytes } = JSON.parse(await text(answer)) as { sha256: string; grownBytes: number };
    expect(sha256).to.equal(hash.digest('hex'));
    expect(grownBytes).to.be.lessThan(UPLOAD_BYTES / 2);
  });

  it('carries WebSockets', async () => {
    const socket = new WebSocket('ws://10.77.0.2/socket');
    const received: string[] = [];
    await new Promise((resolve) => socket.once('open', resolve));
    const three = new Promise<void>((resolve) => {
      socket.on('message', (data) => received.push(String(data)) === 3 && resolve());
    });
    const words = ['one', 'x'.repeat(200_000), 'three'];
    for (const word of words) socket.send(word);
    await three;
    expect(received).to.deep.equal(words);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.close(4001);
    expect(await closed).to.equal(4001);
  });

  it('sends events as they happen', async () => {
    const answer = await ask('/events');
    let received = '';
    for await (const chunk of answer.setEncoding('utf8')) {
      received += chunk;
      if (received.includes('id: 3')) break; // which destroys the answer
    }
    expect(received).to.match(/^id: 1\ndata: x\n\nid: 2\n/);
  });

  it('answers hits while handlers sleep', async () => {
    const sleeping = Array.from({ length: 50 }, () => text(ask('/sleep')));
    for (let i = 0; i < 20; i++) expect(await text(ask('/'))).to.equal('a file');
    expect(new Set(await Promise.all(sleeping))).to.deep.equal(new Set(['slept']));
  });

  it('starts the thread again when an exception ends it, and hits go on', async () => {
    const { statusCode } = await ask('/die');
    expect(statusCode).to.equal(502);
    expect(await text(ask('/'))).to.equal('a file');
    const warning = await server.event('warning');
    expect(warning.message).to.include("the handler's thread has ended").and.include('nobody catches this');
    expect(await text(ask('/hello'))).to.equal('hello'); // it waited for the new thread
  });

  it('ends a thread that loops for ever: its requests get 504, and the next one waits for the new thread', async () => {
    const statuses = await Promise.all([ask('/sleep'), ask('/loop')]);
    expect(statuses.map(({ statusCode }) => statusCode)).to.deep.equal([504, 504]);
    for (const answer of statuses) answer.destroy();
    expect(await text(ask('/hello'))).to.equal('hello');
    const { message } = await server.event('warning', ({ message }) => String(message).includes('endless'));
    expect(message).to.match(/^the handler's thread has ended.*it did not move for 1 s, as in an endless loop$/);
    await counts({ 'handler.stuck': 1, 'http.handlerTimeouts': 2 });
  });

  it('takes a new handler after SIGHUP, while the old one ends what it has', async () => {
    writeFileSync(version, 'two');
    const before = text(ask('/slow-version'));
    expect(await text(ask('/version'))).to.equal('one');
    server.child.kill('SIGHUP');
    const { changed, loadedAgain } = await server.event('reloaded');
    expect({ changed, loadedAgain }, 'its setting is the same').to.deep.equal({
      changed: [],
      loadedAgain: ['handler'],
    });
    while ((await text(ask('/version'))) !== 'two'); // the handler is loaded in a thread of its own
    expect(await before).to.equal('one');
    await counts({ 'handler.replaced': 1 });
  });

  it('says in the log how each request ended, and whose fault it was', async () => {
    await text(ask('/half')).then(
      () => expect.fail('it was whole'),
      () => {},
    );
    const gone = get(`${URL_BASE}/sleep?gone`, { agent: false }).on('error', () => {});
    await new Promise((resolve) => gone.on('socket', (socket) => socket.once('ready', resolve)));
    await new Promise((resolve) => setTimeout(resolve, 100));
    gone.destroy();
    const { stdout } = await run('curl', ['-sS', '-i', '-X', 'BREW', `${URL_BASE}/brew`]);
    expect(stdout).to.match(/^HTTP\/1\.1 501 Not Implemented\r\n.*\r\n\r\n501 Not Implemented\n$/s);
    const entries = await logged('/half', '/sleep?gone', '/brew', '/socket');
    const said = (target: string) => {
      const { status, reason, closed } = entries.find((entry) => entry.target === target) ?? {};
      return [status, reason, closed];
    };
    expect(said('/die')).to.deep.equal([502, 'handler-failed', undefined]);
    expect(said('/loop')).to.deep.equal([504, 'handler-timeout', undefined]);
    expect(said('/half').slice(0, 2)).to.deep.equal([200, 'handler-failed']);
    expect(said('/sleep?gone').slice(0, 2)).to.deep.equal([499, 'client-left']);
    expect(said('/brew')).to.deep.equal([501, 'method', undefined]);
    expect(said('/socket')[0]).to.equal(101);
  });

  it('leaves no connection behind', async () => {
    const counters = await counts({ 'channel.open': 0, 'http.handedOverNow': 0, 'connections.open': 0 });
    expect(counters['channel.opened']).to.be.greaterThan(5);
  });
});
