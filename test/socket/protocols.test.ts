/** What Node and undici build on a socket, over ours: client and server in one process, two stacks between them. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { expect } from 'chai';
import { Client } from 'undici';
import { type FastServer, type FastSocket, listen } from '../../src/socket/index.js';
import { type Certificate, makeCertificate } from '../support/certificate.js';
import { SERVER_ADDRESS, SocketWorld } from '../support/socket-world.js';

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Says what it was asked, and the digest of what came with it. */
const describeRequest: http.RequestListener = async (request, response) => {
  const hash = createHash('sha256');
  for await (const chunk of request) hash.update(chunk);
  response.setHeader('x-digest', hash.digest('hex'));
  response.end(`${request.method} ${request.url} from ${request.socket.remoteAddress}`);
};

describe('over sockets of a stack', () => {
  let world: SocketWorld;
  let server: FastServer;
  let sockets: FastSocket[];

  /** Gives the connections to port 8080 to a server of Node's. */
  function serve(program: { emit(event: 'connection', socket: FastSocket): boolean }): void {
    server.on('connection', (socket) => {
      sockets.push(socket);
      program.emit('connection', socket);
    });
  }

  beforeEach(() => {
    world = new SocketWorld();
    server = listen(world.server, 8080);
    sockets = [];
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    world.stop();
  });

  function open(): FastSocket {
    return world.connect({ port: 8080 });
  }

  /** A request by node:http; an agent of its own unless one is given. */
  async function request(options: http.RequestOptions, body?: Uint8Array): Promise<http.IncomingMessage> {
    const sent = http.request({ host: SERVER_ADDRESS, port: 8080, createConnection: open, ...options });
    sent.end(body);
    const [response] = await once(sent, 'response');
    return response;
  }

  describe('node:http', () => {
    it('asks and answers', async () => {
      serve(http.createServer(describeRequest));
      const response = await request({ path: '/page' });
      expect(response.statusCode).to.equal(200);
      expect(await text(response)).to.equal('GET /page from 10.0.0.1');
    });

    it('sends a large body, and gets one', async () => {
      const body = randomBytes(1 << 20);
      serve(http.createServer((request, response) => request.pipe(response)));
      const response = await request({ method: 'POST' }, body);
      const hash = createHash('sha256');
      for await (const chunk of response) hash.update(chunk);
      expect(hash.digest('hex')).to.equal(digest(body));
    });

    it('keeps a connection for the next request, with an agent', async () => {
      serve(http.createServer(describeRequest));
      const agent = Object.assign(new http.Agent({ keepAlive: true }), { createConnection: open });
      for (let n = 0; n < 3; n++) {
        const sent = http.get({ host: SERVER_ADDRESS, port: 8080, agent, path: `/${n}` });
        const [response] = await once(sent, 'response');
        expect(await text(response)).to.contain(`GET /${n}`);
        expect(sent.reusedSocket).to.equal(n > 0);
      }
      expect(sockets.length).to.equal(1);
      agent.destroy();
      await once(sockets[0]!, 'close');
    });

    it('answers a request that is none with 400, and hears of it', async () => {
      const program = http.createServer(describeRequest);
      const heard = once(program, 'connection');
      serve(program);
      const socket = open();
      socket.end('this is no request\r\n\r\n');
      expect(await text(socket)).to.match(/^HTTP\/1\.1 400 Bad Request/);
      await heard;
    });

    it('tells clientError on its own server', async () => {
      const program = http.createServer();
      serve(program);
      const heard = once(program, 'clientError');
      open().end('this is no request\r\n\r\n');
      const [error, socket] = await heard;
      expect(error.code).to.match(/^HPE_/);
      expect(socket).to.equal(sockets[0]);
      socket.destroy();
    });

    it('gives a request that takes too long its time-out', async () => {
      serve(http.createServer(() => {}));
      const sent = http.get({ host: SERVER_ADDRESS, port: 8080, createConnection: open, timeout: 20 });
      await once(sent, 'timeout');
      sent.destroy();
      expect((await once(sent, 'error'))[0].code).to.equal('ECONNRESET');
    });

    it('upgrades a connection and lets go of it', async () => {
      const program = http.createServer();
      serve(program);
      program.on('upgrade', (_request, socket: FastSocket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
        socket.pipe(socket);
      });
      const headers = { connection: 'upgrade', upgrade: 'echo' };
      const sent = http.get({ host: SERVER_ADDRESS, port: 8080, createConnection: open, headers });
      const [, socket] = await once(sent, 'upgrade');
      expect(socket.remoteAddress).to.equal(SERVER_ADDRESS);
      socket.end('there and back');
      expect(await text(socket)).to.equal('there and back');
    });
  });

  describe('TLS', () => {
    let certificate: Certificate;
    before(function () {
      const made = makeCertificate(SERVER_ADDRESS);
      if (made === undefined) this.skip();
      certificate = made;
    });

    it('carries 2 MiB each way, encrypted, and closes in order', async () => {
      const program = tls.createServer(certificate, (socket) => socket.pipe(socket));
      serve(program);
      const socket = tls.connect({ socket: open(), ca: certificate.cert, host: SERVER_ADDRESS });
      await once(socket, 'secureConnect');
      expect(socket.authorized).to.equal(true);
      const bytes = randomBytes(2 << 20);
      socket.end(bytes);
      const hash = createHash('sha256');
      for await (const chunk of socket) hash.update(chunk);
      expect(hash.digest('hex')).to.equal(digest(bytes));
      await world.until(() => sockets[0]!.destroyed);
    });

    it('carries HTTPS: a server of node:https, a client of node:https', async () => {
      serve(https.createServer(certificate, describeRequest));
      const createConnection = () => tls.connect({ socket: open(), ca: certificate.cert, host: SERVER_ADDRESS });
      const sent = https.get({ host: SERVER_ADDRESS, port: 8080, path: '/secret', createConnection });
      const [response] = await once(sent, 'response');
      expect(await text(response)).to.contain('GET /secret');
    });

    it('carries HTTP/2', async () => {
      const program = http2.createSecureServer(certificate, (request, response) => response.end(`2: ${request.url}`));
      serve(program);
      const options = { ca: certificate.cert, host: SERVER_ADDRESS, ALPNProtocols: ['h2'] };
      const createConnection = () => tls.connect({ socket: open(), ...options });
      const session = http2.connect(`https://${SERVER_ADDRESS}:8080`, { createConnection });
      const streams = Array.from({ length: 20 }, (_, n) => text(session.request({ ':path': `/${n}` })));
      expect(await Promise.all(streams)).to.deep.equal(Array.from({ length: 20 }, (_, n) => `2: /${n}`));
      await new Promise<void>((resolve) => session.close(resolve));
      expect(sockets.length).to.equal(1);
    });
  });

  it('http2 without TLS speaks with prior knowledge', async () => {
    serve(http2.createServer((request, response) => response.end(`2: ${request.url}`)));
    const session = http2.connect(`http://${SERVER_ADDRESS}:8080`, { createConnection: open });
    expect(await text(session.request({ ':path': '/plain' }))).to.equal('2: /plain');
    await new Promise<void>((resolve) => session.close(resolve));
  });

  it('undici keeps one connection, pipelines, and takes large bodies', async () => {
    const body = randomBytes(500_000);
    serve(http.createServer(describeRequest));
    const client = new Client(`http://${SERVER_ADDRESS}:8080`, {
      pipelining: 4,
      connect: (_options, callback) => {
        const socket = open();
        socket.once('connect', () => callback(null, socket as unknown as Socket));
        socket.once('error', (error) => callback(error, null));
      },
    });
    const asked = Array.from({ length: 10 }, (_, n) => client.request({ method: 'GET', path: `/${n}` }));
    const answers = await Promise.all(asked.map(async (answer) => (await answer).body.text()));
    expect(answers[9]).to.equal('GET /9 from 10.0.0.1');
    const { headers, body: answer } = await client.request({ method: 'POST', path: '/', body });
    await answer.text();
    expect(headers['x-digest']).to.equal(digest(body));
    expect(sockets.length).to.equal(1);
    await client.close();
  });
});
