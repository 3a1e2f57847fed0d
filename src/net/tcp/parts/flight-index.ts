/**
 * Finds the record of a sequence number in a long flight. Every 128th record is also in a list of its own; a search
 * goes along that list first, and then along at most 128 of the records themselves. A flight of 30,000 records takes
 * 350 steps.
 *
 *     index     o───────────────▶o───────────────▶o
 *     records   o-o-o-o-o-o-o-o-o-o-o-o-o-o-o-o-o-o-o-o
 *
 * It is made when SACK first asks about a long flight, so a connection that loses nothing pays nothing for it. New
 * records are not entered. When there are too many of them the next search makes the index anew.
 */
import { isAtOrBefore, type Sequence } from '../sequence.js';
import type { SentSegment } from './sent-segment.js';

/** Records from one entry to the next. */
const STRIDE = 128;
/** A shorter flight is searched from its first record. */
export const WORTH_AN_INDEX = 4 * STRIDE;

export class FlightIndex {
  /** How many records the flight has. */
  #records: number;
  /** How many of them have come since the index was made; before it is, all. */
  #fresh: number;
  #first: SentSegment | null = null;

  constructor(records: number) {
    this.#records = records;
    this.#fresh = records;
  }

  /** A record has been added to the flight or split off. */
  noteNew(): void {
    this.#records++;
    this.#fresh++;
  }

  /** `record` leaves the flight. */
  noteGone(record: SentSegment): void {
    this.#records--;
    if (record.isIndexed) this.#unlink(record);
  }

  /** `right` leaves the flight: `left`, the record before it, takes its bytes, and its place here. */
  noteAbsorbed(left: SentSegment, right: SentSegment): void {
    this.#records--;
    if (!right.isIndexed) return;
    const { indexPrevious, indexNext } = right;
    this.#unlink(right);
    if (!left.isIndexed) this.#link(left, indexPrevious, indexNext);
  }

  /** The record that has `sequence` in it, or else the first behind it. @param first the flight's first record */
  find(first: SentSegment | null, sequence: Sequence): SentSegment | null {
    if (this.#records >= WORTH_AN_INDEX && this.#fresh > STRIDE + this.#records / STRIDE) this.#make(first);
    let record = first;
    for (let entry = this.#first; entry !== null; entry = entry.indexNext) {
      if (!isAtOrBefore(entry.from, sequence)) break;
      record = entry;
    }
    return recordFrom(record, sequence);
  }

  #make(first: SentSegment | null): void {
    while (this.#first !== null) this.#unlink(this.#first);
    let last: SentSegment | null = null;
    let place = 0;
    for (let record = first; record !== null; record = record.next) {
      if (place++ % STRIDE !== 0) continue;
      this.#link(record, last, null);
      last = record;
    }
    this.#fresh = 0;
  }

  #link(record: SentSegment, previous: SentSegment | null, next: SentSegment | null): void {
    record.isIndexed = true;
    record.indexPrevious = previous;
    record.indexNext = next;
    if (previous === null) this.#first = record;
    else previous.indexNext = record;
    if (next !== null) next.indexPrevious = record;
  }

  #unlink(record: SentSegment): void {
    const { indexPrevious, indexNext } = record;
    if (indexPrevious === null) this.#first = indexNext;
    else indexPrevious.indexNext = indexNext;
    if (indexNext !== null) indexNext.indexPrevious = indexPrevious;
    record.isIndexed = false;
    record.indexPrevious = null;
    record.indexNext = null;
  }
}

/** The first record, from `record` on, that ends behind `sequence`. */
export function recordFrom(record: SentSegment | null, sequence: Sequence): SentSegment | null {
  let found = record;
  while (found !== null && isAtOrBefore(found.to, sequence)) found = found.next;
  return found;
}
