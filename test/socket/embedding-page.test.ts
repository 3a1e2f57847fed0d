/** Every row of the table in docs/embedding.md, evaluated as it is written there. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Client } from 'undici';
import { connect, connector, connectTls, FastServer, listen } from '../../src/socket/index.js';
import { makeCertificate } from '../support/certificate.js';
import { CLIENT_ADDRESS, SERVER_ADDRESS, SocketWorld } from '../support/socket-world.js';

const PAGE = fileURLToPath(new URL('../../../docs/embedding.md', import.meta.url));
const rows = new Map(
  Array.from(readFileSync(PAGE, 'utf8').matchAll(/^\| ([^|`]+) \| `(.+)` \|$/gm), ([, what = '', how = '']) => [
    what,
    how,
  ]),
);
const app = (request: http.IncomingMessage, response: http.ServerResponse) => void response.end(`app: ${request.url}`);

const certificate = makeCertificate(SERVER_ADDRESS);
const obstacle = certificate === undefined ? ' (skipped: openssl is not installed)' : '';

describe(`docs/embedding.md, row by row${obstacle}`, () => {
  let world: SocketWorld;
  let servers: FastServer[];
  beforeEach(function () {
    if (certificate === undefined) this.skip();
    world = new SocketWorld();
    servers = [];
  });
  afterEach(async () => {
    for (const server of servers) server.close();
    await world.stop();
  });

  /** What a row's code evaluates to, on the stack of the client or of the server. */
  function evaluate(what: string, side: 'client' | 'server', port: number): unknown {
    const code = rows.get(what);
    if (code === undefined) throw new Error(`docs/embedding.md has no row "${what}"`);
    const { cert, key } = certificate as { cert: string; key: string };
    const names = {
      ...{
        stack: side === 'client' ? world.client : world.server,
        host: SERVER_ADDRESS,
        port,
        ca: cert,
        cert,
        key,
        app,
      },
      ...{ connect, connectTls, connector, listen, http, https, http2, tls, Client },
    };
    return new Function(...Object.keys(names), `return (${code});`)(...Object.values(names));
  }

  /** A server on the server's stack, for the rows of clients. */
  function serve(port: number, made: http.Server | https.Server | http2.Http2SecureServer | undefined): void {
    const server = new FastServer(world.server);
    if (made === undefined) server.on('connection', (socket) => void socket.pipe(socket));
    else server.forward(made as http.Server);
    servers.push(server.listen(port));
  }

  /** An echo of what is sent. */
  async function echoes(socket: Duplex): Promise<void> {
    socket.end('to and fro');
    expect(await text(socket)).to.equal('to and fro');
  }

  async function answers(sent: http.ClientRequest): Promise<void> {
    const [response] = await once(sent, 'response');
    expect(await text(response)).to.equal('app: /');
  }

  async function answersClient(client: Client): Promise<void> {
    const { body } = await client.request({ method: 'GET', path: '/' });
    expect(await body.text()).to.equal('app: /');
    await client.close();
  }

  const exercises: Record<string, () => Promise<void>> = {
    'echo server': async () => {
      servers.push(evaluate('echo server', 'server', 7) as FastServer);
      await echoes(world.connect({ port: 7 }));
    },
    client: async () => {
      serve(7, undefined);
      await echoes(evaluate('client', 'client', 7) as Duplex);
    },
    'node:http, as client': async () => {
      serve(80, http.createServer(app));
      await answers(evaluate('node:http, as client', 'client', 80) as http.ClientRequest);
    },
    '… with an agent': async () => {
      serve(80, http.createServer(app));
      const agent = evaluate('… with an agent', 'client', 80) as http.Agent;
      for (let n = 0; n < 2; n++) {
        const sent = http.get({ host: SERVER_ADDRESS, port: 80, agent });
        await answers(sent);
        expect(sent.reusedSocket).to.equal(n > 0);
      }
      agent.destroy();
    },
    'node:https, as client': async () => {
      serve(443, https.createServer({ ...certificate }, app));
      await answers(evaluate('node:https, as client', 'client', 443) as http.ClientRequest);
    },
    'node:tls, as client': async () => {
      serve(443, tls.createServer({ ...certificate }, (socket) => void socket.pipe(socket)) as unknown as http.Server);
      await echoes(evaluate('node:tls, as client', 'client', 443) as Duplex);
    },
    'http, https, http2, tls, as server': async () => {
      servers.push(evaluate('http, https, http2, tls, as server', 'server', 443) as FastServer);
      const createConnection = () =>
        connectTls(world.client, { host: SERVER_ADDRESS, port: 443, ca: certificate?.cert });
      await answers(https.get({ createConnection }));
    },
    'Express, Fastify …': async () => {
      servers.push(evaluate('Express, Fastify …', 'server', 80) as FastServer);
      await answers(http.get({ createConnection: () => world.connect({ port: 80 }) }));
    },
    'http2, as client': async () => {
      const made = http2.createSecureServer({ ...certificate }, (request, response) =>
        response.end(`2: ${request.url}`),
      );
      serve(8443, made);
      const session = evaluate('http2, as client', 'client', 8443) as http2.ClientHttp2Session;
      expect(await text(session.request({ ':path': '/' }))).to.equal('2: /');
      await new Promise<void>((resolve) => session.close(resolve));
    },
    undici: async () => {
      serve(8080, http.createServer(app));
      await answersClient(evaluate('undici', 'client', 0) as Client);
    },
    '… with TLS': async () => {
      serve(8443, https.createServer({ ...certificate }, app));
      await answersClient(evaluate('… with TLS', 'client', 0) as Client);
    },
  };

  it('has a row for each of the tests here, and no other', () => {
    expect([...rows.keys()]).to.have.members(Object.keys(exercises));
  });

  for (const [what, exercise] of Object.entries(exercises)) it(what, exercise);
});

describe('the connector for undici', () => {
  let world: SocketWorld;
  beforeEach(() => {
    world = new SocketWorld();
  });
  afterEach(() => world.stop());

  it('takes the port of the protocol where the origin names none', async () => {
    const server = new FastServer(world.server).forward(http.createServer(app)).listen(80);
    const client = new Client(`http://${SERVER_ADDRESS}`, { connect: connector(world.client) });
    const { body } = await client.request({ method: 'GET', path: '/x' });
    expect(await body.text()).to.equal('app: /x');
    await client.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('comes from the local address that undici names, and over IPv6', async () => {
    const from: (string | undefined)[] = [];
    const server = new FastServer(world.server).forward(http.createServer(app)).listen(80);
    server.on('connection', ({ remoteAddress }) => from.push(remoteAddress));
    const connect = connector(world.client);
    const local = new Client(`http://${SERVER_ADDRESS}`, { connect, localAddress: CLIENT_ADDRESS });
    const six = new Client('http://[fd00::2]', { connect });
    for (const client of [local, six]) {
      await (await client.request({ method: 'GET', path: '/' })).body.text();
      await client.close();
    }
    expect(from).to.deep.equal([CLIENT_ADDRESS, 'fd00::1']);
    await new Promise((resolve) => server.close(resolve));
  });

  it('tells the error of a connection that is refused', async () => {
    const client = new Client(`http://${SERVER_ADDRESS}:1`, { connect: connector(world.client) });
    const error = await client.request({ method: 'GET', path: '/' }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.include({ code: 'ECONNREFUSED' });
    await client.destroy();
  });
});
