/**
 * What the sessions of a worker ask the main thread about the folder. A list may be long, so few of them are asked for
 * at a time, and the others wait their turn.
 */
import { Questions } from '../module/program/questions.js';
import type { Clock } from '../net/clock.js';
import type { FolderAnswer, Session } from './session.js';

/** What has this path, and what lies in it. The answer is a `FolderAnswer`. */
export interface FolderQuestion {
  readonly site: number;
  readonly path: string;
  readonly isList: boolean;
}

const ANSWER_MS = 30_000;
const MOST_LISTS = 4;

export class FolderQuestions {
  readonly #site: number;
  readonly #questions: Questions;
  /** Sessions that wait for a list, with its path, the longest waiting first. */
  readonly #waiting = new Map<Session, string>();
  #lists = 0;

  constructor(clock: Clock, site: number, post: (question: unknown) => void) {
    this.#site = site;
    this.#questions = new Questions(clock, ANSWER_MS, post);
  }

  /** Questions that have no answer yet. */
  get size(): number {
    return this.#questions.size + this.#waiting.size;
  }

  /** Asks for a session, whose `answered` is called later. False: there are too many questions. */
  ask(session: Session, path: string, isList: boolean): boolean {
    if (isList && this.#lists >= MOST_LISTS) {
      this.#waiting.set(session, path);
      return true;
    }
    if (isList) this.#lists++;
    const settle = (answer: unknown, isAnswer: boolean) => {
      if (isList) this.#lists--;
      session.answered(isAnswer ? (answer as FolderAnswer) : undefined);
      this.#next();
    };
    const isAsked = this.#questions.ask({ settle }, { site: this.#site, path, isList } satisfies FolderQuestion);
    if (!isAsked && isList) this.#lists--;
    return isAsked;
  }

  /** The session is gone. */
  forget(session: Session): void {
    this.#waiting.delete(session);
  }

  received(message: unknown): void {
    this.#questions.received(message);
  }

  /** Gives up on what is overdue. */
  tick(): void {
    this.#questions.tick();
  }

  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined || this.#lists >= MOST_LISTS) return;
    const [session, path] = first;
    this.#waiting.delete(session);
    if (!this.ask(session, path, true)) session.answered(undefined);
  }
}
