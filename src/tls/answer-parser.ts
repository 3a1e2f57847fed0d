/**
 * The answer of our own HTTP/1.1 as HTTP/2 has it: the head as fields, the body as bytes (RFC 9113 section 8). It is
 * the writable end of a `StreamConnection`, so the body goes on as it came, by reference.
 *
 *     "HTTP/1.1 200 OK" | fields | empty line | body            ->  HEADERS(:status 200, fields)  DATA …
 *
 * It reads what this program writes, a handler's answers included. So it knows chunks (RFC 9112 section 7.1), and takes
 * the end of the connection for the end of a body without a length.
 */
import { Writable } from 'node:stream';

/** Where the answer goes. */
export interface AnswerSink {
  /** An interim answer: 103 and the like. */
  interim(status: number, fields: readonly Field[]): void;
  /** The final answer. `isWhole`: no body follows. */
  head(status: number, fields: readonly Field[], isWhole: boolean): void;
  /** Bytes of the body. `done` is called when there is room for more. */
  body(bytes: Uint8Array, done: () => void): void;
  /** The end of the body. `isBroken`: it came too early. */
  end(isBroken: boolean): void;
}

export type Field = readonly [name: string, value: string];

/** A longer head is a mistake: heads of handlers are bounded by Node's own limit. */
const MAX_HEAD_BYTES = 262_144;
const HEAD_END = '\r\n\r\n';
const LINE_END = '\r\n';
const NO_BODY = new Set([204, 205, 304]);
/** Fields of a connection, which HTTP/2 does not have (RFC 9113 section 8.2.2). */
const CONNECTION_FIELDS = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

/** Where in the answer we are. */
type Place = 'head' | 'body' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers' | 'rest' | 'over';

export class AnswerParser extends Writable {
  readonly #sink: AnswerSink;
  readonly #isHead: boolean;
  #place: Place = 'head';
  /** The start of a head or a line that is not whole. */
  #kept: Buffer = Buffer.alloc(0);
  /** Bytes of the body or chunk that are still to come. */
  #left = 0;

  /** @param isHead the request is HEAD: no body follows, whatever the fields say */
  constructor(sink: AnswerSink, isHead: boolean) {
    super({ highWaterMark: 65_536, decodeStrings: false });
    this.#sink = sink;
    this.#isHead = isHead;
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#take(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length), done);
  }

  override _final(done: () => void): void {
    if (this.#place === 'rest') this.#finish();
    else if (this.#place !== 'over') this.#sink.end(true);
    done();
  }

  /** Takes the bytes step by step. A body may have to wait for room; then it goes on from there. */
  #take(bytes: Buffer, done: (error?: Error | null) => void): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#place === 'over') break; // nothing may follow
      if (this.#place === 'body' || this.#place === 'chunk' || this.#place === 'rest') {
        const length = this.#place === 'rest' ? rest.length : Math.min(rest.length, this.#left);
        const [body, after] = [rest.subarray(0, length), rest.subarray(length)];
        this.#sink.body(body, () => {
          this.#passed(length);
          this.#take(after, done);
        });
        return;
      }
      const [line, after] = this.#split(rest, this.#place === 'head' ? HEAD_END : LINE_END);
      if (line === undefined && this.#kept.length > MAX_HEAD_BYTES) {
        done(new Error('the head of an answer is too long'));
        return;
      }
      if (line !== undefined) this.#line(line);
      rest = after;
    }
    done();
  }

  /** The text in front of `end`, and what follows; undefined: it is kept until more comes. */
  #split(bytes: Buffer, end: string): [string | undefined, Buffer] {
    const all = this.#kept.length === 0 ? bytes : Buffer.concat([this.#kept, bytes]);
    const at = all.indexOf(end, 0, 'latin1');
    this.#kept = at < 0 ? Buffer.from(all) : Buffer.alloc(0);
    return at < 0 ? [undefined, Buffer.alloc(0)] : [all.toString('latin1', 0, at), all.subarray(at + end.length)];
  }

  #line(text: string): void {
    if (this.#place === 'head') this.#head(text);
    else if (this.#place === 'chunk-size') this.#chunkSize(text);
    else if (this.#place === 'chunk-end') this.#place = 'chunk-size';
    else if (text === '') this.#finish();
  }

  #head(text: string): void {
    const [statusLine = '', ...lines] = text.split(LINE_END);
    const status = Number(statusLine.split(' ')[1]);
    const fields = lines.map(fieldOf);
    const value = (name: string) => fields.find(([each]) => each === name)?.[1];
    const kept = fields.filter(([name]) => !CONNECTION_FIELDS.has(name));
    if (status < 200) {
      if (status !== 100) this.#sink.interim(status, kept);
      return;
    }
    const length = value('content-length');
    const isChunked = value('transfer-encoding') === 'chunked';
    const isWhole = this.#isHead || NO_BODY.has(status) || (!isChunked && length === '0');
    this.#sink.head(status, kept, isWhole);
    this.#left = Number(length ?? 0);
    this.#place = isWhole ? 'over' : isChunked ? 'chunk-size' : length === undefined ? 'rest' : 'body';
  }

  #chunkSize(text: string): void {
    this.#left = Number.parseInt(text, 16);
    this.#place = this.#left === 0 ? 'trailers' : 'chunk';
  }

  #passed(length: number): void {
    if (this.#place === 'rest') return;
    this.#left -= length;
    if (this.#left > 0) return;
    if (this.#place === 'chunk') this.#place = 'chunk-end';
    else this.#finish();
  }

  #finish(): void {
    this.#place = 'over';
    this.#sink.end(false);
  }
}

function fieldOf(line: string): Field {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
