/**
 * The access log of one worker: what HTTP calls (src/http/sending/answer-log.ts), and what fills the records. It is
 * on the hot path, so it makes no object and no string for a request; a connection has one object.
 *
 * A record is begun when the answer is queued, and finished when its last byte is acknowledged or the connection is
 * gone. In between it waits in a list of its connection. The first bytes of that list are acknowledged first.
 */
import type { AnswerLog, ConnectionLog, RequestScanner } from '../http/index.js';
import { AnswerNote, AnswerReason } from '../http/index.js';
import { isKeptSpace } from '../http/routes/kept-names.js';
import type { Clock } from '../net/clock.js';
import type { CloseReason, Connection } from '../net/tcp/handler.js';
import type { LogBell } from './bell.js';
import * as record from './record.js';
import * as names from './record-names.js';
import type { RingWriter } from './ring.js';
import { RequestTexts } from './texts.js';

/** Answers of one connection that may wait for their acknowledgment. More would let a few clients hold all slots. */
export const MOST_PENDING = 64;

/** Counters of a worker's log: plain numbers. */
export class LogStatistics {
  /** Records handed to the log thread. */
  records = 0;
  /** Times a connection's input had to wait because the log had no room. */
  waits = 0;
  /** Records that found no slot. This stays 0 unless thousands of connections end at once while the log is full. */
  lost = 0;
}

/** What a log is made of. */
export interface AccessLogParts {
  readonly ring: RingWriter;
  readonly bell: LogBell;
  readonly clock: Clock;
  /** The time of day, microseconds since 1970. */
  readonly wallClock: { readonly microseconds: number };
  /**
   * Finished records that are handed over together. Default 1: each at once. With more, the owner calls `afterTurn`
   * often.
   */
  readonly batch?: number;
}

export class AccessLog implements AnswerLog {
  readonly note = new AnswerNote();
  readonly statistics = new LogStatistics();
  readonly ring: RingWriter;
  readonly texts: RequestTexts;
  readonly clock: Clock;
  readonly #wallClock: { readonly microseconds: number };
  readonly #bell: LogBell;
  readonly #batch: number;
  #connections = 0;
  /** Connections whose input waits for room, the longest first. */
  #firstWaiting: ConnectionRecords | null = null;
  #lastWaiting: ConnectionRecords | null = null;

  constructor({ ring, bell, clock, wallClock, batch = 1 }: AccessLogParts) {
    this.ring = ring;
    this.texts = new RequestTexts(ring);
    this.#bell = bell;
    this.clock = clock;
    this.#wallClock = wallClock;
    this.#batch = batch;
  }

  opened(connection: Connection): ConnectionLog {
    this.#connections = (this.#connections + 1) & 0x7fffffff;
    return new ConnectionRecords(this, connection, this.#connections);
  }

  /** Some connection waits for room: call `wake` soon, even if no frame comes. */
  get isWaitedFor(): boolean {
    return this.#firstWaiting !== null;
  }

  /** Lets the connections that wait go on, as long as there is room. Called between frames. */
  wake(): void {
    for (let first = this.#firstWaiting; first !== null && this.ring.hasRoom(); first = this.#firstWaiting) {
      this.#firstWaiting = first.nextWaiting;
      if (this.#firstWaiting === null) this.#lastWaiting = null;
      first.nextWaiting = null;
      first.goOn();
    }
    if (this.#firstWaiting !== null) this.#bell.ring();
  }

  /** Counts, and remembers to call `goOn`. */
  wait(connection: ConnectionRecords): void {
    this.statistics.waits++;
    if (this.#lastWaiting === null) this.#firstWaiting = connection;
    else this.#lastWaiting.nextWaiting = connection;
    this.#lastWaiting = connection;
    this.handOver();
    this.#bell.ring();
  }

  publish(slot: number): void {
    this.statistics.records++;
    this.ring.publish(slot);
    if (this.ring.held >= this.#batch) this.handOver();
  }

  /** Between two batches of frames: what is finished goes to the log thread, and who waits may have room. */
  afterTurn(): void {
    this.handOver();
    if (this.#firstWaiting !== null) this.wake();
  }

  /** Hands the finished records to the log thread. */
  handOver(): void {
    if (this.ring.held === 0) return;
    this.ring.handOver(this.#wallClock.microseconds - this.clock.now);
    this.#bell.nudge();
  }
}

/** The records of one connection. */
export class ConnectionRecords implements ConnectionLog {
  nextWaiting: ConnectionRecords | null = null;

  readonly #log: AccessLog;
  readonly #connection: Connection;
  readonly #number: number;
  #requests = 0;
  /** Records that wait for an acknowledgment, linked by `record.NEXT`. */
  #first = record.NO_SLOT;
  #last = record.NO_SLOT;
  #pending = 0;
  /** Where the next answer begins in the stream. */
  #mark: number;
  /** When the request under way began, by the stack's clock; meaningful while `#hasBegun`. */
  #beganAt = 0;
  #hasBegun = false;
  #isWaiting = false;
  #isGone = false;

  constructor(log: AccessLog, connection: Connection, number: number) {
    this.#log = log;
    this.#connection = connection;
    this.#number = number;
    this.#mark = connection.queuedTo;
  }

  hasRoom(): boolean {
    if (this.#pending >= MOST_PENDING) return false; // its own acknowledgments make room
    if (this.#log.ring.hasRoom()) return true;
    if (this.#isWaiting) return false;
    this.#isWaiting = true;
    this.#log.wait(this);
    return false;
  }

  /** There is room again. */
  goOn(): void {
    this.#isWaiting = false;
    if (!this.#isGone) this.#connection.resume();
  }

  began(): void {
    this.#hasBegun = true;
    this.#beganAt = this.#log.clock.now;
  }

  interim(): void {
    this.#mark = this.#connection.queuedTo;
  }

  answered(head: RequestScanner): void {
    const slot = this.#begin(head);
    if (slot === record.NO_SLOT) return;
    if (this.#last === record.NO_SLOT) this.#first = slot;
    else this.#log.ring.words[this.#last * record.SLOT_WORDS + record.NEXT] = slot;
    this.#last = slot;
    this.#pending++;
  }

  acknowledged(): void {
    if (this.#first === record.NO_SLOT) return;
    const { ring, clock } = this.#log;
    const { words, doubles } = ring;
    const acknowledgedTo = this.#connection.acknowledgedTo;
    for (let slot = this.#first; slot !== record.NO_SLOT; slot = this.#first) {
      const at = slot * record.SLOT_WORDS;
      const after = slot * record.SLOT_DOUBLES;
      const left = (words[at + record.SEQUENCE_TO]! - acknowledgedTo) | 0;
      const passed = clock.now - doubles[after + record.STARTED_TICK]!;
      if (left > 0) {
        const isFirst = left < this.#answerBytes(slot) && doubles[after + record.FIRST_AFTER]! < 0;
        if (isFirst) doubles[after + record.FIRST_AFTER] = passed;
        return;
      }
      doubles[after + record.LAST_AFTER] = passed;
      words[at + record.UNACKNOWLEDGED] = 0;
      words[at + record.CLOSE_REASON] = 0;
      this.#finishFirst();
    }
  }

  closed(reason: CloseReason, unanswered: RequestScanner | null, why: AnswerReason): void {
    this.#isGone = true;
    this.acknowledged();
    if (unanswered !== null) {
      this.#log.note.reason = why;
      this.answered(unanswered);
    }
    for (let slot = this.#first; slot !== record.NO_SLOT; slot = this.#first) this.#breakOff(slot, reason);
  }

  /** The record of a request that has just been answered, or record.NO_SLOT. */
  #begin(head: RequestScanner): number {
    const { ring, note, statistics } = this.#log;
    this.#requests++;
    const slot = ring.take();
    if (slot === record.NO_SLOT) {
      statistics.lost++;
      this.#mark = this.#connection.queuedTo;
    } else this.#fill(slot, head);
    note.reset();
    this.#hasBegun = false;
    return slot;
  }

  #fill(slot: number, head: RequestScanner): void {
    const connection = this.#connection;
    const { ring, note } = this.#log;
    const { words } = ring;
    const at = slot * record.SLOT_WORDS;
    const flags = this.#log.texts.write(slot, head, note.reason);
    this.#fillTimes(slot * record.SLOT_DOUBLES);
    const { remoteAddress, queuedTo } = connection;
    words[at + record.REMOTE] = remoteAddress.word0;
    words[at + record.REMOTE + 1] = remoteAddress.word1;
    words[at + record.REMOTE + 2] = remoteAddress.word2;
    words[at + record.REMOTE + 3] = remoteAddress.word3;
    words[at + record.REMOTE_PORT] = connection.remotePort;
    words[at + record.CONNECTION] = this.#number;
    words[at + record.REQUEST] = this.#requests;
    words[at + record.HEAD_BYTES] = (queuedTo - this.#mark - note.payloadBytes) | 0;
    words[at + record.SEQUENCE_TO] = queuedTo;
    words[at + record.PEER_TO] = connection.receivedTo;
    words[at + record.NEXT] = record.NO_SLOT;
    this.#mark = queuedTo;
    this.#fillAnswer(at, head.minorVersion, flags);
  }

  #fillAnswer(at: number, minorVersion: number, flags: number): void {
    const { ring, note } = this.#log;
    const { words } = ring;
    const { entry, status, cache } = note;
    const reason = note.reason === AnswerReason.none && this.#hasBegun ? AnswerReason.carried : note.reason;
    if (entry === null) {
      words[at + record.ANSWER] = record.packAnswer(status, cache, reason, 0, minorVersion, flags);
      words[at + record.SITE] = note.site;
      words[at + record.OBJECT] = 0;
      words[at + record.GENERATION] = 0;
      return;
    }
    words[at + record.ANSWER] = record.packAnswer(status, cache, reason, entry.coding, minorVersion, flags);
    words[at + record.SITE] = isKeptSpace(entry.site) ? note.site : entry.site;
    words[at + record.OBJECT] = entry.id;
    words[at + record.GENERATION] = entry.generation;
  }

  #fillTimes(at: number): void {
    const { clock, ring, note } = this.#log;
    const { doubles } = ring;
    const began = this.#hasBegun ? this.#beganAt : clock.now;
    doubles[at + record.STARTED_TICK] = began;
    doubles[at + record.ANSWERED_AFTER] = clock.now - began;
    doubles[at + record.FIRST_AFTER] = -1;
    doubles[at + record.PAYLOAD_BYTES] = note.payloadBytes;
  }

  /** The connection is gone before all of the answer was acknowledged. */
  #breakOff(slot: number, reason: CloseReason): void {
    const { ring, clock } = this.#log;
    const { words, doubles } = ring;
    const at = slot * record.SLOT_WORDS;
    const after = slot * record.SLOT_DOUBLES;
    const left = (words[at + record.SEQUENCE_TO]! - this.#connection.acknowledgedTo) | 0;
    words[at + record.UNACKNOWLEDGED] = Math.min(left, this.#answerBytes(slot));
    words[at + record.CLOSE_REASON] = 1 + names.CLOSE_REASONS.indexOf(reason);
    doubles[after + record.LAST_AFTER] = -1;
    doubles[after + record.ENDED_AFTER] = clock.now - doubles[after + record.STARTED_TICK]!;
    this.#finishFirst();
  }

  /** All bytes of the answer. */
  #answerBytes(slot: number): number {
    const { words, doubles } = this.#log.ring;
    const head = words[slot * record.SLOT_WORDS + record.HEAD_BYTES]!;
    return head + doubles[slot * record.SLOT_DOUBLES + record.PAYLOAD_BYTES]!;
  }

  #finishFirst(): void {
    const slot = this.#first;
    this.#first = this.#log.ring.words[slot * record.SLOT_WORDS + record.NEXT]!;
    if (this.#first === record.NO_SLOT) this.#last = record.NO_SLOT;
    this.#pending--;
    this.#log.publish(slot);
  }
}
