/** The proxy as the origin of a cache: what it answers goes to the cache as it is, without a connection between. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Fields,
  faultOf,
  type Origin,
  type OriginAnswer,
  type OriginExchange,
  type OriginRequest,
} from '../../shared-cache/index.js';
import { LeanRequest } from './lean-request.js';
import { LeanResponse } from './lean-response.js';

/** An origin whose answers `handle` gives. The proxy neither throws nor leaves a request without an answer. */
export function proxyOrigin(handle: (req: IncomingMessage, res: ServerResponse) => void): Origin {
  return (asked, answer) => {
    const response = new CacheResponse(requestOf(asked), answer);
    process.nextTick(() => {
      if (!response.closed) handle(response.req, response.asResponse());
    });
    return response;
  };
}

/** The client's own request when its body is wanted, else one that has none. */
function requestOf({ withBody, client, method, target, fields }: OriginRequest): IncomingMessage {
  return withBody ? client : new LeanRequest(method, target, fields, client.socket).asMessage();
}

class CacheResponse extends LeanResponse implements OriginExchange {
  /** There is no connection: what a client's says about it would be wrong for those who wait with it. */
  readonly socket = null;
  readonly #answer: OriginAnswer;
  #isPaused = false;

  constructor(req: IncomingMessage, answer: OriginAnswer) {
    super(req);
    this.#answer = answer;
  }

  protected override sendHead(status: number, message: string, fields: Fields): void {
    if (!this.closed) this.#answer.head(status, message, fields, faultOf(this.asResponse()));
  }

  protected override sendBody(chunk: Buffer): boolean {
    if (!this.closed) this.#answer.data(chunk);
    return !this.#isPaused;
  }

  protected override sendEnd(trailers: Fields): void {
    if (this.closed) return;
    this.closed = true;
    this.#answer.end(trailers);
  }

  protected override breakOff(): void {
    if (this.closed) return;
    this.closed = true;
    this.#answer.failed(new Error('the proxy broke its answer off'), faultOf(this.asResponse()));
  }

  override sendInterim(status: number, fields: Fields): boolean {
    if (this.closed || this.headersSent) return false;
    this.#answer.interim(status, fields);
    return true;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.emit('drain');
  }

  abort(): void {
    this.gone();
  }
}
