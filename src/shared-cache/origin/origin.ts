/**
 * Where answers come from, as the cache sees it: a function that begins an exchange and tells what comes. An upstream
 * or a `(req, res)` handler becomes one by handler-origin.ts.
 */
import type { IncomingMessage } from 'node:http';
import type { Fields } from '../fields.js';

/** What the cache asks for. @see {@link Origin} */
export interface OriginRequest {
  readonly method: string;
  /** In origin-form, as the client sent it. */
  readonly target: string;
  readonly fields: Fields;
  /** The client's request for which this is made: for its address, and for the body. */
  readonly client: IncomingMessage;
  /** Whether the body of `client` goes with it. Without it the request has no body. */
  readonly withBody: boolean;
}

/**
 * Is told what the origin answers: interim heads, the head, the body, and one of `end` and `failed`.
 * @see {@link Origin}
 */
export interface OriginAnswer {
  interim(status: number, fields: Fields): void;
  /** `fault`: no server has sent it, for this reason of the access log's; 0 or left out: one has. */
  head(status: number, message: string, fields: Fields, fault?: number): void;
  data(chunk: Buffer): void;
  end(trailers: Fields): void;
  /** No answer came, or it broke off. `fault`: as with the head. */
  failed(error: Error, fault?: number): void;
}

/** An exchange that has begun. @see {@link Origin} */
export interface OriginExchange {
  pause(): void;
  resume(): void;
  /** Nobody wants the answer any more. Nothing is told after this. */
  abort(): void;
}

/**
 * Begins an exchange. It tells nothing before it has returned.
 *
 * @example
 * ```ts
 * import type { Fields, Origin } from 'fastpath';
 *
 * const fields: Fields = ['Content-Type', 'text/plain', 'Cache-Control', 'max-age=60'];
 * // Answers at once. One that is slow stops when it is told to.
 * export const origin: Origin = ({ method, target }, answer) => {
 *   answer.head(200, 'OK', fields);
 *   answer.data(Buffer.from(`${method} ${target}\n`));
 *   answer.end([]);
 *   return { pause() {}, resume() {}, abort() {} };
 * };
 * ```
 */
export type Origin = (request: OriginRequest, answer: OriginAnswer) => OriginExchange;
