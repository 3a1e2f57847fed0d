import { METHODS } from 'node:http';
import { expect } from 'chai';
import type { Store } from '../../../src/cache/library/store.js';
import { isKnownToNode, methodNumber, UNKNOWN_METHOD } from '../../../src/http/grammar/methods.js';
import type { HttpLimits } from '../../../src/http/limits.js';
import { AnswerReason } from '../../../src/http/sending/answer-log.js';
import { SlowFailure } from '../../../src/http/service/slow-path.js';
import { ONE_SITE } from '../../../src/http/sites/sites.js';
import type { FakeConnection } from '../../support/fake-connection.js';
import { FakeSlowPath } from '../../support/fake-slow-path.js';
import { ALPHABET, get, HttpBench, makeExampleStore, request } from '../../support/http-bench.js';
import { LogRecorder } from '../../support/log-recorder.js';

const LIMITS: Partial<HttpLimits> = {
  handlerTimeoutMs: 4_000,
  handlerStallTimeoutMs: 6_000,
  requestTimeoutMs: 3_000,
  idleTimeoutMs: 10_000,
  lingerTimeoutMs: 2_000,
  stallTimeoutMs: 8_000,
};
const POST = request('POST', '/form', 'Content-Length: 5');
const CHUNKED = request('POST', '/form', 'Transfer-Encoding: chunked');

/** A server whose misses go to a thread that the test plays. */
class SlowBench extends HttpBench {
  constructor(
    store: Store,
    limits: Partial<HttpLimits> = {},
    readonly slowPath = new FakeSlowPath(),
    log?: LogRecorder,
  ) {
    super(store, { ...LIMITS, ...limits }, log, { ...ONE_SITE, sites: [{ handler: true }] }, slowPath);
  }

  get slow(): FakeSlowPath['last'] {
    return this.slowPath.last;
  }
}

function statuses({ sent }: FakeConnection): string[] {
  return [...sent.matchAll(/HTTP\/1.1 (\d+)/g)].map((match) => match[1]!);
}

describe('a request that is handed over', () => {
  let store: Store;
  let bench: SlowBench;
  before(async () => {
    store = await makeExampleStore();
  });
  beforeEach(() => {
    bench = new SlowBench(store);
  });

  it('goes to the handler with its whole head if no object has its path, and nothing is sent meanwhile', () => {
    const connection = bench.feed([get('/none?a=b', 'X-Any:  thing ')]);
    expect(bench.slow.last).to.deep.equal({
      upstream: '',
      text: 'GET /none?a=b HTTP/1.1\r\nHost: example.org\r\nX-Any: thing\r\n\r\n',
      isOver: true,
    });
    expect(connection.sent).to.equal('');
    bench.slow.answer('made');
    expect(connection.sent).to.equal('HTTP/1.1 200 Handled\r\nContent-Length: 4\r\n\r\nmade');
    expect(bench.statistics).to.include({ handedOver: 1, handedOverNow: 0, ok: 1, payloadBytes: 4, cacheMisses: 1 });
  });

  it('does not come from a path that has an object', () => {
    const connection = bench.feed([get('/a')]);
    expect([statuses(connection), bench.slowPath.connections]).to.deep.equal([['200'], []]);
  });

  it('may have any method that Node knows, and a path that exists', () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      const connection = bench.feed([request(method, '/a')]);
      expect(bench.slow.last.text).to.match(new RegExp(`^${method} /a HTTP/1.1\r\n`));
      bench.slow.answer('done');
      expect(statuses(connection)).to.deep.equal(['200']);
    }
  });

  it('gets 501 for a method that Node does not know, since its parser would only break off', () => {
    for (const input of [request('BREW', '/a'), `${request('BREW', '/none', 'Content-Length: 5')}hello`]) {
      const connection = bench.feed([input + get('/a')]);
      expect(statuses(connection)).to.deep.equal(['501', '200']);
      expect(connection.sent).to.contain('501 Not Implemented\n');
    }
    expect(bench.slowPath.connections).to.have.lengthOf(0);
    for (const method of METHODS) {
      const number = methodNumber(Buffer.from(method), 0, method.length);
      expect(number !== UNKNOWN_METHOD || isKnownToNode(method), method).to.equal(true);
    }
  });

  it('has hits and misses around it answered in their order, on one socket of the thread', () => {
    const connection = bench.feed([get('/a') + get('/none') + get('/a') + POST, `hello${get('/a')}`]);
    expect(statuses(connection)).to.deep.equal(['200']);
    bench.slow.answer('one');
    expect(statuses(connection)).to.deep.equal(['200', '200', '200']);
    expect(bench.slow.last.text).to.match(/\r\n\r\nhello$/);
    bench.slow.answer('two', { status: 201 });
    expect(statuses(connection)).to.deep.equal(['200', '200', '200', '201', '200']);
    expect(connection.sent).to.match(new RegExp(`${ALPHABET}.*one.*${ALPHABET}.*two.*${ALPHABET}$`, 's'));
    expect(bench.slowPath.connections).to.have.lengthOf(1);
    expect(connection.waiting).to.equal(0);
  });

  it('takes its body along as it comes, and no byte behind it', () => {
    const connection = bench.feed([POST, 'he']);
    expect(bench.slow.last).to.include({ isOver: false });
    connection.deliver(`llo${get('/a')}`);
    expect(bench.slow.last.text.split('\r\n\r\n')[1]).to.equal('hello');
    expect(bench.slow.last.isOver).to.equal(true);
    bench.slow.answer('x');
    expect(statuses(connection)).to.deep.equal(['200', '200']);
  });

  it('takes a chunked body along byte for byte, with its trailers', () => {
    const body = '5;a="b"\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n';
    const whole = CHUNKED + body + get('/a');
    for (let cut = CHUNKED.length; cut < whole.length; cut++) {
      const connection = bench.feed([whole.slice(0, cut), whole.slice(cut)]);
      expect(bench.slow.last.text).to.equal(
        `POST /form HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
      );
      bench.slow.answer('x');
      expect(statuses(connection)).to.deep.equal(['200', '200']);
    }
  });

  it('stays in TCP where the thread has no room, and goes on when there is some', () => {
    bench.slowPath.room = 20;
    const connection = bench.feed([`${POST}hello`]);
    expect([bench.slow.last.text.length, connection.waiting]).to.deep.equal([20, 5]);
    bench.slow.makeRoom(1);
    while (!bench.slow.last.isOver) bench.slow.makeRoom(1);
    expect(bench.slow.last.text).to.match(/^POST .*\r\n\r\nhello$/s);
    expect(connection.waiting).to.equal(0);
  });

  it('gets 400 if its body is wrong, and the thread sees it broken off', () => {
    const connection = bench.feed([CHUNKED, '2\r\nab\r\n', 'x\r\n']);
    expect(bench.slow.last.text).to.match(/2\r\nab\r\n$/);
    expect([statuses(connection), connection.closing]).to.deep.equal([['400'], true]);
    expect(bench.slow).to.include({ isDestroyed: true });
    expect(bench.slow.last.isOver).to.equal(false);
  });

  it('is reset if its body is wrong in the middle of the answer', () => {
    const connection = bench.feed([CHUNKED]);
    bench.slow.send('HTTP/1.1 200 OK\r\n\r\n');
    connection.deliver('x\r\n');
    expect([statuses(connection), connection.gone, bench.slow.isDestroyed]).to.deep.equal([['200'], true, true]);
  });

  it('gets 413 if its body is longer than a handler may get', () => {
    bench = new SlowBench(store, { handlerBodyBytes: 4 });
    expect(statuses(bench.feed([POST]))).to.deep.equal(['413']);
    expect(bench.slowPath.connections).to.have.lengthOf(0);
    const connection = bench.feed([CHUNKED, '9\r\n']);
    expect([statuses(connection), bench.slow.isDestroyed]).to.deep.equal([['413'], true]);
  });

  it('has no bound on its body by default, only on that of requests that are read past', () => {
    const long = 'x'.repeat(100_000);
    bench.feed([request('POST', '/form', 'Content-Length: 100000') + long]);
    expect(bench.slow.last.text.length).to.be.above(100_000);
    expect(statuses(bench.feed([get('/a', 'Content-Length: 100000')]))).to.deep.equal(['413']);
  });

  it('has its body read past if an object answers it', () => {
    const connection = bench.feed([`${get('/a', 'Content-Length: 5')}hello${get('/none')}`]);
    expect(statuses(connection)).to.deep.equal(['200']);
    expect(bench.slow.last.text).to.match(/^GET \/none HTTP\/1.1\r\nHost: example.org\r\n\r\n$/);
  });

  it('has a body with GET if nothing answers it', () => {
    bench.feed([`${get('/none', 'Content-Length: 5')}hello`]);
    expect(bench.slow.last.text).to.match(/\r\nContent-Length: 5\r\n\r\nhello$/);
  });

  it('leaves the answer to Expect to the handler, and an interim answer is no answer', () => {
    const connection = bench.feed([request('POST', '/form', 'Content-Length: 5', 'Expect: 100-continue')]);
    expect(connection.sent).to.equal('');
    expect(bench.slow.last.text).to.match(/\r\nExpect: 100-continue\r\n/);
    bench.slow.send('HTTP/1.1 100 Continue\r\n\r\n');
    expect(statuses(connection)).to.deep.equal(['100']);
    bench.slow.send('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n');
    bench.slow.fail();
    expect(statuses(connection)).to.deep.equal(['100', '103', '502']);
  });

  it('waits for the handler, not for the client, before "100 Continue"', () => {
    bench = new SlowBench(store, { requestTimeoutMs: 1_000 });
    const connection = bench.feed([request('POST', '/form', 'Content-Length: 5', 'Expect: 100-continue')]);
    connection.pass(3_900);
    expect(connection.sent).to.equal('');
    connection.pass(200);
    expect(statuses(connection)).to.deep.equal(['504']);
  });

  it('goes on after an early answer until the rest of it has gone over', () => {
    const connection = bench.feed([POST, 'he']);
    bench.slow.answer('early');
    expect([statuses(connection), connection.closing]).to.deep.equal([['200'], false]);
    connection.deliver(`llo${get('/a')}${get('/none')}`);
    expect(bench.slow.requests[0]!.text).to.match(/hello$/);
    expect(statuses(connection)).to.deep.equal(['200', '200']);
    expect(bench.slow.requests).to.have.lengthOf(2);
  });

  it('ends the connection after an answer that says so, even if a part of it is missing', () => {
    const connection = bench.feed([POST, 'he']);
    bench.slow.answer('no', { status: 417, persists: false });
    expect([statuses(connection), connection.closing, bench.slow.isDestroyed]).to.deep.equal([['417'], true, true]);
    connection.deliver('llo');
    expect(connection.waiting).to.equal(0);
  });

  it('ends with the connection when its answer has no other end', () => {
    const connection = bench.feed([get('/none') + get('/a')]);
    bench.slow.send('HTTP/1.1 200 OK\r\n\r\nall of it');
    bench.slow.finish();
    expect([statuses(connection), connection.closing]).to.deep.equal([['200'], true]);
  });

  it('tells the thread that the connection will close, if it will', () => {
    bench.feed([get('/none', 'Connection: x-a, CLOSE')]);
    expect(bench.slow.last.text).to.match(/\r\nConnection: close, x-a\r\n/);
    const connection = bench.feed(['GET /none HTTP/1.0\r\nConnection: keep-alive\r\n\r\n']);
    expect(bench.slow.last.text).to.equal('GET /none HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    bench.slow.answer('x');
    expect(connection.closing).to.equal(false);
    bench.feed(['GET /none HTTP/1.0\r\n\r\n']);
    expect(bench.slow.last.text).to.equal('GET /none HTTP/1.0\r\nConnection: close\r\n\r\n');
  });

  it('is handed over as it was judged: one host, one length, origin-form, no spelling but ours', () => {
    bench.feed([
      'POST http://real.example?q HTTP/1.5\r\nhost: other.example\r\ncontent-length: 0005\r\nExpect:\r\n\r\nhello'.replace(
        'Expect:\r\n',
        '',
      ),
    ]);
    expect(bench.slow.last.text).to.equal('POST /?q HTTP/1.1\r\nHost: real.example\r\nContent-Length: 5\r\n\r\nhello');
  });

  it('gets 503 if the thread takes no more', () => {
    bench.slowPath.isFull = true;
    const connection = bench.feed([get('/none')]);
    expect([statuses(connection), connection.closing]).to.deep.equal([['503'], true]);
    expect(bench.statistics).to.include({ handOversRefused: 1, handedOver: 0 });
  });

  it('gets 502 if the handler fails before it answers, and a reset if it fails later', () => {
    const early = bench.feed([get('/none')]);
    bench.slow.fail();
    expect([statuses(early), early.closing]).to.deep.equal([['502'], true]);
    const late = bench.feed([get('/none')]);
    bench.slow.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    bench.slow.fail();
    expect([statuses(late), late.gone]).to.deep.equal([['200'], true]);
    expect(bench.statistics).to.include({ handlerFailures: 2, handedOverNow: 0, serverErrors: 1 });
  });

  it('gets 504 if the handler is silent for too long, and a reset if it falls silent in its answer', () => {
    const silent = bench.feed([get('/none')]);
    silent.pass(3_999);
    expect(silent.sent).to.equal('');
    silent.pass(1);
    expect(statuses(silent)).to.deep.equal(['504']);
    const stalled = bench.feed([get('/none')]);
    bench.slow.send('HTTP/1.1 200 OK\r\n\r\n');
    stalled.acknowledgeAll();
    stalled.pass(5_999);
    expect(stalled.gone).to.equal(false);
    stalled.pass(1);
    expect(stalled.gone).to.equal(true);
    expect(bench.statistics).to.include({ handlerTimeouts: 2 });
  });

  it('gets 408 if its body does not come, and no bound on its whole time while it comes', () => {
    const connection = bench.feed([request('POST', '/form', 'Content-Length: 500000')]);
    for (let i = 0; i < 20; i++) {
      connection.deliver('x'.repeat(5_000));
      connection.pass(2_000);
    }
    expect([connection.sent, connection.gone]).to.deep.equal(['', false]);
    connection.pass(1_000);
    expect(statuses(connection)).to.deep.equal(['408']);
    expect(bench.statistics).to.include({ requestTimeouts: 1, slowRequests: 0 });
  });

  it('gets 408 if its body trickles, but not if the handler is the one who is slow', () => {
    const trickling = bench.feed([request('POST', '/form', 'Content-Length: 500000')]);
    for (let i = 0; i < 13 && trickling.sent === ''; i++) {
      trickling.deliver('x');
      trickling.pass(1_000);
    }
    expect(statuses(trickling)).to.deep.equal(['408']);
    bench = new SlowBench(store, { handlerTimeoutMs: 60_000 });
    bench.slowPath.room = 200;
    const waiting = bench.feed([request('POST', '/form', 'Content-Length: 500000') + 'x'.repeat(5_000)]);
    waiting.pass(50_000);
    expect(waiting.sent).to.equal('');
    bench.slow.makeRoom(100);
    expect(waiting.gone).to.equal(false);
  });

  it('lets the thread know when its client is gone, and when it has sent its last byte', () => {
    const gone = bench.feed([get('/none')]);
    gone.disappear('reset');
    expect(bench.slow.isDestroyed).to.equal(true);
    const ended = bench.feed([get('/none')]);
    ended.end();
    expect([bench.slow.hasEnded, bench.slow.isDestroyed]).to.deep.equal([true, false]);
    bench.slow.answer('still');
    expect([statuses(ended), ended.closing]).to.deep.equal([['200'], true]);
  });

  it('gets nothing if its client has left and the handler gave up for that', () => {
    const connection = bench.feed([get('/none')]);
    connection.end();
    bench.slow.finish();
    expect([connection.sent, connection.closing]).to.deep.equal(['', true]);
    expect(bench.statistics).to.include({ handlerFailures: 0, handedOverNow: 0 });
  });

  it('gets 400 if its client leaves in the middle of its body', () => {
    const connection = bench.feed([POST, 'he']);
    connection.end();
    expect([statuses(connection), bench.slow.isDestroyed]).to.deep.equal([['400'], true]);
  });

  it('may become a tunnel: all bytes cross, and the connection stays with the thread', () => {
    const connection = bench.feed([get('/none', 'Connection: Upgrade', 'Upgrade: x')]);
    expect(bench.slow.last.text).to.match(/Connection: Upgrade\r\n.*Upgrade: x\r\n/s);
    connection.deliver('early');
    expect(connection.waiting).to.equal(5);
    bench.slow.becomeTunnel();
    expect([bench.slow.tunnel, connection.waiting]).to.deep.equal(['early', 0]);
    bench.slow.send('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    connection.deliver(get('/a'));
    expect(bench.slow.tunnel).to.equal(`early${get('/a')}`);
    connection.acknowledgeAll();
    connection.pass(3_600_000);
    expect([connection.gone, connection.closing, statuses(connection)]).to.deep.equal([false, false, ['101']]);
    expect(bench.statistics).to.include({ tunnels: 1, handedOverNow: 1 });
  });

  it('ends a tunnel from either side, half by half', () => {
    const connection = bench.feed([get('/none', 'Upgrade: x')]);
    bench.slow.becomeTunnel();
    bench.slow.send('last');
    bench.slow.finish();
    expect([connection.closing, bench.slow.isDestroyed]).to.deep.equal([true, false]);
    connection.deliver('more');
    expect(bench.slow.tunnel).to.equal('more');
    connection.end();
    expect(bench.slow.hasEnded).to.equal(true);
    connection.disappear('closed');
    expect(bench.slow.isDestroyed).to.equal(true);
    expect(bench.statistics).to.include({ handedOverNow: 0, openConnections: 0 });
  });

  it('resets a tunnel whose thread fails, and reads past what comes after its end', () => {
    const reset = bench.feed([get('/none', 'Upgrade: x')]);
    bench.slow.becomeTunnel();
    bench.slow.fail();
    expect(reset.gone).to.equal(true);
    const lingering = bench.feed([get('/none', 'Upgrade: x')]);
    bench.slow.becomeTunnel();
    bench.slow.finish();
    bench.slow.fail();
    lingering.deliver('late');
    expect([lingering.waiting, lingering.gone]).to.deep.equal([0, false]);
    lingering.pass(2_000);
    expect(lingering.gone).to.equal(true);
  });

  it('is finished when the server stops, and the answer behind it is the last of its connection', () => {
    const connection = bench.feed([get('/none') + get('/a')]);
    connection.stop();
    bench.slow.answer('done');
    expect([statuses(connection), connection.closing]).to.deep.equal([['200', '200'], true]);
    expect(connection.sent.match(/Connection: close/g)).to.have.lengthOf(1);
    expect(connection.waiting).to.equal(0);
  });

  it('is answered by the handler that it went to, whatever the sites say meanwhile', () => {
    const connection = bench.feed([get('/none') + get('/none')]);
    bench.sites.use(ONE_SITE);
    bench.slow.answer('old');
    expect(statuses(connection)).to.deep.equal(['200', '404']);
    expect(bench.slow.requests).to.have.lengthOf(1);
  });

  it('opens another socket when the thread has ended the idle one', () => {
    const connection = bench.feed([get('/none')]);
    bench.slow.answer('one');
    bench.slow.finish();
    connection.deliver(get('/none'));
    expect(bench.slowPath.connections).to.have.lengthOf(2);
    bench.slow.answer('two');
    expect(statuses(connection)).to.deep.equal(['200', '200']);
  });

  it('leaves nothing behind, and counts its client as waiting no longer than its request comes', () => {
    bench = new SlowBench(store, { unfinishedPerClient: 1 });
    const connections = Array.from({ length: 20 }, () => bench.feed([POST.slice(0, 20), POST.slice(20), 'hello']));
    expect(bench.statistics).to.include({ handedOverNow: 20, unfinishedRefused: 0 });
    for (const connection of connections) connection.disappear('reset');
    expect(bench.statistics).to.include({ handedOverNow: 0, openConnections: 0 });
    expect(bench.slowPath.connections.every(({ isDestroyed }) => isDestroyed)).to.equal(true);
  });
});

describe('what the log says of a request that is handed over', () => {
  let log: LogRecorder;
  let bench: SlowBench;
  beforeEach(async () => {
    log = new LogRecorder();
    bench = new SlowBench(await makeExampleStore(), {}, undefined, log);
  });

  const line = () => log.lines.filter((each) => each !== 'began').join(', ');
  const HALF = 'HTTP/1.1 203 OK\r\nContent-Length: 10\r\n\r\nhalf';

  it('no thread takes it: 503', () => {
    bench.slowPath.isFull = true;
    bench.feed([get('/none')]);
    expect(line()).to.equal('GET /none HTTP/1.1 503 24 miss noHandler');
  });

  it('the thread does not come, ends, or stands still: 503, 502, 504', () => {
    const cases = [
      [SlowFailure.absent, '503 24 miss noHandler', 'handOversRefused'],
      [SlowFailure.died, '502 16 miss handlerFailed', 'handlerFailures'],
      [SlowFailure.destroyed, '502 16 miss handlerFailed', 'handlerFailures'],
      [SlowFailure.stuck, '504 20 miss handlerTimeout', 'handlerTimeouts'],
    ] as const;
    for (const [failure, words, counter] of cases) {
      log.lines.length = 0;
      const before = bench.statistics[counter];
      const connection = bench.feed([get('/none')]);
      bench.slow.fail(failure);
      expect([line(), connection.closing]).to.deep.equal([`GET /none HTTP/1.1 ${words}`, true]);
      expect(bench.statistics[counter] - before).to.equal(1);
    }
  });

  it('the proxy answers 502, 503 or 504 itself; an upstream that does so is no fault of ours', () => {
    const cases = [
      [502, 'upstreamReset', 'handlerFailures'],
      [503, 'upstreamDown', 'handOversRefused'],
      [504, 'upstreamTimeout', 'handlerTimeouts'],
    ] as const;
    for (const [status, reason, counter] of cases) {
      for (const isMadeHere of [true, false]) {
        log.lines.length = 0;
        const before = bench.statistics[counter];
        bench.feed([get('/none')]);
        bench.slow.send(`HTTP/1.1 ${status} Handled\r\nContent-Length: 0\r\n\r\n`);
        bench.slow.answered({ status, headBytes: 43, fault: isMadeHere ? AnswerReason[reason] : AnswerReason.none });
        expect(line()).to.equal(`GET /none HTTP/1.1 ${status} 0 miss ${isMadeHere ? reason : 'noObject'}`);
        expect(bench.statistics[counter] - before).to.equal(isMadeHere ? 1 : 0);
      }
    }
  });

  it('the proxy breaks an answer off: what the upstream did', () => {
    bench.feed([get('/none')]);
    bench.slow.send(HALF);
    bench.slow.fail(SlowFailure.destroyed, AnswerReason.upstreamTimeout);
    expect(line()).to.equal('GET /none HTTP/1.1 203 4 miss upstreamTimeout, closed aborted -');
  });

  it('the handler is silent for too long: 504', () => {
    bench.feed([get('/none')]).pass(4_000);
    expect(line()).to.equal('GET /none HTTP/1.1 504 20 miss handlerTimeout');
  });

  it('the answer is broken off: its own status, what was sent of it, and whose fault it is', () => {
    bench.feed([get('/none')]);
    bench.slow.send('HTTP/1.1 103 Early Hints\r\n\r\n');
    bench.slow.send(HALF);
    bench.slow.fail(SlowFailure.died);
    expect(line()).to.equal('GET /none HTTP/1.1 203 4 miss handlerFailed, closed aborted -');
    expect(bench.statistics).to.include({ ok: 1, payloadBytes: 4 });
  });

  it('the answer stalls for too long', () => {
    const connection = bench.feed([get('/none')]);
    bench.slow.send(HALF);
    connection.acknowledgeAll();
    connection.pass(6_000);
    expect(line()).to.equal('GET /none HTTP/1.1 203 4 miss handlerTimeout, closed aborted -');
  });

  it('the client leaves in the answer, before it, and before its request was whole', () => {
    const inAnswer = bench.feed([get('/none')]);
    bench.slow.send(HALF);
    inAnswer.disappear('reset');
    bench.feed([get('/none')]).disappear('reset');
    bench.feed([POST, 'he']).disappear('reset');
    expect(log.lines.filter((each) => each !== 'began')).to.deep.equal([
      'GET /none HTTP/1.1 203 4 miss noObject',
      'closed reset -',
      'closed reset GET /none HTTP/1.1 clientLeft',
      'closed reset POST /form HTTP/1.1 unfinished',
    ]);
  });

  it('the client closes its side, and the handler takes that for the end', () => {
    const connection = bench.feed([get('/none')]);
    connection.end();
    bench.slow.finish();
    expect(line()).to.match(/^GET \/none HTTP\/1.1 0 0 miss clientLeft/);
  });

  it('the client closes its side and no answer begins: it holds the handler for ten seconds, not for minutes', async () => {
    bench = new SlowBench(await makeExampleStore(), { handlerTimeoutMs: 60_000 }, undefined, log);
    const connection = bench.feed([get('/none')]);
    connection.pass(20_000);
    connection.end();
    connection.pass(9_000);
    expect([line(), bench.slow.isDestroyed]).to.deep.equal(['', false]);
    connection.pass(1_001);
    expect([line(), bench.slow.isDestroyed]).to.deep.equal(['GET /none HTTP/1.1 504 20 miss clientLeft', true]);
    expect(bench.statistics).to.include({ handlerTimeouts: 0, handedOverNow: 0 });
  });

  it('a tunnel: 101, with all that crossed, however it ends', () => {
    for (const end of ['closed', 'failed'] as const) {
      log.lines.length = 0;
      const connection = bench.feed([get('/none', 'Upgrade: x')]);
      bench.slow.send('HTTP/1.1 101 Switching Protocols\r\n\r\n');
      bench.slow.becomeTunnel();
      bench.slow.send('12345');
      if (end === 'failed') bench.slow.fail();
      else connection.disappear('closed');
      expect(log.lines.filter((each) => each !== 'began')[0]).to.equal('GET /none HTTP/1.1 101 5 miss noObject');
    }
    expect(bench.statistics.handlerFailures).to.equal(0);
  });

  it('the body is wrong, or comes too slowly', () => {
    bench.feed([CHUNKED, 'x\r\n']);
    bench.feed([POST, 'he']).pass(3_100);
    expect(log.lines.filter((each) => each !== 'began')).to.deep.equal([
      'POST /form HTTP/1.1 400 16 miss refused',
      'POST /form HTTP/1.1 408 20 miss requestTimeout',
    ]);
  });
});
