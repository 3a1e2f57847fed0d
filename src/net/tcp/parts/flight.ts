/**
 * What is in flight: one record for each segment (or super-segment) sent and not yet acknowledged, in the order of
 * their sequence numbers. Loss detection needs it: when each was sent, whether it was sent again, whether the peer has
 * it (SACK), whether it counts as lost.
 *
 *     SND.UNA                                        SND.NXT
 *        |  sent  | SACKed |  lost  | SACKed |  sent  |
 *
 *     pipe (RFC 6675) = outstanding - SACKed - lost; a lost segment that is sent again is no longer lost
 *
 * A SYN and a FIN count one in sequence space and so have a place here like data. Records are linked, and come from and go back to a pool that all connections of a host share.
 */
import { distance, isAfter, isAtOrBefore, isBefore, type Sequence } from '../sequence.js';

/** One transmission, `[from, to)`. */
export class SentSegment {
  from: Sequence = 0;
  to: Sequence = 0;
  /** When it was sent last: a stamp (`Clock.stamp`). */
  sentAt = 0;
  /** Which transmission of the connection that was. Many share one `sentAt`: the clock stands still while a batch is worked on. */
  order = 0;
  /** How often it has been sent again. */
  resends = 0;
  /** The peer has reported it received (RFC 2018). */
  sacked = false;
  /** Taken for lost, and not sent again since. */
  lost = false;
  next: SentSegment | null = null;
  previous: SentSegment | null = null;

  /** Bytes of sequence space. */
  get length(): number {
    return distance(this.from, this.to);
  }
}

/** Records not in use. */
export class SentSegmentPool {
  #free: SentSegment | null = null;

  take(): SentSegment {
    const segment = this.#free;
    if (segment === null) return new SentSegment();
    this.#free = segment.next;
    segment.next = null;
    segment.resends = 0;
    segment.sacked = false;
    segment.lost = false;
    return segment;
  }

  give(segment: SentSegment): void {
    segment.previous = null;
    segment.next = this.#free;
    this.#free = segment;
  }
}

/** What one ACK did to the flight; used again for each. */
export class AckOutcome {
  /** Bytes newly acknowledged cumulatively. */
  acked = 0;
  /** Of those, bytes that SACK had reported before. */
  ackedAlreadySacked = 0;
  /** Bytes newly reported by SACK. */
  sacked = 0;
  /** The latest transmission among those newly delivered; null if none. Its times, for RTT and RACK. */
  hasNewest = false;
  newestSentAt = 0;
  newestOrder = 0;
  newestTo: Sequence = 0;
  newestResent = false;
  /** When the first never-resent segment that this ACK covers was sent (for Karn), if there is one. */
  hasOriginal = false;
  rttSentAt = 0;
  /** A segment that was never sent again was delivered below one that had been delivered before: by how many bytes; 0: none was. */
  reordering = 0;
  /** Some of what was newly acknowledged had been sent again. */
  ackedResent = false;

  reset(): void {
    this.acked = 0;
    this.ackedAlreadySacked = 0;
    this.sacked = 0;
    this.hasNewest = false;
    this.newestResent = false;
    this.hasOriginal = false;
    this.reordering = 0;
    this.ackedResent = false;
  }

  /** Bytes that the peer has now and had not before. */
  get delivered(): number {
    return this.acked - this.ackedAlreadySacked + this.sacked;
  }
}

export class Flight {
  first: SentSegment | null = null;
  last: SentSegment | null = null;
  /** Bytes sent and not acknowledged, and what of them is SACKed and lost. */
  outstanding = 0;
  sackedBytes = 0;
  lostBytes = 0;
  /** SACKed records. */
  sackedSegments = 0;
  /** The highest right edge that SACK has reported, valid while `sackedBytes` is not 0. */
  highestSacked: Sequence = 0;

  /** No segment before this one is lost: where to look for the next to send again. */
  #firstLost: SentSegment | null = null;
  /** How many there have been, new data and resends. */
  #transmissions = 0;
  readonly #pool: SentSegmentPool;

  constructor(pool: SentSegmentPool) {
    this.#pool = pool;
  }

  /** What is thought to be in the network: RFC 6675 section 4, "pipe". */
  get pipe(): number {
    return this.outstanding - this.sackedBytes - this.lostBytes;
  }

  /** Notes that `[from, to)` has been sent for the first time. */
  add(from: Sequence, to: Sequence, now: number): void {
    const segment = this.#pool.take();
    segment.from = from;
    segment.to = to;
    segment.sentAt = now;
    segment.order = this.#transmissions = (this.#transmissions + 1) | 0;
    segment.previous = this.last;
    if (this.last === null) this.first = segment;
    else this.last.next = segment;
    this.last = segment;
    this.outstanding += distance(from, to);
  }

  /** Notes that `segment` has been sent again. */
  resend(segment: SentSegment, now: number): void {
    if (segment.lost) {
      segment.lost = false;
      this.lostBytes -= segment.length;
    }
    segment.resends++;
    segment.sentAt = now;
    segment.order = this.#transmissions = (this.#transmissions + 1) | 0;
  }

  /** Takes `segment` for lost. */
  markLost(segment: SentSegment): void {
    if (segment.lost || segment.sacked) return;
    segment.lost = true;
    this.lostBytes += segment.length;
    if (this.#firstLost === null || isBefore(segment.from, this.#firstLost.from)) this.#firstLost = segment;
  }

  /** Takes `segment` for lost no longer: it turned out to have arrived. */
  markFound(segment: SentSegment): void {
    if (!segment.lost) return;
    segment.lost = false;
    this.lostBytes -= segment.length;
  }

  /** Splits `segment` at `at`, strictly inside it; the part before stays, the part from `at` on is a new record. */
  split(segment: SentSegment, at: Sequence): SentSegment {
    const rest = this.#pool.take();
    rest.from = at;
    rest.to = segment.to;
    rest.sentAt = segment.sentAt;
    rest.order = segment.order;
    rest.resends = segment.resends;
    rest.sacked = segment.sacked;
    rest.lost = segment.lost;
    segment.to = at;
    if (rest.sacked) this.sackedSegments++;
    rest.previous = segment;
    rest.next = segment.next;
    if (segment.next === null) this.last = rest;
    else segment.next.previous = rest;
    segment.next = rest;
    return rest;
  }

  /** Takes away all before `una`. */
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
   * Marks what a SACK block covers as received. `[left, right)` has been checked: in flight, in order. A record of which it
   * covers a part is split only at multiples of `unit` bytes (a segment), as Linux does: blocks of a byte here and there
   * must not break the flight into dust.
   */
  sack(left: Sequence, right: Sequence, unit: number, outcome: AckOutcome): void {
    for (let segment = this.first; segment !== null && isBefore(segment.from, right); segment = segment.next) {
      if (segment.sacked || isAtOrBefore(segment.to, left)) continue;
      const covered = this.#cutOut(segment, left, right, unit);
      if (covered === null) continue;
      this.#markSacked(covered, outcome);
      segment = covered;
    }
  }

  /** The part of `segment` that is covered, as a record of its own; null if that is less than a `unit`. */
  #cutOut(segment: SentSegment, left: Sequence, right: Sequence, unit: number): SentSegment | null {
    let covered = segment;
    const before = distance(segment.from, left);
    if (before > 0) {
      const skipped = Math.ceil(before / unit) * unit;
      if (skipped >= segment.length) return null;
      covered = this.split(segment, (segment.from + skipped) | 0);
    }
    const behind = distance(right, covered.to);
    if (behind <= 0) return covered;
    const kept = distance(covered.from, right);
    const whole = kept - (kept % unit);
    if (whole <= 0) return null;
    this.split(covered, (covered.from + whole) | 0);
    return covered;
  }

  /** Forgets all SACK reports: after a time-out the peer may have dropped what it reported (RFC 2018 section 8). */
  forgetSacks(): void {
    for (let segment = this.first; segment !== null; segment = segment.next) segment.sacked = false;
    this.sackedBytes = 0;
    this.sackedSegments = 0;
  }

  /** Bytes that are out a second time or more. Walks the flight: for people. */
  resentBytes(): number {
    let bytes = 0;
    for (let segment = this.first; segment !== null; segment = segment.next) {
      if (segment.resends > 0 && !segment.lost && !segment.sacked) bytes += segment.length;
    }
    return bytes;
  }

  /** Gives all records back. */
  clear(): void {
    while (this.first !== null) this.#removeFirst(this.first);
  }

  /** The first segment taken for lost, or null. */
  firstLost(): SentSegment | null {
    if (this.lostBytes === 0) this.#firstLost = null;
    while (this.#firstLost !== null && !this.#firstLost.lost) this.#firstLost = this.#firstLost.next;
    return this.#firstLost;
  }

  #markSacked(segment: SentSegment, outcome: AckOutcome): void {
    const length = segment.length;
    this.#noteReordering(segment, outcome);
    if (segment.lost) this.lostBytes -= length;
    segment.lost = false;
    segment.sacked = true;
    if (this.sackedBytes === 0 || isAfter(segment.to, this.highestSacked)) this.highestSacked = segment.to;
    this.sackedBytes += length;
    this.sackedSegments++;
    outcome.sacked += length;
    this.#noteDelivery(segment, outcome);
  }

  /** RFC 8985 section 6.2 step 3: an original that comes after one that was sent later. */
  #noteReordering(segment: SentSegment, outcome: AckOutcome): void {
    if (this.sackedBytes === 0 || segment.resends > 0 || !isBefore(segment.to, this.highestSacked)) return;
    outcome.reordering = Math.max(outcome.reordering, distance(segment.from, this.highestSacked));
  }

  #noteDelivery(segment: SentSegment, outcome: AckOutcome): void {
    if (segment.resends > 0) outcome.ackedResent = true;
    else if (!outcome.hasOriginal) {
      outcome.hasOriginal = true;
      outcome.rttSentAt = segment.sentAt;
    }
    const later = distance(outcome.newestOrder, segment.order);
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
      this.sackedSegments--;
    }
    if (segment.lost) this.lostBytes -= length;
    if (this.#firstLost === segment) this.#firstLost = segment.next;
    this.first = segment.next;
    if (this.first === null) this.last = null;
    else this.first.previous = null;
    this.#pool.give(segment);
  }
}
