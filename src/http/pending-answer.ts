/**
 * An answer that has to wait: for an object that is not in memory, or for the pieces of a large file. It asks for what
 * is missing (cache/asks.ts), and queues what has come. Each call says what has become of the answer: it goes on
 * waiting (`ASKS`, `STREAMS`), or all of it is queued (`ENDS`, `PERSISTS`). What follows from that for the connection
 * is in connection.ts.
 *
 * A request that waits is answered from the beginning when its ask is settled, as if it had come only then. So whatever
 * has been published meanwhile, the answer is of one state of the cache.
 */
import { type Ask, LOOK_AGAIN, type Outcome, UNAVAILABLE, type Waiter } from '../cache/asks.js';
import type { Connection } from '../net/tcp/handler.js';
import { AnswerNote } from './answer-log.js';
import type { Carry } from './carry.js';
import { DONE, type PieceStream, WAITS_FOR_PIECE } from './piece-stream.js';
import type { HttpService } from './service.js';
import type { Seat } from './stream-room.js';
import { type Answered, ASKS, ENDS, PERSISTS, STREAMS } from './waiting.js';

export class PendingAnswer {
  /** The request. */
  readonly carry: Carry;
  /** When it began to wait, ms of the clock as an int32. */
  readonly sinceMs: number;
  readonly #connection: Connection;
  readonly #service: HttpService;
  readonly #waiter: Waiter;
  /** What it waits for; null: nothing, or the client. */
  #ask: Ask | null = null;
  /** The body under way, once the head has been sent. */
  #stream: PieceStream | null = null;
  /** Its places in the memory for bodies; null: it has no such body. */
  #seat: Seat | null = null;
  /** What the log is told in the end: others write into the common note meanwhile. */
  #note: AnswerNote | null = null;

  /** @param waiter is told when an ask is settled, and then calls `settled` */
  constructor(carry: Carry, connection: Connection, service: HttpService, waiter: Waiter) {
    this.carry = carry;
    this.sinceMs = service.nowMs();
    this.#connection = connection;
    this.#service = service;
    this.#waiter = waiter;
  }

  /** The head is queued, and the body comes in pieces. */
  get isStreaming(): boolean {
    return this.#stream !== null;
  }

  /**
   * Begins to wait for what the responder has found missing (`answered` is ASKS or STREAMS).
   * @param mayPersist the connection may go on after this answer
   */
  wait(answered: Answered, mayPersist: boolean): Answered {
    const { responder, asks, log, statistics } = this.#service;
    const { waits } = responder;
    this.#takeSeat(waits.takeSeat());
    if (answered === STREAMS) {
      this.#stream = waits.stream;
      this.#keepNote();
      statistics.streams++;
      return this.sendOn(mayPersist);
    }
    if (waits.name !== null) {
      log?.note.reset(); // the answer is written again from the beginning
      this.#ask = asks.want(waits.site, waits.name, this.#waiter);
    }
    return ASKS;
  }

  /** What was asked for is there, or cannot be had. */
  settled(outcome: Outcome, mayPersist: boolean): Answered {
    this.#ask = null;
    if (this.#stream === null) return this.#answerAgain(outcome, mayPersist);
    if (outcome === LOOK_AGAIN) return this.sendOn(mayPersist);
    // Its Content-Length was promised, so all that can be done is to end the connection before it: the client sees
    // that the answer is not whole (RFC 9112 section 8).
    if (outcome !== UNAVAILABLE) this.#service.statistics.brokenStreams++;
    return ENDS;
  }

  /** Queues as much of the stream as may be queued now, when something was acknowledged or its turn has come. */
  sendOn(mayPersist: boolean): Answered {
    const stream = this.#stream;
    if (stream === null || this.#ask !== null) return ASKS;
    const { limits, statistics } = this.#service;
    const done = stream.pump(this.#connection, limits.queuedBytes, this.#waiter);
    this.#ask = stream.ask;
    if (done === WAITS_FOR_PIECE) statistics.streamWaits++;
    if (done !== DONE) return STREAMS;
    return mayPersist ? PERSISTS : ENDS;
  }

  /** It has taken too long: 503, or the end of a stream in its middle. The connection ends after it. */
  giveUp(): Answered {
    if (this.#stream === null) this.#answerUnavailable(false);
    return ENDS;
  }

  /** Puts the facts of the answer back into the common note, for the log to read. */
  giveNote(): void {
    const { log } = this.#service;
    if (log !== null && this.#note !== null) Object.assign(log.note, this.#note);
  }

  /** Waits no longer, and lets go of what it holds. */
  leave(): void {
    if (this.#ask !== null) this.#service.asks.leave(this.#ask, this.#waiter);
    this.#stream?.close();
    if (this.#seat !== null) this.#service.responder.waits.room.leave(this.#seat);
  }

  /** It still waits. If it is for its turn, and for long, clients that are too slow give way. */
  relieve(): void {
    if (this.#seat !== null) this.#service.responder.waits.room.relieve(this.#seat);
  }

  /** Answers the request as if it had come now. It may have to wait for something else. */
  #answerAgain(outcome: Outcome, mayPersist: boolean): Answered {
    const { responder, statistics } = this.#service;
    if (outcome === UNAVAILABLE) {
      this.#answerUnavailable(mayPersist);
      return mayPersist ? PERSISTS : ENDS;
    }
    const { cacheHits, cacheMisses } = statistics;
    responder.waits.seat = this.#seat;
    const answered = responder.answerWaited(this.#connection, this.carry.scanner, mayPersist);
    statistics.cacheHits = cacheHits; // it counted when it came: a miss
    statistics.cacheMisses = cacheMisses;
    if (answered >= ASKS) return this.wait(answered, mayPersist);
    responder.waits.takeSeat();
    return answered;
  }

  #takeSeat(seat: Seat | null): void {
    if (seat === null || seat === this.#seat) return;
    this.#seat = seat;
    seat.waiter = this.#waiter;
    seat.giveWay = () => {
      this.#service.statistics.shedStreams++;
      this.#connection.abort();
    };
  }

  #answerUnavailable(mayPersist: boolean): void {
    this.#service.statistics.unavailable++;
    this.#service.responder.answerUnavailable(this.#connection, this.carry.scanner, mayPersist);
  }

  /** Takes the facts of the answer out of the common note. */
  #keepNote(): void {
    const { log } = this.#service;
    if (log === null) return;
    this.#note = Object.assign(new AnswerNote(), log.note);
    log.note.reset();
  }
}
