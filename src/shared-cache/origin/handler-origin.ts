/**
 * A `(req, res)` handler as an origin: Express, Fastify, the reverse proxy. The handler gets a request and a response
 * of node:http that have no connection behind them: what it writes is read by `AnswerReader`, not by a client.
 *
 * The response is a real ServerResponse, since frameworks change its prototype and wrap its methods. It never uses
 * chunks, so that what follows the head is the body as it is.
 */
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { faultOf } from '../fault.js';
import type { Fields } from '../fields.js';
import { AnswerReader } from './answer-reader.js';
import { CaptureSocket } from './capture-socket.js';
import type { Origin, OriginAnswer, OriginExchange, OriginRequest } from './origin.js';

/**
 * Anything that answers a request of node:http. What it throws, or the promise it returns rejects with, is a 500.
 * @see {@link handlerOrigin}
 */
export type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * An origin whose answers this handler writes. The handler gets a request and a response of node:http that have no
 * connection behind them: the cache reads what it writes. An error that it throws, or rejects with, is a 500.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { handlerOrigin, SharedCache } from 'fastpath';
 *
 * const origin = handlerOrigin((_request, response) => {
 *   response.setHeader('Cache-Control', 'max-age=60');
 *   response.end(`made at ${new Date().toISOString()}`);
 * });
 * const wallClock = {
 *   get seconds() {
 *     return Math.floor(Date.now() / 1_000);
 *   },
 * };
 * const cache = new SharedCache(origin, {}, { wallClock });
 * export const server = createServer(cache.handler);
 * ```
 */
export function handlerOrigin(handler: Handler): Origin {
  return (asked, answer) => {
    const exchange = new HandlerExchange(asked, answer);
    process.nextTick(() => exchange.run(handler));
    return exchange;
  };
}

class HandlerExchange implements OriginExchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #socket: CaptureSocket;
  readonly #answer: OriginAnswer;
  #isOver = false;
  #trailers: string[] = [];

  constructor(asked: OriginRequest, answer: OriginAnswer) {
    this.#answer = answer;
    const reader = new AnswerReader(answer, () => faultOf(this.#response));
    this.#socket = new CaptureSocket(asked.client.socket, (bytes) => {
      if (!this.#isOver) reader.read(bytes);
    });
    this.#request = requestOf(asked, this.#socket.asSocket());
    this.#response = responseOn(this.#socket.asSocket(), this.#request, (fields) => this.#trailers.push(...fields));
    this.#response.once('finish', () => {
      if (reader.hasHead) this.#finish(() => answer.end(this.#trailers));
      else this.#fail(new Error('the handler ended without an answer'));
    });
    this.#response.once('close', () => this.#fail(new Error('the handler destroyed its answer')));
    this.#socket.once('close', () => this.#fail(new Error('the handler destroyed the connection')));
  }

  run(handler: Handler): void {
    if (this.#isOver) return;
    try {
      const result = handler(this.#request, this.#response);
      if (result instanceof Promise) result.catch((error) => this.#thrown(error));
    } catch (error) {
      this.#thrown(error);
    }
  }

  pause(): void {
    this.#socket.pauseWrites();
  }

  resume(): void {
    this.#socket.resumeWrites();
  }

  abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#close();
  }

  #thrown(error: unknown): void {
    if (!this.#isOver && !this.#response.headersSent) {
      this.#finish(() => {
        this.#answer.head(500, 'Internal Server Error', ['Content-Length', '0']);
        this.#answer.end([]);
      });
    } else {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #finish(tell: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    tell();
    this.#close();
  }

  #fail(error: Error): void {
    this.#finish(() => this.#answer.failed(error, faultOf(this.#response)));
  }

  /** A handler that still works learns of it as of a client that has gone: 'close' of both. */
  #close(): void {
    this.#socket.resumeWrites();
    this.#socket.destroy();
    if (!this.#response.destroyed) this.#response.destroy();
  }
}

/** The client's own request when its body is wanted, else one that has none. */
function requestOf(asked: OriginRequest, socket: Socket): IncomingMessage {
  if (asked.withBody) return asked.client;
  const request = new IncomingMessage(socket);
  request.method = asked.method;
  request.url = asked.target;
  request.httpVersion = '1.1';
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 1;
  request.rawHeaders = [...asked.fields];
  addHeaders(request, asked.fields);
  request.complete = true;
  request.push(null);
  return request;
}

/** `headers` as Node makes them of the lines: joined by its own rules for each name. */
function addHeaders(request: IncomingMessage, fields: Fields): void {
  const node = request as IncomingMessage & { _addHeaderLines(fields: string[], count: number): void };
  node._addHeaderLines([...fields], fields.length);
}

function responseOn(socket: Socket, request: IncomingMessage, onTrailers: (fields: string[]) => void): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.useChunkedEncodingByDefault = false;
  // A handler that sets Transfer-Encoding itself would switch chunks on. Until the head is written they may seem to be
  // on: Node refuses a Trailer field without them.
  const head = response as ServerResponse & { readonly _header: string | null };
  Object.defineProperty(response, 'chunkedEncoding', { get: () => head._header === null, set: () => {} });
  response.addTrailers = (trailers) => {
    const pairs: [string, unknown][] = Array.isArray(trailers)
      ? (trailers as [string, string][])
      : Object.entries(trailers);
    onTrailers(pairs.flatMap(([name, value]) => [name, String(value)]));
  };
  response.assignSocket(socket);
  socket.on('drain', () => drained(response));
  return response;
}

/** What node:http's server does when a connection takes more: it alone listens to 'drain' of the socket. */
export function drained(response: ServerResponse): void {
  const needsDrain = Object.getOwnPropertySymbols(response).find(({ description }) => description === 'kNeedDrain');
  if (needsDrain !== undefined) (response as unknown as Record<symbol, boolean>)[needsDrain] = false;
  response.emit('drain');
}
