import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import type { Store } from '../../src/cache/library/store.js';
import type { Credential } from '../../src/tls/certificate.js';
import { needs } from '../support/serve-process.js';
import { makeSite } from '../support/site.js';
import { credentialOf, settingsOf, TlsBench } from '../support/tls-bench.js';

const BIG = Buffer.alloc(5_000_000, 'fastpath over TLS. ');
const PROTOCOL_ERROR = /alert|EPROTO|unsupported|ECONNRESET|no protocols/i;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

describe('tls: a terminator', () => {
  let store: Store;
  let first: Credential;
  let wild: Credential;
  let bench: TlsBench;
  const sessions: ClientHttp2Session[] = [];

  before(async function () {
    needs(this, 'openssl');
    const files = {
      '/': { content: 'home', contentType: 'text/html', etag: 'h1' },
      '/a': { content: 'abcdefghijklmnopqrstuvwxyz', etag: 'abc' },
      '/big': { content: BIG.toString('latin1') },
    };
    store = (await makeSite({ files })).store;
    first = credentialOf('one.example', '127.0.0.1');
    wild = credentialOf('*.two.example');
  });

  beforeEach(async () => {
    bench = await new TlsBench(store, settingsOf(first, wild)).listen();
  });

  afterEach(async () => {
    for (const session of sessions.splice(0)) session.destroy();
    await bench.close();
  });

  /** One request over HTTP/1.1. */
  function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = {
        port: bench.port,
        host: '127.0.0.1',
        path,
        headers,
        method,
        rejectUnauthorized: false,
        agent: false,
      };
      httpsRequest({ ...options, servername: 'one.example' }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        const done = () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) });
        answer.on('end', done);
      })
        .on('error', reject)
        .end();
    });
  }

  function session(): ClientHttp2Session {
    const made = connectHttp2(`https://127.0.0.1:${bench.port}`, { rejectUnauthorized: false });
    made.on('error', () => {});
    sessions.push(made);
    return made;
  }

  /** One request over HTTP/2. */
  function ask2(on: ClientHttp2Session, headers: Record<string, string>, body?: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const stream = on.request(
        { ':path': '/', ':authority': 'one.example', ...headers },
        { endStream: body === undefined },
      );
      let head: Record<string, unknown> = {};
      const chunks: Buffer[] = [];
      stream.on('response', (fields) => (head = fields));
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => resolve({ status: Number(head[':status']), headers: head, body: Buffer.concat(chunks) }));
      stream.on('error', reject);
      if (body !== undefined) stream.end(body);
    });
  }

  const open = (options: object = {}): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port: bench.port, rejectUnauthorized: false, ...options }, () => resolve(socket));
      socket.on('error', reject);
    });

  it('answers over HTTP/1.1 what HTTP answers on port 80: a hit, a range, a condition, a miss', async () => {
    const hit = await ask('/a');
    expect([hit.status, hit.body.toString(), hit.headers.etag]).to.deep.equal([
      200,
      'abcdefghijklmnopqrstuvwxyz',
      '"abc"',
    ]);
    expect((await ask('/a', { Range: 'bytes=2-4' })).body.toString()).to.equal('cde');
    expect((await ask('/a', { 'If-None-Match': '"abc"' })).status).to.equal(304);
    expect((await ask('/none')).status).to.equal(404);
    expect(bench.http.cacheHits).to.equal(3);
    expect(bench.http.requests).to.equal(4);
  });

  it('answers pipelined requests in their order on one connection', async () => {
    const socket = await open();
    const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: one.example\r\n${more}\r\n`;
    socket.write(get('/a') + get('/none') + get('/', 'Connection: close\r\n'));
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    await once(socket, 'end');
    expect([...text.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => status)).to.deep.equal(['200', '404', '200']);
    expect(text.endsWith('home')).to.equal(true);
    socket.destroy();
  });

  it('answers the same over HTTP/2, many requests of a session at once', async () => {
    const on = session();
    const answers = await Promise.all([
      ask2(on, { ':path': '/a' }),
      ask2(on, { ':path': '/a', range: 'bytes=2-4' }),
      ask2(on, { ':path': '/a', 'if-none-match': '"abc"' }),
      ask2(on, { ':path': '/none' }),
      ask2(on, { ':path': '/a', ':method': 'HEAD' }),
      ask2(on, { ':path': '/big' }),
      ask2(on, { ':path': '/a', ':method': 'POST' }, Buffer.from('a body without a length')),
      ask2(on, { ':path': '/a', ':method': 'PUT', 'content-length': '4' }, Buffer.from('four')),
      ask2(on, { ':path': '/a?b=c' }),
    ]);
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 206, 304, 404, 200, 200, 405, 405, 200]);
    expect(answers[0]!.body.toString()).to.equal('abcdefghijklmnopqrstuvwxyz');
    expect(answers[1]!.body.toString()).to.equal('cde');
    expect(answers[4]!.headers['content-length']).to.equal('26');
    expect(answers[4]!.body).to.have.length(0);
    expect(answers[5]!.body.equals(BIG)).to.equal(true);
    for (const { headers } of answers) {
      expect(headers).not.to.have.any.keys('connection', 'keep-alive', 'transfer-encoding');
      expect(headers).to.include.keys('date', 'server');
    }
    expect([bench.statistics.http2Sessions, bench.statistics.http2Streams]).to.deep.equal([1, 9]);
    expect(bench.http.requests).to.equal(9);
    on.close();
    await once(on, 'close');
  });

  it('sends 5 MB whole, and holds no object when its readers are gone, even in the middle', async () => {
    expect((await ask('/big')).body.equals(BIG)).to.equal(true);
    const socket = await open();
    socket.write('GET /big HTTP/1.1\r\nHost: one.example\r\n\r\n');
    await once(socket, 'data');
    socket.destroy();
    const stream = session().request({ ':path': '/big', ':authority': 'one.example' });
    stream.on('error', () => {});
    await once(stream, 'data');
    stream.close(8);
    await once(stream, 'close');
    while (bench.http.openConnections > 0) await new Promise((resolve) => setImmediate(resolve));
    const path = Buffer.from('/big');
    expect(store.find(path, 0, path.length, 0)?.bytes.readers).to.equal(0);
  });

  it('shows each name its certificate: the exact one, one by a wildcard, and the first to all others', async () => {
    const shown = async (servername?: string) => {
      const socket = await open(servername === undefined ? {} : { servername });
      const names = socket.getPeerCertificate().subjectaltname ?? '';
      socket.destroy();
      return names.replace('DNS:', '').replace(/,.*/, '');
    };
    expect(await shown('one.example')).to.equal('one.example');
    expect(await shown('www.two.example')).to.equal('*.two.example');
    expect(await shown('WWW.TWO.example')).to.equal('*.two.example');
    expect(await shown('a.b.two.example')).to.equal('one.example');
    expect(await shown('two.example')).to.equal('one.example');
    expect(await shown()).to.equal('one.example');
  });

  it('takes other certificates while a connection goes on', async () => {
    const on = session();
    expect((await ask2(on, { ':path': '/a' })).status).to.equal(200);
    bench.terminator.use(settingsOf(credentialOf('new.example')));
    const socket = await open({ servername: 'one.example' });
    expect(socket.getPeerCertificate().subjectaltname).to.equal('DNS:new.example');
    socket.destroy();
    expect((await ask2(on, { ':path': '/a' })).status).to.equal(200);
  });

  it('goes on with a session of another thread that has the same ticket keys, and of none with others', async () => {
    const keys = Buffer.alloc(48, 7);
    const [one, two] = await Promise.all([1, 2].map(() => new TlsBench(store, settingsOf(first), {}, keys).listen()));
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = connect({ port: one!.port, rejectUnauthorized: false, maxVersion: version });
      socket.write('GET / HTTP/1.1\r\nHost: one.example\r\n\r\n');
      const [[ticket]] = await Promise.all([once(socket, 'session'), once(socket, 'data')]);
      socket.destroy();
      const resume = async () => {
        const next = connect({
          port: two!.port,
          rejectUnauthorized: false,
          maxVersion: version,
          session: ticket as Buffer,
        });
        next.write('GET / HTTP/1.1\r\nHost: one.example\r\n\r\n');
        await once(next, 'data');
        const isReused = next.isSessionReused();
        next.destroy();
        return isReused;
      };
      expect(await resume(), version).to.equal(true);
      two!.terminator.setTicketKeys(Buffer.alloc(48, 8));
      expect(await resume(), `${version} after a change`).to.equal(false);
      two!.terminator.setTicketKeys(keys);
    }
    expect(two!.statistics.resumed).to.equal(2);
    await Promise.all([one!.close(), two!.close()]);
  });

  it('refuses TLS 1.1, clients that speak no TLS, and those that leave in the middle, and counts them', async () => {
    const old = await open({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }).catch((error: Error) => error);
    expect(String(old)).to.match(PROTOCOL_ERROR);
    const plain = connectTcp(bench.port, '127.0.0.1');
    plain.write('GET / HTTP/1.1\r\nHost: one.example\r\n\r\n');
    let told = '';
    plain.on('data', (chunk) => (told += chunk));
    await once(plain, 'close');
    expect(told).to.match(
      /^HTTP\/1.1 400 Bad Request\r\n(?:.+\r\n)*\r\nThe plain HTTP request was sent to the HTTPS port/,
    );
    const quiet = connectTcp({ port: bench.port, host: '127.0.0.1', allowHalfOpen: true });
    quiet.on('data', () => {});
    quiet.end(Buffer.from('16030100', 'hex')); // the start of a record, and no more
    await once(quiet, 'close');
    expect(bench.statistics.failed).to.equal(3);
    expect(bench.statistics.openConnections).to.equal(0);
  });

  it('closes at the end: idle connections at once, and an HTTP/2 session with GOAWAY', async () => {
    const socket = await open();
    socket.resume();
    const on = session();
    expect((await ask2(on, { ':path': '/a' })).status).to.equal(200);
    const gone = Promise.all([once(socket, 'end'), once(on, 'goaway')]);
    bench.terminator.stopping(false);
    await gone;
    socket.destroy();
  });
});
