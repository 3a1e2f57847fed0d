/** What Node and undici build on a socket, over ours: client and server in one process, two stacks between them. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import type { Socket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import tls from 'node:tls';
import { expect } from 'chai';
import { Client } from 'undici';
import {
  type ConnectOptions,
  type ConnectTlsOptions,
  connectTls,
  type FastServer,
  type FastSocket,
  listen,
} from '../../src/socket/index.js';
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

  beforeEach(() => {
    world = new SocketWorld();
    sockets = [];
    server = listen(world.server, 8080, (socket) => void sockets.push(socket));
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await world.stop();
  });

  /** As `createConnection`, or by itself. */
  function open(options: ConnectOptions = {}): FastSocket {
    return world.connect({ ...options, port: 8080 });
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
      server.forward(http.createServer(describeRequest));
      const response = await request({ path: '/page' });
      expect(response.statusCode).to.equal(200);
      expect(await text(response)).to.equal('GET /page from 10.0.0.1');
    });

    it('sends a large body, and gets one', async () => {
      const body = randomBytes(1 << 20);
      server.forward(http.createServer((request, response) => request.pipe(response)));
      const response = await request({ method: 'POST' }, body);
      const hash = createHash('sha256');
      for await (const chunk of response) hash.update(chunk);
      expect(hash.digest('hex')).to.equal(digest(body));
    });

    it('keeps a connection for the next request, with an agent', async () => {
      server.forward(http.createServer(describeRequest));
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
      server.forward(program);
      const socket = open();
      socket.end('this is no request\r\n\r\n');
      expect(await text(socket)).to.match(/^HTTP\/1\.1 400 Bad Request/);
      await heard;
    });

    it('tells clientError on its own server', async () => {
      const program = http.createServer();
      server.forward(program);
      const heard = once(program, 'clientError');
      open().end('this is no request\r\n\r\n');
      const [error, socket] = await heard;
      expect(error.code).to.match(/^HPE_/);
      expect(socket).to.equal(sockets[0]);
      socket.destroy();
    });

    it('gives a request that takes too long its time-out', async () => {
      server.forward(http.createServer(() => {}));
      const sent = http.get({ host: SERVER_ADDRESS, port: 8080, createConnection: open, timeout: 20 });
      await once(sent, 'timeout');
      sent.destroy();
      expect((await once(sent, 'error'))[0].message).to.equal('socket hang up');
    });

    it('upgrades a connection and lets go of it', async () => {
      const program = http.createServer();
      server.forward(program);
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
      if (made === undefined) {
        this.test!.parent!.title += ' (skipped: openssl is not installed)';
        this.skip();
      }
      certificate = made;
    });

    /** An encrypted connection to port 8080; as `createConnection`, or by itself. */
    function openTls(options: ConnectTlsOptions = {}): tls.TLSSocket {
      return connectTls(world.client, { ...options, host: SERVER_ADDRESS, port: 8080, ca: certificate.cert });
    }

    it('carries 2 MiB each way, encrypted, to the last byte after the client has ended', async () => {
      server.forward(tls.createServer(certificate, (socket) => socket.pipe(socket)));
      const socket = openTls();
      await once(socket, 'secureConnect');
      expect(socket.authorized).to.equal(true);
      const bytes = randomBytes(2 << 20);
      const read = buffer(socket);
      socket.end(bytes);
      expect(digest(await read)).to.equal(digest(bytes));
      await world.until(() => sockets[0]!.destroyed);
    });

    it('lets a program answer after the client has ended, if it asked for that', async () => {
      const options = { ...certificate, allowHalfOpen: true };
      const program = tls.createServer(options, (socket) => {
        socket.once('data', (heard) => socket.once('end', () => setImmediate(() => socket.end(`heard: ${heard}`))));
      });
      server.forward(program);
      const socket = openTls({ allowHalfOpen: true });
      socket.end('question');
      expect(await text(socket)).to.equal('heard: question');
    });

    it('knows the addresses, and closes at the end, on either side', async () => {
      const program = tls.createServer(certificate);
      server.forward(program);
      const socket = openTls();
      const [[accepted]] = await Promise.all([once(program, 'secureConnection'), once(socket, 'secureConnect')]);
      expect(socket.remoteAddress).to.equal(SERVER_ADDRESS);
      expect([accepted.remoteAddress, accepted.remotePort]).to.deep.equal(['10.0.0.1', socket.localPort]);
      expect(accepted.address()).to.deep.equal({ address: SERVER_ADDRESS, family: 'IPv4', port: 8080 });
      expect(accepted.setNoDelay(true)).to.equal(accepted);
      expect(sockets[0]!.connection!.noDelay).to.equal(true);
      accepted.resume();
      socket.resume();
      socket.end();
      await once(accepted, 'close');
      await world.until(() => sockets[0]!.destroyed && world.client.connectionCount === 0);
    });

    it('fails with the error of the connection under it', async () => {
      const closed = connectTls(world.client, { host: SERVER_ADDRESS, port: 1 });
      expect((await once(closed, 'error'))[0]).to.include({ code: 'ECONNREFUSED', port: 1 });
    });

    it('fails where the certificate is not to be trusted', async () => {
      server.forward(tls.createServer(certificate));
      const socket = connectTls(world.client, { host: SERVER_ADDRESS, port: 8080 });
      expect((await once(socket, 'error'))[0].code).to.match(/SELF_SIGNED|UNABLE_TO_VERIFY/);
    });

    it('carries HTTPS: a server of node:https, a client of node:https', async () => {
      server.forward(https.createServer(certificate, describeRequest));
      const sent = https.get({ path: '/secret', createConnection: openTls });
      const [response] = await once(sent, 'response');
      expect(await text(response)).to.equal('GET /secret from 10.0.0.1');
    });

    it('carries HTTP/2', async () => {
      server.forward(http2.createSecureServer(certificate, (request, response) => response.end(`2: ${request.url}`)));
      const createConnection = () => openTls({ ALPNProtocols: ['h2'] });
      const session = http2.connect(`https://${SERVER_ADDRESS}:8080`, { createConnection });
      const streams = Array.from({ length: 20 }, (_, n) => text(session.request({ ':path': `/${n}` })));
      expect(await Promise.all(streams)).to.deep.equal(Array.from({ length: 20 }, (_, n) => `2: /${n}`));
      await new Promise<void>((resolve) => session.close(resolve));
      expect(sockets.length).to.equal(1);
    });
  });

  it('http2 without TLS speaks with prior knowledge', async () => {
    server.forward(http2.createServer((request, response) => response.end(`2: ${request.url}`)));
    const session = http2.connect(`http://${SERVER_ADDRESS}:8080`, { createConnection: open });
    expect(await text(session.request({ ':path': '/plain' }))).to.equal('2: /plain');
    await new Promise<void>((resolve) => session.close(resolve));
  });

  it('undici keeps one connection, pipelines, and takes large bodies', async () => {
    const body = randomBytes(500_000);
    server.forward(http.createServer(describeRequest));
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
