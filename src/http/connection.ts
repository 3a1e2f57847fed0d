/**
 * One HTTP/1.1 connection (RFC 9112 section 9), on top of TCP's `ConnectionHandler`.
 *
 * A request runs to completion: it is parsed in place in the segment that brought it, and its answer is queued before
 * `received` returns. Pipelined requests are answered in their order. When too many bytes or pieces of answers are
 * not acknowledged yet, the next requests stay in TCP's receive buffer. The window closes, until there is room again
 * (`#hasRoom`, `#holdBack`).
 *
 * A connection has one timer. It is armed when the state changes, and not at each request. When it fires, `timedOut`
 * looks at what has happened in the meantime, and arms it again for the rest of the time.
 */
import { MILLISECOND } from '../net/clock.js';
import type { CloseReason, Connection, ConnectionHandler } from '../net/tcp/handler.js';
import type { ConnectionLog } from './answer-log.js';
import { BodyReader } from './body.js';
import { CONTINUE_ANSWER } from './canned.js';
import { Carry } from './carry.js';
import { COMPLETE, INCOMPLETE, type Outcome, type RequestScanner } from './scanner.js';
import type { HttpService } from './service.js';
import {
  ANSWERED,
  BEGAN,
  type ConnectionState,
  DRAINING,
  GONE,
  HEAD_ENDED,
  IDLE,
  LAST_ANSWER,
  nextState,
} from './state.js';

export class HttpConnection implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #service: HttpService;
  readonly #log: ConnectionLog | null;
  #state: ConnectionState = IDLE;
  /** The request under way, if it is not whole in one segment. */
  #carry: Carry | null = null;
  #requests = 0;
  /** Input was left to TCP because too many answers are queued. */
  #heldBack = false;
  /** When something last came or was acknowledged: ms of the clock, an int32 (differences stay right when it wraps). */
  #activeMs: number;

  constructor(connection: Connection, service: HttpService) {
    this.#connection = connection;
    this.#service = service;
    this.#log = service.log === null ? null : service.log.opened(connection);
    this.#activeMs = service.nowMs();
    // An answer is queued as a whole, so its last, short segment must not wait for an acknowledgment.
    connection.noDelay = true;
    service.statistics.connections++;
    service.statistics.openConnections++;
    this.#lookIn(service.limits.idleTimeoutMs);
  }

  received(bytes: Uint8Array, from: number, to: number): number {
    this.#activeMs = this.#service.nowMs();
    let at = from;
    while (at < to) {
      if (this.#state >= DRAINING) return to - from;
      if (!this.#hasRoom()) return this.#holdBack(at - from);
      if (this.#carry === null) at = this.#readHead(bytes, at, to);
      else if (this.#carry.body !== null) at = this.#readBody(this.#carry, this.#carry.body, bytes, at, to);
      else at = this.#readCarried(this.#carry, bytes, at, to);
    }
    return at - from;
  }

  acknowledged(): void {
    this.#activeMs = this.#service.nowMs();
    if (this.#log !== null) this.#log.acknowledged();
    if (!this.#heldBack || !this.#hasRoom()) return;
    this.#heldBack = false;
    this.#connection.resume();
  }

  /** The client has sent its last byte. It still gets everything that it asked for. */
  ended(): void {
    if (this.#state >= DRAINING) return;
    if (this.#state === IDLE) this.#finish();
    else this.#refuse(400, 0);
  }

  timedOut(): void {
    const { limits, statistics } = this.#service;
    if (this.#carry !== null) {
      if (this.#overdue(this.#carry.startedMs, limits.requestTimeoutMs)) this.#requestTimedOut();
    } else if (this.#connection.queuedBytes > 0) {
      if (this.#overdue(this.#activeMs, limits.stallTimeoutMs)) this.#abort('stallTimeouts');
    } else if (this.#state === DRAINING) {
      this.#abort('lingerTimeouts');
    } else if (this.#overdue(this.#activeMs, limits.idleTimeoutMs)) {
      statistics.idleTimeouts++;
      this.#finish();
    }
  }

  closed(reason: CloseReason): void {
    this.#state = nextState(this.#state, GONE);
    if (this.#log !== null) this.#log.closed(reason, this.#carry === null ? null : this.#carry.scanner);
    this.#carry = null;
    this.#service.statistics.openConnections--;
  }

  /** The fast path: a request that lies whole in this segment. Returns the place behind what was taken. */
  #readHead(bytes: Uint8Array, from: number, to: number): number {
    const scanner = this.#service.scanner;
    scanner.begin(bytes, from);
    const outcome = scanner.scan(to);
    if (outcome === COMPLETE) {
      this.#headEnded(scanner);
      return scanner.at;
    }
    if (outcome !== INCOMPLETE) return this.#refuse(outcome, to);
    if (scanner.from === to) return to; // nothing but empty lines
    this.#carryOver(bytes, scanner.from, to);
    return to;
  }

  #carryOver(bytes: Uint8Array, from: number, to: number): Carry {
    const { limits, statistics } = this.#service;
    const carry = new Carry(limits, this.#activeMs);
    carry.append(bytes, from, to);
    this.#carry = carry;
    this.#state = nextState(this.#state, BEGAN);
    if (this.#log !== null) this.#log.began();
    statistics.carriedOver++;
    this.#connection.setTimeout(limits.requestTimeoutMs * MILLISECOND);
    return carry;
  }

  #readCarried(carry: Carry, bytes: Uint8Array, from: number, to: number): number {
    const outcome = carry.append(bytes, from, to);
    if (outcome > COMPLETE) return this.#refuse(outcome, to);
    if (outcome === COMPLETE) this.#headEnded(carry.scanner);
    return from + carry.taken;
  }

  #headEnded(head: RequestScanner): void {
    const { framing, statistics, limits } = this.#service;
    const status = framing.judge(head);
    if (status !== 0) {
      this.#refuse(status, 0);
      return;
    }
    statistics.requests++;
    this.#requests++;
    const mayPersist = framing.persists && this.#requests < limits.requestsPerConnection;
    if (framing.bodyLength === 0) this.#answer(head, mayPersist);
    else this.#expectBody(head, mayPersist);
  }

  /**
   * A body follows. The head is kept until the body has been read, so that an error in its framing can still be
   * answered. A client that waits for "100 Continue" is told to go on. If its method will be refused, it is answered at
   * once and the connection ends, because the body may come or not (RFC 9110 section 10.1.1).
   */
  #expectBody(head: RequestScanner, mayPersist: boolean): void {
    const { framing, limits, responder } = this.#service;
    const { bodyLength, expectsContinue } = framing;
    if (bodyLength > limits.bodyBytes) {
      this.#refuse(413, 0);
    } else if (expectsContinue && responder.isRefusedMethod(head)) {
      this.#answer(head, false);
    } else {
      const carry = this.#carry ?? this.#carryOver(head.bytes, head.from, head.at);
      carry.body = new BodyReader(bodyLength, limits.bodyBytes);
      carry.mayPersist = mayPersist;
      this.#state = nextState(this.#state, HEAD_ENDED);
      if (expectsContinue) this.#connection.send(CONTINUE_ANSWER, 0, CONTINUE_ANSWER.length);
      if (expectsContinue && this.#log !== null) this.#log.interim();
    }
  }

  #readBody(carry: Carry, body: BodyReader, bytes: Uint8Array, from: number, to: number): number {
    const outcome = body.read(bytes, from, to);
    if (outcome > COMPLETE) return this.#refuse(outcome, to);
    if (outcome === COMPLETE) this.#answer(carry.scanner, carry.mayPersist);
    return body.at;
  }

  #answer(head: RequestScanner, mayPersist: boolean): void {
    const persists = this.#service.responder.answer(this.#connection, head, mayPersist);
    if (this.#log !== null) this.#log.answered(head);
    if (!persists) {
      this.#finish();
      return;
    }
    this.#state = nextState(this.#state, ANSWERED);
    if (this.#carry === null) return;
    this.#carry = null;
    this.#lookIn(this.#service.limits.idleTimeoutMs);
  }

  /** Sends the last answer of this connection: an error. Returns `taken`, for callers that return what they took. */
  #refuse(status: Outcome, taken: number): number {
    this.#service.responder.refuse(this.#connection, status);
    // The request that is refused has just been scanned: in a buffer of its own, or in the segment.
    if (this.#log !== null) this.#log.answered(this.#carry === null ? this.#service.scanner : this.#carry.scanner);
    this.#finish();
    return taken;
  }

  /** Queues FIN behind the answers. Bytes that come late are then read and thrown away for a while. */
  #finish(): void {
    this.#state = nextState(this.#state, LAST_ANSWER);
    this.#carry = null;
    this.#connection.close();
    this.#connection.setTimeout(this.#service.limits.lingerTimeoutMs * MILLISECOND);
  }

  #requestTimedOut(): void {
    this.#service.statistics.requestTimeouts++;
    this.#refuse(408, 0);
  }

  /** Gives up on a client that takes nothing any more, or does not close after our FIN. */
  #abort(reason: 'stallTimeouts' | 'lingerTimeouts'): void {
    this.#service.statistics[reason]++;
    this.#connection.abort();
  }

  /** Whether `limitMs` have passed since `sinceMs`; if not, the timer is armed for the rest. */
  #overdue(sinceMs: number, limitMs: number): boolean {
    const leftMs = limitMs - ((this.#service.nowMs() - sinceMs) | 0);
    if (leftMs <= 0) return true;
    this.#lookIn(leftMs);
    return false;
  }

  /**
   * Arms the timer: `timedOut` is called after so many milliseconds, or earlier. An answer may begin to stall at any
   * moment, and requests and answers do not arm the timer. So the time is never longer than the time-out for a
   * stalled answer.
   */
  #lookIn(milliseconds: number): void {
    const { stallTimeoutMs } = this.#service.limits;
    this.#connection.setTimeout(Math.min(milliseconds, stallTimeoutMs) * MILLISECOND);
  }

  #hasRoom(): boolean {
    const { queuedPieces, queuedBytes } = this.#service.limits;
    return (
      this.#connection.queuedPieces < queuedPieces &&
      this.#connection.queuedBytes < queuedBytes &&
      (this.#log === null || this.#log.hasRoom())
    );
  }

  #holdBack(taken: number): number {
    this.#heldBack = true;
    this.#service.statistics.heldBack++;
    return taken;
  }
}
