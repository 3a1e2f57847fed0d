/**
 * A server of Node's behind a FastServer does what it does behind a socket of the kernel: each test runs twice, once
 * over loopback and once over a stack.
 */
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net, { type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { expect } from 'chai';
import { FastServer } from '../../src/socket/index.js';
import { type Certificate, makeCertificate } from '../support/certificate.js';
import { SERVER_ADDRESS, SocketWorld } from '../support/socket-world.js';

/** The two ways to listen. */
interface Way {
  readonly name: string;
  start(): void;
  stop(): Promise<void>;
  /** Makes `server` listen. */
  listen(server: Server): Promise<void>;
  /** A connection to it. */
  connect(server: Server): Duplex;
}

class Loopback implements Way {
  readonly name = 'a socket of the kernel';
  start(): void {}
  async stop(): Promise<void> {}
  async listen(server: Server): Promise<void> {
    await once(server.listen(0, '127.0.0.1'), 'listening');
  }
  connect(server: Server): Duplex {
    return net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  }
}

class OverStack implements Way {
  readonly name = 'a stack';
  #world!: SocketWorld;
  start(): void {
    this.#world = new SocketWorld();
  }
  stop(): Promise<void> {
    return this.#world.stop();
  }
  async listen(server: Server): Promise<void> {
    const listening = once(server, 'listening');
    new FastServer(this.#world.server).forward(server).listen(8080);
    await listening;
  }
  connect(_server: Server): Duplex {
    return this.#world.connect({ port: 8080 });
  }
}

const certificate: Certificate | undefined = makeCertificate(SERVER_ADDRESS);
const plain = (_request: http.IncomingMessage, response: http.ServerResponse) => void response.end('plain');

for (const way of [new Loopback(), new OverStack()]) {
  describe(`a server of Node's behind ${way.name}`, () => {
    beforeEach(() => way.start());
    afterEach(() => way.stop());

    const kinds: Record<string, () => Server> = {
      net: () => net.createServer((socket) => void socket.resume()),
      http: () => http.createServer(plain),
      http2: () => http2.createServer() as unknown as Server,
    };
    if (certificate !== undefined) {
      kinds.tls = () => tls.createServer(certificate, (socket) => void socket.resume());
      kinds.https = () => https.createServer(certificate, plain) as unknown as Server;
    }

    for (const [kind, make] of Object.entries(kinds)) {
      it(`${kind}: listens, counts its connections, and closes when the last is gone`, async () => {
        const server = make();
        expect(server.listening).to.equal(false);
        await way.listen(server);
        expect(server.listening).to.equal(true);
        expect(server.address()).to.include.keys('address', 'family', 'port');
        const accepted = once(server, 'connection');
        const client = way
          .connect(server)
          .resume()
          .on('error', () => {});
        await accepted;
        expect(await connectionsOf(server)).to.equal(1);
        const closed = once(server, 'close');
        let over = false;
        server.close(() => (over = true));
        expect([server.listening, server.address()]).to.deep.equal([false, null]);
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (kind !== 'http' && kind !== 'https') expect(over, 'closed while a connection is open').to.equal(false);
        client.destroy();
        await closed;
        expect([over, await connectionsOf(server)]).to.deep.equal([true, 0]);
      });

      it(`${kind}: says that it is not running when closed twice, and can listen again`, async () => {
        const server = make();
        await way.listen(server);
        await new Promise((resolve) => server.close(resolve));
        const error = await new Promise<Error | undefined>((resolve) => server.close(resolve));
        expect(error).to.include({ code: 'ERR_SERVER_NOT_RUNNING' });
        await way.listen(server);
        await new Promise((resolve) => server.close(resolve));
      });
    }

    it('http: headersTimeout ends a request whose head does not come', async () => {
      const server = http.createServer(
        { headersTimeout: 40, requestTimeout: 80, connectionsCheckingInterval: 10 },
        plain,
      );
      await way.listen(server);
      const client = way.connect(server);
      client.write('GET / HTTP/1.1\r\nHost: a\r\n');
      expect(await text(client)).to.match(/^HTTP\/1\.1 408 Request Timeout/);
      await new Promise((resolve) => server.close(resolve));
    });

    it('http: requestTimeout ends a request whose body does not come', async () => {
      const server = http.createServer({ headersTimeout: 40, requestTimeout: 80, connectionsCheckingInterval: 10 });
      server.on('request', (request) => void request.resume().on('error', () => {}));
      await way.listen(server);
      const client = way.connect(server);
      client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
      expect(await text(client)).to.match(/^HTTP\/1\.1 408 Request Timeout/);
      await new Promise((resolve) => server.close(resolve));
    });

    it('http: close ends an idle connection, and waits for a busy one', async () => {
      const answers: http.ServerResponse[] = [];
      const server = http.createServer((request, response) => {
        if (request.url === '/slow') answers.push(response);
        else response.end('quick');
      });
      await way.listen(server);
      const [idle, busy] = [way.connect(server), way.connect(server)];
      idle.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await once(idle, 'data');
      busy.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
      await once(server, 'request');
      let over = false;
      const closed = new Promise<void>((resolve) =>
        server.close(() => {
          over = true;
          resolve();
        }),
      );
      await once(idle.resume(), 'end');
      expect(over, 'closed while a request is being answered').to.equal(false);
      answers[0]?.setHeader('connection', 'close').end('slow');
      expect(await text(busy)).to.contain('slow');
      await closed;
    });

    it('http: closeAllConnections ends a busy one', async () => {
      const server = http.createServer(() => {});
      await way.listen(server);
      const client = way.connect(server).on('error', () => {});
      client.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
      await once(server, 'request');
      const closed = new Promise((resolve) => server.close(resolve));
      const ended = once(client.resume(), 'close');
      server.closeAllConnections();
      await Promise.all([closed, ended]);
    });

    it('net: drops what is beyond maxConnections, and says so', async () => {
      const server = net.createServer((socket) => void socket.resume());
      server.maxConnections = 1;
      await way.listen(server);
      const accepted = once(server, 'connection');
      const first = way.connect(server).on('error', () => {});
      await accepted;
      const dropped = once(server, 'drop');
      const second = way.connect(server).on('error', () => {});
      const [data] = await dropped;
      expect(data).to.include.keys(
        'localAddress',
        'localPort',
        'localFamily',
        'remoteAddress',
        'remotePort',
        'remoteFamily',
      );
      await once(second.resume(), 'close');
      expect(await connectionsOf(server)).to.equal(1);
      first.destroy();
      await new Promise((resolve) => server.close(resolve));
    });

    it('net: has no bound where maxConnections is null', async () => {
      const server = net.createServer((socket) => void socket.resume());
      Object.assign(server, { maxConnections: null });
      await way.listen(server);
      const accepted = once(server, 'connection');
      const client = way.connect(server).on('error', () => {});
      await accepted;
      client.destroy();
      await new Promise((resolve) => server.close(resolve));
    });

    it('net: is disposed of by `await using`', async () => {
      const server = net.createServer();
      await way.listen(server);
      await server[Symbol.asyncDispose]();
      expect(server.listening).to.equal(false);
      await server[Symbol.asyncDispose]();
    });
  });
}

describe('a FastServer with a server of Node behind it', () => {
  let world: SocketWorld;
  beforeEach(() => {
    world = new SocketWorld();
  });
  afterEach(() => world.stop());

  it('closes while an idle connection of http is there', async () => {
    const fast = new FastServer(world.server).forward(http.createServer(plain)).listen(8080);
    const client = world.connect({ port: 8080 });
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(client, 'data');
    await new Promise((resolve) => fast.close(resolve));
    await once(client.resume(), 'close');
  });

  it('shares it with another: it listens until both are closed', async () => {
    const server = http.createServer(plain);
    let heard = 0;
    server.on('listening', () => heard++);
    const [first, second] = [8080, 8081].map((port) => new FastServer(world.server).listen(port).forward(server));
    await once(server, 'listening');
    expect([heard, server.listening]).to.deep.equal([1, true]);
    first?.close();
    expect(server.listening).to.equal(true);
    second?.close();
    expect(server.listening).to.equal(false);
  });

  it("emits 'listening' for those who ask after it was given the server, and not if it was closed at once", async () => {
    const server = http.createServer(plain);
    const fast = new FastServer(world.server).listen(8080).forward(server);
    await once(server, 'listening');
    await new Promise((resolve) => fast.close(resolve));
    let heard = 0;
    server.on('listening', () => heard++);
    const brief = new FastServer(world.server).listen(8080).forward(server);
    await new Promise((resolve) => brief.close(resolve));
    expect(heard).to.equal(0);
  });

  it('is closed with it', async () => {
    const server = http.createServer(plain);
    const fast = new FastServer(world.server).listen(8080).forward(server);
    const closed = once(fast, 'close');
    server.close();
    await closed;
    expect(fast.listening).to.equal(false);
  });

  it('does not listen for a signal that came before', async () => {
    const fast = new FastServer(world.server).listen({ port: 8080, signal: AbortSignal.abort() });
    await once(fast, 'close');
  });
});

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}
