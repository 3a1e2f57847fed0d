/** An answer on a socket of a channel: its head and its body go into one block of the channel if they fit. */
import type { IncomingMessage } from 'node:http';
import type { ChannelSocket } from '../../channel/index.js';
import { type Fields, faultOf, outcomeOf } from '../../shared-cache/index.js';
import { interimHead, linesOf } from '../fields/lines.js';
import { LeanResponse } from './lean-response.js';

/** Pieces are joined up to this: one copy more costs less than one block more. */
const JOINED_BYTES = 8_192;
const CRLF = Buffer.from('\r\n', 'latin1');

export class ChannelResponse extends LeanResponse {
  readonly socket: ChannelSocket;
  readonly #over: () => void;
  /** Pieces that wait for those that come in the same turn. */
  #pieces: Buffer[] = [];
  #bytes = 0;
  #headBytes = 0;
  #isChunked = false;

  /** `over`: all of the answer has been written. */
  constructor(req: IncomingMessage, socket: ChannelSocket, over: () => void) {
    super(req);
    this.socket = socket;
    this.#over = over;
  }

  protected override sendHead(status: number, message: string, fields: Fields): void {
    let text = `HTTP/1.1 ${status} ${message}\r\n`;
    let hasDate = false;
    let hasLength = false;
    for (let i = 0; i + 1 < fields.length; i += 2) {
      const name = fields[i] as string;
      text += `${name}: ${fields[i + 1]}\r\n`;
      if (name.length === 4) hasDate ||= name.toLowerCase() === 'date';
      else if (name.length === 14) hasLength ||= name.toLowerCase() === 'content-length';
    }
    if (!hasDate) text += `Date: ${new Date().toUTCString()}\r\n`;
    this.#isChunked = !hasLength && !this.isBodiless;
    text += this.#isChunked ? END_CHUNKED : END_PLAIN;
    this.#headBytes += text.length;
    process.nextTick(flush, this);
    this.#add(Buffer.from(text, 'latin1'));
  }

  protected override sendBody(chunk: Buffer): boolean {
    if (this.#isChunked) this.#add(Buffer.from(`${chunk.length.toString(16)}\r\n`, 'latin1'));
    const mayGoOn = this.#add(chunk);
    return this.#isChunked ? this.#add(CRLF) && mayGoOn : mayGoOn;
  }

  protected override sendEnd(trailers: Fields): void {
    if (this.#isChunked) this.#add(Buffer.from(`0\r\n${linesOf(trailers)}\r\n`, 'latin1'));
    this.#write(this.#pieces.length === 0 ? [Buffer.alloc(0)] : this.#pieces, this.#written);
  }

  protected override breakOff(): void {
    this.socket.destroy();
  }

  override sendInterim(status: number, fields: Fields): boolean {
    if (this.headersSent || this.socket.destroyed) return false;
    const text = interimHead(status, fields);
    this.#headBytes += text.length;
    this.socket.write(text, 'latin1');
    return true;
  }

  /** Hands over what waits. */
  flush(): void {
    if (this.#pieces.length > 0) this.#write(this.#pieces);
  }

  #add(piece: Buffer): boolean {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    return this.#bytes < JOINED_BYTES || this.#write(this.#pieces);
  }

  /** Returns what the socket says: false: no more until 'drain'. */
  #write(pieces: readonly Buffer[], done?: () => void): boolean {
    const whole = this.#bytes <= JOINED_BYTES && pieces.length > 1 ? [Buffer.concat(pieces, this.#bytes)] : pieces;
    this.#pieces = [];
    this.#bytes = 0;
    const { socket } = this;
    if (socket.destroyed) return true; // 'close' follows
    for (let i = 0; i < whole.length - 1; i++) socket.write(whole[i]);
    return socket.write(whole[whole.length - 1], done);
  }

  /** All of it lies in the channel. */
  readonly #written = (error?: Error | null): void => {
    this.closed = true;
    if (error) return;
    const { socket } = this;
    const answer = this.asResponse();
    socket.answered(this.statusCode, this.#headBytes, true, outcomeOf(answer), faultOf(answer));
    this.#over();
  };
}

const END_PLAIN = 'Connection: keep-alive\r\n\r\n';
const END_CHUNKED = 'Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n';

function flush(response: ChannelResponse): void {
  response.flush();
}
