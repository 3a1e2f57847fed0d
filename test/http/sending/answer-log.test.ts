/** What the HTTP layer tells a log (sending/answer-log.ts): every request once, with the facts of its answer. */
import { expect } from 'chai';
import { ALPHABET, get, HttpBench, makeExampleStore, request } from '../../support/http-bench.js';
import { LogRecorder } from '../../support/log-recorder.js';

describe('http: what a log is told', () => {
  let log: LogRecorder;
  let bench: HttpBench;

  beforeEach(async () => {
    log = new LogRecorder();
    bench = new HttpBench(await makeExampleStore(), {}, log);
  });

  const cases: readonly (readonly [name: string, input: string, line: string])[] = [
    ['a hit', get('/a'), `GET /a HTTP/1.1 200 ${ALPHABET.length} hit none`],
    ['HEAD', request('HEAD', '/a'), 'HEAD /a HTTP/1.1 200 0 hit none'],
    ['a query', get('/a?b=c'), 'GET /a?b=c HTTP/1.1 200 26 hit target'],
    ['a miss', get('/none'), 'GET /none HTTP/1.1 404 14 miss noObject'],
    ['a range', get('/a', 'Range: bytes=0-4'), 'GET /a HTTP/1.1 206 5 hit range'],
    ['a range beyond the end', get('/a', 'Range: bytes=99-'), 'GET /a HTTP/1.1 416 26 hit range'],
    ['a good copy', get('/a', 'If-None-Match: "abc"'), 'GET /a HTTP/1.1 304 0 validated conditional'],
    ['a redirect', get('/dir'), 'GET /dir HTTP/1.1 301 '],
    ['a method that is not served', request('POST', '/a'), 'POST /a HTTP/1.1 405 23 none method'],
    ['a malformed head', 'GET /a HTTP/1.1\r\nHost : x\r\n\r\n', 'GET /a HTTP/1.1 400 16 none refused'],
    ['no HTTP at all', '\x16\x03\x01\r\n', '\x16\x03\x01 400 16 none refused'],
    ['no Host', 'GET /a HTTP/1.1\r\n\r\n', 'GET /a HTTP/1.1 400 16 none refused'],
    ['too large a body', get('/a', 'Content-Length: 99999999'), 'GET /a HTTP/1.1 413 22 none refused'],
  ];
  for (const [name, input, line] of cases) {
    it(`${name} is one record`, () => {
      bench.feed([input]);
      expect(log.lines).to.have.length(1);
      expect(log.lines[0]).to.match(new RegExp(`^${line.replace(/[.?*+^$[\]\\(){}|]/g, '\\$&')}`));
    });
  }

  it('a head in two segments begins before it is answered', () => {
    bench.feed([get('/a').slice(0, 9), get('/a').slice(9)]);
    expect(log.lines).to.deep.equal(['began', 'GET /a HTTP/1.1 200 26 hit none']);
  });

  it('100 Continue is no part of an answer', () => {
    bench.feed([get('/a', 'Content-Length: 3', 'Expect: 100-continue'), 'abc']);
    expect(log.lines).to.deep.equal(['began', 'interim 25', 'GET /a HTTP/1.1 200 26 hit body']);
  });

  it('a request that does not end in time is logged with 408', () => {
    const connection = bench.feed(['GET /a HT']);
    connection.pass(30_000);
    expect(log.lines[1]).to.equal('GET /a  408 20 none requestTimeout');
  });

  it('a FIN in the middle of a head is logged with 400, a reset as unfinished', () => {
    bench.feed(['GET /a HT']).end();
    expect(log.lines[1]).to.equal('GET /a  400 16 none refused');
    bench.feed(['GET /b HT']).disappear('reset');
    expect(log.lines.at(-1)).to.equal('closed reset GET /b  unfinished');
  });

  it('the input of a connection waits while the log has no room', () => {
    log.room = false;
    const connection = bench.feed([get('/a')]);
    expect(log.lines).to.deep.equal([]);
    expect(connection.waiting).to.equal(get('/a').length);
    expect(bench.statistics.heldBack).to.equal(1);
    log.room = true;
    connection.resume();
    expect(log.lines).to.have.length(1);
  });
});
