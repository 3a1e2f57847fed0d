/**
 * Answers that have to wait: for an object that is not in memory, or for the pieces of a large file. The responder
 * finds out what is missing, and the connection asks for it and waits (connection.ts, cache/asks.ts).
 *
 * A request that waits is answered from the beginning when its ask is settled, as if it had come only then. So whatever
 * has been published meanwhile, the answer is of one state of the cache.
 */
import type { Ask } from '../cache/asks.js';
import type { Entry } from '../cache/entry.js';
import type { Store } from '../cache/store.js';
import { type AnswerLog, AnswerNote } from './answer-log.js';
import type { Carry } from './carry.js';
import { PieceStream } from './piece-stream.js';

/** What became of a request. */
/** The last answer of the connection is queued. */
export const ENDS = 0;
/** The answer is queued, and the connection persists. */
export const PERSISTS = 1;
/** Nothing is queued: `Waits.name` has to be asked for first. */
export const ASKS = 2;
/** The head is queued, and the body is `Waits.stream`. */
export const STREAMS = 3;
export type Answered = 0 | 1 | 2 | 3;

/** What the request that was answered last has to wait for. One object for all connections of a stack. */
export class Waits {
  site = 0;
  /** The name that is missing; null: nothing is. */
  name: string | null = null;
  /** The body that follows the head; null: it is queued already. */
  stream: PieceStream | null = null;
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  reset(): void {
    this.name = null;
    this.stream = null;
  }

  /**
   * Whether the path `bytes[from, to)`, of which there is no object in memory, has to be asked for. If not, there is no
   * such object at all.
   */
  mustAsk(site: number, bytes: Uint8Array, from: number, to: number): boolean {
    if (!this.#store.isLazy(site)) return false;
    return this.mustAskName(site, Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1'));
  }

  /** The same for a path as text, a character for each byte. */
  mustAskName(site: number, name: string): boolean {
    if (!this.#store.isLazy(site) || this.#store.asks.isAbsent(site, name)) return false;
    this.site = site;
    this.name = name;
    return true;
  }

  /**
   * Begins the body `[from, to)` of an object whose payload comes in pieces. False: its first piece has to be asked for
   * before the head is sent. If the file has changed by then, the client gets the new one and no broken answer.
   */
  beginBody(entry: Entry, from: number, to: number): boolean {
    const stream = new PieceStream(this.#store, entry, from, to);
    const missing = stream.missing();
    if (missing === null) {
      this.stream = stream;
      return true;
    }
    stream.close();
    this.site = entry.site;
    this.name = missing;
    return false;
  }
}

/** How often a request is answered anew. An object may be evicted before it is sent, but not again and again. */
const MOST_TRIES = 8;

/** A request whose answer, or the rest of it, is waited for. */
export class PendingAnswer {
  /** The request. */
  readonly carry: Carry;
  /** When it began to wait, ms of the clock as an int32. */
  readonly sinceMs: number;
  /** What it waits for; null: nothing, or the client. */
  ask: Ask | null = null;
  /** The body under way, once the head has been sent. */
  stream: PieceStream | null = null;
  #tries = 0;
  /** What the log is told in the end: others write into the common note meanwhile. */
  #note: AnswerNote | null = null;

  constructor(carry: Carry, sinceMs: number) {
    this.carry = carry;
    this.sinceMs = sinceMs;
  }

  /** Called once for each try. */
  hasTriedEnough(): boolean {
    return ++this.#tries > MOST_TRIES;
  }

  /** Takes the facts of the answer out of the common note. */
  keepNote(log: AnswerLog | null): void {
    if (log === null) return;
    this.#note = Object.assign(new AnswerNote(), log.note);
    log.note.reset();
  }

  /** Puts them back, for the log to read. */
  giveNote(log: AnswerLog | null): void {
    if (log !== null && this.#note !== null) Object.assign(log.note, this.#note);
  }
}
