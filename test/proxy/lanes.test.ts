/** Requests that the proxy answers on a channel without node:http. The answers are those that node:http would write. */

import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { expect } from 'chai';
import type { ChannelSocket, WorkerConnection } from '../../src/channel/index.js';
import { prepareServer, serveSocket, Troubles } from '../../src/handler/index.js';
import { AnswerReason } from '../../src/http/index.js';
import { proxyOrigin } from '../../src/proxy/lean/cache-origin.js';
import { Lane } from '../../src/proxy/lean/lane.js';
import { CacheInFront } from '../../src/shared-cache/index.js';
import { FakeClient, NearChannel, settle } from '../channel/support.js';
import { Exchange, request } from '../handler/support.js';
import { only, ProxyWorld } from './support.js';

/** A proxy on a channel: by lanes, or by node:http for every request. */
class LaneWorld {
  readonly proxied = new ProxyWorld();
  readonly told: string[] = [];
  handedOver = 0;
  readonly #server = createServer({ requireHostHeader: false });
  #channel!: NearChannel;
  #socket!: WorkerConnection;

  /** Serves what `url` answers. `hasCache`: behind a cache that keeps nothing of it. */
  async start(url: string, way: 'lean' | 'node' = 'lean', hasCache = false): Promise<this> {
    await this.proxied.start({ servers: only(url), retry: { attempts: 0 } });
    const { proxy } = this.proxied;
    const troubles = new Troubles((text) => this.told.push(text));
    const context = { wallClock: { seconds: 1_800_000_000 } };
    const front = new CacheInFront((req, res) => proxy.handle('app', req, res), {}, context, proxyOrigin);
    this.#server.on('request', (req, res) =>
      hasCache ? front.answer(req, res, false) : proxy.handle('app', req, res),
    );
    prepareServer(this.#server, troubles);
    const lane = (socket: ChannelSocket) =>
      new Lane(socket, {
        answer: (name, req, res) => (hasCache ? front.answer(req, res, false) : proxy.handle(name, req, res)),
        failed: (_, error) => this.told.push(String(error)),
        begin: () => {},
        handOver: (given) => {
          this.handedOver++;
          serveSocket(this.#server, given);
        },
      });
    const opened = way === 'lean' ? lane : (socket: ChannelSocket) => serveSocket(this.#server, socket);
    this.#channel = new NearChannel({ opened });
    this.#socket = this.#channel.worker.open(new FakeClient().connection) as WorkerConnection;
    return this;
  }

  begin(text: string): Exchange {
    const exchange = new Exchange();
    this.#socket.begin(exchange, 'app');
    const bytes = Buffer.from(text, 'latin1');
    this.#socket.write(bytes, 0, bytes.length);
    this.#socket.endRequest();
    return exchange;
  }

  get openSockets(): number {
    return this.#channel.thread.size;
  }

  leave(): void {
    this.#socket.destroy();
  }
}

const DATE = 'Date: Mon, 30 Nov 2026 12:00:00 GMT\r\n';
const OK = `HTTP/1.1 200 OK\r\n${DATE}`;

describe('a lane of the proxy', () => {
  const worlds: ProxyWorld[] = [];
  after(async () => {
    for (const world of worlds) await world.end();
  });

  async function laneWorld(answer: string, way: 'lean' | 'node' = 'lean', hasCache = false): Promise<LaneWorld> {
    const world = new LaneWorld();
    worlds.push(world.proxied);
    return world.start((await world.proxied.says(answer)).url, way, hasCache);
  }

  const answers: readonly [what: string, method: string, text: string][] = [
    ['an answer with a length', 'GET', `${OK}Content-Length: 5\r\nX-A: \xe4\r\n\r\nhello`],
    [
      'an answer in chunks with trailers',
      'GET',
      `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n`,
    ],
    ['an answer to HEAD', 'HEAD', `${OK}Content-Length: 5\r\n\r\n`],
    ['204, which has no body', 'GET', `HTTP/1.1 204 No Content\r\n${DATE}\r\n`],
    ['304 with the length of 200', 'GET', `HTTP/1.1 304 Not Modified\r\n${DATE}Content-Length: 5\r\n\r\n`],
    ['other words for the status', 'GET', `HTTP/1.1 404 Nowhere\r\n${DATE}Content-Length: 0\r\n\r\n`],
    ['Early Hints', 'GET', `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}Content-Length: 2\r\n\r\nhi`],
    ['an error of the proxy', 'GET', 'no HTTP\r\n\r\n'],
    ['a body that is longer than a block', 'GET', `${OK}Content-Length: 300000\r\n\r\n${'x'.repeat(300_000)}`],
  ];
  for (const hasCache of [false, true]) {
    for (const [what, method, text] of answers) {
      it(`writes what node:http writes${hasCache ? ' behind a cache' : ''}: ${what}`, async () => {
        const seen = [];
        for (const way of ['lean', 'node'] as const) {
          const world = await laneWorld(text, way, hasCache);
          const exchange = await world.begin(request(method, '/a')).until('answered');
          seen.push({ text: exchange.text.replace(/^Date: .*\r\n/m, ''), answer: exchange.answer });
          expect(world.told).to.deep.equal([]);
        }
        expect(seen[0]).to.deep.equal(seen[1]);
        expect(seen[0]?.text).to.match(/^HTTP\/1.1 \d/);
      });
    }
  }

  it('carries one request after another, and gives node:http the first that is not plain and those behind it', async () => {
    const world = await laneWorld(`${OK}Content-Length: 2\r\n\r\nok`);
    const status = async (text: string) => (await world.begin(text).until('answered')).answer?.status;
    expect(await status(request('GET', '/1'))).to.equal(200);
    expect(await status(request('HEAD', '/2'))).to.equal(200);
    expect(world.handedOver).to.equal(0);
    expect(await status(request('DELETE', '/3'))).to.equal(200);
    expect(await status(request('GET', '/4'))).to.equal(200);
    expect(world.handedOver).to.equal(1);
  });

  it('leaves to node:http what says something about its connection or its body', async () => {
    for (const line of ['Connection: close', 'Content-Length: 0', 'Connection: upgrade']) {
      const world = await laneWorld(`${OK}Content-Length: 2\r\n\r\nok`);
      await world.begin(request('GET', '/', line)).until('answered');
      expect(world.handedOver, line).to.equal(1);
    }
  });

  it('breaks the connection if the answer breaks off', async () => {
    const world = new LaneWorld();
    worlds.push(world.proxied);
    const cut = await world.proxied.says(`${OK}Content-Length: 50\r\n\r\nhello`, (socket) => socket.end());
    await world.start(cut.url);
    const { text, answer } = await world.begin(request('GET', '/')).until('failed');
    expect(text).to.match(/hello$/);
    expect(answer).to.equal(undefined);
  });

  it('ends the request to the upstream when the client leaves', async () => {
    const world = new LaneWorld();
    worlds.push(world.proxied);
    const closed = new Promise<string>((resolve, reject) => {
      const begun = (socket: Socket) => {
        socket.on('end', () => resolve('closed')).on('close', () => resolve('closed'));
        socket.resume();
        world.leave();
      };
      world.proxied
        .rawOrigin((socket) => socket.once('data', () => begun(socket)))
        .then(({ url }) => world.start(url))
        .then(() => world.begin(request('GET', '/')))
        .catch(reject);
    });
    expect(await closed).to.equal('closed');
    await settle();
    expect(world.openSockets).to.equal(0);
    expect(world.proxied.trouble?.failure.kind ?? 'client').to.equal('client');
  });

  it('says behind a cache, too, that an error was made by the proxy', async () => {
    for (const [text, fault] of [
      ['no HTTP\r\n\r\n', AnswerReason.upstreamBadAnswer],
      [`HTTP/1.1 502 Bad Gateway\r\n${DATE}Content-Length: 2\r\n\r\nno`, AnswerReason.none],
    ] as const) {
      const world = await laneWorld(text, 'lean', true);
      const { answer } = await world.begin(request('GET', '/')).until('answered');
      expect(answer?.status).to.equal(502);
      expect(answer?.fault).to.equal(fault);
    }
  });
});
