import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { expect } from 'chai';
import { AnswerReason } from '../../src/http/index.js';
import { ReverseProxy } from '../../src/proxy/proxy.js';
import { settle } from '../channel/support.js';
import { HandlerWorld, request } from './support.js';

describe('a handler on a channel', () => {
  it('answers one request after another on the same socket', async () => {
    const world = await HandlerWorld.create((req, res) => void res.end(`${req.method} ${req.url}`));
    for (const path of ['/a', '/b', '/c']) {
      const { text, answer } = await world.get(path);
      expect(text)
        .to.match(/^HTTP\/1\.1 200 OK\r\n/)
        .and.match(new RegExp(`GET ${path}$`));
      expect(answer?.persists).to.equal(true);
    }
    expect(world.channel.sockets).to.have.lengthOf(1);
  });

  it('tells the worker how many bytes of an answer are heads, interim ones included', async () => {
    const world = await HandlerWorld.create((_req, res) => {
      res.writeProcessing();
      res.writeEarlyHints({ link: '</a.css>; rel=preload' });
      res.writeHead(201, { 'Content-Length': 4 });
      res.end('body');
    });
    const { text, answer } = await world.get('/');
    expect(answer).to.deep.equal({
      status: 201,
      headBytes: text.length - 4,
      persists: true,
      cache: 0,
      fault: AnswerReason.none,
    });
    expect(text).to.match(
      /^HTTP\/1\.1 102 Processing\r\n\r\nHTTP\/1\.1 103 Early Hints\r\nLink: [^\r]+\r\n\r\nHTTP\/1\.1 201/,
    );
  });

  it('tells the worker that the proxy has made an error itself, and why', async () => {
    const proxy = new ReverseProxy({ app: { servers: [{ url: 'http://127.0.0.1:1' }] } });
    for (const [name, status, fault] of [
      ['app', 502, AnswerReason.upstreamConnect],
      ['none', 503, AnswerReason.upstreamDown],
    ] as const) {
      const world = await HandlerWorld.create(proxy.handler(name));
      expect((await world.get('/')).answer).to.include({ status, cache: 0, fault });
    }
    await proxy.destroy();
  });

  it('counts the 100 that Node itself sends as a head', async () => {
    const world = await HandlerWorld.create((req, res) => void req.pipe(res));
    const exchange = world.begin(request('POST', '/', 'Content-Length: 3', 'Expect: 100-continue'), false);
    await settle();
    expect(exchange.text).to.equal('HTTP/1.1 100 Continue\r\n\r\n');
    world.more('abc', true);
    const { text, answer } = await exchange.until('answered');
    expect(answer?.headBytes).to.equal(text.indexOf('\r\n\r\n', 25) + 4);
    expect(text.endsWith('3\r\nabc\r\n0\r\n\r\n')).to.equal(true);
  });

  it('says that the connection ends, if the answer says so', async () => {
    const world = await HandlerWorld.create((_req, res) => void res.setHeader('Connection', 'close').end());
    const exchange = await world.get('/');
    expect(exchange.answer?.persists).to.equal(false);
    await exchange.until('finished');
  });

  it('has no time-out for a socket that is idle', async () => {
    const server = createServer({ keepAliveTimeout: 5, headersTimeout: 5, requestTimeout: 5 }, (_req, res) => {
      res.end();
    });
    server.timeout = 5;
    const world = await HandlerWorld.create(server);
    await world.get('/');
    expect([server.timeout, server.keepAliveTimeout, server.headersTimeout, server.requestTimeout]).to.deep.equal([
      0, 0, 0, 0,
    ]);
    expect(world.channel.sockets[0]?.timeout ?? 0).to.equal(0);
  });

  it('makes a tunnel of an upgrade, and passes what both sides send', async () => {
    const server = createServer();
    server.on('upgrade', (_req, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n');
      socket.pipe(socket);
    });
    const world = await HandlerWorld.create(server);
    const exchange = world.begin(request('GET', '/', 'Connection: upgrade', 'Upgrade: echo'));
    await exchange.until('tunneled');
    world.more('one two');
    await settle(20);
    expect(exchange.text.endsWith('\r\n\r\none two')).to.equal(true);
  });

  it('answers an upgrade that nobody listens for as any request', async () => {
    const world = await HandlerWorld.create((_req, res) => void res.end('plain'));
    const exchange = world.begin(request('GET', '/', 'Connection: upgrade', 'Upgrade: h2c'));
    expect((await exchange.until('answered')).text.endsWith('plain')).to.equal(true);
  });

  it('leaves no socket behind when the client leaves', async () => {
    const closed: string[] = [];
    const world = await HandlerWorld.create((req, res) => {
      req.on('close', () => closed.push(`req ${req.complete}`));
      res.on('close', () => closed.push(`res ${res.writableFinished}`));
    });
    world.begin(request('POST', '/', 'Content-Length: 10'), false);
    await settle();
    await world.leave();
    await settle();
    expect(closed.sort()).to.deep.equal(['req false', 'res false']);
    expect(world.channel.thread.size).to.equal(0);
    expect(world.channel.worker.statistics.open).to.equal(0);
  });
});

describe('the faults of a handler', () => {
  const answers: RequestListener = (_req, res) => void res.end('fine');

  /** A handler that is at fault at /fault. */
  function faulty(fault: (req: IncomingMessage, res: ServerResponse) => unknown): Promise<HandlerWorld> {
    return HandlerWorld.create((req, res) =>
      req.url === '/fault' ? (fault(req, res) as undefined) : answers(req, res),
    );
  }

  /** The world goes on: the next request is answered, and nothing is left of the one before. */
  async function expectSound(world: HandlerWorld): Promise<void> {
    expect((await world.get('/next')).text.endsWith('fine')).to.equal(true);
    expect(world.channel.thread.size).to.equal(1);
    expect(world.channel.worker.statistics.open).to.equal(1);
    await world.leave();
    await settle();
    expect(world.channel.thread.size).to.equal(0);
  }

  it('is 500 if it throws before its answer, without the fields that it had set', async () => {
    const world = await faulty((_req, res) => {
      res.setHeader('Content-Length', 1_000);
      throw new Error('boom');
    });
    const { text, answer } = await world.get('/fault');
    expect(text)
      .to.match(/^HTTP\/1\.1 500 Internal Server Error\r\n/)
      .and.not.include('1000');
    expect(answer).to.include({ status: 500, persists: true });
    expect(world.told[0]).to.match(/^the handler failed at GET \/fault: boom \(at /);
    await expectSound(world);
  });

  it('is 500 if its promise is rejected', async () => {
    const world = await faulty(async () => {
      await settle();
      throw new Error('late');
    });
    expect((await world.get('/fault')).answer?.status).to.equal(500);
    await expectSound(world);
  });

  it('is 500 if a listener of its own server throws', async () => {
    const server = createServer();
    server.on('request', (req, res) => {
      if (req.url === '/fault') throw new Error('boom');
      res.end('fine');
    });
    const world = await HandlerWorld.create(server);
    expect((await world.get('/fault')).answer?.status).to.equal(500);
    await expectSound(world);
  });

  it('breaks an answer off if it throws in the middle of it', async () => {
    const world = await faulty((_req, res) => {
      res.write('a part');
      throw new Error('boom');
    });
    const exchange = await world.begin(request('GET', '/fault')).until('failed');
    expect(exchange.events).to.not.include('answered');
    await expectSound(world);
  });

  it('is 400 with a reason, and no bare reset, if its parser does not understand a request', async () => {
    const world = await HandlerWorld.create((_req, res) => void res.end('never'));
    const { text, answer } = await world.begin(request('BREW', '/')).until('answered');
    expect(text).to.match(/^HTTP\/1\.1 400 Bad Request\r\n.*\r\n\r\n400 Bad Request: .*Invalid method/s);
    expect(answer).to.include({ status: 400, persists: false });
  });

  it('ends only its own request if it destroys it', async () => {
    const world = await faulty((req) => req.destroy());
    await world.begin(request('GET', '/fault')).until('failed');
    await expectSound(world);
  });

  it('waits for the worker if it never answers', async () => {
    const world = await faulty(() => {});
    const exchange = world.begin(request('GET', '/fault'));
    await settle();
    expect(exchange.events).to.deep.equal([]);
    await world.leave(); // the worker gives up: its time-out
    await expectSound(world);
  });

  it('is told, and nothing else, if it writes after the end', async () => {
    const world = await faulty((_req, res) => {
      res.end('first');
      res.write('second');
    });
    expect((await world.get('/fault')).text.endsWith('first')).to.equal(true);
    await expectSound(world);
    expect(world.told[0]).to.include('write after end');
  });

  it('is told, and nothing else, if it answers twice', async () => {
    const world = await faulty((_req, res) => {
      res.end('first');
      res.writeHead(200);
    });
    expect((await world.get('/fault')).text.endsWith('first')).to.equal(true);
    await expectSound(world);
    expect(world.told[0]).to.include('Cannot write headers after they are sent');
  });

  it('carries 100,000 writes of one byte', async () => {
    const count = 100_000;
    const world = await faulty((_req, res) => {
      res.setHeader('Content-Length', count);
      for (let i = 0; i < count; i++) res.write('x');
      res.end();
    });
    const { text } = await world.get('/fault');
    expect(text.slice(text.indexOf('\r\n\r\n') + 4)).to.equal('x'.repeat(count));
    await expectSound(world);
  });
});
