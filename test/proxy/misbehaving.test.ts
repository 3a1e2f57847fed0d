/**
 * Origins that misbehave, each in its own way: what the client gets, and that afterwards the proxy works as before and
 * has let go of every connection.
 */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { RequestBody } from '../../src/proxy/exchange/request-body.js';
import { until } from '../support/until.js';
import { allOf, answerOf, onHeads, only, ProxyWorld } from './support.js';
import { OK, SOON_MS, WAYS } from './ways.js';

describe('the proxy and an origin that', () => {
  let world: ProxyWorld;

  beforeEach(() => {
    world = new ProxyWorld();
  });
  afterEach(() => world.end());

  /** The proxy still works, and nothing is left of the fault. */
  async function isUnharmed(): Promise<void> {
    const fine = await world.origin((_, res) => void res.end('fine'));
    world.configure({ app: { servers: only(fine.url) } });
    const { status, body } = await world.get('/after');
    expect([status, String(body)]).to.deep.equal([200, 'fine']);
    const [reading] = world.proxy.read();
    expect(reading?.servers.map(({ counters }) => counters.active)).to.deep.equal([0]);
  }

  for (const { name, says, after = () => {}, is, options = {} } of WAYS) {
    it(name, async () => {
      const origin = await world.says(says, after);
      await world.start({ servers: only(origin.url), retry: { attempts: 0 }, ...options });
      const { status, isWhole, body } = await world.get();
      expect(status).to.equal(is.status);
      expect(isWhole, 'whole').to.equal(is.isWhole ?? true);
      if (is.body !== undefined) expect(String(body)).to.equal(is.body);
      expect(world.trouble?.failure.kind, world.trouble?.failure.message).to.equal(is.kind);
      if (is.says !== undefined) expect(world.trouble?.failure.message).to.match(is.says);
      if (is.kind !== undefined) expect(world.trouble?.server).to.equal(origin.url);
      await until(() => world.front.sockets.size === 0, 'the client connection to close');
      await isUnharmed();
      await until(() => origin.sockets.size === 0 || openOn(origin.sockets) === 0, 'the upstream connection to close');
    });
  }

  it('sends a head of 100 MB is cut off at the bound', async () => {
    let written = 0;
    const origin = await world.rawOrigin((socket) => {
      onHeads(socket, () => {
        socket.write(OK);
        const line = `X-Much: ${'m'.repeat(1_000)}\r\n`.repeat(64);
        const more = () => {
          while (written < 100e6 && !socket.destroyed) {
            written += line.length;
            if (!socket.write(line)) return void socket.once('drain', more);
          }
        };
        more();
      });
    });
    await world.start({ servers: only(origin.url), retry: { attempts: 0 } });
    expect((await world.get()).status).to.equal(502);
    expect(world.trouble?.failure.message).to.match(/too long/);
    await until(() => openOn(origin.sockets) === 0, 'the connection to close');
    expect(written).to.be.below(20e6);
    await isUnharmed();
  });

  it('trickles byte by byte is passed on as it comes, and is not cut off', async () => {
    const origin = await world.rawOrigin((socket) => {
      onHeads(socket, async () => {
        for (const byte of `${OK}Content-Length: 5\r\n\r\nslow!`) {
          socket.write(byte);
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      });
    });
    await world.start({ servers: only(origin.url), bodyTimeoutMs: 100_000 });
    const { status, body } = await world.get();
    expect([status, String(body)]).to.deep.equal([200, 'slow!']);
    await isUnharmed();
  });

  it('starts slowly is waited for', async () => {
    const origin = await world.origin((_, res) => void setTimeout(() => res.end('late'), 100));
    await world.start({ servers: only(origin.url), headTimeoutMs: 100_000 });
    expect(String((await world.get()).body)).to.equal('late');
    await isUnharmed();
  });

  it('has a Date in the future keeps it', async () => {
    const date = 'Fri, 01 Jan 2100 00:00:00 GMT';
    const origin = await world.says(`${OK}Date: ${date}\r\nContent-Length: 0\r\n\r\n`);
    await world.start({ servers: only(origin.url) });
    const { rawHeaders } = await world.get();
    expect(rawHeaders.filter((_, i) => rawHeaders[i - 1] === 'Date')).to.deep.equal([date]);
    await isUnharmed();
  });

  it('answers before the request is read has its answer passed on', async () => {
    const origin = await world.rawOrigin((socket) => {
      socket.once('data', () => {
        socket.pause();
        socket.write(`HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno!`);
      });
    });
    await world.start({ servers: only(origin.url) });
    const req = world.open('/', { method: 'POST' });
    req.write(Buffer.alloc(64 * 1024));
    const { status, body, headers } = await answerOf(req);
    expect([status, String(body), headers.connection]).to.deep.equal([413, 'no!', 'close']);
    expect(world.troubles).to.deep.equal([]);
    await until(() => world.front.sockets.size === 0, 'the client connection to close');
    await isUnharmed();
  });

  it('takes no more of a body is given up after a time', async () => {
    const origin = await world.rawOrigin((socket) => void socket.pause());
    await world.start({ servers: only(origin.url), sendTimeoutMs: SOON_MS });
    const req = world.open('/', { method: 'PUT' });
    req.write(Buffer.alloc(32 * 1024 * 1024));
    const { status } = await answerOf(req);
    expect(status).to.equal(504);
    expect(world.trouble?.failure.message).to.match(/to take the body/);
    req.destroy();
    await isUnharmed();
  });

  it('closes a kept connection at the moment of reuse gets a GET again, on a new one', async () => {
    const origin = await world.rawOrigin((socket, count) => {
      let heads = 0;
      onHeads(socket, () => {
        if (count === 1 && ++heads === 2) socket.destroy();
        else socket.write(`${OK}Content-Length: 2\r\n\r\nok`);
      });
    });
    await world.start({ servers: only(origin.url) });
    expect((await world.get()).status).to.equal(200);
    expect((await world.get()).status).to.equal(200);
    expect(origin.accepted).to.equal(2);
    expect(world.proxy.read()[0]?.servers[0]?.counters.retries).to.equal(1);
    await isUnharmed();
  });

  it('closes so gets no POST twice', async () => {
    const seen: string[] = [];
    const origin = await world.rawOrigin((socket) => {
      onHeads(socket, (head) => {
        seen.push(head.slice(0, 4));
        if (seen.length === 2) socket.destroy();
        else socket.write(`${OK}Content-Length: 2\r\n\r\nok`);
      });
    });
    await world.start({ servers: only(origin.url) });
    expect((await world.get()).status).to.equal(200);
    const { status } = await world.get('/', { method: 'POST', headers: { 'Content-Length': '0' } });
    expect(status).to.equal(502);
    expect(seen).to.deep.equal(['GET ', 'POST']);
    await isUnharmed();
  });

  it('refuses an upgrade has its answer passed on', async () => {
    const origin = await world.says('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
    await world.start({ servers: only(origin.url) });
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket' };
    const { status, body } = await world.get('/', { headers });
    expect([status, String(body)]).to.deep.equal([403, 'no']);
    const long = Buffer.alloc(300_000, 'x');
    const other = await world.says(
      Buffer.concat([Buffer.from('HTTP/1.1 403 No\r\nContent-Length: 300000\r\n\r\n'), long]),
    );
    world.configure({ app: { servers: only(other.url) } });
    const answer = await world.get('/', { headers });
    expect([answer.isWhole, answer.body.equals(long)]).to.deep.equal([true, true]);
    await until(() => world.front.sockets.size === 0, 'the client connection to close');
    await isUnharmed();
  });

  for (const [what, end, rest, kind] of [
    ['resets', (socket: Socket) => socket.resetAndDestroy(), [false, 'half'], 'reset'],
    ['closes', (socket: Socket) => socket.end(), [true, 'half'], undefined],
  ] as const) {
    it(`${what} while the answer waits for its client harms nobody: the end comes when the client takes more`, async () => {
      const origin = await world.says(`${OK}Connection: close\r\n\r\nhalf`, (socket) => setTimeout(end, 20, socket));
      await world.start({ servers: only(origin.url) });
      world.front.server.prependListener('request', (_req, res) => {
        const write = res.write.bind(res) as (chunk: Buffer) => boolean;
        res.write = (chunk: Buffer) => {
          setTimeout(() => res.emit('drain'), 80);
          return write(chunk) && chunk.length === 0; // it seems to be full for a while
        };
      });
      const { isWhole, body } = await world.get();
      expect([isWhole, String(body)]).to.deep.equal(rest);
      expect(world.trouble?.failure.kind).to.equal(kind);
      expect(world.proxy.read()[0]?.servers[0]?.counters.active).to.equal(0);
    });
  }

  it('is not asked for an upgrade with a body, of which nothing is read: the connection ends with its client', async () => {
    const origin = await world.says('');
    await world.start({ servers: only(origin.url) });
    const socket = await world.dial();
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 200000\r\n\r\n');
    socket.end(Buffer.alloc(200_000, 'u'));
    expect(await allOf(socket)).to.match(/^HTTP\/1\.1 400 /);
    await until(() => world.front.sockets.size === 0, 'the client connection to close');
  });

  it('is not there costs a 502, and is paused after three of them', async () => {
    const origin = await world.rawOrigin(() => {});
    await origin.close();
    await world.start({ servers: only(origin.url), retry: { attempts: 0 }, passive: { withinMs: 100_000 } });
    for (let i = 0; i < 3; i++) expect((await world.get()).status).to.equal(502);
    expect(world.trouble?.failure.message).to.match(/ECONNREFUSED/);
    expect(world.changes.map(({ change }) => change)).to.deep.equal(['paused']);
    await isUnharmed();
  });

  it('takes no connection costs a 504 after the time for it', async () => {
    // RFC 5737: nobody has this address. A network that refuses it at once gives 502.
    await world.start({ servers: only('http://192.0.2.1:9'), connectTimeoutMs: 50, retry: { attempts: 0 } });
    expect((await world.get()).status).to.be.oneOf([502, 504]);
    expect(world.trouble?.failure.kind).to.equal('connect');
    await isUnharmed();
  });

  it('loses its client lets go of the request', async () => {
    let closed: Promise<unknown> | undefined;
    const origin = await world.origin((req, res) => {
      closed = once(req.socket, 'close');
      res.write('some');
    });
    await world.start({ servers: only(origin.url) });
    const socket = await world.dial();
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    socket.destroy();
    await closed;
    await until(() => world.proxy.read()[0]?.servers[0]?.counters.abandoned === 1, 'the attempt to end');
    expect(world.troubles).to.deep.equal([]);
    await isUnharmed();
  });

  /** Six uploads break off while they wait for the place that one slow request has. Returns those begun after that. */
  async function abortWaitingUploads(isTold: boolean): Promise<string[]> {
    const begun: string[] = [];
    let finish = () => {};
    const origin = await world.origin((req, res) => {
      begun.push(`${req.method} ${req.url}`);
      req.on('error', () => {}).resume();
      if (req.url === '/slow') finish = () => res.end('slow');
    });
    await world.start({ servers: only(origin.url), connections: 1 });
    const slow = world.get('/slow');
    await until(() => begun.length === 1, 'the slow request to begin');
    const uploads = await Promise.all(Array.from({ length: 6 }, () => world.dial()));
    for (const upload of uploads) upload.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc');
    const counters = () => world.proxy.read()[0]?.counters;
    await until(() => counters()?.waiting === 6, 'the uploads to wait');
    for (const upload of uploads) upload.destroy();
    if (isTold) await until(() => counters()?.waiting === 0, 'the uploads to leave the queue');
    finish();
    expect(String((await slow).body)).to.equal('slow');
    await until(() => world.front.sockets.size === 0, 'the connections to close');
    expect(world.proxy.read()[0]?.servers[0]?.counters.active).to.equal(0);
    expect([counters()?.waiting, counters()?.queued]).to.deep.equal([0, 6]);
    expect(world.troubles).to.deep.equal([]);
    return begun.slice(1);
  }

  it('is busy while clients give up never sees their uploads', async () => {
    expect(await abortWaitingUploads(true)).to.deep.equal([]);
    await isUnharmed();
  });

  it('becomes free at the moment when clients give up harms nothing', async () => {
    // An upload whose end has still to come from the kernel may begin.
    await abortWaitingUploads(false);
    await isUnharmed();
  });

  it('gets no upload whose client leaves before a connection is there', async () => {
    const req = Object.assign(new PassThrough(), { complete: false }) as unknown as IncomingMessage;
    let wasAsked = false;
    const body = new RequestBody(req, 1_000, () => {
      wasAsked = true;
    });
    const watch = { sending: () => {}, waitingForClient: () => {}, sent: () => {} };
    const stream = body.open(watch);
    req.destroy();
    body.finish();
    // As undici does: it has no listener of its own any more.
    stream.read(0);
    await until(() => stream.closed, 'the stream to close');
    expect([stream.errored?.message, wasAsked]).to.deep.equal(['the client went away', false]);
  });
});

/** Connections that the other side has not closed yet. */
function openOn(sockets: ReadonlySet<Socket>): number {
  return [...sockets].filter((socket) => !socket.readableEnded && !socket.destroyed).length;
}
