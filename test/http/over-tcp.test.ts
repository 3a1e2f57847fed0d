/** HTTP over our own TCP, two stacks on a virtual link: what only shows when both layers are real. */
import { expect } from 'chai';
import { createHttpAcceptor, DerivedWallClock, type HttpLimits, HttpStatistics } from '../../src/http/index.js';
import { MILLISECOND, SECOND } from '../../src/net/clock.js';
import type { LinkOptions } from '../../src/net/driver/virtual-network.js';
import { get, NOW_SECONDS, request } from '../support/http-bench.js';
import { makeSite, type Site } from '../support/site.js';
import { Collector, pattern, SERVER, sendAll, TcpWorld } from '../support/tcp-world.js';

const ODD = pattern(100_001, 7);
const octets = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

class HttpWorld extends TcpWorld {
  readonly http = new HttpStatistics();

  constructor(site: Site, link: LinkOptions = {}, limits: Partial<HttpLimits> = {}, seed = 1) {
    super({ link, seed });
    const { clock } = this.network;
    const wallClock = new DerivedWallClock(clock, NOW_SECONDS * 1000);
    this.server.listen(80, createHttpAcceptor({ store: site.store, clock, wallClock, statistics: this.http, limits }));
  }

  connect(): Collector {
    let opened: Collector | undefined;
    const connected = (connection: Collector['connection']) => (opened = new Collector(connection));
    const failed = (reason: string) => expect.fail(`connection failed: ${reason}`);
    this.client.connect({ address: SERVER, port: 80 }, { connected, failed });
    this.network.runUntil(() => opened !== undefined);
    return opened!;
  }

  /** Sends `text` on a new connection and returns what has come when the server has closed it. */
  exchange(text: string): { client: Collector; answer: string } {
    const client = this.connect();
    sendAll(client, Buffer.from(text, 'latin1'));
    this.network.runUntil(() => client.hasEnded || client.reason !== undefined, 1000 * SECOND);
    return { client, answer: client.data.toString('latin1') };
  }
}

describe('HTTP over TCP', () => {
  let site: Site;
  before(async () => {
    site = await makeSite({ files: { '/odd': { content: ODD }, '/small': { content: 'small' } } });
  });

  it('answers 2,000 pipelined requests while the queue of answers is bounded', () => {
    const world = new HttpWorld(site, {}, { queuedPieces: 10 });
    const { answer } = world.exchange(get('/small').repeat(1999) + get('/small', 'Connection: close'));
    expect(answer.match(/HTTP\/1\.1 200 OK/g)).to.have.length(2000);
    expect(world.http.heldBack).to.be.greaterThan(100);
  });

  it('a connection for one request takes three segments: SYN-ACK, answer with FIN, ACK of the FIN', () => {
    const world = new HttpWorld(site);
    const { client, answer } = world.exchange(get('/small', 'Connection: close'));
    client.connection.close();
    world.network.runUntil(() => world.server.connectionCount === 0);
    expect(answer).to.match(/^HTTP\/1\.1 200 OK/);
    expect(world.server.connectionCount).to.equal(0);
    expect(world.server.statistics.tcp.segmentsSent).to.equal(3);
    expect(world.server.statistics.tcp.timeWaits).to.equal(1);
  });

  it('sends an object of odd size over a bad link, again and again, without reading a byte of it', () => {
    const impairment = { loss: 0.02, duplication: 0.01, corruption: 0.01, reordering: 0.02, delay: 5 * MILLISECOND };
    let retransmits = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const world = new HttpWorld(site, { impairment }, {}, seed);
      const { client, answer } = world.exchange(get('/odd') + get('/odd', 'Connection: close'));
      expect(answer.match(/HTTP\/1\.1 200 OK/g), `seed ${seed}`).to.have.length(2);
      expect(client.data.subarray(-ODD.length).equals(ODD), `seed ${seed}`).to.equal(true);
      expect(world.server.statistics.tcp.payloadBytesRead, `seed ${seed}`).to.equal(0);
      retransmits += world.server.statistics.tcp.retransmits;
    }
    expect(retransmits).to.be.greaterThan(0);
  });

  it('sends parts that begin and end at odd places over a bad link, whole and in order', () => {
    const impairment = { loss: 0.02, reordering: 0.02, corruption: 0.01, delay: 5 * MILLISECOND };
    const ranges = [
      [50_001, 90_001],
      [1, 4],
      [333, 20_002],
    ] as const;
    const asked = ranges.map(([from, to]) => `${from}-${to - 1}`).join(',');
    for (let seed = 1; seed <= 5; seed++) {
      const world = new HttpWorld(site, { impairment }, {}, seed);
      const { answer } = world.exchange(get('/odd', `Range: bytes=${asked}`, 'Connection: close'));
      expect(answer, `seed ${seed}`).to.match(/^HTTP\/1\.1 206 /);
      const pieces = answer.split(/\r\nContent-Range: [^\r]*\r\n\r\n/).slice(1);
      for (const [i, [from, to]] of ranges.entries()) {
        expect(pieces[i]?.slice(0, to - from) === octets(ODD.subarray(from, to)), `seed ${seed}`).to.equal(true);
      }
    }
  });

  it('gives the whole answer to a client that has closed its half', () => {
    const world = new HttpWorld(site);
    const client = world.connect();
    sendAll(client, Buffer.from(get('/odd'), 'latin1'));
    client.connection.close();
    world.network.runUntil(() => client.reason !== undefined);
    expect(client.data.subarray(-ODD.length).equals(ODD)).to.equal(true);
    expect(client.reason).to.equal('closed');
  });

  it('lets a client that goes on sending after a mistake read the answer', () => {
    const world = new HttpWorld(site, { impairment: { delay: 50 * MILLISECOND } });
    const client = world.connect();
    sendAll(client, Buffer.concat([Buffer.from('GET / HTTP/9.9\r\n\r\n'), Buffer.alloc(200_000)]));
    world.network.runUntil(() => client.hasEnded || client.reason !== undefined);
    expect(client.reason).to.equal(undefined);
    expect(client.data.toString('latin1')).to.match(/^HTTP\/1.1 505 .*\n505 HTTP Version Not Supported\n$/s);
    client.connection.close();
    world.network.runUntil(() => client.reason !== undefined);
    expect(client.reason).to.equal('closed');
  });

  it('leaves no connection behind, whatever the clients do', () => {
    const world = new HttpWorld(site);
    const texts = ['', 'GET', get('/small'), get('/odd'), '\0', request('POST', '/', 'Content-Length: 9'), '\r\n'];
    const clients = texts.flatMap((text) => {
      const polite = world.connect();
      const silent = world.connect();
      for (const client of [polite, silent]) sendAll(client, Buffer.from(text, 'latin1'));
      polite.onEnded = () => polite.connection.close();
      return [polite, silent];
    });
    world.network.runFor(300 * SECOND);
    expect(clients.map(({ reason }) => reason)).to.not.include(undefined);
    expect(world.http).to.deep.include({ connections: 14, openConnections: 0 });
    expect(world.server.connectionCount).to.equal(0);
  });
});
