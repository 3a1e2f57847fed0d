/**
 * An answer that waits for an object that is not in memory, or for the pieces of a large file. It asks for what is
 * missing (cache/library/asks.ts), and queues what has come.
 *
 * A request that waits is answered from the beginning when its ask is settled, as if it had come only then. So whatever
 * has been published meanwhile, the answer is of one state of the cache.
 */
import { type Ask, LOOK_AGAIN, type Outcome, UNAVAILABLE, type Waiter } from '../../cache/library/asks.js';
import type { Connection } from '../../net/tcp/handler.js';
import type { Carry } from '../request/carry.js';
import { type AnswerNote, AnswerReason } from '../sending/answer-log.js';
import { ASKS, DECIDES, ENDS, type Fate, PERSISTS, STREAMS } from '../sending/fate.js';
import { DONE, type PieceStream, WAITS_FOR_PIECE } from '../sending/piece-stream.js';
import type { Seat } from '../sending/stream-room.js';
import type { HttpService } from '../service/service.js';
import { type PendingAnswer, takeNote } from './pending-answer.js';

export class DiskAnswer implements PendingAnswer {
  readonly carry: Carry;
  /** When it began to wait, ms of the clock as an int32. */
  readonly #sinceMs: number;
  readonly #connection: Connection;
  readonly #service: HttpService;
  readonly #waiter: Waiter;
  /** What it waits for; null: nothing, or the client. */
  #ask: Ask | null = null;
  /** The body under way, once the head has been sent. */
  #stream: PieceStream | null = null;
  /** The head of that body has said that the connection goes on. */
  #persists = false;
  /** Its places in the memory for bodies; null: it has no such body. */
  #seat: Seat | null = null;
  /** What the log is told in the end: others write into the common note meanwhile. */
  #note: AnswerNote | null = null;

  /** @param waiter is told when an ask is settled, and then calls `settled` */
  constructor(carry: Carry, connection: Connection, service: HttpService, waiter: Waiter) {
    this.carry = carry;
    this.#sinceMs = service.nowMs();
    this.#connection = connection;
    this.#service = service;
    this.#waiter = waiter;
  }

  get isStreaming(): boolean {
    return this.#stream !== null;
  }

  get isRequestOver(): boolean {
    return !this.carry.isBodyOpen;
  }

  /**
   * Begins to wait for what the responder has found missing (`fate` is ASKS or STREAMS).
   * @param mayPersist the connection may go on after this answer
   */
  wait(fate: Fate, mayPersist: boolean): Fate {
    const { responder, asks, log, statistics } = this.#service;
    const { waits } = responder;
    this.#takeSeat(waits.takeSeat());
    if (fate === STREAMS) {
      this.#stream = waits.stream;
      if (log !== null && log.note.reason === AnswerReason.none) log.note.reason = AnswerReason.stream;
      this.#note = takeNote(this.#service);
      statistics.streams++;
      this.#persists = mayPersist;
      return this.sendOn();
    }
    if (waits.name !== null) {
      log?.note.reset(); // the answer is written again from the beginning
      this.#ask = asks.want(waits.site, waits.name, this.#waiter);
    }
    return ASKS;
  }

  /** The request has come whole, so what comes now belongs to later ones. */
  received(): number {
    return 0;
  }

  settled(outcome: Outcome, mayPersist: boolean): Fate {
    this.#ask = null;
    if (this.#stream === null) return this.#answerAgain(outcome, mayPersist);
    if (outcome === LOOK_AGAIN) return this.sendOn();
    // Its Content-Length was promised, so all that can be done is to end the connection before it: the client sees
    // that the answer is not whole (RFC 9112 section 8).
    if (outcome !== UNAVAILABLE) this.#service.statistics.brokenStreams++;
    return ENDS;
  }

  /** Queues as much of the stream as may be queued now. Its turn may have come, too. */
  sendOn(): Fate {
    const stream = this.#stream;
    if (stream === null || this.#ask !== null) return ASKS;
    const { limits, statistics } = this.#service;
    const done = stream.pump(this.#connection, limits.queuedBytes, this.#waiter);
    this.#ask = stream.ask;
    if (done === WAITS_FOR_PIECE) statistics.streamWaits++;
    if (done !== DONE) return STREAMS;
    return this.#persists ? PERSISTS : ENDS;
  }

  /** The client still gets everything that it asked for. */
  ended(): Fate {
    return ASKS;
  }

  /** If it waits for its turn, and for long, clients that are too slow give way. */
  look(activeMs: number): number {
    const { limits, responder } = this.#service;
    if (this.#seat !== null) responder.waits.room.relieve(this.#seat);
    const sinceMs = this.isStreaming ? activeMs : this.#sinceMs;
    return limits.waitTimeoutMs - ((this.#service.nowMs() - sinceMs) | 0);
  }

  /** 503, or the end of a stream in its middle. */
  giveUp(): Fate {
    this.#service.statistics.waitTimeouts++;
    if (this.#stream === null) this.#answerUnavailable(false);
    return ENDS;
  }

  giveNote(): void {
    const { log } = this.#service;
    if (log !== null && this.#note !== null) Object.assign(log.note, this.#note);
  }

  leave(): void {
    if (this.#ask !== null) this.#service.asks.leave(this.#ask, this.#waiter);
    this.#stream?.close();
    if (this.#seat !== null) this.#service.responder.waits.room.leave(this.#seat);
  }

  /** Answers the request as if it had come now. It may have to wait for something else. */
  #answerAgain(outcome: Outcome, mayPersist: boolean): Fate {
    const { responder, statistics } = this.#service;
    if (outcome === UNAVAILABLE) {
      const persists = mayPersist && !this.carry.isBodyOpen;
      this.#answerUnavailable(persists);
      return persists ? PERSISTS : ENDS;
    }
    if (this.carry.isBodyOpen) return DECIDES;
    const { cacheHits, cacheMisses } = statistics;
    responder.waits.seat = this.#seat;
    const fate = responder.answerAfterWait(this.#connection, this.carry.scanner, mayPersist);
    statistics.cacheHits = cacheHits; // it counted when it came: a miss
    statistics.cacheMisses = cacheMisses;
    if (fate === ASKS || fate === STREAMS) return this.wait(fate, mayPersist);
    responder.waits.takeSeat();
    return fate;
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
    this.#service.responder.answerFailed(this.#connection, this.carry.scanner, 503, AnswerReason.waited, mayPersist);
  }
}
