/** The caches of one thread, by the names of their upstreams: made, changed, purged and counted together. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WallClock } from '../../net/wall-clock.js';
import { type Answering, CacheInFront } from '../in-front.js';
import type { Purge, PurgeKind } from '../match/purge.js';
import { DEFAULTS } from '../options.js';
import type { handlerOrigin } from '../origin/handler-origin.js';
import type { Publisher } from '../publisher.js';
import { MessagePublisher, type Post } from './message-publisher.js';
import type { CacheReading, CacheSetup, CacheSetups, PurgedAnswers, PurgeOrder } from './messages.js';

/** Between two messages with counters, ms. */
const TELL_EVERY_MS = 1_000;

/** What answers the requests to one upstream. */
export type AnsweringFor = (
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
  isExpecting: boolean,
) => unknown;

const REAL_TIME: WallClock = {
  get seconds(): number {
    return Math.floor(Date.now() / 1_000);
  },
};

/**
 * The caches of a worker thread, which publish and tell by messages. `post`: to the main thread. `originOf`: see
 * CachesMeans.
 */
export function postingCaches(answer: AnsweringFor, post: Post, originOf?: typeof handlerOrigin): ThreadCaches {
  const caches = new ThreadCaches(
    answer,
    ({ id, options: { name = DEFAULTS.name } }) => new MessagePublisher(id, name, post),
    { originOf },
  );
  let last = '[]';
  setInterval(() => {
    const readings = caches.read();
    const text = JSON.stringify(readings);
    if (text !== last) post({ kind: 'counters', caches: readings });
    last = text;
  }, TELL_EVERY_MS).unref();
  return caches;
}

/** Carries out an order of the main thread. */
export function obey(caches: ThreadCaches, { id, which, how }: PurgeOrder, post: Post): void {
  post({ kind: 'purged', id, purged: caches.purge(which, how) });
}

/** What caches may be given. `originOf`: makes an origin of what answers; default: `handlerOrigin`. */
export interface CachesMeans {
  readonly wallClock?: WallClock;
  readonly originOf?: typeof handlerOrigin | undefined;
}

interface Running {
  readonly front: CacheInFront;
  readonly id: number;
}

export class ThreadCaches {
  readonly #answer: AnsweringFor;
  readonly #publisherFor: (setup: CacheSetup) => Publisher;
  readonly #wallClock: WallClock;
  readonly #originOf: typeof handlerOrigin | undefined;
  readonly #running = new Map<string, Running>();

  constructor(
    answer: AnsweringFor,
    publisherFor: (setup: CacheSetup) => Publisher,
    { wallClock = REAL_TIME, originOf }: CachesMeans = {},
  ) {
    this.#originOf = originOf;
    this.#answer = answer;
    this.#publisherFor = publisherFor;
    this.#wallClock = wallClock;
  }

  /** From now on there are these caches. One with the same number as before goes on. Others store nothing more. */
  configure(setups: CacheSetups): void {
    for (const [name, { front, id }] of this.#running) {
      if (setups[name]?.id === id) continue;
      this.#running.delete(name);
      front.cache.purge({ by: 'all' });
    }
    for (const [name, setup] of Object.entries(setups)) {
      if (!this.#running.has(name)) this.#running.set(name, { front: this.#make(name, setup), id: setup.id });
    }
  }

  /** Answers a request from the cache of this upstream, or without one, if it has none. */
  answer(name: string, request: IncomingMessage, response: ServerResponse, isExpecting: boolean): void {
    const running = this.#running.get(name);
    if (running === undefined) this.#answer(name, request, response, isExpecting);
    else running.front.answer(request, response, isExpecting);
  }

  /** `answer` for one name; undefined if it has no cache now. */
  answerer(name: string): Answering | undefined {
    if (!this.#running.has(name)) return undefined;
    return (request, response, isExpecting) => this.answer(name, request, response, isExpecting);
  }

  purge(which: Purge, how: PurgeKind): PurgedAnswers[] {
    return [...this.#running].map(([cache, { front }]) => ({ cache, answers: front.cache.purge(which, how) }));
  }

  read(): CacheReading[] {
    return [...this.#running].map(([name, { front }]) => {
      const { statistics, size, settings } = front.cache;
      return { name, counters: { ...statistics, ...size, limitBytes: settings.memoryBytes } };
    });
  }

  #make(name: string, setup: CacheSetup): CacheInFront {
    const { options } = setup;
    const answer = (request: IncomingMessage, response: ServerResponse, isExpecting: boolean) =>
      this.#answer(name, request, response, isExpecting);
    const context = { wallClock: this.#wallClock, publisher: this.#publisherFor(setup) };
    return new CacheInFront(answer, options, context, this.#originOf);
  }
}
