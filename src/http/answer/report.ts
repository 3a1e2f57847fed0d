/**
 * Why a request has left the fast path, and what the cache has said to it: for the operator, in the counters and in the
 * note of the access log.
 */
import type { Entry } from '../../cache/object/entry.js';
import { type AnswerNote, type AnswerReason, CacheResult } from '../sending/answer-log.js';
import { countLeft, type HttpStatistics } from '../sending/statistics.js';

export class Report {
  readonly #statistics: HttpStatistics;
  readonly #note: AnswerNote | null;

  constructor(statistics: HttpStatistics, note: AnswerNote | null) {
    this.#statistics = statistics;
    this.#note = note;
  }

  /** The request does not take the fast path. */
  left(reason: AnswerReason): void {
    countLeft(this.#statistics, reason);
    this.because(reason);
  }

  /** An object answers, and it was not found on the fast path. */
  found(entry: Entry, reason: AnswerReason): void {
    countLeft(this.#statistics, reason);
    if (this.#note !== null) noteObject(this.#note, entry, reason);
  }

  /** No object answers. */
  missed(reason: AnswerReason): void {
    this.left(reason);
    if (this.#note !== null) this.#note.cache = CacheResult.miss;
  }

  /** The client's copy is still good. */
  validated(): void {
    if (this.#note !== null) this.#note.cache = CacheResult.validated;
  }

  /** For the log alone. */
  because(reason: AnswerReason): void {
    if (this.#note !== null) this.#note.reason = reason;
  }

  /** The site that was asked. */
  asked(site: number): void {
    if (this.#note !== null) this.#note.site = site;
  }
}

/** An object answers. */
export function noteObject(note: AnswerNote, entry: Entry, reason: AnswerReason): void {
  note.cache = CacheResult.hit;
  note.entry = entry;
  note.reason = reason;
}
