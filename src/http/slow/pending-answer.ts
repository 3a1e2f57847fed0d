/**
 * An answer that has to wait. There are two kinds. A `DiskAnswer` waits for an object, or for the pieces of a large
 * file (disk-answer.ts). A `HandOver` waits for another thread, which answers what the cache cannot
 * (slow/hand-over.ts). Each call says what has become of the answer: it goes on waiting (`ASKS`, `STREAMS`), or all of
 * it is queued (`ENDS`, `PERSISTS`), or the rest of it will not come (`BREAKS`). What follows from that for the
 * connection is in connection.ts.
 */
import type { Outcome } from '../../cache/library/asks.js';
import type { Carry } from '../request/carry.js';
import { AnswerNote } from '../sending/answer-log.js';
import type { Fate } from '../sending/fate.js';
import type { HttpService } from '../service/service.js';

/** `received` returns it for bytes that cannot be a part of the request. `giveUp` then says which error that is. */
export const WRONG_BODY = -1;

export interface PendingAnswer {
  /** The request. */
  readonly carry: Carry;
  /** A part of the answer is queued, so its client has to take it. */
  readonly isStreaming: boolean;
  /** All of the request has come. */
  readonly isRequestOver: boolean;
  /** Takes bytes that the client sends meanwhile, and returns how many, or `WRONG_BODY`. TCP keeps the rest. */
  received(bytes: Uint8Array, from: number, to: number): number;
  /**
   * What was asked for is there, or cannot be had.
   * @param mayPersist the connection may go on after this answer
   */
  settled(outcome: Outcome, mayPersist: boolean): Fate;
  /** Something was acknowledged, so more may be queued. */
  sendOn(): Fate;
  /** The client has sent its last byte. */
  ended(): Fate;
  /** The timer has expired. Returns for how long the answer may wait from now on, ms; 0 or less: no longer. */
  look(activeMs: number): number;
  /** It has taken too long: an error, or the end in the middle of the answer. The connection ends. */
  giveUp(): Fate;
  /** Puts the facts of the answer back into the common note, for the log to read. */
  giveNote(): void;
  /** Waits no longer, and lets go of what it holds. */
  leave(): void;
}

/** Takes the facts of an answer out of the note that all answers share; null where there is no log. */
export function takeNote({ log }: HttpService): AnswerNote | null {
  if (log === null) return null;
  const note = Object.assign(new AnswerNote(), log.note);
  log.note.reset();
  return note;
}
