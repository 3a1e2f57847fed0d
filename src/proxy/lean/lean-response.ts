/**
 * An answer to a client or to the cache, with what the proxy and its cache use of ServerResponse. The bytes go straight
 * to where they belong: to a channel (channel-response.ts) or to the cache (cache-origin.ts).
 */
import { EventEmitter } from 'node:events';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Fields } from '../../shared-cache/index.js';

export abstract class LeanResponse extends EventEmitter {
  statusCode = 200;
  headersSent = false;
  writableEnded = false;
  destroyed = false;
  /** Nothing happens here any more. */
  closed = false;
  readonly req: IncomingMessage;
  readonly #isHead: boolean;
  #set: string[] = [];
  #trailers: string[] = [];

  constructor(req: IncomingMessage) {
    super();
    this.req = req;
    this.#isHead = req.method === 'HEAD';
  }

  /** To the proxy and the cache, which use what is here of it. */
  asResponse(): ServerResponse {
    return this as unknown as ServerResponse;
  }

  // Where it goes.

  protected abstract sendHead(status: number, message: string, fields: Fields): void;
  /** False: no more until 'drain'. */
  protected abstract sendBody(chunk: Buffer): boolean;
  protected abstract sendEnd(trailers: Fields): void;
  protected abstract breakOff(): void;
  /** An interim answer; returns whether it was sent. */
  abstract sendInterim(status: number, fields: Fields): boolean;

  /** The status has no body, or the request wants none (RFC 9112 section 6.3). */
  protected get isBodiless(): boolean {
    return this.#isHead || this.statusCode === 204 || this.statusCode === 304;
  }

  // What ServerResponse has.

  setHeader(name: string, value: string | number): this {
    this.#set.push(name, String(value));
    return this;
  }

  writeHead(status: number, words?: string | Fields, given?: Fields): this {
    this.statusCode = status;
    this.headersSent = true;
    const message = typeof words === 'string' ? words : (STATUS_CODES[status] ?? 'unknown');
    const fields = given ?? (typeof words === 'object' ? words : []);
    this.sendHead(status, message, this.#set.length === 0 ? fields : [...this.#set, ...fields]);
    return this;
  }

  write(chunk: Buffer): boolean {
    if (this.destroyed || this.writableEnded || chunk.length === 0 || this.isBodiless) return true;
    return this.sendBody(chunk);
  }

  end(chunk?: Buffer | string): this {
    if (this.writableEnded || this.destroyed) return this;
    if (!this.headersSent) this.writeHead(this.statusCode);
    if (chunk !== undefined) this.write(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    this.writableEnded = true;
    this.sendEnd(this.#trailers);
    return this;
  }

  addTrailers(pairs: readonly (readonly [name: string, value: string])[]): void {
    for (const [name, value] of pairs) this.#trailers.push(name, value);
  }

  writeContinue(): void {
    this.sendInterim(100, []);
  }

  writeProcessing(): void {
    this.sendInterim(102, []);
  }

  writeEarlyHints(hints: Readonly<Record<string, string | readonly string[]>>): void {
    const fields: string[] = [];
    for (const [name, values] of Object.entries(hints)) {
      for (const value of [values].flat()) fields.push(name === 'link' ? 'Link' : name, value as string); // as Node has it
    }
    this.sendInterim(103, fields);
  }

  /** The answer breaks off. */
  destroy(): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.breakOff();
    return this;
  }

  /** Whoever waits for it has gone. */
  gone(): void {
    if (this.closed) return;
    this.destroyed = true;
    this.closed = true;
    this.emit('close');
  }
}
