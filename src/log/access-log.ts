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
import { NO_SLOT, type RingWriter } from './ring.js';
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
}

export class AccessLog implements AnswerLog {
  readonly note = new AnswerNote();
  readonly statistics = new LogStatistics();
  readonly ring: RingWriter;
  readonly texts: RequestTexts;
  readonly clock: Clock;
  readonly wallClock: { readonly microseconds: number };
  readonly #bell: LogBell;
  #connections = 0;
  /** Connections whose input waits for room, the longest first. */
  #firstWaiting: ConnectionRecords | null = null;
  #lastWaiting: ConnectionRecords | null = null;

  constructor({ ring, bell, clock, wallClock }: AccessLogParts) {
    this.ring = ring;
    this.texts = new RequestTexts(ring);
    this.#bell = bell;
    this.clock = clock;
    this.wallClock = wallClock;
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
    this.#bell.ring();
  }

  publish(slot: number): void {
    this.statistics.records++;
    this.ring.publish(slot);
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
  #first = NO_SLOT;
  #last = NO_SLOT;
  #pending = 0;
  /** Where the next answer begins in the stream. */
  #mark: number;
  /** The clock's stamp when the request under way began; meaningful while `#hasBegun`. */
  #beganStamp = 0;
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
    this.#beganStamp = this.#log.clock.stamp;
  }

  interim(): void {
    this.#mark = this.#connection.queuedTo;
  }

  answered(head: RequestScanner): void {
    const slot = this.#begin(head);
    if (slot === NO_SLOT) return;
    if (this.#last === NO_SLOT) this.#first = slot;
    else this.#log.ring.words[this.#last * record.SLOT_WORDS + record.NEXT] = slot;
    this.#last = slot;
    this.#pending++;
  }

  acknowledged(): void {
    if (this.#first === NO_SLOT) return;
    const { ring, clock } = this.#log;
    const { words, doubles } = ring;
    const acknowledgedTo = this.#connection.acknowledgedTo;
    for (let slot = this.#first; slot !== NO_SLOT; slot = this.#first) {
      const at = slot * record.SLOT_WORDS;
      const after = slot * record.SLOT_DOUBLES;
      const have = (acknowledgedTo - words[at + record.SEQUENCE_FROM]!) | 0;
      const left = (words[at + record.SEQUENCE_TO]! - acknowledgedTo) | 0;
      if (have <= 0 && left > 0) return;
      const passed = clock.now - doubles[after + record.STARTED_TICK]!;
      if (doubles[after + record.FIRST_AFTER]! < 0) doubles[after + record.FIRST_AFTER] = passed;
      if (left > 0) return;
      words[at + record.ACKNOWLEDGED] = (words[at + record.SEQUENCE_TO]! - words[at + record.SEQUENCE_FROM]!) | 0;
      doubles[after + record.LAST_AFTER] = passed;
      this.#finishFirst(passed);
    }
  }

  closed(reason: CloseReason, unanswered: RequestScanner | null, why: AnswerReason): void {
    this.#isGone = true;
    this.acknowledged();
    if (unanswered !== null) {
      this.#log.note.reason = why;
      this.answered(unanswered);
    }
    for (let slot = this.#first; slot !== NO_SLOT; slot = this.#first) this.#breakOff(slot, reason);
  }

  /** The record of a request that has just been answered, or NO_SLOT. */
  #begin(head: RequestScanner): number {
    const { ring, note, statistics } = this.#log;
    this.#requests++;
    const slot = ring.take();
    if (slot === NO_SLOT) statistics.lost++;
    else this.#fill(slot, head);
    note.reset();
    this.#mark = this.#connection.queuedTo;
    this.#hasBegun = false;
    return slot;
  }

  #fill(slot: number, head: RequestScanner): void {
    const connection = this.#connection;
    const { ring, note } = this.#log;
    const { words } = ring;
    const at = slot * record.SLOT_WORDS;
    this.#fillTimes(ring.doubles, slot * record.SLOT_DOUBLES);
    const { remoteAddress } = connection;
    words[at + record.REMOTE] = remoteAddress.word0;
    words[at + record.REMOTE + 1] = remoteAddress.word1;
    words[at + record.REMOTE + 2] = remoteAddress.word2;
    words[at + record.REMOTE + 3] = remoteAddress.word3;
    words[at + record.REMOTE_PORT] = connection.remotePort;
    words[at + record.CONNECTION] = this.#number;
    words[at + record.REQUEST] = this.#requests;
    words[at + record.STATUS] = note.status;
    words[at + record.CACHE] = note.cache;
    words[at + record.REASON] =
      note.reason === AnswerReason.none && this.#hasBegun ? AnswerReason.carried : note.reason;
    const entry = note.entry;
    words[at + record.CODING] = entry === null ? 0 : entry.coding;
    words[at + record.SITE] = entry === null || isKeptSpace(entry.site) ? note.site : entry.site;
    words[at + record.OBJECT] = entry === null ? 0 : entry.id;
    words[at + record.GENERATION] = entry === null ? 0 : entry.generation;
    words[at + record.CLOSE_REASON] = 0;
    words[at + record.SEQUENCE_FROM] = this.#mark;
    words[at + record.SEQUENCE_TO] = connection.queuedTo;
    words[at + record.PEER_TO] = connection.receivedTo;
    words[at + record.ACKNOWLEDGED] = 0;
    words[at + record.NEXT] = NO_SLOT;
    this.#log.texts.write(slot, head, note.reason);
  }

  #fillTimes(doubles: Float64Array, at: number): void {
    const { clock, wallClock, note } = this.#log;
    const since = this.#hasBegun ? (clock.stamp - this.#beganStamp) | 0 : 0;
    doubles[at + record.STARTED] = wallClock.microseconds - since;
    doubles[at + record.STARTED_TICK] = clock.now - since;
    doubles[at + record.ANSWERED_AFTER] = since;
    doubles[at + record.FIRST_AFTER] = -1;
    doubles[at + record.LAST_AFTER] = -1;
    doubles[at + record.ANSWER_BYTES] = (this.#connection.queuedTo - this.#mark) | 0;
    doubles[at + record.PAYLOAD_BYTES] = note.payloadBytes;
  }

  /** The connection is gone before all of the answer was acknowledged. */
  #breakOff(slot: number, reason: CloseReason): void {
    const { ring, clock } = this.#log;
    const { words, doubles } = ring;
    const at = slot * record.SLOT_WORDS;
    const have = (this.#connection.acknowledgedTo - words[at + record.SEQUENCE_FROM]!) | 0;
    words[at + record.ACKNOWLEDGED] = Math.max(have, 0);
    words[at + record.CLOSE_REASON] = 1 + record.CLOSE_REASONS.indexOf(reason);
    this.#finishFirst(clock.now - doubles[slot * record.SLOT_DOUBLES + record.STARTED_TICK]!);
  }

  #finishFirst(passed: number): void {
    const { ring } = this.#log;
    const slot = this.#first;
    ring.doubles[slot * record.SLOT_DOUBLES + record.ENDED_AFTER] = passed;
    this.#first = ring.words[slot * record.SLOT_WORDS + record.NEXT]!;
    if (this.#first === NO_SLOT) this.#last = NO_SLOT;
    this.#pending--;
    this.#log.publish(slot);
  }
}
