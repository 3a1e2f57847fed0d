/**
 * A cache in front of something that answers requests of node:http: a request comes in, and what the cache has not got
 * is asked there. `Expect: 100-continue` goes through to it, so a client does not send a body that nobody takes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SharedCache, type SharedCacheContext } from './cache.js';
import type { SharedCacheOptions } from './options.js';
import { handlerOrigin } from './origin/handler-origin.js';
import { hasBody } from './visit.js';

/** Answers a request. `isExpecting`: the client waits for "100 Continue" before it sends its body. */
export type Answering = (request: IncomingMessage, response: ServerResponse, isExpecting: boolean) => unknown;

/** Answers from its cache, and asks `answer` for what the cache has not got. */
export class CacheInFront {
  readonly cache: SharedCache;
  /** Requests whose client waits for 100. A request with a body is given to the origin as it is. */
  readonly #expecting = new WeakSet<IncomingMessage>();

  /** `originOf`: makes an origin of `answer`. @throws {RangeError} for options that make no sense */
  constructor(
    answer: Answering,
    options: SharedCacheOptions,
    context: SharedCacheContext,
    originOf: typeof handlerOrigin = handlerOrigin,
  ) {
    const origin = originOf((request, response) => answer(request, response, this.#expecting.has(request)));
    this.cache = new SharedCache(origin, options, context);
  }

  answer(request: IncomingMessage, response: ServerResponse, isExpecting: boolean): void {
    if (isExpecting) {
      if (hasBody(request)) this.#expecting.add(request);
      else response.writeContinue();
    }
    this.cache.handler(request, response);
  }
}
