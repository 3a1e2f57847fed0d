/** HTTP/2 in front of our HTTP: lanes, what node:http2 does not send, and clients that mean no good. */
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2, type Settings } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import type { Store } from '../../src/cache/library/store.js';
import { ONE_SITE, Sites } from '../../src/http/sites/sites.js';
import { FakeSlowPath } from '../support/fake-slow-path.js';
import { needs } from '../support/serve-process.js';
import { makeSite } from '../support/site.js';
import { credentialOf, settingsOf, TlsBench } from '../support/tls-bench.js';
import { until } from '../support/until.js';

const BIG = Buffer.alloc(5_000_000, 'fastpath over HTTP/2. ');
/** Frames (RFC 9113 section 6). */
const [DATA, HEADERS, RST_STREAM, SETTINGS, CONTINUATION] = [0, 1, 3, 4, 9];
const END_HEADERS = 4;
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

describe('tls: HTTP/2', () => {
  let store: Store;
  let bench: TlsBench;
  let slow: FakeSlowPath;
  const settings = () => settingsOf(credentialOf('one.example', '127.0.0.1'));
  const opened: { destroy(): void }[] = [];

  before(async function () {
    needs(this, 'openssl');
    const files = {
      '/a': { content: 'abcdefghijklmnopqrstuvwxyz', etag: 'abc' },
      '/big': { content: BIG.toString('latin1') },
    };
    store = (await makeSite({ files })).store;
  });

  beforeEach(async () => {
    slow = new FakeSlowPath();
    const sites = new Sites({ ...ONE_SITE, sites: [{ handler: true }] });
    const times = { halfClosedMs: 50, idleSessionMs: 1_000 };
    bench = await new TlsBench(store, settings(), { slowPath: slow, sites }, undefined, times).listen();
  });

  afterEach(async () => {
    for (const each of opened.splice(0)) each.destroy();
    await bench.close();
  });

  async function session(wishes: Settings = {}, createConnection?: () => TLSSocket): Promise<ClientHttp2Session> {
    const options = { rejectUnauthorized: false, settings: wishes, ...(createConnection && { createConnection }) };
    const made = connectHttp2(`https://127.0.0.1:${bench.port}`, options);
    made.on('error', () => {});
    opened.push(made);
    await once(made, 'remoteSettings');
    return made;
  }

  /** A connection that has sent the preface and its settings. */
  async function openRaw(): Promise<TLSSocket> {
    const socket = connect({ port: bench.port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    opened.push(socket);
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    socket.resume();
    socket.write(Buffer.concat([Buffer.from(PREFACE), frame(SETTINGS, 0, 0, Buffer.alloc(0))]));
    return socket;
  }

  function begin(on: ClientHttp2Session, headers: Record<string, string>, endStream = true): ClientHttp2Stream {
    const stream = on.request({ ':path': '/a', ':authority': 'one.example', ...headers }, { endStream });
    stream.on('error', () => {});
    return stream;
  }

  async function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
    const chunks: Buffer[] = [];
    let headers: Record<string, unknown> = {};
    stream.on('response', (fields) => (headers = fields));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    await new Promise((resolve) => stream.once('close', resolve));
    return { status: Number(headers[':status'] ?? 0), headers, body: Buffer.concat(chunks) };
  }

  const ask = (on: ClientHttp2Session, headers: Record<string, string> = {}) => answerOf(begin(on, headers));
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  it('carries one request after the other on one connection of HTTP, and many at once on as many', async () => {
    const on = await session();
    for (let i = 0; i < 20; i++) expect((await ask(on)).status).to.equal(200);
    expect(bench.http.connections).to.equal(1);
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(on)));
    expect(new Set(answers.map(({ body }) => body.toString()))).to.deep.equal(new Set(['abcdefghijklmnopqrstuvwxyz']));
    expect(bench.http.connections).to.equal(50);
    expect(bench.http.requests).to.equal(70);
    on.destroy();
    await until(() => bench.http.openConnections === 0);
  });

  it('keeps what the handler has of a lane for the next request, whose answer may wait', async () => {
    const on = await session();
    for (const text of ['one', 'two']) {
      const stream = begin(on, { ':path': `/${text}` });
      await until(() => slow.connections.length > 0 && slow.last.requests.at(-1)?.text.includes(text) === true);
      slow.last.answer(text);
      const { status, body } = await answerOf(stream);
      expect([status, body.toString()]).to.deep.equal([200, text]);
    }
    expect(slow.connections).to.have.length(1);
  });

  it('gives the handler an upload with and without a length, and never one that was cut', async () => {
    const on = await session();
    const upload = begin(on, { ':method': 'POST', ':path': '/u' }, false);
    upload.write('hel');
    upload.end('lo');
    await until(() => slow.connections.length > 0 && slow.last.last.isOver);
    expect(slow.last.last.text).to.match(/Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n$/);
    slow.last.answer('taken');
    expect((await answerOf(upload)).body.toString()).to.equal('taken');
    for (const code of [0, 8]) {
      const socket = await openRaw();
      const post = Buffer.concat([
        Buffer.of(0x83, 0x87, 0x04, 4),
        Buffer.from(`/cut`),
        Buffer.of(0x01, 1),
        Buffer.from('h'),
      ]);
      socket.write(Buffer.concat([frame(HEADERS, END_HEADERS, 1, post), frame(DATA, 0, 1, Buffer.from('hel'))]));
      await until(() => slow.last.last.text.endsWith('hel\r\n'));
      const connection = slow.last;
      socket.write(frame(RST_STREAM, 0, 1, Buffer.of(0, 0, 0, code)));
      await until(() => connection.isDestroyed);
      expect(connection.last.isOver, `RST_STREAM with ${code}`).to.equal(false);
    }
    expect((await ask(on)).status).to.equal(200);
  });

  it('counts the answer to a request with a body as sent, and keeps its lane', async () => {
    const on = await session();
    for (const text of ['one', 'two', 'three']) {
      const upload = begin(on, { ':method': 'POST', ':path': `/${text}` }, false);
      upload.end('body');
      await until(() => slow.connections.length > 0 && slow.last.requests.at(-1)?.text.includes(text) === true);
      await until(() => slow.last.last.isOver);
      slow.last.answer(text);
      expect((await answerOf(upload)).body.toString()).to.equal(text);
    }
    expect(slow.connections).to.have.length(1);
    expect(bench.http.connections).to.equal(1);
  });

  it('tells a client that waits with its body to go on, and passes on Early Hints', async () => {
    const on = await session();
    const stream = begin(
      on,
      { ':method': 'POST', ':path': '/a', expect: '100-continue', 'content-length': '2' },
      false,
    );
    const told: unknown[] = [];
    stream.on('headers', (headers) => told.push(headers[':status']));
    await until(() => slow.connections.length > 0);
    slow.last.send('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
    await until(() => told.length === 2);
    stream.end('go');
    await until(() => slow.last.last.isOver);
    slow.last.answer('went');
    expect((await answerOf(stream)).body.toString()).to.equal('went');
    expect(told).to.deep.equal([100, 103]);
  });

  it('breaks off an answer that node:http2 does not send, and nothing else', async () => {
    const on = await session();
    const other = begin(on, { ':path': '/other' });
    await until(() => slow.connections.length === 1);
    const first = slow.last;
    const odd = begin(on, { ':path': '/odd' });
    await until(() => slow.connections.length === 2);
    slow.last.send('HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nno');
    expect((await answerOf(odd)).status).to.equal(0);
    expect(odd.rstCode).to.equal(2);
    first.answer('fine');
    expect((await answerOf(other)).body.toString()).to.equal('fine');
  });

  it('tells browsers to stay with HTTPS in an answer of the handler, which may say it itself', async () => {
    const secure = { hsts: 'max-age=7' };
    const sites = new Sites({ ...ONE_SITE, sites: [{ handler: true }] });
    const own = await new TlsBench(store, settings(), { slowPath: slow, sites, secure }).listen();
    const on = connectHttp2(`https://127.0.0.1:${own.port}`, { rejectUnauthorized: false });
    opened.push(on);
    const asked = [begin(on, { ':path': '/plain' })];
    await until(() => slow.connections.length === 1);
    slow.last.send('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 Done\r\n\r\n');
    slow.last.answered({ status: 204 });
    expect((await answerOf(asked[0]!)).headers).to.include({ 'strict-transport-security': 'max-age=7' });
    const wishes = begin(on, { ':path': '/own' });
    await until(() => slow.last.requests.length === 2);
    slow.last.answer('mine', { fields: 'Strict-Transport-Security: max-age=9\r\n' });
    const { headers, body } = await answerOf(wishes);
    expect([headers['strict-transport-security'], body.toString()]).to.deep.equal(['max-age=9', 'mine']);
    on.destroy();
    await own.close();
  });

  it('resets a stream whose answer ends early', async () => {
    const on = await session();
    const stream = begin(on, { ':path': '/half' });
    await until(() => slow.connections.length > 0);
    slow.last.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
    await once(stream, 'response');
    slow.last.fail();
    const { body } = await answerOf(stream);
    expect(body.toString()).to.equal('half');
    expect(stream.rstCode).not.to.equal(0);
  });

  it('refuses a head that is too large with 431, and goes on', async () => {
    const on = await session();
    expect((await ask(on, { 'x-large': 'y'.repeat(20_000) })).status).to.equal(431);
    expect((await ask(on, { 'x-large': 'y'.repeat(40_000) })).status).to.equal(431);
    expect((await ask(on)).status).to.equal(200);
  });

  it('sends a slow reader no more than its window, holds no object for one that left, and serves others meanwhile', async () => {
    const raw = connectTcp(bench.port, '127.0.0.1');
    const socket = connect({ socket: raw, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    const on = await session({ initialWindowSize: 1_000 }, () => socket);
    const slowOnes = Array.from({ length: 20 }, () => begin(on, { ':path': '/big' }));
    await Promise.all(slowOnes.map((stream) => once(stream, 'response')));
    expect((await ask(await session())).status).to.equal(200);
    const path = Buffer.from('/big');
    const readers = () => store.find(path, 0, path.length, 0)?.bytes.readers;
    expect(readers()).to.equal(20);
    raw.resetAndDestroy();
    await until(() => bench.http.openConnections <= 1);
    expect(readers()).to.equal(0);
  });

  it('closes the connection of a client that resets its requests by the thousand (CVE-2023-44487)', async () => {
    const on = await session();
    let answered = 0;
    let goaway = 0;
    on.on('goaway', (code) => (goaway = code));
    const gone = new Promise((resolve) => on.once('close', resolve));
    for (let i = 0; i < 20_000 && !on.closed && !on.destroyed; i++) {
      const stream = begin(on, {});
      stream.on('response', () => answered++);
      stream.close(8);
      if (i % 50 === 0) await turn();
    }
    await gone;
    expect(goaway, 'ENHANCE_YOUR_CALM of ours, or INTERNAL_ERROR of nghttp2').to.be.oneOf([2, 11]);
    expect(bench.http.requests).to.be.below(2_000);
    await until(() => bench.http.openConnections === 0);
    expect((await ask(await session())).status).to.equal(200);
  });

  it('closes the connection of a client whose head never ends (CONTINUATION flood, CVE-2024-27983)', async () => {
    const socket = await openRaw();
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.write(frame(HEADERS, 0, 1, Buffer.of(0x82)));
    const literal = Buffer.concat([Buffer.of(0, 1, 0x78, 0x7f, 0x81, 0x07), Buffer.alloc(262, 0x79)]); // x: yyy…
    let sent = 0;
    while (socket.writable && sent < 100_000) {
      socket.write(frame(CONTINUATION, 0, 1, literal));
      sent++;
      if (sent % 20 === 0) await turn();
    }
    await gone;
    expect(sent).to.be.below(1_000);
    expect((await ask(await session())).status).to.equal(200);
  });

  it('gives up on a client that has closed its side and leaves its window shut', async () => {
    const on = await session({ initialWindowSize: 1_000 });
    const stream = begin(on, { ':path': '/big' });
    await once(stream, 'response');
    on.destroy();
    await until(() => bench.http.openConnections === 0 && bench.statistics.openConnections === 0);
  });

  it('sends the trailers of an answer, and none where it is cut', async () => {
    const on = await session();
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    const stream = begin(on, { ':path': '/t' });
    let trailers: Record<string, unknown> = {};
    stream.on('trailers', (fields) => (trailers = fields));
    await until(() => slow.connections.length > 0);
    slow.last.send(`${head}4\r\nbody\r\n0\r\nX-Sum: 7\r\n\r\n`);
    slow.last.answered();
    expect((await answerOf(stream)).body.toString()).to.equal('body');
    expect(trailers['x-sum']).to.equal('7');
    const cut = begin(on, { ':path': '/cut' });
    let hasEnded = false;
    cut.on('end', () => (hasEnded = cut.rstCode === 0));
    await until(() => slow.last.last.text.includes('/cut'));
    slow.last.send(`${head}4\r\nbody\r\n`);
    await once(cut, 'response');
    slow.last.fail();
    expect((await answerOf(cut)).body.toString()).to.equal('body');
    expect([cut.rstCode, hasEnded]).to.deep.equal([2, false]);
  });

  it('says GOAWAY when the server stops, and brings what is under way to its end', async () => {
    const on = await session();
    const stream = begin(on, { ':path': '/late' });
    await until(() => slow.connections.length > 0);
    const goaway = once(on, 'goaway');
    bench.terminator.stopping(false);
    await goaway;
    slow.last.answer('late');
    expect((await answerOf(stream)).body.toString()).to.equal('late');
    await once(on, 'close');
  });
});

/** One frame (RFC 9113 section 4.1). */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
