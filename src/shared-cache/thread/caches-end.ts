/** The main thread's end of the caches of one thread: takes what they publish, purges them, and has their counters. */
import type { Purge, PurgeKind } from '../match/purge.js';
import type { CacheReading, MessageFromCaches, PurgedAnswers, PurgeOrder } from './messages.js';

/** Takes what is published: src/serve/slow/kept-answers.ts. */
export type TakeKept = (message: Extract<MessageFromCaches, { kind: 'keep' | 'drop' }>) => void;

/** Sends an order to the thread. False: there is no thread now, and so nothing is stored. */
export type SendOrder = (order: PurgeOrder) => boolean;

export class CachesEnd {
  readonly #take: TakeKept;
  /** How orders get to the thread. */
  send: SendOrder = () => false;
  #nextId = 1;
  readonly #orders = new Map<number, (purged: readonly PurgedAnswers[]) => void>();
  #readings: readonly CacheReading[] = [];

  constructor(take: TakeKept) {
    this.#take = take;
  }

  /** The counters, at most a second old. */
  get readings(): readonly CacheReading[] {
    return this.#readings;
  }

  /** The thread has ended, and what it had stored is gone. */
  ended(): void {
    this.#readings = [];
    for (const done of this.#orders.values()) done([]);
    this.#orders.clear();
  }

  received(message: MessageFromCaches): void {
    if (message.kind === 'counters') this.#readings = message.caches;
    else if (message.kind !== 'purged') this.#take(message);
    else {
      this.#orders.get(message.id)?.(message.purged);
      this.#orders.delete(message.id);
    }
  }

  /**
   * Purges in all caches of the thread. Fulfilled when nothing of it is published any more, and nothing will be: the
   * thread's messages come in their order.
   */
  purge(which: Purge, how: PurgeKind): Promise<readonly PurgedAnswers[]> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      if (this.send({ kind: 'purge', id, which, how })) this.#orders.set(id, resolve);
      else resolve([]);
    });
  }
}
