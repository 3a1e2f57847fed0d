import { expect } from 'chai';
import type { Store } from '../../../src/cache/library/store.js';
import { get, HttpBench, makeExampleStore, request } from '../../support/http-bench.js';

const LIMITS = {
  idleTimeoutMs: 10_000,
  requestTimeoutMs: 4_000,
  stallTimeoutMs: 8_000,
  lingerTimeoutMs: 2_000,
  answerRateBytes: 0, // rates have tests of their own
};

describe('the time-outs of an HTTP connection', () => {
  let store: Store;
  before(async () => {
    store = await makeExampleStore();
  });

  it('close a connection without a word on which no request comes', () => {
    const bench = new HttpBench(store, LIMITS);
    const connection = bench.connect();
    connection.pass(9_999);
    expect(connection.closing).to.equal(false);
    connection.pass(1);
    expect(connection.closing).to.equal(true);
    expect(connection.sent).to.equal('');
    expect(bench.statistics.idleTimeouts).to.equal(1);
  });

  it('count silence from the last request on, not from the start', () => {
    const connection = new HttpBench(store, LIMITS).connect();
    for (let i = 0; i < 5; i++) {
      connection.pass(9_000);
      connection.deliver(get('/a'));
    }
    connection.pass(9_999);
    expect(connection.closing).to.equal(false);
    connection.pass(2);
    expect(connection.closing).to.equal(true);
  });

  it('answer 408 to a head that is not finished in time, however often a byte comes', () => {
    const bench = new HttpBench(store, LIMITS);
    const connection = bench.connect();
    for (const byte of get('/a', 'X: y').slice(0, 39)) {
      connection.deliver(byte);
      connection.pass(100);
    }
    expect(connection.sent).to.equal('');
    connection.deliver('z');
    connection.pass(100);
    expect(connection.sent).to.match(/^HTTP\/1.1 408 Request Timeout\r\n.*Connection: close\r\n/s);
    expect(connection.closing).to.equal(true);
    expect(bench.statistics.requestTimeouts).to.equal(1);
    expect(bench.statistics.idleTimeouts).to.equal(0);
  });

  it('answer 408 to a body that is not finished in time', () => {
    const connection = new HttpBench(store, LIMITS).connect();
    connection.deliver(request('POST', '/a', 'Content-Length: 5'));
    connection.pass(3_000);
    connection.deliver('hell');
    connection.pass(999);
    expect(connection.sent).to.equal('');
    connection.pass(1);
    expect(connection.sent).to.match(/^HTTP\/1.1 408 /);
  });

  it('are those of an idle connection again once a request in parts was answered', () => {
    const connection = new HttpBench(store, LIMITS).connect();
    connection.deliver('GET /a HTTP/1.1\r\n');
    connection.pass(3_000);
    connection.deliver('Host: a\r\n\r\n');
    connection.pass(9_999);
    expect(connection.closing).to.equal(false);
    connection.pass(1);
    expect(connection.closing).to.equal(true);
  });

  it('start anew with each request', () => {
    const connection = new HttpBench(store, LIMITS).connect();
    for (let i = 0; i < 5; i++) {
      connection.deliver('GET /a HTTP/1.1\r\n');
      connection.pass(3_000);
      connection.deliver('Host: a\r\n\r\nG');
      connection.deliver('ET /a HTTP/1.1\r\nHost: a\r\n\r\n');
    }
    expect(connection.sent).to.not.include('408');
  });

  it('do not mind empty lines between requests', () => {
    const connection = new HttpBench(store, LIMITS).connect();
    connection.deliver(`${get('/a')}\r\n`);
    connection.pass(9_000);
    expect(connection.closing).to.equal(false);
  });

  it('reset a connection whose answer is not acknowledged, but not one that is slow', () => {
    const bench = new HttpBench(store, LIMITS);
    const slow = bench.connect();
    slow.acknowledges = false;
    slow.deliver(get('/long').repeat(10));
    for (let i = 0; i < 15; i++) {
      slow.pass(7_000);
      slow.acknowledge(1);
    }
    expect(slow.gone).to.equal(false);
    slow.pass(7_999);
    expect(slow.gone).to.equal(false);
    slow.pass(1);
    expect(slow.gone).to.equal(true);
    expect(bench.statistics.stallTimeouts).to.equal(1);
    expect(bench.statistics.openConnections).to.equal(0);
  });

  it('find a stall in its own time, however long the connection might have been idle instead', () => {
    const bench = new HttpBench(store, { ...LIMITS, stallTimeoutMs: 3_000 });
    for (const idleMs of [0, 2_000, 8_000]) {
      const connection = bench.connect();
      connection.acknowledges = false;
      connection.pass(idleMs);
      connection.deliver(get('/long'));
      connection.pass(2_999);
      expect(connection.gone, `idle for ${idleMs} ms`).to.equal(false);
      connection.pass(1);
      expect(connection.gone, `idle for ${idleMs} ms`).to.equal(true);
    }
    expect(bench.statistics.stallTimeouts).to.equal(3);
  });

  it('reset a connection that is not closed by the client after our FIN', () => {
    const bench = new HttpBench(store, LIMITS);
    const connection = bench.connect();
    connection.deliver(get('/a', 'Connection: close'));
    connection.pass(1_999);
    expect(connection.gone).to.equal(false);
    connection.pass(1);
    expect(connection.gone).to.equal(true);
    expect(bench.statistics.lingerTimeouts).to.equal(1);
  });

  it('leave a client that still takes the last answer all the time it needs', () => {
    const connection = new HttpBench(store, LIMITS).connect();
    connection.acknowledges = false;
    connection.deliver(get('/a').repeat(10) + get('/long', 'Connection: close'));
    for (let i = 0; i < 21; i++) {
      connection.pass(7_000);
      connection.acknowledge(1);
    }
    expect(connection.gone).to.equal(false);
    connection.pass(8_001);
    expect(connection.gone).to.equal(true);
  });

  it('are not prolonged by bytes that come after our FIN', () => {
    const connection = new HttpBench(store, LIMITS).connect();
    connection.deliver('\0');
    for (let i = 0; i < 20; i++) {
      connection.pass(100);
      connection.deliver('more');
    }
    connection.pass(1);
    expect(connection.gone).to.equal(true);
  });

  it('close an idle connection in two steps: FIN, then RST if the client does not answer it', () => {
    const connection = new HttpBench(store, LIMITS).connect();
    connection.pass(10_000);
    expect(connection.closing).to.equal(true);
    expect(connection.gone).to.equal(false);
    connection.pass(2_000);
    expect(connection.gone).to.equal(true);
  });

  it('still work when the clock of int32 milliseconds wraps', () => {
    const bench = new HttpBench(store, LIMITS);
    bench.clock.now = (2 ** 31 - 5_000) * 1000;
    const connection = bench.connect();
    connection.pass(2_000);
    connection.deliver(get('/a'));
    connection.pass(9_999);
    expect(connection.closing).to.equal(false);
    connection.pass(1);
    expect(connection.closing).to.equal(true);
  });

  it('reset a connection after a refused request in parts, without a second answer', () => {
    const bench = new HttpBench(store, LIMITS);
    const connection = bench.connect();
    for (const part of ['GET ', '/a', '\t']) connection.deliver(part);
    expect(connection.sent).to.match(/^HTTP\/1.1 400 /);
    connection.pass(60_000);
    expect(connection.gone).to.equal(true);
    expect(connection.sent).to.not.include('408');
    expect(bench.statistics).to.deep.include({ lingerTimeouts: 1, requestTimeouts: 0 });
  });
});

describe('a patient shutdown', () => {
  let store: Store;
  before(async () => {
    store = await makeExampleStore();
  });

  it('gives an idle connection a moment for a request, and answers it as the last one', () => {
    const connection = new HttpBench(store, LIMITS).connect();
    connection.stop(true);
    connection.pass(1_999);
    connection.stop(true); // said again, it changes nothing
    expect(connection.closing).to.equal(false);
    connection.deliver(get('/a'));
    expect(connection.sent).to.match(/^HTTP\/1.1 200 OK\r\n.*Connection: close\r\n/s);
    expect(connection.closing).to.equal(true);
  });

  it('closes a connection on which no request comes', () => {
    const connection = new HttpBench(store, LIMITS).connect();
    connection.stop(true);
    connection.pass(2_000);
    expect([connection.sent, connection.closing]).to.deep.equal(['', true]);
  });

  it('answers a request of which a part has come, as the last one', () => {
    const connection = new HttpBench(store, LIMITS).connect();
    connection.deliver(get('/a').slice(0, 10));
    connection.stop(true);
    connection.deliver(get('/a').slice(10));
    expect(connection.sent).to.match(/^HTTP\/1.1 200 OK\r\n.*Connection: close\r\n/s);
    expect(connection.closing).to.equal(true);
  });

  it('closes two seconds behind the end of an answer that is under way', () => {
    const connection = new HttpBench(store, LIMITS).connect();
    connection.acknowledges = false;
    connection.deliver(get('/a'));
    connection.stop(true);
    connection.pass(5_000);
    expect(connection.closing).to.equal(false);
    connection.acknowledgeAll();
    connection.pass(1_999);
    expect(connection.closing).to.equal(false);
    connection.pass(1);
    expect(connection.closing).to.equal(true);
  });
});

describe('a server that ends', () => {
  let store: Store;
  before(async () => {
    store = await makeExampleStore();
  });
  const closes = /^HTTP\/1.1 200 OK\r\n.*Connection: close\r\n/s;

  for (const isPatient of [false, true]) {
    const whose = isPatient ? 'and another process has taken over' : 'and somebody waits for it';
    it(`answers a client that asks again and again, and says close before it closes: ${whose}`, () => {
      const connection = new HttpBench(store, LIMITS).connect();
      connection.acknowledges = false; // each acknowledgment comes with the next request
      for (let asked = 0; asked < 3; asked++) {
        connection.deliver(get('/a'));
        connection.pass(2);
      }
      connection.stop(isPatient);
      connection.pass(2);
      expect(connection.closing).to.equal(false);
      connection.acknowledgeAll();
      connection.sent = '';
      connection.deliver(get('/a'));
      expect(connection.sent).to.match(closes);
      expect(connection.closing).to.equal(true);
    });
  }

  it('closes a silent connection at once, and one that has just asked after half a second of silence', () => {
    const bench = new HttpBench(store, LIMITS);
    const [silent, begun] = [bench.connect(), bench.feed(['GET /a'])];
    bench.clock.now += 500_000;
    const lively = bench.feed([get('/a')]);
    for (const each of [silent, begun, lively]) each.stop();
    expect([silent.closing, begun.closing, lively.closing]).to.deep.equal([true, true, false]);
    lively.pass(499);
    expect(lively.closing).to.equal(false);
    lively.pass(1);
    expect([lively.closing, bench.statistics.idleTimeouts]).to.deep.equal([true, 0]);
  });

  it('says close in each answer from the moment on that it will end soon, and closes none that are silent', () => {
    const bench = new HttpBench(store, LIMITS);
    const [silent, asking, begun] = [bench.connect(), bench.feed([get('/a')]), bench.feed([get('/a').slice(0, 9)])];
    bench.ending.isNear = true;
    asking.sent = '';
    asking.deliver(get('/a'));
    begun.deliver(get('/a').slice(9));
    for (const connection of [asking, begun, bench.feed([get('/a')])]) {
      expect(connection.sent).to.match(closes);
      expect(connection.closing).to.equal(true);
    }
    silent.pass(9_999);
    expect(silent.closing).to.equal(false);
  });
});

describe('limits', () => {
  it('must be positive integers', async () => {
    const store = await makeExampleStore();
    for (const wrong of [0, -1, 1.5, Number.NaN]) {
      expect(() => new HttpBench(store, { headerBytes: wrong })).to.throw(RangeError, 'headerBytes');
    }
    for (const wrong of [-1, 1.5]) {
      expect(() => new HttpBench(store, { requestRate: wrong })).to.throw(RangeError, 'requestRate');
    }
    expect(() => new HttpBench(store, { requestRate: 0 }), '0: no limit').not.to.throw();
  });
});
