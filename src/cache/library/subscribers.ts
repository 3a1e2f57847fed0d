/**
 * The workers that know the cache, and the objects that some of them may still be sending. Used by library.ts.
 *
 * A retired object's memory may be used again when every worker that knew it has said that none of its connections
 * holds it. Workers that came later never knew it; one that has ended holds nothing.
 */
import { ABSENT, type Want } from './asks.js';
import type { CacheMessage } from './published.js';

/** A retired name of an object, and who may still be sending it. */
interface Retired {
  readonly letGo: () => void;
  readonly waitingFor: Set<Subscriber>;
}

/**
 * One worker, as the main thread's library sees it.
 *
 * @example
 * ```ts
 * import type { Worker } from 'node:worker_threads';
 * import type { Library, Subscriber } from 'fastpath';
 *
 * // Attaches a worker, and hears which entries no connection of it holds any more.
 * export function attach(library: Library, worker: Worker): void {
 *   const subscriber: Subscriber = library.attach((message) => worker.postMessage(message));
 *   worker.on('message', ({ released }: { released: number }) => subscriber.released(released));
 *   worker.once('exit', () => subscriber.detach());
 * }
 * ```
 */
export class Subscriber {
  readonly post: (message: CacheMessage) => void;
  readonly #all: Subscribers;

  /** @internal */
  constructor(post: (message: CacheMessage) => void, all: Subscribers) {
    this.post = post;
    this.#all = all;
  }

  /** The worker reports that no connection of its holds this retired entry any more (the callback of its Store). */
  released(id: number): void {
    this.#all.released(id, this);
  }

  /** The worker wants names that are not in memory. It gets `settled` for each ask. @internal */
  want(wants: readonly Want[]): void {
    this.#all.want(this, wants);
  }

  /** The worker has ended. It is told nothing more and holds nothing. */
  detach(): void {
    this.#all.remove(this);
  }
}

export class Subscribers {
  readonly #members = new Set<Subscriber>();
  readonly #retired = new Map<number, Retired>();

  /** Who gets what the workers want. Without anybody there is nothing but what is in memory. */
  onWant: (subscriber: Subscriber, wants: readonly Want[]) => void = (subscriber, wants) => {
    subscriber.post({ kind: 'settled', outcomes: Int32Array.from(wants.flatMap(({ ask }) => [ask, ABSENT])) });
  };

  /** Called when the last worker has ended. */
  onNone: () => void = () => {};

  /** How many workers there are. */
  get count(): number {
    return this.#members.size;
  }

  /** Retired names that some worker has not let go of. */
  get waiting(): number {
    return this.#retired.size;
  }

  want(subscriber: Subscriber, wants: readonly Want[]): void {
    this.onWant(subscriber, wants);
  }

  add(post: (message: CacheMessage) => void): Subscriber {
    const subscriber = new Subscriber(post, this);
    this.#members.add(subscriber);
    return subscriber;
  }

  remove(subscriber: Subscriber): void {
    const wasMember = this.#members.delete(subscriber);
    for (const id of [...this.#retired.keys()]) this.released(id, subscriber);
    if (wasMember && this.#members.size === 0) this.onNone();
  }

  /** Gives a message to every worker. */
  post(message: CacheMessage): void {
    for (const subscriber of this.#members) subscriber.post(message);
  }

  /** Calls `letGo` once every worker there is now has released `id`: at once if there is none. */
  awaitRelease(id: number, letGo: () => void): void {
    if (this.#members.size === 0) letGo();
    else this.#retired.set(id, { letGo, waitingFor: new Set(this.#members) });
  }

  released(id: number, subscriber: Subscriber): void {
    const retired = this.#retired.get(id);
    if (retired === undefined || !retired.waitingFor.delete(subscriber) || retired.waitingFor.size > 0) return;
    this.#retired.delete(id);
    retired.letGo();
  }
}
