/**
 * Answers that were made before, by question: a table of fixed size, in rows of four. The first question for a name
 * makes its answer, and all others take it from here. Answers for names that do not exist, or that a wildcard
 * stands for, have one place in a row: a flood of random names does not push the others out.
 */

import { type Answer, isForAnyName } from '../answer/answer.js';
import { sameName } from '../wire/name.js';

const WAYS = 4;
/** Rows, a power of two. */
const ROWS = 1 << 14;
/** The most bytes of records that are kept in all. */
const MOST_BYTES = 64 * 1024 * 1024;
/** A larger answer is made anew each time. */
const MOST_ANSWER_BYTES = 4096;

/** An answer with its question. */
interface Entry {
  readonly hash: number;
  /** In lower case. */
  readonly name: Uint8Array;
  readonly type: number;
  readonly wantsDnssec: boolean;
  readonly answer: Answer;
}

export class AnswerTable {
  #entries: (Entry | null)[] = new Array<Entry | null>(ROWS * WAYS).fill(null);
  #turn = 0;
  #bytes = 0;
  #size = 0;

  /** The answer to a question; null: it has to be made. `hash` is that of the name. */
  find(hash: number, bytes: Uint8Array, at: number, length: number, type: number, wantsDnssec: boolean): Answer | null {
    const first = rowOf(hash, type, wantsDnssec);
    for (let i = first; i < first + WAYS; i++) {
      const entry = this.#entries[i]!;
      if (entry === null || entry.hash !== hash || entry.type !== type || entry.wantsDnssec !== wantsDnssec) continue;
      if (entry.name.length === length && sameName(entry.name, 0, bytes, at, length)) return entry.answer;
    }
    return null;
  }

  /** Keeps an answer, in place of another one if its row is full. */
  add(hash: number, name: Uint8Array, type: number, wantsDnssec: boolean, answer: Answer): void {
    if (answer.records.length > MOST_ANSWER_BYTES) return;
    if (this.#bytes > MOST_BYTES) this.clear();
    const first = rowOf(hash, type, wantsDnssec);
    const place = first + (isForAnyName(answer.kind) ? WAYS - 1 : this.#place(first));
    const old = this.#entries[place] ?? null;
    if (old === null) this.#size++;
    else this.#bytes -= old.answer.records.length;
    this.#bytes += answer.records.length;
    this.#entries[place] = { hash, name, type, wantsDnssec, answer };
  }

  /** Forgets all: a zone has changed. */
  clear(): void {
    this.#entries.fill(null);
    this.#bytes = 0;
    this.#size = 0;
  }

  /** Answers that are kept. */
  get size(): number {
    return this.#size;
  }

  #place(first: number): number {
    for (let i = 0; i < WAYS - 1; i++) if (this.#entries[first + i] === null) return i;
    this.#turn = (this.#turn + 1) % (WAYS - 1);
    return this.#turn;
  }
}

function rowOf(hash: number, type: number, wantsDnssec: boolean): number {
  const mixed = Math.imul(hash ^ Math.imul(type, 0x9e3779b1) ^ (wantsDnssec ? 0x632be5ab : 0), 0x85ebca6b);
  return ((mixed >>> 12) & (ROWS - 1)) * WAYS;
}
