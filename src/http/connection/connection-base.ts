/**
 * What one HTTP connection is, how late it may be, and how it ends. request-reading.ts reads its requests, and
 * connection.ts answers them. These are three classes of one object: with 10,000 connections each further object costs.
 *
 * A connection has one timer. It is armed when the state changes, and not at each request. When it fires, `timedOut`
 * looks at what has happened in the meantime, and arms it again for the rest of the time.
 */

import { MILLISECOND } from '../../net/clock.js';
import type { Connection } from '../../net/tcp/handler.js';
import type { Carry } from '../request/carry.js';
import type { Outcome } from '../request/scanner.js';
import type { ConnectionLog } from '../sending/answer-log.js';
import type { Client } from '../service/clients.js';
import type { HttpService } from '../service/service.js';
import type { SlowConnection } from '../service/slow-path.js';
import { RATE_OVER_MS, requestLeftMs } from '../service/timeouts.js';
import type { PendingAnswer } from '../slow/pending-answer.js';
import { AnswerRate } from './answer-rate.js';
import { type ConnectionState, IDLE, IN_HEAD, LAST_ANSWER, nextState } from './state.js';

export abstract class ConnectionBase {
  protected readonly connection: Connection;
  protected readonly service: HttpService;
  protected readonly log: ConnectionLog | null;
  protected readonly client: Client;
  /** Made when an answer is looked at for the first time. Most are taken before that. */
  #answerRate: AnswerRate | null = null;
  protected state: ConnectionState = IDLE;
  /** The request under way, if it is not whole in one segment. */
  protected carry: Carry | null = null;
  /** The answer that is waited for, or the stream of which the rest is: in WAITING alone. Its request is `carry`. */
  protected pending: PendingAnswer | null = null;
  /** Its socket in another thread, from the first request that was handed over. */
  protected slow: SlowConnection | null = null;
  /** No further request is answered: the client has sent its last byte. */
  protected isLast = false;
  /** When something last came or was acknowledged: ms of the clock, an int32 (differences stay right when it wraps). */
  protected activeMs: number;

  /** @param client whose connection it is, as `service.clients` has counted it */
  constructor(connection: Connection, service: HttpService, client: Client) {
    this.connection = connection;
    this.service = service;
    this.client = client;
    this.log = service.log === null ? null : service.log.opened(connection);
    this.activeMs = service.nowMs();
    // An answer is queued as a whole, so its last, short segment must not wait for an acknowledgment.
    connection.noDelay = true;
    service.statistics.connections++;
    service.statistics.openConnections++;
    this.lookIn(service.limits.idleTimeoutMs);
  }

  /** Sends the last answer of this connection: an error. Returns `taken`, for callers that return what they took. */
  protected refuse(status: Outcome, taken: number): number {
    this.service.responder.refuse(this.connection, status);
    // The request that is refused has just been scanned: in a buffer of its own, or in the segment.
    if (this.log !== null) this.log.answered(this.carry === null ? this.service.scanner : this.carry.scanner);
    this.finish();
    return taken;
  }

  /** Queues FIN behind the answers. Bytes that come late are then read and thrown away for a while. */
  protected finish(): void {
    this.state = nextState(this.state, LAST_ANSWER);
    this.endWait();
    this.dropCarry();
    this.dropSlow();
    this.connection.close();
    this.connection.setTimeout(this.service.limits.lingerTimeoutMs * MILLISECOND);
  }

  /** The request has been answered, or is given up. */
  protected dropCarry(): void {
    if (this.carry !== null) this.wasFinished(this.carry);
    this.carry = null;
  }

  /** All of the request is here, or no more of it is waited for. */
  protected wasFinished(carry: Carry): void {
    if (!carry.isUnfinished) return;
    carry.isUnfinished = false;
    this.service.clients.finished(this.client);
  }

  protected endWait(): void {
    const pending = this.pending;
    this.pending = null;
    pending?.leave();
  }

  protected dropSlow(): void {
    this.slow?.destroy();
    this.slow = null;
  }

  protected mayPersist(carry: Carry): boolean {
    return carry.mayPersist && !this.isLast && !this.service.ending.isNear;
  }

  /** A request is under way: whether it takes too long, or comes too slowly. */
  protected lookAtRequest(carry: Carry): void {
    const leftMs = requestLeftMs(carry, this.connection, this.service, this.state === IN_HEAD);
    if (leftMs > 0) {
      this.lookIn(leftMs);
      return;
    }
    this.service.statistics.requestTimeouts++;
    this.refuse(408, 0);
  }

  /** An answer is under way: whether its client takes nothing any more, or too little. */
  protected lookAtAnswer(): void {
    const { limits } = this.service;
    this.#answerRate ??= new AnswerRate();
    const isQuick = this.#answerRate.look(this.connection, this.service.nowMs(), limits.answerRateBytes);
    if (!isQuick) this.abort('slowReaders');
    else if (this.overdue(this.activeMs, limits.stallTimeoutMs)) this.abort('stallTimeouts');
  }

  /** Gives up on a client that takes nothing any more, or too little, or does not close after our FIN. */
  protected abort(reason: 'stallTimeouts' | 'slowReaders' | 'lingerTimeouts'): void {
    this.service.statistics[reason]++;
    this.connection.abort();
  }

  /** Whether `limitMs` have passed since `sinceMs`; if not, the timer is armed for the rest. */
  protected overdue(sinceMs: number, limitMs: number): boolean {
    const leftMs = limitMs - ((this.service.nowMs() - sinceMs) | 0);
    if (leftMs <= 0) return true;
    this.lookIn(leftMs);
    return false;
  }

  /**
   * Arms the timer: `timedOut` is called after so many milliseconds, or earlier. An answer may begin to stall, or to
   * be taken too slowly, at any moment, and requests and answers do not arm the timer. So the time is never longer
   * than what an answer has: the time-out of one that stalls, and the time over which its rate is measured.
   */
  protected lookIn(milliseconds: number): void {
    const { limits, ending } = this.service;
    const { stallTimeoutMs, answerRateBytes } = limits;
    const isMeasured = this.carry !== null || answerRateBytes > 0;
    const most = isMeasured ? Math.min(RATE_OVER_MS, stallTimeoutMs) : stallTimeoutMs;
    this.connection.setTimeout(Math.min(milliseconds, most, ending.quietMs) * MILLISECOND);
  }

  protected hasRoom(): boolean {
    const { queuedPieces, queuedBytes } = this.service.limits;
    return (
      this.connection.queuedPieces < queuedPieces &&
      this.connection.queuedBytes < queuedBytes &&
      (this.log === null || this.log.hasRoom())
    );
  }
}
