/**
 * A thread that answers requests, kept alive: it is started again if it ends, ended if it stands still, and replaced
 * while it serves. The handler has one (handler-thread.ts), and the upstreams (src/proxy/thread).
 *
 *     starts ── ready ──▶ serves ── ends, or stands still ──▶ starts again: at once, or after a delay
 *                           │ replace: a new one is ready
 *                           └──▶ leaves: what it has under way goes on, for a while
 *
 * While a thread starts again, requests wait for it in its channels.
 */
import { type Before, discardThreadLink, LEAVES, SlowFailure, type ThreadLink } from '../channel/index.js';
import type { LifeMessage, ServeMessage } from './life-messages.js';
import { RestartDelay } from './restart-delay.js';
import { BY_ITSELF, type ThreadKind, ThreadLife } from './thread-life.js';

/** How long requests wait for a thread that starts again, ms. Then they get 503, and so do later ones. */
const QUEUE_MS = 5_000;
/** How long a thread that was replaced may go on with what it has under way, ms. */
const LEAVE_MS = 60_000;
/** Threads that leave at a time. One more ends the oldest: somebody may replace a handler all the time. */
const MOST_LEAVING = 4;

/** What the owner of such a thread does. */
export interface ThreadOwner {
  /** New channels to the workers. `before`: what has become of the thread before, if there was one. */
  connect(generation: number, before: Before): readonly ThreadLink[];
  /** No thread will serve these channels any more. What is under way on them has failed. */
  ended(generation: number, failure: SlowFailure): void;
  warn(text: string): void;
}

/** What such a thread has gone through. */
export interface KeptCounters {
  /** Times that it was started again. */
  readonly restarts: number;
  /** Times that it stood still, and was ended. */
  readonly stuck: number;
  /** Times that a new one took its place. */
  readonly replaced: number;
}

interface Queue {
  readonly generation: number;
  readonly links: readonly ThreadLink[];
  readonly limit: NodeJS.Timeout;
}

/** A thread that is ready to take the place of the one that serves. */
export interface Candidate {
  /** It gets the requests from now on. The one before ends when it has answered those that it has. */
  commit(): void;
  /** It is not needed. */
  discard(): Promise<void>;
}

export class KeptThread {
  readonly counters: { -readonly [Name in keyof KeptCounters]: number } = { restarts: 0, stuck: 0, replaced: 0 };
  /** What the thread gets at its next start. */
  setup: object;
  /** Is told what the thread says beside the messages of its life. */
  heard: (message: unknown) => void = () => {};
  readonly #kind: ThreadKind;
  readonly #owner: ThreadOwner;
  #delay = new RestartDelay();
  #stuckMs: number;
  #life: ThreadLife | undefined;
  /** Those that were replaced, the oldest first. */
  readonly #leaving = new Map<ThreadLife, NodeJS.Timeout>();
  #queue: Queue | undefined;
  #again: NodeJS.Timeout | undefined;
  #generation = 0;
  #isClosing = false;
  #isWanted = true;

  /** @param stuckMs ends a thread that stands still for so long, ms; 0: never */
  constructor(kind: ThreadKind, setup: object, owner: ThreadOwner, stuckMs: number) {
    this.#kind = kind;
    this.setup = setup;
    this.#owner = owner;
    this.#stuckMs = stuckMs;
  }

  /** Fulfilled when it serves. @throws {Error} why it cannot */
  async start(): Promise<void> {
    (await this.prepare(this.setup)).commit();
  }

  /** Starts another thread, which serves nobody yet. @throws {Error} why it cannot begin */
  async prepare(setup: object): Promise<Candidate> {
    const life = this.#create(setup);
    await life.ready;
    return {
      commit: () => this.#commit(life, setup),
      discard: () => life.close(),
    };
  }

  set stuckMs(milliseconds: number) {
    this.#stuckMs = milliseconds;
    this.#life?.watch(milliseconds);
  }

  /** To the thread that serves. Returns whether there is one now. */
  post(message: unknown): boolean {
    this.#life?.post(message);
    return this.#life !== undefined;
  }

  /** No thread is needed any more. What this one has under way goes on, for a while; new requests get 503. */
  retire(): void {
    if (!this.#isWanted) return;
    this.#isWanted = false;
    clearTimeout(this.#again);
    this.#dropQueue();
    const life = this.#life;
    this.#life = undefined;
    for (const link of this.#owner.connect(++this.#generation, LEAVES)) discardThreadLink(link);
    this.#owner.ended(this.#generation, SlowFailure.absent);
    if (life !== undefined) this.#letLeave(life);
  }

  /** Ends the thread. What it has under way is reset. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#again);
    this.#dropQueue();
    for (const limit of this.#leaving.values()) clearTimeout(limit);
    await Promise.all([this.#life, ...this.#leaving.keys()].map((life) => life?.close()));
  }

  #create(setup: object): ThreadLife {
    return new ThreadLife(this.#kind, setup, {
      heard: (message) => {
        const { kind, text } = message as LifeMessage & { kind: 'warning' };
        if (kind === 'warning') this.#owner.warn(text);
        else this.heard(message);
      },
      ended: (life, failure, reason) => this.#ended(life, failure, reason),
    });
  }

  #commit(life: ThreadLife, setup: object): void {
    if (this.#isClosing) {
      void life.close();
      return;
    }
    clearTimeout(this.#again);
    if (setup !== this.setup) this.#delay = new RestartDelay(); // what ended the old one says nothing of the new one
    this.setup = setup;
    this.#isWanted = true;
    const before = this.#life;
    this.#serve(life);
    if (before === undefined) return;
    this.counters.replaced++;
    this.#letLeave(before);
  }

  /** Gives a thread that is ready its channels: those in which requests wait, or new ones. */
  #serve(life: ThreadLife): void {
    const queue = this.#queue;
    this.#queue = undefined;
    clearTimeout(queue?.limit);
    life.generation = queue?.generation ?? ++this.#generation;
    const links = queue?.links ?? this.#owner.connect(life.generation, LEAVES);
    this.#life = life;
    life.post({ kind: 'serve', links } satisfies ServeMessage);
    life.watch(this.#stuckMs);
  }

  #letLeave(life: ThreadLife): void {
    const [oldest] = this.#leaving.keys();
    if (this.#leaving.size === MOST_LEAVING) oldest?.cut('there are too many that were replaced');
    const limit = setTimeout(() => life.cut(`${LEAVE_MS / 1000} s after it was replaced`), LEAVE_MS);
    this.#leaving.set(life, limit.unref());
  }

  #ended(life: ThreadLife, failure: SlowFailure, reason: string): void {
    if (this.#isClosing) return;
    if (failure === SlowFailure.stuck) this.counters.stuck++;
    if (life !== this.#life) {
      this.#hasLeft(life, failure, reason);
      return;
    }
    this.#life = undefined;
    const delayMs = this.#delay.next(performance.now() - life.startedAt);
    const when = delayMs === 0 ? 'at once' : `in ${delayMs} ms`;
    this.#owner.warn(`${this.#kind.what}'s thread has ended, and starts again ${when}: ${reason}`);
    if (delayMs < QUEUE_MS) this.#openQueue(failure);
    else this.#owner.ended(life.generation, failure); // nobody waits in vain
    this.#startLater(delayMs);
  }

  #hasLeft(life: ThreadLife, failure: SlowFailure, reason: string): void {
    clearTimeout(this.#leaving.get(life));
    this.#leaving.delete(life);
    if (life.generation > 0) this.#owner.ended(life.generation, failure);
    if (reason !== BY_ITSELF) this.#owner.warn(`${this.#kind.what}'s thread that was replaced has ended: ${reason}`);
  }

  /** New channels, in which requests wait for the next thread. */
  #openQueue(failure: SlowFailure): void {
    const generation = ++this.#generation;
    const links = this.#owner.connect(generation, failure);
    const limit = setTimeout(() => this.#dropQueue(), QUEUE_MS);
    this.#queue = { generation, links, limit };
  }

  /** No thread comes in time. */
  #dropQueue(): void {
    const queue = this.#queue;
    if (queue === undefined) return;
    this.#queue = undefined;
    clearTimeout(queue.limit);
    this.#owner.ended(queue.generation, SlowFailure.absent);
    for (const link of queue.links) discardThreadLink(link);
  }

  #startLater(delayMs: number): void {
    this.#again = setTimeout(() => void this.#startAgain(), delayMs);
  }

  async #startAgain(): Promise<void> {
    this.counters.restarts++;
    try {
      const candidate = await this.prepare(this.setup);
      if (this.#isWanted && this.#life === undefined) candidate.commit();
      else await candidate.discard(); // somebody was quicker
    } catch (error) {
      if (this.#isClosing || !this.#isWanted || this.#life !== undefined) return;
      this.#dropQueue();
      const delayMs = this.#delay.next(0);
      this.#owner.warn(`${this.#kind.what} cannot begin again, next try in ${delayMs} ms: ${(error as Error).message}`);
      this.#startLater(delayMs);
    }
  }
}
