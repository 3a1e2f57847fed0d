/**
 * The answers of our own HTTP/1.1 as HTTP/2 has them: the head as fields, the body as bytes (RFC 9113 section 8). The
 * body goes on as it came, by reference.
 *
 *     "HTTP/1.1 200 OK" | fields | empty line | body            ->  HEADERS(:status 200, fields)  DATA …
 *
 * It reads what this program writes, a handler's answers included. So it knows chunks (RFC 9112 section 7.1), and takes
 * the end of the connection for the end of a body without a length.
 */
import type { OutgoingHttpHeaders } from 'node:http2';
import type { SummedBytes } from '../net/wire/summed-bytes.js';
import { type AnswerHead, AnswerHeads, type HeadPart, joinParts, readLines } from './answer-heads.js';

/** Where the answer goes. */
export interface AnswerSink {
  /** An interim answer: 100, 103 and the like. */
  interim(head: AnswerHead): void;
  /** The final answer. */
  head(head: AnswerHead): void;
  /** Bytes of the body. */
  body(bytes: Uint8Array): void;
  /** All of the answer has come (`AnswerParser.isOver`). `isBroken`: it has ended too early. */
  ended(isBroken: boolean): void;
}

/** A longer head is a mistake: heads of handlers are bounded by Node's own limit. */
const MAX_HEAD_BYTES = 262_144;
const HEAD_END = '\r\n\r\n';
const NOTHING = Buffer.alloc(0);
const LINE_END = '\r\n';
const NO_BODY = new Set([204, 205, 304]);

/** Where in the answer we are. */
type Place = 'head' | 'body' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers' | 'rest' | 'over';

export class AnswerParser {
  readonly #sink: AnswerSink;
  readonly #heads: AnswerHeads;
  #isHead = false;
  #place: Place = 'over';
  /** The parts of a head that is not whole, if all of its pieces were whole parts. */
  readonly #parts: HeadPart[] = [];
  /** The start of a head or a line that is not whole. */
  #kept: Buffer = NOTHING;
  /** Bytes of the body or chunk that are still to come. */
  #left = 0;
  /** The lines of the trailer section so far. */
  #trailers: string[] = [];

  /** @param heads the parts of heads that other parsers of the thread have read */
  constructor(sink: AnswerSink, heads = new AnswerHeads()) {
    this.#sink = sink;
    this.#heads = heads;
  }

  /** The answer to the next request begins. @param isHead to HEAD: no body follows, whatever the fields say */
  begin(isHead: boolean): void {
    this.#isHead = isHead;
    this.#place = 'head';
    this.#kept = NOTHING;
    this.#parts.length = 0;
    if (this.#trailers.length > 0) this.#trailers = [];
  }

  /** The fields behind the body (RFC 9112 section 7.1.2), when all of it has come. */
  get trailers(): OutgoingHttpHeaders {
    const { ':status': _, ...fields } = joinParts([readLines(this.#trailers.join(LINE_END))]).headers;
    return fields;
  }

  /** All of the answer has come. */
  get isOver(): boolean {
    return this.#place === 'over';
  }

  /**
   * Takes `bytes[from, to)`.
   * @param isFixed the bytes never change, so what is read of their head holds for the next answer too
   */
  take(bytes: SummedBytes, from: number, to: number, isFixed: boolean): void {
    const isPart = isFixed && from === 0 && this.#place === 'head' && this.#kept.length === 0;
    if (isPart) this.#takePart(bytes, to);
    else this.#read(Buffer.from(bytes.bytes.buffer, bytes.bytes.byteOffset + from, to - from));
  }

  /** The connection ends. */
  end(): void {
    if (this.#place !== 'over') this.#finish(this.#place !== 'rest');
  }

  /** One piece of a head that came in whole parts. */
  #takePart(bytes: SummedBytes, to: number): void {
    const part = this.#heads.part(bytes);
    this.#parts.push(part);
    if (part.bodyAt < 0) return;
    const head = this.#heads.join(this.#parts);
    this.#parts.length = 0;
    this.#head(head);
    if (part.bodyAt < to)
      this.#read(Buffer.from(bytes.bytes.buffer, bytes.bytes.byteOffset + part.bodyAt, to - part.bodyAt));
  }

  #read(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0 && this.#place !== 'over') {
      if (this.#place === 'body' || this.#place === 'chunk' || this.#place === 'rest') rest = this.#readBody(rest);
      else rest = this.#readLine(rest);
    }
  }

  #readBody(bytes: Buffer): Buffer {
    const length = this.#place === 'rest' ? bytes.length : Math.min(bytes.length, this.#left);
    if (this.#place !== 'rest') this.#left -= length;
    const isAll = length === bytes.length;
    this.#sink.body(isAll ? bytes : bytes.subarray(0, length));
    if (this.#left === 0 && this.#place === 'chunk') this.#place = 'chunk-end';
    else if (this.#left === 0 && this.#place === 'body') this.#finish();
    return isAll ? NOTHING : bytes.subarray(length);
  }

  #readLine(bytes: Buffer): Buffer {
    const [line, after] = this.#split(bytes, this.#place === 'head' ? HEAD_END : LINE_END);
    if (line !== undefined) this.#line(line);
    else if (this.#kept.length > MAX_HEAD_BYTES) this.#finish(true);
    return after;
  }

  /** The text in front of `end`, and what follows; undefined: it is kept until more comes. */
  #split(bytes: Buffer, end: string): [string | undefined, Buffer] {
    const all = this.#kept.length === 0 ? bytes : Buffer.concat([this.#kept, bytes]);
    const at = all.indexOf(end, 0, 'latin1');
    this.#kept = at < 0 ? Buffer.from(all) : NOTHING;
    return at < 0 ? [undefined, NOTHING] : [all.toString('latin1', 0, at), all.subarray(at + end.length)];
  }

  #line(text: string): void {
    if (this.#place === 'head') this.#head(joinParts([...this.#parts.splice(0), readLines(text)]));
    else if (this.#place === 'chunk-size') this.#chunkSize(text);
    else if (this.#place === 'chunk-end') this.#place = 'chunk-size';
    else if (text === '') this.#finish();
    else this.#trailers.push(text);
  }

  #head(head: AnswerHead): void {
    const { status, isChunked, length } = head;
    if (status < 200) {
      this.#sink.interim(head);
      return;
    }
    const isWhole = this.#isHead || NO_BODY.has(status) || (!isChunked && length === 0);
    this.#sink.head(head);
    this.#left = length;
    this.#place = isChunked ? 'chunk-size' : length < 0 ? 'rest' : 'body';
    if (isWhole) this.#finish();
  }

  #chunkSize(text: string): void {
    this.#left = Number.parseInt(text, 16);
    this.#place = this.#left === 0 ? 'trailers' : 'chunk';
  }

  #finish(isBroken = false): void {
    this.#place = 'over';
    this.#sink.ended(isBroken);
  }
}
