/**
 * Where the answers of a lane of HTTP/2 go: to the stream whose request it carries. An answer that lies in memory goes
 * out with two calls of node:http2, the head and the whole body. A longer one goes in slices, as the client takes it.
 */
import { constants, type ServerHttp2Stream } from 'node:http2';
import type { SummedBytes } from '../net/wire/summed-bytes.js';
import type { AnswerHead, AnswerHeads } from './answer-heads.js';
import { AnswerParser, type AnswerSink } from './answer-parser.js';
import type { Outlet } from './outlet.js';

const { NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants;

/** A slice while the session has little under way: most answers are one. */
const LONG_SLICE = 131_072;
/** A slice of a session that has much under way: a stream gets as much as a frame carries. */
const SHORT_SLICE = 16_384;
/** From here on its slices are short, bytes. So a session has this under way, and a slice for each stream, at most. */
const MUCH = 1_048_576;

/** Bytes that the streams of one session have been given and have not sent. */
export class SessionLoad {
  bytes = 0;
}

const END = { endStream: true } as const;
const MORE = { endStream: false } as const;
/**
 * For an answer without a length: the stream does not end by itself. If the answer is cut, node:http2 would otherwise
 * end the stream before it resets it, and the client would take the answer for whole.
 */
const OPEN_END = { waitForTrailers: true } as const;

export class Http2Answer implements Outlet, AnswerSink {
  /** While HTTP answers at once, what it sends lies in the cache and never changes. */
  isFixed = false;
  /** The lane sends nothing more, and has no stream. */
  onEnd: () => void = () => {};
  readonly #parser: AnswerParser;
  readonly #load: SessionLoad;
  #stream: ServerHttp2Stream | null = null;
  /** What the parser has found and the stream has not been given. */
  #head: AnswerHead | null = null;
  #chunks: Uint8Array[] = [];
  /** What the stream has been given and has not sent, bytes. */
  #underWay = 0;
  #isBroken = false;

  constructor(heads: AnswerHeads, load: SessionLoad) {
    this.#parser = new AnswerParser(this, heads);
    this.#load = load;
  }

  /** The answer to the next request goes to `stream`. */
  begin(stream: ServerHttp2Stream, isHead: boolean): void {
    this.#stream = stream;
    this.#isBroken = false;
    this.#parser.begin(isHead);
  }

  /** The stream is gone. Returns whether it has sent all of its answer. */
  release(): boolean {
    const isSent = this.#parser.isOver && !this.#isBroken && this.#stream !== null && wasSent(this.#stream);
    this.#stream = null;
    this.#head = null;
    this.#chunks = [];
    this.#sent(this.#underWay);
    return isSent;
  }

  // ── from the connection ──────────────────────────────────────────────────────────────────────────────────────

  get sliceBytes(): number {
    return this.#load.bytes < MUCH ? LONG_SLICE : SHORT_SLICE;
  }

  get isFull(): boolean {
    return this.#stream?.writableNeedDrain === true;
  }

  write(bytes: SummedBytes, from: number, to: number): void {
    this.#parser.take(bytes, from, to, this.isFixed);
  }

  /** When all of an answer is out, nobody is told here: the end of the stream says that it was taken. */
  flush(length: number, taken: (length: number) => void): void {
    const stream = this.#stream;
    const [head, chunks] = [this.#head, this.#chunks];
    this.#head = null;
    if (chunks.length > 0) this.#chunks = [];
    if (stream === null || stream.destroyed || stream.closed) return;
    if (this.#isBroken) stream.close(NGHTTP2_INTERNAL_ERROR);
    else if (this.#respond(stream, head, chunks)) this.#write(stream, chunks, length, taken);
  }

  end(): void {
    if (this.#stream === null) this.onEnd();
    else if (!this.#parser.isOver) {
      this.#parser.end();
      this.flush(0, () => {});
    }
  }

  destroy(): void {
    const isSent = this.#parser.isOver && !this.#isBroken;
    if (this.#stream === null) this.onEnd();
    else this.#stream.close(isSent ? NGHTTP2_NO_ERROR : NGHTTP2_INTERNAL_ERROR);
  }

  /** Sends the head, if there is one. Returns whether more is to be sent now. */
  #respond(stream: ServerHttp2Stream, head: AnswerHead | null, chunks: readonly Uint8Array[]): boolean {
    if (head === null) return true;
    const isAll = this.#parser.isOver && chunks.length === 0;
    try {
      stream.respond(head.headers, isAll ? END : head.length < 0 ? OPEN_END : MORE);
      if (!isAll && head.length < 0) stream.on('wantTrailers', this.#endOpen);
      return !isAll;
    } catch {
      this.#isBroken = true;
      stream.close(NGHTTP2_INTERNAL_ERROR); // a status or a field that node:http2 does not send
      return false;
    }
  }

  #write(
    stream: ServerHttp2Stream,
    chunks: readonly Uint8Array[],
    length: number,
    taken: (length: number) => void,
  ): void {
    const last = chunks.at(-1);
    const isOver = this.#parser.isOver;
    if (last === undefined) {
      if (isOver) stream.end();
      else taken(length);
      return;
    }
    let bytes = last.length;
    if (chunks.length > 1) {
      stream.cork();
      for (const chunk of chunks.slice(0, -1)) {
        stream.write(chunk);
        bytes += chunk.length;
      }
    }
    this.#underWay += bytes;
    this.#load.bytes += bytes;
    if (isOver) {
      stream.end(last);
      return;
    }
    stream.write(last, () => {
      if (this.#stream === stream) this.#sent(bytes);
      taken(length);
    });
    if (chunks.length > 1) stream.uncork();
  }

  readonly #endOpen = (): void => {
    const stream = this.#stream;
    if (stream === null || this.#isBroken) return;
    try {
      stream.sendTrailers(this.#parser.trailers);
    } catch {
      stream.close(NGHTTP2_INTERNAL_ERROR); // fields that node:http2 does not send
    }
  };

  #sent(bytes: number): void {
    this.#underWay -= bytes;
    this.#load.bytes -= bytes;
  }

  // ── from the parser ──────────────────────────────────────────────────────────────────────────────────────────

  /** An interim answer that HTTP/2 does not have (101) is left out. */
  interim({ status, headers }: AnswerHead): void {
    const stream = this.#stream;
    if (stream === null || stream.destroyed || stream.closed || stream.headersSent || status === 101) return;
    try {
      stream.additionalHeaders(headers);
    } catch {
      // A field that node:http2 does not send. Nobody needs an interim answer.
    }
  }

  head(head: AnswerHead): void {
    this.#head = head;
  }

  body(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
  }

  ended(isBroken: boolean): void {
    this.#isBroken ||= isBroken;
  }
}

/**
 * Whether a stream that has closed has sent all that it was given. node:http2 closes the stream of a request with a
 * body as soon as its last frame is out, before "finish", which then never comes. The code tells that nobody cut it.
 */
function wasSent(stream: ServerHttp2Stream): boolean {
  return stream.writableFinished || (stream.writableEnded && stream.rstCode === NGHTTP2_NO_ERROR);
}
