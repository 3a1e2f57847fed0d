/** What one client may do to a server: take its answers slowly, ask slowly, ask too much, hold too much. */
import { expect } from 'chai';
import type { Store } from '../../src/cache/library/store.js';
import { SECOND } from '../../src/net/clock.js';
import { get, HttpBench, makeExampleStore, request } from '../support/http-bench.js';
import { HttpWorld } from '../support/http-world.js';
import { makeSite } from '../support/site.js';

/** The rates are looked at over ten seconds. */
const LOOK = 10_000;

describe('a slow client', () => {
  let store: Store;
  before(async () => {
    store = await makeExampleStore();
  });

  it('gets 408 if its request comes too slowly, though it is never silent', () => {
    const bench = new HttpBench(store, { requestRateBytes: 100, headTimeoutMs: 60_000, requestTimeoutMs: 60_000 });
    const connection = bench.connect();
    connection.deliver('GET /a HTTP/1.1\r\nX: ');
    for (let second = 0; second < 10 && !connection.closing; second++) {
      connection.deliver('slow'); // 4 bytes a second
      connection.pass(1_000);
    }
    expect(connection.sent).to.match(/^HTTP\/1.1 408 Request Timeout\r\n/);
    expect(bench.statistics).to.deep.include({ slowRequests: 1, requestTimeouts: 1 });
  });

  it('is served if its request comes at just that rate', () => {
    const bench = new HttpBench(store, { requestRateBytes: 100, requestTimeoutMs: 60_000, bodyBytes: 10_000 });
    const connection = bench.connect();
    connection.deliver(request('POST', '/a', 'Content-Length: 2500'));
    for (let second = 0; second < 25; second++) {
      connection.deliver('x'.repeat(100));
      connection.pass(second < 24 ? 1_000 : 0);
    }
    expect(connection.sent).to.match(/^HTTP\/1.1 405 /);
    expect(bench.statistics.slowRequests).to.equal(0);
  });

  it('gets 408 when its head takes too long, before its body would', () => {
    const bench = new HttpBench(store, { requestRateBytes: 0, headTimeoutMs: 5_000, requestTimeoutMs: 60_000 });
    const connection = bench.connect();
    connection.deliver('GET /a HTTP/1.1\r\n');
    connection.pass(4_999);
    expect(connection.closing).to.equal(false);
    connection.pass(1);
    expect(connection.sent).to.match(/^HTTP\/1.1 408 /);
  });

  const trickle = (bench: HttpBench, bytesEachSecond: number, seconds: number) => {
    const connection = bench.connect();
    connection.acknowledges = false;
    connection.deliver(get('/a').repeat(50));
    let taken = 0;
    for (let second = 0; second < seconds && !connection.gone; second++) {
      taken += bytesEachSecond;
      connection.acknowledgeBytes(taken);
      connection.pass(1_000);
    }
    return connection;
  };
  const patient = { stallTimeoutMs: 120_000, idleTimeoutMs: 60_000 };

  it('is reset if it takes an answer too slowly, though it is never silent', () => {
    const bench = new HttpBench(store, { ...patient, answerRateBytes: 100 });
    expect(trickle(bench, 5, 2 * LOOK).gone).to.equal(true);
    expect(bench.statistics).to.deep.include({ slowReaders: 1, stallTimeouts: 0 });
  });

  it('keeps its connection if it takes an answer at just that rate, or if any rate is good', () => {
    for (const [rate, bytes] of [
      [5, 5],
      [0, 1],
    ] as const) {
      const bench = new HttpBench(store, { ...patient, answerRateBytes: rate });
      expect(trickle(bench, bytes, 40).gone, `${rate}`).to.equal(false);
      expect(bench.statistics.slowReaders).to.equal(0);
    }
  });

  it('is reset at the second look, 10 to 20 seconds after the answer began, however long it was idle before', () => {
    for (const [idleMs, seconds] of [
      [0, 20],
      [1_000, 19],
      [59_000, 11],
      [70_001, 15], // the time-out of an idle connection has looked at it once
    ] as const) {
      const bench = new HttpBench(store, { answerRateBytes: 50_000 }); // time-outs of 75 and 60 s
      const connection = bench.connect();
      connection.acknowledges = false;
      connection.pass(idleMs);
      connection.deliver(get('/long').repeat(100));
      let second = 0;
      for (; second < 100 && !connection.gone; second++) {
        connection.acknowledgeBytes(1_000 * second);
        connection.pass(1_000);
      }
      expect([second, bench.statistics.slowReaders], `idle for ${idleMs} ms`).to.deep.equal([seconds, 1]);
    }
  });

  it('is not blamed for the time before it asked', () => {
    const bench = new HttpBench(store, { ...patient, answerRateBytes: 1_000 });
    const connection = bench.connect();
    connection.acknowledges = false;
    for (let i = 0; i < 5; i++) {
      connection.deliver(get('/a'));
      connection.pass(LOOK - 1); // a look may fall in here, when the answer is new
      connection.acknowledgeAll();
      connection.pass(LOOK);
    }
    expect(connection.gone).to.equal(false);
  });
});

describe('a greedy client', () => {
  let store: Store;
  before(async () => {
    store = await makeExampleStore();
  });

  it('gets 429 with Retry-After when it asks faster than it may, and its connection stays', () => {
    const bench = new HttpBench(store, { requestRate: 10, requestBurst: 2 });
    const connection = bench.connect();
    for (let i = 0; i < 3; i++) connection.deliver(get('/a'));
    expect(connection.sent.match(/HTTP\/1.1 \d+/g)).to.deep.equal(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 429']);
    expect(connection.sent).to.match(/HTTP\/1.1 429 Too Many Requests\r\n.*Retry-After: 1\r\n/s);
    expect(connection.closing).to.equal(false);
    bench.clock.now += SECOND;
    connection.deliver(get('/a'));
    expect(connection.sent.match(/HTTP\/1.1 200/g)).to.have.length(3);
    expect(bench.statistics.rateLimited).to.equal(1);
  });

  it('gets 429 and an end if a body follows, for which nobody waits', () => {
    const bench = new HttpBench(store, { requestRate: 1, requestBurst: 1 });
    const connection = bench.connect();
    connection.deliver(get('/a'));
    connection.deliver(request('POST', '/a', 'Content-Length: 10'));
    expect(connection.sent).to.match(/HTTP\/1.1 429 .*Connection: close\r\n/s);
    expect(connection.closing).to.equal(true);
  });

  it('gets 429 and an end when too many of its requests are unfinished', () => {
    const bench = new HttpBench(store, { unfinishedPerClient: 2 });
    const begun = Array.from({ length: 3 }, () => {
      const connection = bench.connect();
      connection.deliver('GET /a HTTP/1.1\r\n');
      return connection;
    });
    expect(begun.map(({ sent }) => sent.slice(0, 12))).to.deep.equal(['', '', 'HTTP/1.1 429']);
    begun[0]?.deliver('Host: example.org\r\n\r\n');
    expect(begun[0]?.sent).to.match(/^HTTP\/1.1 200 /);
    const another = bench.connect();
    another.deliver('GET /a HTTP/1.1\r\n');
    expect(another.sent, 'there is room again').to.equal('');
    expect(bench.statistics.unfinishedRefused).to.equal(1);
  });

  it('is reset when it has too many connections, and its other ones go on', async () => {
    const site = await makeSite({ files: { '/a': { content: 'hello' } } });
    const world = new HttpWorld(site.store, {}, { connectionsPerClient: 2 });
    const expected = new TextEncoder().encode('hello');
    const downloads = [1, 2, 3].map(() => world.download('/a', expected));
    world.network.runUntil(() => downloads.every(({ done, reason }) => done || reason !== undefined));
    expect(downloads.map(({ reason }) => reason)).to.deep.equal([undefined, undefined, 'reset']);
    expect(downloads.map(({ done }) => done)).to.deep.equal([true, true, false]);
    expect(world.http).to.deep.include({ connectionsRefused: 1, openConnections: 2 });
  });
});
