/** The access log of a worker: records of requests, over fake connections and a virtual clock. */
import { expect } from 'chai';
import { AnswerReason, DEFAULT_LIMITS, RequestScanner } from '../../src/http/index.js';
import { MOST_PENDING } from '../../src/log/access-log.js';
import type { Connection } from '../../src/net/tcp/handler.js';
import { IpAddress } from '../../src/net/wire/address.js';
import { ALPHABET, get, request } from '../support/http-bench.js';
import { type LogBench, makeLogBench } from './support.js';

const AGENT = 'User-Agent: curl/8.5.0';
const REFERER = 'Referer: http://example.org/from';

describe('access log: records', () => {
  let world: LogBench;

  beforeEach(async () => {
    world = await makeLogBench();
  });

  it('has every fact of a hit', () => {
    const { bench, objects } = world;
    const connection = bench.connect();
    connection.acknowledges = false;
    connection.deliver(get('/a', AGENT, REFERER));
    const length = connection.sent.length;
    expect(objects(), 'nothing is acknowledged yet').to.deep.equal([]);
    bench.clock.now += 1_500;
    connection.acknowledge(1);
    bench.clock.now += 2_000;
    connection.acknowledge(1);
    expect(objects()).to.deep.equal([
      {
        time: '1994-11-06T09:49:37.000000Z',
        transaction: '0-1-1',
        client: '192.0.2.2',
        port: 40_000,
        site: 0,
        host: 'example.org',
        method: 'GET',
        target: '/a',
        version: '1.1',
        status: 200,
        bytes: ALPHABET.length,
        acknowledged: length,
        length,
        answered: 0,
        first: 0.0015,
        last: 0.0035,
        cache: 'hit',
        referer: 'http://example.org/from',
        agent: 'curl/8.5.0',
        object: 2,
        generation: 1,
        sequence: [2 ** 32 - 20, length - 20],
        received: get('/a', AGENT, REFERER).length,
      },
    ]);
  });

  it('names the site that was asked, whatever became of the request; if nobody knows it, that of unknown hosts', () => {
    const { bench, objects } = world;
    const hosts = [{ name: 'one.example', site: 1 }];
    const redirects = [{ from: '/old/*', to: '/a', status: 301 }] as const;
    bench.sites.use({ sites: [{}, { redirects }, {}], hosts, defaultSite: 2, unknownHost: 'default' });
    const asking = (text: string, host = 'one.example') => text.replace('example.org', host);
    for (const text of [get('/none'), get('/old/x'), request('DELETE', '/a'), request('OPTIONS', '/none')]) {
      bench.feed([asking(text)]);
    }
    bench.feed([asking(get('/none'), 'other.example'), 'nonsense\r\n\r\n']);
    expect(objects().map(({ status, site }) => [status, site])).to.deep.equal([
      ...[
        [404, 1],
        [301, 1],
        [405, 1],
        [404, 1],
      ],
      ...[
        [404, 2],
        [400, 2],
      ],
    ]);
  });

  it('numbers connections, and requests on each', () => {
    const { bench, objects } = world;
    bench.feed([get('/a'), get('/a')]);
    bench.feed([get('/none')]);
    expect(objects().map(({ transaction, status }) => [transaction, status])).to.deep.equal([
      ['0-1-1', 200],
      ['0-1-2', 200],
      ['0-2-1', 404],
    ]);
  });

  it('says how much of a download that was broken off was acknowledged, and why it ended', () => {
    const { bench, objects } = world;
    const connection = bench.connect();
    connection.acknowledges = false;
    connection.deliver(get('/long'));
    const length = connection.sent.length;
    connection.acknowledge(1);
    connection.acknowledgeBytes(length - 5_000);
    bench.clock.now += 9_000;
    connection.disappear('reset');
    const [only] = objects();
    expect(only).to.include({ status: 200, length, closed: 'reset', ended: 0.009 });
    expect(only).to.not.have.property('last');
    expect(only?.bytes, 'payload').to.be.within(1, 4_999);
  });

  it('takes an answer as whole when FIN and data are acknowledged by the end of the connection', () => {
    const { bench, objects } = world;
    const connection = bench.feed([get('/a', 'Connection: close')]);
    connection.disappear('closed');
    const [only] = objects();
    expect(only).to.include({ status: 200, bytes: 26 }).and.not.have.property('closed');
  });

  it('logs what gets no normal answer: 400, 408, and a request that was broken off', () => {
    const { bench, objects } = world;
    bench.feed(['GET /x HTTP/1.1\r\nHost : x\r\n\r\n']);
    const late = bench.feed(['GET /slow HTTP/1.1\r\nHost: x']);
    late.pass(30_000);
    late.acknowledgeAll();
    bench.feed(['GET /gone HTTP/1.1\r\n']).disappear('reset');
    const [bad, slow, gone] = objects();
    expect(bad).to.include({ status: 400, line: 'GET /x HTTP/1.1', reason: 'refused', cache: 'none' });
    expect(slow).to.include({ status: 408, line: 'GET /slow HTTP/1.1', reason: 'request-timeout' });
    expect(gone).to.include({ status: 499, line: 'GET /gone HTTP/1.1', reason: 'unfinished', closed: 'reset' });
  });

  it('times a request from its first byte, also if it came in pieces', () => {
    const { bench, objects } = world;
    const connection = bench.feed([get('/a').slice(0, 20)]);
    connection.pass(250);
    connection.deliver(get('/a').slice(20));
    expect(objects()[0]).to.include({ time: '1994-11-06T09:49:37.000000Z', answered: 0.25, reason: 'carried' });
  });

  it('times a request that takes longer than 32 bits of microseconds reach', () => {
    const { bench, objects } = world;
    const connection = bench.feed([get('/a').slice(0, 20)]);
    bench.clock.now += 5_000 * 1e6;
    connection.deliver(get('/a').slice(20));
    expect(objects()[0]).to.include({ time: '1994-11-06T09:49:37.000000Z', answered: 5_000, last: 5_000 });
  });

  it('cuts long texts, and says so', () => {
    const { bench, objects } = world;
    const target = `/${'x'.repeat(2_000)}`;
    bench.feed([get(target, `Referer: ${'r'.repeat(500)}`, `User-Agent: ${'u'.repeat(2_000)}`)]);
    const [only] = objects();
    expect(only).to.include({ status: 404, cut: true });
    expect(target.startsWith(String(only?.target))).to.equal(true);
    expect(String(only?.agent).length).to.be.within(90, 400);
  });

  it('keeps texts apart whatever their lengths', () => {
    const { bench, objects } = world;
    for (let n = 0; n < 9; n++) {
      const [target, referer, agent] = [`/${'t'.repeat(n)}`, 'r'.repeat(n + 1), 'u'.repeat(9 - n)];
      bench.feed([get(target, `User-Agent: ${agent}`, `referer: ${referer}`)]);
      expect(objects()[0]).to.include({ target, referer, agent, host: 'example.org' });
    }
  });

  it('keeps texts whole that just fit into a slot, and longer ones, beside others', () => {
    const { bench, objects } = world;
    const agents = Array.from({ length: 120 }, (_, n) => String.fromCharCode(0x61 + (n % 26)).repeat(100 + n));
    const longest = 'z'.repeat(800);
    for (const agent of [...agents, longest]) {
      bench.feed([get('/a', `User-Agent: ${longest}`), get('/a', `User-Agent: ${agent}`), get('/b?c', 'Referer: r')]);
      const texts = objects().map(({ target, referer, agent }) => ({ target, referer, agent }));
      expect(texts).to.deep.equal([
        { target: '/a', referer: undefined, agent: longest },
        { target: '/a', referer: undefined, agent },
        { target: '/b?c', referer: 'r', agent: undefined },
      ]);
    }
  });

  it('reads nothing behind the memory that a broken-off request lies in', () => {
    const { log, objects } = world;
    const stream = { queuedTo: 0, acknowledgedTo: 0, receivedTo: 0, remoteAddress: IpAddress.parse('::1') };
    for (const length of [5, 6, 7, 8]) {
      const line = 'GET /abc'.slice(0, length);
      const scanner = new RequestScanner(DEFAULT_LIMITS);
      scanner.begin(
        Uint8Array.from(line, (character) => character.charCodeAt(0)),
        0,
      );
      scanner.scan(length);
      log.opened(stream as Connection).closed('reset', scanner, AnswerReason.unfinished);
      expect(objects()[0]).to.include({ line, status: 499, closed: 'reset' });
    }
  });

  it('counts the bytes of an answer that is longer than sequence numbers reach', () => {
    const { log, objects } = world;
    const [payload, head, left] = [20_000_000_000, 300, 1_000];
    const scanner = new RequestScanner(DEFAULT_LIMITS);
    scanner.begin(Buffer.from(get('/large')), 0);
    scanner.scan(get('/large').length);
    const stream = { queuedTo: -20, acknowledgedTo: -20, receivedTo: 0, remoteAddress: IpAddress.parse('::1') };
    const records = log.opened(stream as Connection);
    log.note.status = 200;
    log.note.payloadBytes = payload;
    stream.queuedTo = (-20 + head + payload) | 0;
    stream.acknowledgedTo = (stream.queuedTo - left) | 0;
    records.answered(scanner);
    records.closed('reset', null, AnswerReason.none);
    const acknowledged = head + payload - left;
    expect(objects()[0]).to.include({ bytes: payload - left, acknowledged, length: head + payload, closed: 'reset' });
  });

  it('are handed over together if the owner wants that: when so many are finished, and after each turn', async () => {
    const { bench, log, reader } = await makeLogBench(64, 256, {}, 3);
    const waiting = [1, 2, 3, 4].map(() => {
      bench.feed([get('/a')]);
      return reader.waiting;
    });
    expect(waiting).to.deep.equal([0, 0, 3, 3]);
    log.afterTurn();
    expect(reader.waiting).to.equal(4);
  });

  it('says nothing of connections without a request', () => {
    const { bench, objects } = world;
    bench.connect().disappear('reset');
    bench.feed([]).end();
    expect(objects()).to.deep.equal([]);
  });
});

describe('access log: a ring that is full', () => {
  it('makes the input of connections wait, in their order, and loses nothing', async () => {
    const { bench, log, reader, objects } = await makeLogBench(4);
    const [first, second] = [bench.connect(), bench.connect()];
    for (let i = 0; i < 6; i++) first.deliver(get('/a'));
    second.deliver(get('/none'));
    expect(reader.waiting).to.equal(4);
    expect(first.waiting).to.equal(2 * get('/a').length);
    expect(log.statistics).to.include({ records: 4, lost: 0, waits: 2 });
    expect(log.isWaitedFor).to.equal(true);
    log.wake();
    expect(reader.waiting, 'no room yet').to.equal(4);
    expect(objects()).to.have.length(4);
    log.wake();
    first.acknowledgeAll();
    second.acknowledgeAll();
    expect(objects().map(({ transaction }) => transaction)).to.deep.equal(['0-1-5', '0-1-6', '0-2-1']);
    expect(log.isWaitedFor).to.equal(false);
  });

  it('forgets a connection that is gone while it waits', async () => {
    const { bench, log, objects } = await makeLogBench(1);
    bench.feed([get('/a')]);
    bench.feed([get('/a')]).disappear('reset');
    expect(objects()).to.have.length(1);
    log.wake();
    expect(log.isWaitedFor).to.equal(false);
    expect(objects()).to.have.length(0);
  });

  it('logs what ends a connection even then', async () => {
    const { bench, log, objects } = await makeLogBench(1);
    const slow = bench.feed(['GET /a HTTP/1.1\r\n']);
    bench.feed([get('/a')]);
    slow.pass(30_000);
    slow.acknowledgeAll();
    expect(objects().map(({ status }) => status)).to.deep.equal([200, 408]);
    expect(log.statistics.lost).to.equal(0);
  });

  it('lets one connection keep no more than its share of unfinished records', async () => {
    const { bench, objects } = await makeLogBench(1_024, 1_024);
    const greedy = bench.connect();
    greedy.acknowledges = false;
    greedy.deliver(get('/a').repeat(2 * MOST_PENDING));
    expect(greedy.waiting).to.equal(MOST_PENDING * get('/a').length);
    bench.feed([get('/empty')]);
    expect(objects().map(({ target }) => target)).to.deep.equal(['/empty']);
    greedy.acknowledgeAll();
    greedy.acknowledgeAll();
    expect(objects()).to.have.length(2 * MOST_PENDING);
  });

  it('uses its slots again and again', async () => {
    const { bench, reader, objects } = await makeLogBench(8, 8);
    const connection = bench.connect();
    let seen = 0;
    for (let i = 0; i < 1_000; i++) {
      connection.deliver(request('HEAD', '/a'));
      if (reader.waiting === 8) seen += objects().length;
    }
    expect(seen).to.equal(1_000);
  });
});
