/**
 * What is in flight: one record for each segment (or super-segment) sent and not yet acknowledged, in the order of
 * their sequence numbers. Loss detection needs it: when each was sent, whether it was sent again, whether the peer
 * has it (SACK), whether it counts as lost.
 *
 *     SND.UNA                                        SND.NXT
 *        |  sent  | SACKed |  lost  | SACKed |  sent  |
 *
 *     pipe (RFC 6675) = outstanding - SACKed - lost; a lost segment that is sent again is no longer lost
 *
 * A SYN and a FIN take one number in sequence space, so they have records like data. No ACK walks the whole flight,
 * however long it is: `FlightIndex` finds where a SACK block begins, SACKed neighbours are one record, and RACK asks
 * `TransmissionOrder`. Neither exists before something is SACKed, lost or sent again. Until then the flight itself is
 * in the order of time.
 */

import { add, distance, isAfter, isBefore, type Sequence, ZERO } from '../sequence.js';
import { elapsed } from '../wrapping.js';
import type { AckOutcome } from './ack-outcome.js';
import { FlightIndex, recordFrom, WORTH_AN_INDEX } from './flight-index.js';
import type { SentSegment, SentSegmentPool } from './sent-segment.js';
import { TransmissionOrder } from './transmission-order.js';

export class Flight {
  first: SentSegment | null = null;
  last: SentSegment | null = null;
  /** Bytes sent and not acknowledged, and how many of them are SACKed or lost. */
  outstanding = 0;
  sackedBytes = 0;
  lostBytes = 0;
  /** SACKed transmissions. If an ACK ends inside one, the part that is left counts in proportion. */
  sackedSegments = 0;
  /** The highest right edge that SACK has reported, valid while `sackedBytes` is not 0. */
  highestSacked: Sequence = ZERO;

  /** No segment before this one is lost. The search for the next segment to send again begins here. */
  #firstLost: SentSegment | null = null;
  /** How many transmissions there have been, new data and resends. */
  #transmissions = 0;
  /** Those records that are neither SACKed nor lost, by time; null while the flight is in that order, and all of it. */
  #order: TransmissionOrder | null = null;
  #records = 0;
  /** Null until SACK asks about a long flight. */
  #index: FlightIndex | null = null;
  readonly #pool: SentSegmentPool;

  constructor(pool: SentSegmentPool) {
    this.#pool = pool;
  }

  /** How many bytes are probably in the network: RFC 6675 section 4, "pipe". */
  get pipe(): number {
    return this.outstanding - this.sackedBytes - this.lostBytes;
  }

  /**
   * Notes that `[from, to)` has been sent for the first time, in segments of `segmentBytes` at most, at stamp `now`.
   */
  add(from: Sequence, to: Sequence, segmentBytes: number, now: number): void {
    const segment = this.#pool.take();
    segment.from = from;
    segment.to = to;
    segment.previous = this.last;
    if (this.last === null) this.first = segment;
    else this.last.next = segment;
    this.last = segment;
    this.outstanding += distance(from, to);
    this.#noteRecord();
    this.#noteSent(segment, segmentBytes, now);
    if (this.#order !== null) this.#order.append(segment);
  }

  /** Notes that `segment`, not SACKed, has been sent again, in segments of `segmentBytes` at most, at stamp `now`. */
  resend(segment: SentSegment, segmentBytes: number, now: number): void {
    const order = this.#inOrder();
    if (segment.lost) {
      segment.lost = false;
      this.lostBytes -= segment.length;
    } else order.remove(segment);
    segment.resends++;
    this.#noteSent(segment, segmentBytes, now);
    order.append(segment);
  }

  /** Marks `segment` as lost. */
  markLost(segment: SentSegment): void {
    if (segment.lost || segment.sacked) return;
    this.#inOrder().remove(segment);
    this.#lose(segment);
  }

  /**
   * RACK, RFC 8985 section 6.2 step 5: marks as lost what was sent before transmission `order` and byte `to`, at least
   * `patience` microseconds before the stamp `now`. Returns how much time the last of the others has left; 0 if there
   * is none. From call to call `order` and `to` must not go back.
   */
  loseOverdue(order: number, to: Sequence, patience: number, now: number): number {
    const inOrder = this.#inOrder();
    let last = inOrder.lastBefore(order, to);
    while (last !== null) {
      // The list is in the order of time, so this one has waited the longest.
      const first = inOrder.first!;
      if (patience - elapsed(first.sentAt, now) > 0) return patience - elapsed(last.sentAt, now);
      this.markLost(first);
      last = inOrder.lastBefore(order, to);
    }
    return 0;
  }

  /** Nothing was lost after all: every record that counts as lost counts as sent again. */
  findAll(): void {
    for (let segment = this.first; segment !== null; segment = segment.next) {
      if (!segment.lost) continue;
      segment.lost = false;
      this.#inOrder().insert(segment);
    }
    this.lostBytes = 0;
  }

  /** A time-out: every record that is not SACKed counts as lost. */
  loseAll(): void {
    for (let segment = this.first; segment !== null; segment = segment.next) this.markLost(segment);
  }

  /** What the peer has SACKed counts as lost, too: it may have dropped that (RFC 2018 section 8). */
  loseSacked(): void {
    for (let segment = this.first; segment !== null; segment = segment.next) {
      if (!segment.sacked) continue;
      segment.sacked = false;
      this.#lose(segment);
    }
    this.sackedBytes = 0;
    this.sackedSegments = 0;
  }

  /** Splits `segment` at `at`, strictly inside it; the part before stays, the part from `at` on is a new record. */
  split(segment: SentSegment, at: Sequence): SentSegment {
    const rest = this.#pool.take();
    rest.from = at;
    rest.to = segment.to;
    rest.sentAt = segment.sentAt;
    rest.order = segment.order;
    rest.segmentBytes = segment.segmentBytes;
    rest.resends = segment.resends;
    rest.sacked = segment.sacked;
    rest.lost = segment.lost;
    if (segment.sacked) this.#divideCount(segment, rest);
    segment.to = at;
    rest.previous = segment;
    rest.next = segment.next;
    if (segment.next === null) this.last = rest;
    else segment.next.previous = rest;
    segment.next = rest;
    if (this.#order !== null && !rest.sacked && !rest.lost) this.#order.insertAfter(segment, rest);
    this.#noteRecord();
    return rest;
  }

  /** Removes everything before `una`. */
  acknowledge(una: Sequence, outcome: AckOutcome): void {
    while (this.first !== null && isBefore(this.first.from, una)) {
      const segment = this.first;
      if (isAfter(segment.to, una)) this.split(segment, una);
      outcome.acked += segment.length;
      if (segment.sacked) outcome.ackedAlreadySacked += segment.length;
      else {
        this.#noteReordering(segment, outcome);
        this.#noteDelivery(segment, outcome);
      }
      this.#removeFirst(segment);
    }
  }

  /**
   * All is acknowledged, and nothing of it was SACKed, lost or sent again: forgets every record, as `acknowledge` does,
   * but asks no questions. Returns the bytes of the largest record.
   */
  acknowledgeAll(): number {
    let largest = 0;
    for (let first = this.first; first !== null; first = this.first) {
      if (first.length > largest) largest = first.length;
      this.#removeFirst(first);
    }
    return largest;
  }

  /**
   * Marks what a SACK block covers as received. `[left, right)` has been checked: it is in flight and in order. A
   * record that the block covers in part is split only at multiples of `unit` bytes (a segment), as in Linux, because
   * blocks of a byte here and there must not break the flight into dust.
   */
  sack(left: Sequence, right: Sequence, unit: number, outcome: AckOutcome): void {
    let segment = this.recordAt(left);
    while (segment !== null && isBefore(segment.from, right)) {
      const covered = segment.sacked ? null : this.#cutOut(segment, left, right, unit);
      if (covered !== null) {
        this.#markSacked(covered, outcome);
        segment = this.#joinSacked(covered);
      }
      segment = segment.next;
    }
  }

  /** The record that has `sequence` in it, or else the first behind it; null if there is none. */
  recordAt(sequence: Sequence): SentSegment | null {
    if (this.#index === null) {
      if (this.#records < WORTH_AN_INDEX) return recordFrom(this.first, sequence);
      this.#index = new FlightIndex(this.#records);
    }
    return this.#index.find(this.first, sequence);
  }

  /** Gives all records back. */
  clear(): void {
    while (this.first !== null) this.#removeFirst(this.first);
  }

  /** The first segment that is marked as lost, or null. */
  firstLost(): SentSegment | null {
    if (this.lostBytes === 0) this.#firstLost = null;
    while (this.#firstLost !== null && !this.#firstLost.lost) this.#firstLost = this.#firstLost.next;
    return this.#firstLost;
  }

  /** The flight by time. It is put in that order now, if it has not been needed before. */
  #inOrder(): TransmissionOrder {
    if (this.#order !== null) return this.#order;
    const order = new TransmissionOrder();
    for (let segment = this.first; segment !== null; segment = segment.next) order.append(segment);
    this.#order = order;
    return order;
  }

  /** A record has been added or split off. */
  #noteRecord(): void {
    this.#records++;
    if (this.#index !== null) this.#index.noteNew();
  }

  #noteSent(segment: SentSegment, segmentBytes: number, now: number): void {
    segment.segmentBytes = segmentBytes;
    segment.sentAt = now;
    segment.order = this.#transmissions = (this.#transmissions + 1) | 0;
  }

  #lose(segment: SentSegment): void {
    segment.lost = true;
    this.lostBytes += segment.length;
    if (this.#firstLost === null || isBefore(segment.from, this.#firstLost.from)) this.#firstLost = segment;
  }

  /** The part of `segment` that is covered, as a record of its own; null if that is less than a `unit`. */
  #cutOut(segment: SentSegment, left: Sequence, right: Sequence, unit: number): SentSegment | null {
    let covered = segment;
    const before = distance(segment.from, left);
    if (before > 0) {
      const skipped = Math.ceil(before / unit) * unit;
      if (skipped >= segment.length) return null;
      covered = this.split(segment, add(segment.from, skipped));
    }
    const behind = distance(right, covered.to);
    if (behind <= 0) return covered;
    const kept = distance(covered.from, right);
    const whole = kept - (kept % unit);
    if (whole <= 0) return null;
    this.split(covered, add(covered.from, whole));
    return covered;
  }

  #markSacked(segment: SentSegment, outcome: AckOutcome): void {
    const length = segment.length;
    this.#noteReordering(segment, outcome);
    const order = this.#inOrder();
    if (segment.lost) this.lostBytes -= length;
    else order.remove(segment);
    segment.lost = false;
    segment.sacked = true;
    segment.sackedCount = 1;
    if (this.sackedBytes === 0 || isAfter(segment.to, this.highestSacked)) this.highestSacked = segment.to;
    this.sackedBytes += length;
    this.sackedSegments++;
    outcome.sacked += length;
    if (segment.resends === 0) noteSackedOriginal(segment, outcome);
    this.#noteDelivery(segment, outcome);
  }

  /** `segment` has just been SACKed: joins it with its neighbours that are SACKed too. Returns the joined record. */
  #joinSacked(segment: SentSegment): SentSegment {
    const { previous, next } = segment;
    if (next?.sacked === true) this.#absorb(segment, next);
    if (previous?.sacked !== true) return segment;
    this.#absorb(previous, segment);
    return previous;
  }

  /** `right` becomes a part of `left`, the record before it. Both are SACKed. */
  #absorb(left: SentSegment, right: SentSegment): void {
    left.to = right.to;
    left.sackedCount += right.sackedCount;
    left.resends = Math.max(left.resends, right.resends);
    left.segmentBytes = Math.max(left.segmentBytes, right.segmentBytes);
    if (elapsed(left.order, right.order) > 0) {
      left.order = right.order;
      left.sentAt = right.sentAt;
    }
    left.next = right.next;
    if (right.next === null) this.last = left;
    else right.next.previous = left;
    if (this.#firstLost === right) this.#firstLost = right.next;
    this.#records--;
    if (this.#index !== null) this.#index.noteAbsorbed(left, right);
    this.#pool.give(right);
  }

  /** A SACKed record is split: its transmissions go with its bytes, at least one to either part. */
  #divideCount(segment: SentSegment, rest: SentSegment): void {
    if (segment.sackedCount === 1) {
      rest.sackedCount = 1;
      this.sackedSegments++;
      return;
    }
    const share = Math.round((segment.sackedCount * rest.length) / segment.length);
    rest.sackedCount = Math.min(Math.max(1, share), segment.sackedCount - 1);
    segment.sackedCount -= rest.sackedCount;
  }

  /** RFC 8985 section 6.2 step 3: an original that comes after one that was sent later. */
  #noteReordering(segment: SentSegment, outcome: AckOutcome): void {
    if (this.sackedBytes === 0 || segment.resends > 0 || !isBefore(segment.to, this.highestSacked)) return;
    outcome.reordering = Math.max(outcome.reordering, distance(segment.from, this.highestSacked));
  }

  #noteDelivery(segment: SentSegment, outcome: AckOutcome): void {
    if (segment.segmentBytes > outcome.largestSegment) outcome.largestSegment = segment.segmentBytes;
    if (segment.length > outcome.largestRecord) outcome.largestRecord = segment.length;
    if (segment.resends > 0) outcome.ackedResent = true;
    else if (!outcome.hasOriginal) {
      outcome.hasOriginal = true;
      outcome.rttSentAt = segment.sentAt;
    }
    const later = elapsed(outcome.newestOrder, segment.order);
    if (outcome.hasNewest && (later < 0 || (later === 0 && !isAfter(segment.to, outcome.newestTo)))) return;
    outcome.hasNewest = true;
    outcome.newestSentAt = segment.sentAt;
    outcome.newestOrder = segment.order;
    outcome.newestTo = segment.to;
    outcome.newestResent = segment.resends > 0;
  }

  #removeFirst(segment: SentSegment): void {
    const length = segment.length;
    this.outstanding -= length;
    if (segment.sacked) {
      this.sackedBytes -= length;
      this.sackedSegments -= segment.sackedCount;
    } else if (segment.lost) this.lostBytes -= length;
    else if (this.#order !== null) this.#order.remove(segment);
    if (this.#firstLost === segment) this.#firstLost = segment.next;
    this.#records--;
    if (this.#index !== null) this.#index.noteGone(segment);
    this.first = segment.next;
    if (this.first !== null) this.first.previous = null;
    else {
      this.last = null;
      this.#order = null;
      this.#index = null;
    }
    this.#pool.give(segment);
  }
}

/** A block may report several segments; the ACK is a sample of the one that was sent first. */
function noteSackedOriginal({ sentAt }: SentSegment, outcome: AckOutcome): void {
  if (outcome.hasSackedOriginal && elapsed(outcome.sackedSentAt, sentAt) >= 0) return;
  outcome.hasSackedOriginal = true;
  outcome.sackedSentAt = sentAt;
}
