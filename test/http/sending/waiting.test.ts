import { expect } from 'chai';
import { ABSENT, LOOK_AGAIN, type Outcome, UNAVAILABLE } from '../../../src/cache/library/asks.js';
import type { Library } from '../../../src/cache/library/library.js';
import type { Store } from '../../../src/cache/library/store.js';
import { PIECE_BYTES } from '../../../src/cache/object/pieces.js';
import type { HttpLimits } from '../../../src/http/limits.js';
import { someBytes } from '../../cache/support.js';
import type { FakeConnection } from '../../support/fake-connection.js';
import { get, HttpBench, request } from '../../support/http-bench.js';
import { addFileTo, addPiece, addStreamed, makeSite } from '../../support/site.js';

const LIMITS = { idleTimeoutMs: 10_000, stallTimeoutMs: 8_000, waitTimeoutMs: 5_000, lingerTimeoutMs: 2_000 };
/** Two whole pieces and a part of a third. */
const FILM = someBytes(2 * PIECE_BYTES + 1000, 7);
const FILM_TEXT = Buffer.from(FILM).toString('latin1');

/** A server with names that are not in memory. The test plays the main thread. */
class LazyBench extends HttpBench {
  readonly library: Library;
  readonly store: Store;

  private constructor(library: Library, store: Store, limits: Partial<HttpLimits>) {
    super(store, limits);
    this.library = library;
    this.store = store;
  }

  static async make(limits: Partial<HttpLimits> = LIMITS): Promise<LazyBench> {
    const { library, store } = await makeSite({ files: { '/hot': { content: 'hot' } } });
    library.setLazy(0, true);
    library.flush();
    return new LazyBench(library, store, limits);
  }

  /** The names that were asked for since the last call. */
  wanted(): string[] {
    return this.store.asks.take().map(({ name, ask }) => {
      this.#numbers.set(name, ask);
      return name;
    });
  }

  settle(name: string, outcome: Outcome): void {
    this.wanted();
    this.store.asks.settle(Int32Array.of(this.#numbers.get(name)!, outcome));
  }

  addFilm(file = 1, etag?: string): void {
    addStreamed(this.library, '/film', file, FILM.length, etag);
  }

  /** Publishes a piece of the film, and says so to whoever has asked. */
  addPiece(piece: number, file = 1, bytes = FILM): void {
    addPiece(this.library, file, piece, bytes.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES));
    this.settle(`piece:${file}:${piece}`, LOOK_AGAIN);
  }

  readonly #numbers = new Map<string, number>();
}

function statuses({ sent }: FakeConnection): string[] {
  return [...sent.matchAll(/HTTP\/1.1 (\d+)/g)].map((match) => match[1]!);
}

function body({ sent }: FakeConnection): string {
  return sent.slice(sent.indexOf('\r\n\r\n') + 4);
}

describe('a request for what is not in memory', () => {
  let bench: LazyBench;
  beforeEach(async () => {
    bench = await LazyBench.make();
  });

  it('waits for the object, and is answered by it', () => {
    const connection = bench.feed([get('/cold')]);
    expect([connection.sent, bench.wanted()]).to.deep.equal(['', ['/cold']]);
    addFileTo(bench.library, '/cold', 'found');
    bench.settle('/cold', LOOK_AGAIN);
    expect(statuses(connection)).to.deep.equal(['200']);
    expect(body(connection)).to.equal('found');
    expect(bench.statistics).to.include({
      requests: 1,
      waited: 1,
      cacheMisses: 1,
      cacheHits: 0,
      ok: 1,
      carriedOver: 0,
    });
  });

  it('gets 404 if there is none, and the next one gets it at once', () => {
    const connection = bench.feed([get('/none')]);
    bench.settle('/none', ABSENT);
    expect(statuses(connection)).to.deep.equal(['404']);
    connection.deliver(get('/none'));
    expect([statuses(connection), bench.wanted()]).to.deep.equal([['404', '404'], []]);
  });

  it('gets 503 with Retry-After if it cannot be had, and the connection persists', () => {
    const connection = bench.feed([get('/cold')]);
    bench.settle('/cold', UNAVAILABLE);
    expect(connection.sent).to.match(/^HTTP\/1.1 503 Service Unavailable\r\n.*Retry-After: 5\r\n/s);
    connection.deliver(get('/hot'));
    expect(statuses(connection)).to.deep.equal(['503', '200']);
  });

  it('does not hold back other connections', () => {
    bench.feed([get('/cold')]);
    expect(body(bench.feed([get('/hot')]))).to.equal('hot');
  });

  it('has later requests of its connection wait behind it, in whatever pieces they come', () => {
    const connection = bench.feed([get('/cold') + get('/hot'), get('/hot').slice(0, 20), get('/hot').slice(20)]);
    expect(connection.sent).to.equal('');
    expect(connection.waiting).to.equal(2 * get('/hot').length);
    addFileTo(bench.library, '/cold', 'found');
    bench.settle('/cold', LOOK_AGAIN);
    expect(statuses(connection)).to.deep.equal(['200', '200', '200']);
    expect(connection.sent.indexOf('found')).to.be.below(connection.sent.indexOf('hot'));
    expect(connection.waiting).to.equal(0);
  });

  it('is answered from a head that came in pieces, and after a body', () => {
    const text = request('GET', '/cold', 'Content-Length: 3');
    const connection = bench.feed([text.slice(0, 30), text.slice(30), 'ab', `c${get('/hot')}`]);
    expect(bench.wanted()).to.deep.equal(['/cold']);
    addFileTo(bench.library, '/cold', 'found');
    bench.settle('/cold', LOOK_AGAIN);
    expect(statuses(connection)).to.deep.equal(['200', '200']);
  });

  it('is one ask for many connections', () => {
    const connections = [bench.feed([get('/cold')]), bench.feed([get('/cold')]), bench.feed([get('/%63old?x')])];
    expect(bench.wanted()).to.deep.equal(['/cold']);
    addFileTo(bench.library, '/cold', 'found');
    bench.settle('/cold', LOOK_AGAIN);
    for (const connection of connections) expect(body(connection)).to.equal('found');
  });

  it('keeps its conditions, its range and its method', () => {
    const etag = bench.feed([get('/cold', 'If-None-Match: "tag"')]);
    const range = bench.feed([get('/cold', 'Range: bytes=1-2')]);
    const head = bench.feed([request('HEAD', '/cold')]);
    const options = bench.feed([request('OPTIONS', '/cold')]);
    addFileTo(bench.library, '/cold', 'found');
    bench.settle('/cold', LOOK_AGAIN);
    expect([statuses(etag), statuses(range), statuses(head)]).to.deep.equal([['304'], ['206'], ['200']]);
    expect([body(range), body(head)]).to.deep.equal(['ou', '']);
    expect(options.sent).to.match(/^HTTP\/1.1 200 OK\r\n.*Allow: /s);
  });

  it('closes where the client asked for it', () => {
    const connection = bench.feed([get('/cold', 'Connection: close')]);
    addFileTo(bench.library, '/cold', 'found');
    bench.settle('/cold', LOOK_AGAIN);
    expect(connection.sent).to.contain('Connection: close');
    expect(connection.closing).to.equal(true);
  });

  it('is answered to a client that has sent its FIN, and so is what came before the FIN', () => {
    const connection = bench.feed([get('/cold') + get('/hot')]);
    connection.end();
    expect(connection.closing).to.equal(false);
    addFileTo(bench.library, '/cold', 'found');
    bench.settle('/cold', LOOK_AGAIN);
    expect(statuses(connection)).to.deep.equal(['200', '200']);
    expect(connection.closing).to.equal(true);
    const alone = bench.feed([get('/other')]);
    alone.end();
    bench.settle('/other', ABSENT);
    expect([statuses(alone), alone.closing]).to.deep.equal([['404'], true]);
  });

  it('is forgotten when its client has gone', () => {
    const connection = bench.feed([get('/cold')]);
    connection.disappear('reset');
    bench.settle('/cold', LOOK_AGAIN);
    expect(connection.sent).to.equal('');
    expect(bench.statistics.openConnections).to.equal(0);
  });

  it('gets 503 and the end after a time, and is not disturbed by the outcome that comes late', () => {
    const connection = bench.feed([get('/cold')]);
    connection.pass(4_999);
    expect(connection.sent).to.equal('');
    connection.pass(1);
    expect(statuses(connection)).to.deep.equal(['503']);
    expect([connection.closing, bench.statistics.waitTimeouts]).to.deep.equal([true, 1]);
    bench.settle('/cold', LOOK_AGAIN);
    expect(statuses(connection)).to.deep.equal(['503']);
  });

  it('has the time-out of an idle connection again afterwards', () => {
    const connection = bench.feed([get('/cold')]);
    bench.settle('/cold', ABSENT);
    connection.acknowledgeAll();
    connection.pass(9_999);
    expect(connection.closing).to.equal(false);
    connection.pass(1);
    expect(connection.closing).to.equal(true);
  });

  it('asks anew for an object that was evicted before it was sent, until its time is over', () => {
    const connection = bench.feed([get('/cold')]);
    for (let i = 0; i < 49; i++) {
      connection.pass(100);
      bench.settle('/cold', LOOK_AGAIN);
      expect(connection.sent).to.equal('');
    }
    connection.pass(100);
    expect([statuses(connection), bench.statistics.waitTimeouts]).to.deep.equal([['503'], 1]);
  });

  it('is answered while the server shuts down, and an idle connection closes at once', () => {
    const [busy, idle] = [bench.feed([get('/cold')]), bench.feed([get('/hot')])];
    idle.pass(500);
    busy.stop();
    idle.stop();
    expect([busy.closing, idle.closing]).to.deep.equal([false, true]);
    addFileTo(bench.library, '/cold', 'found');
    bench.settle('/cold', LOOK_AGAIN);
    expect(busy.sent).to.match(/Connection: close\r\n.*found$/s);
    expect(busy.closing).to.equal(true);
  });

  it('is a 404 at once in a site whose names are all in memory', () => {
    bench.library.setLazy(0, false);
    bench.library.flush();
    expect(statuses(bench.feed([get('/none')]))).to.deep.equal(['404']);
    expect(bench.wanted()).to.deep.equal([]);
  });
});

describe('a file in pieces', () => {
  let bench: LazyBench;
  beforeEach(async () => {
    bench = await LazyBench.make();
    bench.addFilm();
  });

  it('is sent piece by piece, each wanted before it is needed, and no byte of it is read', () => {
    const connection = bench.feed([get('/film') + get('/hot')]);
    expect([connection.sent, bench.wanted()]).to.deep.equal(['', ['piece:1:0']]);
    bench.addPiece(0);
    expect(connection.sent).to.contain(`Content-Length: ${FILM.length}\r\n`);
    expect(bench.wanted()).to.deep.equal(['piece:1:1', 'piece:1:2']);
    bench.addPiece(1);
    connection.acknowledgeAll();
    bench.addPiece(2);
    connection.acknowledgeAll();
    const [first, ...rest] = body(connection).split('HTTP/1.1 200 OK');
    expect(first === FILM_TEXT).to.equal(true);
    expect(rest.length).to.equal(1);
    expect(connection.account.payloadBytesRead).to.equal(0);
    expect(bench.statistics).to.include({ streams: 1, ok: 2, brokenStreams: 0, waited: 1 });
  });

  it('has two pieces wanted ahead, and not more', () => {
    const long = 10 * PIECE_BYTES;
    addStreamed(bench.library, '/long', 5, long);
    bench.feed([get('/long')]);
    expect(bench.wanted()).to.deep.equal(['piece:5:0']);
    addPiece(bench.library, 5, 0, FILM.subarray(0, PIECE_BYTES));
    bench.settle('piece:5:0', LOOK_AGAIN);
    expect(bench.wanted()).to.deep.equal(['piece:5:1', 'piece:5:2']);
  });

  it('queues no more than a window of it in TCP, and goes on when that is acknowledged', () => {
    const connection = bench.connect();
    connection.acknowledges = false;
    for (let piece = 0; piece < 3; piece++) {
      addPiece(bench.library, 1, piece, FILM.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES));
    }
    connection.deliver(get('/film'));
    expect(body(connection).length).to.equal(2 * PIECE_BYTES);
    expect(bench.wanted()).to.deep.equal([]);
    connection.acknowledgeAll();
    expect(body(connection) === FILM_TEXT).to.equal(true);
    connection.deliver(get('/hot'));
    expect(statuses(connection)).to.deep.equal(['200', '200']);
  });

  it('answers ranges from the pieces in which they lie', () => {
    const [from, to] = [PIECE_BYTES - 10, PIECE_BYTES + 10];
    const connection = bench.feed([get('/film', `Range: bytes=${from}-${to - 1}`)]);
    expect(bench.wanted()).to.deep.equal(['piece:1:0']);
    bench.addPiece(0);
    bench.addPiece(1);
    expect(connection.sent).to.contain(
      `Content-Range: bytes ${from}-${to - 1}/${FILM.length}\r\nContent-Length: 20\r\n`,
    );
    expect(body(connection)).to.equal(FILM_TEXT.slice(from, to));
    const end = bench.feed([get('/film', 'Range: bytes=-5')]);
    bench.addPiece(2);
    expect(body(end)).to.equal(FILM_TEXT.slice(-5));
    const resumed = bench.feed([get('/film', `Range: bytes=${FILM.length - 3}-`, 'If-Range: "file-1"')]);
    expect([statuses(resumed), body(resumed)]).to.deep.equal([['206'], FILM_TEXT.slice(-3)]);
  });

  it('is sent in several parts, in the order of the request, each from its pieces', () => {
    const end = FILM.length;
    const ranges = `bytes=${end - 5}-${end - 1},0-3,${PIECE_BYTES - 2}-${PIECE_BYTES + 1}`;
    const connection = bench.feed([get('/film', `Range: ${ranges}`) + get('/hot')]);
    expect([connection.sent, bench.wanted()]).to.deep.equal(['', ['piece:1:2']]);
    bench.addPiece(2);
    expect([statuses(connection), bench.wanted()]).to.deep.equal([['206'], ['piece:1:0']]);
    bench.addPiece(0);
    expect(bench.wanted()).to.deep.equal(['piece:1:1']);
    bench.addPiece(1);
    connection.acknowledgeAll();
    expect(statuses(connection)).to.deep.equal(['206', '200']);
    const part = (from: number, to: number) =>
      `--file-1\r\nContent-Type: video/mp4\r\nContent-Range: bytes ${from}-${to - 1}/${end}\r\n\r\n` +
      FILM_TEXT.slice(from, to);
    const parts = [part(end - 5, end), part(0, 4), part(PIECE_BYTES - 2, PIECE_BYTES + 2)];
    const whole = `${parts.join('\r\n')}\r\n--file-1--\r\n`;
    expect(connection.sent).to.match(/Content-Type: multipart\/byteranges; boundary=file-1\r\n/);
    expect(connection.sent).to.contain(`Content-Length: ${whole.length}\r\n`);
    expect(body(connection).slice(0, whole.length)).to.equal(whole);
    expect(bench.statistics).to.include({
      streams: 1,
      multipart: 1,
      waited: 1,
      brokenStreams: 0,
      payloadBytes: whole.length + 3,
    });
  });

  it('holds in its parts no more than a window of pieces, and goes on when that is acknowledged', () => {
    const connection = bench.connect();
    connection.acknowledges = false;
    for (let piece = 0; piece < 3; piece++) {
      addPiece(bench.library, 1, piece, FILM.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES));
    }
    const ranges = `0-${PIECE_BYTES - 201},${PIECE_BYTES}-${2 * PIECE_BYTES - 1},${2 * PIECE_BYTES + 200}-`;
    connection.deliver(get('/film', `Range: bytes=${ranges}`));
    const queued = connection.sent.length;
    expect(body(connection).length).to.be.within(2 * PIECE_BYTES - 200, 2 * PIECE_BYTES + 200);
    connection.acknowledgeAll();
    expect(connection.sent.length - queued).to.be.below(1000);
    expect(body(connection)).to.match(/--file-1--\r\n$/);
    connection.acknowledgeAll();
    connection.deliver(get('/hot'));
    expect(statuses(connection)).to.deep.equal(['206', '200']);
  });

  it('is sent whole if its parts are no shorter, and to an If-Range that fails', () => {
    const all = bench.feed([get('/film', 'Range: bytes=0-9,141-')]);
    bench.addPiece(0);
    expect(statuses(all)).to.deep.equal(['200']);
    const other = bench.feed([get('/film', 'Range: bytes=0-0,900-901', 'If-Range: "file-2"')]);
    expect(statuses(other)).to.deep.equal(['200']);
    const same = bench.feed([get('/film', 'Range: bytes=0-0,900-901', 'If-Range: "file-1"')]);
    expect(statuses(same)).to.deep.equal(['206']);
  });

  it('needs no piece for HEAD, for a condition that holds, and for a range that is not there', () => {
    const head = bench.feed([request('HEAD', '/film')]);
    const same = bench.feed([get('/film', 'If-None-Match: "file-1"')]);
    const behind = bench.feed([get('/film', `Range: bytes=${FILM.length}-`)]);
    expect([statuses(head), statuses(same), statuses(behind)]).to.deep.equal([['200'], ['304'], ['416']]);
    expect(head.sent).to.contain(`Content-Length: ${FILM.length}\r\n`);
    expect([bench.wanted(), body(head)]).to.deep.equal([[], '']);
  });

  it('that has changed before the head was sent is answered as it is now', () => {
    const connection = bench.feed([get('/film')]);
    bench.addFilm(2);
    bench.settle('piece:1:0', LOOK_AGAIN);
    for (let piece = 0; piece < 3; piece++) bench.addPiece(piece, 2);
    connection.acknowledgeAll();
    expect(connection.sent).to.contain('ETag: "file-2"');
    expect(body(connection) === FILM_TEXT).to.equal(true);
  });

  it('that changes in the middle ends the connection, and If-Range gets the new one whole', () => {
    const connection = bench.feed([get('/film') + get('/hot')]);
    bench.addPiece(0);
    bench.addFilm(2);
    bench.settle('piece:1:1', ABSENT);
    expect(body(connection) === FILM_TEXT.slice(0, PIECE_BYTES)).to.equal(true);
    expect([connection.closing, bench.statistics.brokenStreams]).to.deep.equal([true, 1]);
    const again = bench.feed([get('/film', `Range: bytes=${PIECE_BYTES}-`, 'If-Range: "file-1"')]);
    bench.addPiece(0, 2);
    expect([statuses(again), again.sent.includes(`Content-Length: ${FILM.length}\r\n`)]).to.deep.equal([['200'], true]);
  });

  it('keeps the memory of its head while it is sent, and no longer', () => {
    const connection = bench.feed([get('/film')]);
    bench.addPiece(0);
    const gone: number[] = [];
    bench.library.onStreamGone((file) => gone.push(file));
    bench.library.remove(Buffer.from('/film'));
    bench.library.flush();
    expect(gone).to.deep.equal([]);
    bench.addPiece(1);
    bench.addPiece(2);
    connection.acknowledgeAll();
    expect(gone).to.deep.equal([1]);
  });

  it('is let go of when its client has gone', () => {
    const connection = bench.feed([get('/film')]);
    bench.addPiece(0);
    const gone: number[] = [];
    bench.library.onStreamGone((file) => gone.push(file));
    connection.disappear('reset');
    bench.addFilm(2);
    expect(gone).to.deep.equal([1]);
  });

  it('ends the connection if a piece does not come in time, and if the client takes nothing any more', () => {
    const waiting = bench.feed([get('/film')]);
    bench.addPiece(0);
    waiting.acknowledgeAll();
    waiting.pass(5_000);
    expect([waiting.closing, bench.statistics.waitTimeouts, bench.statistics.brokenStreams]).to.deep.equal([
      true,
      1,
      0,
    ]);
    const stalled = bench.connect();
    stalled.acknowledges = false;
    stalled.deliver(get('/film'));
    stalled.pass(8_000);
    expect([stalled.gone, bench.statistics.stallTimeouts]).to.deep.equal([true, 1]);
  });

  it('is sent whole while the server shuts down', () => {
    const connection = bench.feed([get('/film')]);
    bench.addPiece(0);
    connection.stop();
    bench.addPiece(1);
    bench.addPiece(2);
    connection.acknowledgeAll();
    expect(body(connection) === FILM_TEXT).to.equal(true);
    expect(connection.closing, 'its head did not say so').to.equal(false);
    connection.pass(500);
    expect(connection.closing).to.equal(true);
  });

  it('waits for its turn while others hold all memory for bodies, and is sent when they let go', () => {
    bench.store.apply({ kind: 'share', bytes: PIECE_BYTES });
    for (let piece = 0; piece < 3; piece++) {
      addPiece(bench.library, 1, piece, FILM.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES));
    }
    const slow = bench.connect();
    slow.acknowledges = false;
    slow.deliver(get('/film', `Range: bytes=0-${PIECE_BYTES - 1}`));
    const next = bench.feed([get('/film', 'Range: bytes=-5')]);
    expect([body(slow).length, next.sent]).to.deep.equal([PIECE_BYTES, '']);
    expect(body(bench.feed([get('/hot')]))).to.equal('hot');
    slow.acknowledgeAll();
    expect(body(next)).to.equal(FILM_TEXT.slice(-5));
    slow.deliver(get('/hot'));
    expect(statuses(slow)).to.deep.equal(['206', '200']);
    expect(bench.statistics).to.include({ unavailable: 0, shedStreams: 0 });
  });

  it('has its client reset that takes a piece for 20 seconds, if somebody waits for its place', async () => {
    bench = await LazyBench.make({ ...LIMITS, waitTimeoutMs: 30_000, stallTimeoutMs: 60_000, answerRateBytes: 0 });
    bench.addFilm();
    bench.store.apply({ kind: 'share', bytes: PIECE_BYTES });
    addPiece(bench.library, 1, 0, FILM.subarray(0, PIECE_BYTES));
    const slow = bench.connect();
    slow.acknowledges = false;
    slow.deliver(get('/film'));
    slow.pass(19_000);
    slow.acknowledgeBytes(1000);
    const next = bench.feed([get('/film', 'Range: bytes=0-4')]);
    const last = bench.feed([get('/film', 'Range: bytes=5-9')]);
    next.pass(9_999);
    expect([slow.gone, next.sent]).to.deep.equal([false, '']);
    next.pass(1);
    expect([slow.gone, body(next), bench.statistics.shedStreams]).to.deep.equal([true, FILM_TEXT.slice(0, 5), 1]);
    next.acknowledgeAll();
    expect(body(last)).to.equal(FILM_TEXT.slice(5, 10));
    expect(bench.statistics).to.include({ unavailable: 0, waitTimeouts: 0 });
  });

  it('may be longer than sequence numbers can count', () => {
    const size = 20 * 2 ** 30;
    addStreamed(bench.library, '/huge', 9, size);
    const at = 15 * 2 ** 30 + 7;
    const connection = bench.feed([get('/huge', `Range: bytes=${at}-${at + 99}`)]);
    expect(bench.wanted()).to.deep.equal([`piece:9:${Math.floor(at / PIECE_BYTES)}`]);
    addPiece(bench.library, 9, Math.floor(at / PIECE_BYTES), FILM.subarray(0, PIECE_BYTES));
    bench.settle(`piece:9:${Math.floor(at / PIECE_BYTES)}`, LOOK_AGAIN);
    expect(connection.sent).to.contain(`Content-Range: bytes ${at}-${at + 99}/${size}\r\n`);
    expect(body(connection)).to.equal(FILM_TEXT.slice(7, 107));
  });
});
