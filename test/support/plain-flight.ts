/**
 * The plain twin of `Flight`: one record a transmission in an array, and every question walks all of it. The property
 * test holds the fast one to it, and scripts/micro/flight.ts measures both.
 */
import type { AckOutcome } from '../../src/net/tcp/parts/ack-outcome.js';
import { add, distance, isAfter, isAtOrBefore, isBefore, type Sequence, ZERO } from '../../src/net/tcp/sequence.js';

export interface PlainRecord {
  from: Sequence;
  to: Sequence;
  sentAt: number;
  order: number;
  segmentBytes: number;
  resends: number;
  sacked: boolean;
  lost: boolean;
}

export class PlainFlight {
  records: PlainRecord[] = [];
  sackedSegments = 0;
  #highestSacked: Sequence = ZERO;
  #transmissions = 0;

  add(from: Sequence, to: Sequence, segmentBytes: number, now: number): void {
    const order = ++this.#transmissions;
    this.records.push({ from, to, sentAt: now, order, segmentBytes, resends: 0, sacked: false, lost: false });
  }

  firstLost(): PlainRecord | undefined {
    return this.records.find(({ lost }) => lost);
  }

  resend(record: PlainRecord, segmentBytes: number, now: number): void {
    record.lost = false;
    record.resends++;
    record.segmentBytes = segmentBytes;
    record.sentAt = now;
    record.order = ++this.#transmissions;
  }

  loseOverdue(order: number, to: Sequence, patience: number, now: number): number {
    let longest = 0;
    for (const record of this.records) {
      const sentBefore = record.order < order || (record.order === order && isBefore(record.to, to));
      if (record.sacked || record.lost || !sentBefore) continue;
      const left = patience - (now - record.sentAt);
      if (left <= 0) record.lost = true;
      else longest = Math.max(longest, left);
    }
    return longest;
  }

  loseAll(): void {
    for (const record of this.records) if (!record.sacked) record.lost = true;
  }

  findAll(): void {
    for (const record of this.records) record.lost = false;
  }

  acknowledge(una: Sequence, outcome: AckOutcome): void {
    for (let first = this.records[0]; first !== undefined && isBefore(first.from, una); first = this.records[0]) {
      if (isAfter(first.to, una)) this.#split(0, una);
      outcome.acked += distance(first.from, first.to);
      if (first.sacked) {
        outcome.ackedAlreadySacked += distance(first.from, first.to);
        this.sackedSegments--;
      } else this.#noteDelivery(first, outcome);
      this.records.shift();
    }
  }

  sack(left: Sequence, right: Sequence, unit: number, outcome: AckOutcome): void {
    for (let place = 0; place < this.records.length; place++) {
      const record = this.records[place] as PlainRecord;
      if (record.sacked || isAtOrBefore(record.to, left)) continue;
      if (!isBefore(record.from, right)) break;
      const covered = this.#cutOut(place, left, right, unit);
      if (covered === undefined) continue;
      this.#noteDelivery(covered, outcome);
      if (covered.resends === 0) {
        const { hasSackedOriginal, sackedSentAt } = outcome;
        outcome.sackedSentAt = hasSackedOriginal ? Math.min(sackedSentAt, covered.sentAt) : covered.sentAt;
        outcome.hasSackedOriginal = true;
      }
      if (this.sackedSegments === 0 || isAfter(covered.to, this.#highestSacked)) this.#highestSacked = covered.to;
      covered.sacked = true;
      this.sackedSegments++;
      covered.lost = false;
      outcome.sacked += distance(covered.from, covered.to);
    }
  }

  /** Splits the record at `place`; returns the part behind the cut. */
  #split(place: number, at: Sequence): PlainRecord {
    const record = this.records[place] as PlainRecord;
    const rest = { ...record, from: at };
    if (record.sacked) this.sackedSegments++;
    record.to = at;
    this.records.splice(place + 1, 0, rest);
    return rest;
  }

  #cutOut(place: number, left: Sequence, right: Sequence, unit: number): PlainRecord | undefined {
    let covered = this.records[place] as PlainRecord;
    let at = place;
    const before = distance(covered.from, left);
    if (before > 0) {
      const skipped = Math.ceil(before / unit) * unit;
      if (skipped >= distance(covered.from, covered.to)) return undefined;
      covered = this.#split(at, add(covered.from, skipped));
      at++;
    }
    if (distance(right, covered.to) <= 0) return covered;
    const whole = Math.floor(distance(covered.from, right) / unit) * unit;
    if (whole <= 0) return undefined;
    this.#split(at, add(covered.from, whole));
    return covered;
  }

  #noteDelivery(record: PlainRecord, outcome: AckOutcome): void {
    if (this.sackedSegments > 0 && record.resends === 0 && isBefore(record.to, this.#highestSacked)) {
      outcome.reordering = Math.max(outcome.reordering, distance(record.from, this.#highestSacked));
    }
    outcome.largestSegment = Math.max(outcome.largestSegment, record.segmentBytes);
    outcome.largestRecord = Math.max(outcome.largestRecord, distance(record.from, record.to));
    if (record.resends > 0) outcome.ackedResent = true;
    else if (!outcome.hasOriginal) {
      outcome.hasOriginal = true;
      outcome.rttSentAt = record.sentAt;
    }
    const later = record.order - outcome.newestOrder;
    if (outcome.hasNewest && (later < 0 || (later === 0 && !isAfter(record.to, outcome.newestTo)))) return;
    outcome.hasNewest = true;
    outcome.newestSentAt = record.sentAt;
    outcome.newestOrder = record.order;
    outcome.newestTo = record.to;
    outcome.newestResent = record.resends > 0;
  }
}
