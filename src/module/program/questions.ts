/**
 * The questions of one worker to its module's slow path, and the other end of them in the main thread.
 *
 *     action: ask ──▶ post { id, question } ──▶ slow(question) … ──▶ { id, answer } ──▶ settle ──▶ the state goes on
 */
import type { Clock } from '../../net/clock.js';
import { MILLISECOND } from '../../net/clock.js';
import type { MainPart, ModuleServer } from '../module.js';

/** More questions of one worker at a time fail at once: a client must not fill the main thread's memory. */
const MOST_QUESTIONS = 1_024;

/** What a worker asks, and what it gets. */
interface Asked {
  readonly id: number;
  readonly question: unknown;
}
export interface Answered {
  readonly id: number;
  readonly answer?: unknown;
  /** The slow path threw. */
  readonly isFailed?: boolean;
}

/** Who waits for an answer. `isAnswer` is false if there is none: the slow path threw, or took too long. */
export interface Waiting {
  settle(answer: unknown, isAnswer: boolean): void;
}

/** The worker's end. */
export class Questions {
  readonly #clock: Clock;
  readonly #post: (asked: Asked) => void;
  readonly #timeoutMs: number;
  readonly #most: number;
  /** By number, the oldest first. */
  readonly #waiting = new Map<number, { readonly exchange: Waiting; readonly deadline: number }>();
  #last = 0;

  /** @param most questions under way at a time */
  constructor(clock: Clock, timeoutMs: number, post: (asked: unknown) => void, most = MOST_QUESTIONS) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#post = post;
    this.#most = most;
  }

  /** Questions under way. */
  get size(): number {
    return this.#waiting.size;
  }

  /** False: there are too many. */
  ask(exchange: Waiting, question: unknown): boolean {
    if (this.#waiting.size >= this.#most) return false;
    const id = ++this.#last;
    this.#post({ id, question });
    this.#waiting.set(id, { exchange, deadline: this.#clock.now + this.#timeoutMs * MILLISECOND });
    return true;
  }

  /** The exchange is gone. */
  forget(exchange: Waiting): void {
    for (const [id, waiting] of this.#waiting) if (waiting.exchange === exchange) this.#waiting.delete(id);
  }

  received(message: unknown): void {
    const { id, answer, isFailed = false } = message as Answered;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.exchange.settle(answer, !isFailed);
  }

  /** Gives up on what is overdue. */
  tick(): void {
    for (const [id, { exchange, deadline }] of this.#waiting) {
      if (deadline > this.#clock.now) return;
      this.#waiting.delete(id);
      exchange.settle(undefined, false);
    }
  }
}

/** The main thread's end: gives each question to `slow`, and its answer back to the worker that asked. */
export function answerQuestions(
  server: ModuleServer,
  slow: (question: unknown) => unknown,
): Required<Pick<MainPart, 'received'>> {
  const answer = async (id: number, question: unknown): Promise<Answered> => {
    try {
      return { id, answer: await slow(question) };
    } catch (error) {
      server.warn(`the slow path failed: ${error instanceof Error ? error.message : String(error)}`);
      return { id, isFailed: true };
    }
  };
  return {
    received(message, worker) {
      const { id, question } = message as Asked;
      void answer(id, question).then((answered) => server.sendTo(worker, answered));
    },
  };
}
