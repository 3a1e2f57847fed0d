/**
 * The flight in the order of its last transmissions, without what is SACKed or lost. RACK (RFC 8985 section 6.2) asks
 * which segments were sent before one that has arrived. Those stand at the front of this list, and the first of them
 * has waited the longest. So a pass looks only at the segments that it finds lost and at one more.
 *
 *     first ──▶ ··· ──▶ lastBefore ──▶ ··· ──▶ last
 *     |  sent before RACK's segment  |  sent after it  |
 */

import { isBefore, type Sequence } from '../sequence.js';
import { elapsed } from '../wrapping.js';
import type { SentSegment } from './sent-segment.js';

export class TransmissionOrder {
  first: SentSegment | null = null;
  #last: SentSegment | null = null;
  /** The last segment sent before RACK's, as of the last call of `lastBefore`; null: there is none. */
  #lastBefore: SentSegment | null = null;

  /** Puts `segment`, which was sent just now, at the end. */
  append(segment: SentSegment): void {
    const last = this.#last;
    segment.sentPrevious = last;
    if (last === null) this.first = segment;
    else last.sentNext = segment;
    this.#last = segment;
  }

  /** Puts `segment` right behind `before`: the rest of a record that was split. */
  insertAfter(before: SentSegment, segment: SentSegment): void {
    this.#insert(segment, before);
  }

  /** Puts `segment` where its last transmission belongs, searching from the end. */
  insert(segment: SentSegment): void {
    let before = this.#last;
    while (before !== null && isSentBefore(segment, before.order, before.to)) before = before.sentPrevious;
    this.#insert(segment, before);
  }

  remove(segment: SentSegment): void {
    const { sentPrevious, sentNext } = segment;
    if (this.#lastBefore === segment) this.#lastBefore = sentPrevious;
    if (sentPrevious === null) this.first = sentNext;
    else sentPrevious.sentNext = sentNext;
    if (sentNext === null) this.#last = sentPrevious;
    else sentNext.sentPrevious = sentPrevious;
    segment.sentPrevious = null;
    segment.sentNext = null;
  }

  /**
   * The last segment that was sent before transmission `order` and byte `to`, or null. From call to call these two
   * must not go back: the search goes on where it stopped.
   */
  lastBefore(order: number, to: Sequence): SentSegment | null {
    let next = this.#lastBefore === null ? this.first : this.#lastBefore.sentNext;
    while (next !== null && isSentBefore(next, order, to)) {
      this.#lastBefore = next;
      next = next.sentNext;
    }
    return this.#lastBefore;
  }

  #insert(segment: SentSegment, before: SentSegment | null): void {
    const after = before === null ? this.first : before.sentNext;
    segment.sentPrevious = before;
    segment.sentNext = after;
    if (before === null) this.first = segment;
    else before.sentNext = segment;
    if (after === null) this.#last = segment;
    else after.sentPrevious = segment;
  }
}

/** The opposite of RACK_sent_after: by the order of transmissions; the parts of a super-segment by their numbers. */
function isSentBefore(segment: SentSegment, order: number, to: Sequence): boolean {
  const earlier = elapsed(segment.order, order);
  return earlier > 0 || (earlier === 0 && isBefore(segment.to, to));
}
