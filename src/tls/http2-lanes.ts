/**
 * The lanes of an HTTP/2 session. A lane is a connection of our own HTTP/1.1, which persists: it carries one request at
 * a time, and the next one when the stream of the one before has closed. So requests of a session do not wait for each
 * other, and a request costs no connection. What HTTP knows of a connection holds for a lane: its time-outs, its log,
 * its socket in the handler's thread.
 *
 *     stream 1 ──┐                       ┌─▶ lane: StreamConnection ─▶ HttpConnection
 *     stream 3 ──┼─ a free one, or new ──┼─▶ lane
 *     stream 5 ──┘                       └─▶ lane
 */
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Acceptor, CloseReason } from '../net/tcp/handler.js';
import type { AnswerHeads } from './answer-heads.js';
import { Http2Answer, SessionLoad } from './http2-answer.js';
import { headOf } from './http2-request.js';
import { type Endpoints, StreamConnection } from './stream-connection.js';

const { HTTP2_HEADER_STATUS, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;
const LAST_CHUNK = Buffer.from('0\r\n\r\n', 'latin1');
const CRLF = Buffer.from('\r\n', 'latin1');
/** Heads are written here, one after the other. A longer one, which HTTP refuses, has memory of its own. */
const HEAD_BYTES = Buffer.alloc(32_768);

/** What lanes work with. */
export interface LaneParts {
  readonly endpoints: Endpoints;
  readonly accept: Acceptor;
  readonly tick: () => void;
  readonly heads: AnswerHeads;
  /** All connections of the thread. Lanes are among them. */
  readonly connections: Set<StreamConnection>;
}

export class Http2Lanes {
  readonly #parts: LaneParts;
  readonly #load = new SessionLoad();
  readonly #lanes = new Set<Lane>();
  #free: Lane[] = [];

  constructor(parts: LaneParts) {
    this.#parts = parts;
  }

  /** Answers one request. @param isWhole no body follows */
  answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, isWhole: boolean): void {
    stream.on('error', ignore); // 'close' follows
    const head = headOf(headers, isWhole);
    if (head === undefined) {
      stream.respond({ [HTTP2_HEADER_STATUS]: headers[':method'] === 'CONNECT' ? 501 : 400 }, { endStream: true });
      return;
    }
    const lane = this.#take() ?? this.#create();
    if (lane === undefined) stream.close(NGHTTP2_REFUSED_STREAM);
    else lane.carry(stream, head, headers, isWhole);
  }

  /** No request is under way. */
  get isIdle(): boolean {
    return this.#free.length === this.#lanes.size;
  }

  /** The session is gone. */
  close(): void {
    for (const lane of [...this.#lanes]) lane.gone(lane.isFree ? 'closed' : 'reset');
  }

  /** A lane that waits for a request; undefined: there is none. One that has just ended may still be in the list. */
  #take(): Lane | undefined {
    let lane = this.#free.pop();
    while (lane?.connection.isOver) lane = this.#free.pop();
    return lane;
  }

  /** Undefined: HTTP takes no more connections of this client. */
  #create(): Lane | undefined {
    const lane = new Lane(this.#parts, this.#load, {
      free: () => this.#free.push(lane),
      gone: () => this.#drop(lane),
    });
    const { connection } = lane;
    this.#lanes.add(lane);
    this.#parts.connections.add(connection);
    connection.use(this.#parts.accept);
    return connection.isOver ? undefined : lane;
  }

  #drop(lane: Lane): void {
    this.#lanes.delete(lane);
    this.#parts.connections.delete(lane.connection);
    if (lane.isFree) this.#free = this.#free.filter((other) => other !== lane);
  }
}

function ignore(): void {}

/** What a lane tells. */
interface LaneEvents {
  /** It takes another request. */
  free(): void;
  /** It carries nothing any more. */
  gone(): void;
}

class Lane {
  readonly connection: StreamConnection;
  readonly #answer: Http2Answer;
  readonly #events: LaneEvents;
  #stream: ServerHttp2Stream | null = null;
  #isRequestOver = true;

  constructor({ endpoints, tick, heads }: LaneParts, load: SessionLoad, events: LaneEvents) {
    this.#events = events;
    this.#answer = new Http2Answer(heads, load);
    this.#answer.onEnd = () => this.gone('closed');
    this.connection = new StreamConnection(this.#answer, endpoints, tick);
    this.connection.onPause = (isPaused) => {
      if (this.#isRequestOver) return;
      if (isPaused) this.#stream?.pause();
      else this.#stream?.resume();
    };
  }

  get isFree(): boolean {
    return this.#stream === null;
  }

  carry(stream: ServerHttp2Stream, head: string, headers: IncomingHttpHeaders, isWhole: boolean): void {
    this.#stream = stream;
    this.#isRequestOver = isWhole;
    stream.on('close', this.#closed);
    this.#answer.begin(stream, headers[':method'] === 'HEAD');
    this.#answer.isFixed = true;
    if (head.length <= HEAD_BYTES.length) this.connection.lend(HEAD_BYTES, HEAD_BYTES.write(head, 'latin1'));
    else this.connection.deliver(Buffer.from(head, 'latin1'));
    this.#answer.isFixed = false;
    if (!isWhole) this.#feedBody(stream, headers['content-length'] === undefined);
  }

  /** The connection has ended. */
  gone(reason: CloseReason): void {
    this.#events.gone();
    this.connection.gone(reason);
  }

  #feedBody(stream: ServerHttp2Stream, isChunked: boolean): void {
    const { connection } = this;
    stream.on('data', (chunk: Buffer) => {
      if (chunk.length === 0) return;
      const size = Buffer.from(`${chunk.length.toString(16)}\r\n`, 'latin1');
      connection.deliver(isChunked ? Buffer.concat([size, chunk, CRLF]) : chunk);
    });
    stream.on('end', () => {
      // A stream that is given up ends too; its body was cut.
      if (stream.destroyed || stream.closed || this.#stream !== stream) return;
      this.#isRequestOver = true;
      if (isChunked) connection.deliver(LAST_CHUNK);
    });
  }

  /** The stream has closed. If request and answer were whole, the next one may come. */
  readonly #closed = (): void => {
    const stream = this.#stream;
    const isSent = this.#answer.release();
    this.#stream = null;
    const { connection } = this;
    if (isSent) connection.taken(connection.queuedBytes);
    if (isSent && this.#isRequestOver && !connection.isOver) this.#events.free();
    else this.gone(isSent || stream?.rstCode === NGHTTP2_NO_ERROR ? 'closed' : 'reset');
  };
}
