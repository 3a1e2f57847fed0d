/**
 * One HTTP/1.1 connection (RFC 9112 section 9), on top of TCP's `ConnectionHandler`.
 *
 * A request runs to completion: it is parsed in place in the segment that brought it, and its answer is queued before
 * `received` returns. Pipelined requests are answered in their order. When too many bytes or pieces of answers are
 * not acknowledged yet, the next requests stay in TCP's receive buffer. The window closes, until there is room again
 * (`#hasRoom`, `#holdBack`).
 *
 * Some answers have to wait (pending-answer.ts): for a disk, because the object or the next piece of it is not in
 * memory, or for another thread, which answers what the cache cannot. The connection is WAITING then. Later requests
 * wait behind this one in TCP's receive buffer, so the window closes. When the answer is there, it goes on outside of
 * TCP's callbacks.
 *
 * A connection has one timer. It is armed when the state changes, and not at each request. When it fires, `timedOut`
 * looks at what has happened in the meantime, and arms it again for the rest of the time.
 */
import type { Outcome as AskOutcome, Waiter } from '../cache/asks.js';
import { MILLISECOND } from '../net/clock.js';
import type { CloseReason, Connection, ConnectionHandler } from '../net/tcp/handler.js';
import { AnswerReason, type ConnectionLog } from './answer-log.js';
import { BodyReader } from './body.js';
import { CONTINUE_ANSWER } from './canned.js';
import { Carry } from './carry.js';
import type { Client } from './clients.js';
import { DiskAnswer } from './disk-answer.js';
import { type PendingAnswer, WRONG_BODY } from './pending-answer.js';
import { Progress } from './progress.js';
import { COMPLETE, INCOMPLETE, type Outcome, type RequestScanner } from './scanner.js';
import type { HttpService } from './service.js';
import { HandOver, type HandOverOwner, mostBodyBytes } from './slow/hand-over.js';
import type { SlowConnection } from './slow/slow-path.js';
import {
  ANSWERED,
  BEGAN,
  type ConnectionState,
  DRAINING,
  GONE,
  HEAD_ENDED,
  IDLE,
  IN_HEAD,
  LAST_ANSWER,
  nextState,
  WAITING,
  WAITS,
} from './state.js';
import { RATE_OVER_MS, requestLeftMs } from './timeouts.js';
import { type Answered, ASKS, DECIDES, ENDS, HANDS_OVER, PERSISTS, STREAMS } from './waiting.js';

/** How long a patient server that shuts down waits for the next request of an idle connection, ms. */
const LAST_REQUEST_MS = 2_000;

export class HttpConnection implements ConnectionHandler, Waiter, HandOverOwner {
  readonly #connection: Connection;
  readonly #service: HttpService;
  readonly #log: ConnectionLog | null;
  readonly #client: Client;
  /** Made when an answer is looked at for the first time. Most are taken before that. */
  #progress: Progress | null = null;
  #state: ConnectionState = IDLE;
  /** The request under way, if it is not whole in one segment. */
  #carry: Carry | null = null;
  /** The answer that is waited for, or the stream of which the rest is: in WAITING alone. Its request is `#carry`. */
  #pending: PendingAnswer | null = null;
  /** Its socket in another thread, from the first request that was handed over. */
  #slow: SlowConnection | null = null;
  #requests = 0;
  /** Input was left to TCP because too many answers are queued, or may be because one is waited for. */
  #heldBack = false;
  /** No further request is answered: the client has sent its last byte, or the server shuts down. */
  #isLast = false;
  /** When something last came or was acknowledged: ms of the clock, an int32 (differences stay right when it wraps). */
  #activeMs: number;

  /** @param client whose connection it is, as `service.clients` has counted it */
  constructor(connection: Connection, service: HttpService, client: Client) {
    this.#connection = connection;
    this.#service = service;
    this.#client = client;
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
      if (this.#state > WAITING) return to - from;
      if (this.#pending !== null) {
        const taken = this.#passOn(this.#pending, bytes, at, to);
        if (taken === 0 && this.#state === WAITING) return this.#holdBack(at - from);
        at += taken;
      } else if (!this.#hasRoom()) return this.#holdBack(at - from);
      else if (this.#carry === null) at = this.#readHead(bytes, at, to);
      else if (this.#carry.body !== null) at = this.#readBody(this.#carry, this.#carry.body, bytes, at, to);
      else at = this.#readCarried(this.#carry, bytes, at, to);
    }
    return at - from;
  }

  acknowledged(): void {
    this.#activeMs = this.#service.nowMs();
    if (this.#log !== null) this.#log.acknowledged();
    if (!this.#heldBack || !this.#hasRoom()) return;
    const pending = this.#pending;
    if (pending !== null) {
      this.#goOn(pending, pending.sendOn(this.#mayPersist(pending.carry)));
      return;
    }
    this.#heldBack = false;
    this.#connection.resume();
  }

  /** What was asked for is there, or cannot be had. It comes between two frames. */
  settled(outcome: AskOutcome): void {
    const pending = this.#pending;
    if (pending === null) return;
    this.#activeMs = this.#service.nowMs();
    this.#goOn(pending, pending.settled(outcome, this.#mayPersist(pending.carry)));
    this.#connection.flush();
  }

  /**
   * The server shuts down. An answer under way goes on to its end. A patient server waits a moment for a request that
   * may be on its way, answers it, and says that it was the last one.
   */
  stopping(isPatient: boolean): void {
    if (!isPatient && this.#state !== WAITING) {
      this.#connection.close();
      return;
    }
    if (this.#isLast) return;
    this.#isLast = true;
    if (this.#state !== IDLE) return;
    if (this.#connection.queuedBytes > 0) this.#finish();
    else this.#connection.setTimeout(LAST_REQUEST_MS * MILLISECOND);
  }

  /** The client has sent its last byte. It still gets everything that it asked for. */
  ended(): void {
    if (this.#state >= DRAINING) return;
    if (this.#state === IDLE) this.#finish();
    else if (this.#pending === null) this.#refuse(400, 0);
    else {
      this.#isLast = true;
      this.#goOn(this.#pending, this.#pending.ended());
    }
  }

  timedOut(): void {
    const { limits, statistics } = this.#service;
    if (this.#pending !== null) {
      this.#lookAtPending(this.#pending);
    } else if (this.#carry !== null) {
      this.#lookAtRequest(this.#carry);
    } else if (this.#connection.queuedBytes > 0) {
      this.#lookAtAnswer();
    } else if (this.#state === DRAINING) {
      this.#abort('lingerTimeouts');
    } else if (this.#isLast) {
      this.#finish();
    } else if (this.#overdue(this.#activeMs, limits.idleTimeoutMs)) {
      statistics.idleTimeouts++;
      this.#finish();
    }
  }

  closed(reason: CloseReason): void {
    this.#state = nextState(this.#state, GONE);
    if (this.#log !== null) this.#log.closed(reason, this.#carry === null ? null : this.#carry.scanner);
    this.#endWait();
    this.#dropCarry();
    this.#dropSlow();
    this.#service.clients.closed(this.#client);
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
    return this.#service.clients.hasTooMany(this.#client) ? this.#refuseUnfinished(to) : to;
  }

  #carryOver(bytes: Uint8Array, from: number, to: number): Carry {
    const { limits, statistics } = this.#service;
    const carry = this.#keep(bytes, from, to);
    statistics.carriedOver++;
    carry.isUnfinished = true;
    this.#service.clients.began(this.#client);
    this.#lookIn(Math.min(limits.headTimeoutMs, limits.requestTimeoutMs));
    return carry;
  }

  /** Copies what has come of a request. */
  #keep(bytes: Uint8Array, from: number, to: number): Carry {
    const carry = new Carry(this.#service.limits, this.#activeMs, this.#connection.receivedTo);
    carry.append(bytes, from, to);
    this.#carry = carry;
    this.#state = nextState(this.#state, BEGAN);
    if (this.#log !== null) this.#log.began();
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
    const mayPersist = framing.persists && !this.#isLast && this.#requests < limits.requestsPerConnection;
    if (!this.#service.clients.mayAsk(this.#client)) this.#tooManyRequests(head, mayPersist);
    else if (framing.bodyLength === 0) this.#answer(head, mayPersist);
    else this.#expectBody(head, mayPersist);
  }

  /** 429. A body is not waited for, so the connection ends if one follows. */
  #tooManyRequests(head: RequestScanner, mayPersist: boolean): void {
    const { framing, responder, statistics } = this.#service;
    statistics.rateLimited++;
    const persists = mayPersist && framing.bodyLength === 0;
    responder.tooMany(this.#connection, head, persists);
    if (this.#log !== null) this.#log.answered(head);
    this.#answered(!persists);
  }

  #refuseUnfinished(taken: number): number {
    this.#service.statistics.unfinishedRefused++;
    return this.#refuse(429, taken);
  }

  /**
   * A body follows. The head is kept, and what the answer comes from decides what becomes of the body. If only the disk
   * knows, the body stays in TCP until it has answered.
   */
  #expectBody(head: RequestScanner, mayPersist: boolean): void {
    const { framing, limits, responder } = this.#service;
    const { bodyLength, expectsContinue } = framing;
    const fate = responder.fateOfBody(this.#connection, head);
    if (bodyLength > (fate === ENDS ? limits.bodyBytes : mostBodyBytes(limits))) {
      this.#refuse(413, 0);
    } else if (fate === ENDS && expectsContinue && responder.isRefusedMethod(head)) {
      this.#answer(head, false);
    } else {
      const carry = this.#carry ?? this.#carryOver(head.bytes, head.from, head.at);
      carry.mayPersist = mayPersist;
      carry.bodyLength = bodyLength;
      carry.expectsContinue = expectsContinue;
      this.#decideBody(carry, fate);
    }
  }

  #decideBody(carry: Carry, fate: Answered): void {
    carry.isBodyOpen = fate === ASKS;
    if (fate === ASKS) this.#beginWait(carry, ASKS);
    else if (fate === HANDS_OVER) this.#handOver(carry);
    else this.#readPast(carry);
  }

  /**
   * The body will be read and thrown away. Only then comes the answer, so that an error in its framing can still be
   * answered. A client that waits for "100 Continue" is told to go on. If its method will be refused, it is answered at
   * once and the connection ends, because the body may come or not (RFC 9110 section 10.1.1).
   */
  #readPast(carry: Carry): void {
    this.#service.statistics.offBody++;
    carry.body = new BodyReader(carry.bodyLength, this.#service.limits.bodyBytes);
    this.#state = nextState(this.#state, HEAD_ENDED);
    if (!carry.expectsContinue) return;
    this.#connection.send(CONTINUE_ANSWER, 0, CONTINUE_ANSWER.length);
    if (this.#log !== null) this.#log.interim();
  }

  #readBody(carry: Carry, body: BodyReader, bytes: Uint8Array, from: number, to: number): number {
    const outcome = body.read(bytes, from, to);
    if (outcome > COMPLETE) return this.#refuse(outcome, to);
    if (outcome === COMPLETE) {
      carry.bodyLength = 0; // nobody will see it any more
      carry.expectsContinue = false;
      this.#answer(carry.scanner, carry.mayPersist);
    }
    return body.at;
  }

  #answer(head: RequestScanner, mayPersist: boolean): void {
    const answered = this.#service.responder.answer(this.#connection, head, mayPersist);
    if (answered >= ASKS) {
      const carry = this.#carry ?? this.#keep(head.bytes, head.from, head.at);
      carry.mayPersist = mayPersist;
      if (answered === HANDS_OVER) this.#handOver(carry);
      else this.#beginWait(carry, answered);
      return;
    }
    if (this.#carry !== null && this.#carry.body !== null) this.#noteBody();
    if (this.#log !== null) this.#log.answered(head);
    this.#answered(answered === ENDS);
  }

  /** A body was read past. That is why the request did not take the fast path, if there is no other reason. */
  #noteBody(): void {
    const { log } = this.#service;
    if (log !== null && log.note.reason === AnswerReason.none) log.note.reason = AnswerReason.body;
  }

  /** All of an answer is queued. */
  #answered(isLast: boolean): void {
    if (isLast) {
      this.#finish();
      return;
    }
    this.#state = nextState(this.#state, ANSWERED);
    if (this.#carry === null) return;
    this.#dropCarry();
    this.#lookIn(this.#service.limits.idleTimeoutMs);
  }

  /** The request has been answered, or is given up. */
  #dropCarry(): void {
    if (this.#carry !== null) this.#wasFinished(this.#carry);
    this.#carry = null;
  }

  /** All of the request is here, or no more of it is waited for. */
  #wasFinished(carry: Carry): void {
    if (!carry.isUnfinished) return;
    carry.isUnfinished = false;
    this.#service.clients.finished(this.#client);
  }

  /** The answer has to be waited for. The request is kept, since the segment will be gone. */
  #beginWait(carry: Carry, answered: Answered): void {
    const { limits, statistics } = this.#service;
    if (!carry.isBodyOpen) this.#wasFinished(carry);
    const pending = new DiskAnswer(carry, this.#connection, this.#service, this);
    this.#waitFor(pending);
    if (answered === ASKS) statistics.waited++;
    this.#goOn(pending, pending.wait(answered, this.#mayPersist(carry)));
    if (this.#pending === pending) this.#lookIn(limits.waitTimeoutMs); // else all pieces were there
  }

  /** Another thread answers. Its socket is kept for the next request that it answers. */
  #handOver(carry: Carry): void {
    const { slowPath, responder, statistics } = this.#service;
    this.#slow ??= slowPath === null ? null : slowPath.open(this.#connection);
    if (this.#slow === null || !this.#slow.reaches(responder.waits.upstream)) {
      statistics.handOversRefused++;
      responder.answerFailed(this.#connection, carry.scanner, 503);
      if (this.#log !== null) this.#log.answered(carry.scanner);
      this.#finish();
      return;
    }
    const pending = new HandOver(carry, this.#connection, this.#service, { slow: this.#slow, owner: this });
    this.#waitFor(pending);
    pending.begin(responder.waits.upstream);
    if (this.#pending === pending) this.#lookIn(pending.look(this.#activeMs));
  }

  #waitFor(pending: PendingAnswer): void {
    this.#state = nextState(this.#state, WAITS);
    this.#pending = pending;
    this.#heldBack = true; // so `acknowledged` looks here, and input that was left is asked for in the end
  }

  /** Gives what comes meanwhile to the answer that is waited for. It may end by that. */
  #passOn(pending: PendingAnswer, bytes: Uint8Array, from: number, to: number): number {
    this.#heldBack = false; // what waits is offered here
    const taken = pending.received(bytes, from, to);
    if (taken !== WRONG_BODY) return taken;
    this.#goOn(pending, pending.giveUp());
    return to - from;
  }

  requestOver(): void {
    if (this.#carry !== null) this.#wasFinished(this.#carry);
  }

  concluded(answered: Answered): void {
    const pending = this.#pending;
    if (pending === null) return;
    this.#activeMs = this.#service.nowMs();
    this.#goOn(pending, answered === PERSISTS && !this.#mayPersist(pending.carry) ? ENDS : answered);
  }

  slowGone(): void {
    this.#dropSlow();
  }

  #dropSlow(): void {
    this.#slow?.destroy();
    this.#slow = null;
  }

  /** If the answer that was waited for is queued: on to the next request, whose bytes TCP has kept. */
  #goOn(pending: PendingAnswer, answered: Answered): void {
    if (answered === ASKS || answered === STREAMS || this.#pending !== pending) return;
    if (answered >= DECIDES) {
      this.#decide(pending, answered);
      return;
    }
    pending.giveNote();
    if (this.#log !== null) this.#log.answered(pending.carry.scanner);
    this.#endWait();
    this.#answered(answered === ENDS);
    if (this.#state === IDLE && this.#isLast) this.#finish();
    this.#takeInput();
  }

  /** The disk has answered, and has it not. Or it is known now what becomes of the body. */
  #decide({ carry }: PendingAnswer, answered: Answered): void {
    this.#endWait();
    if (answered === HANDS_OVER) this.#handOver(carry);
    else this.#decideBody(carry, this.#service.responder.fateOfBody(this.#connection, carry.scanner));
    this.#takeInput();
  }

  /** Input that was left to TCP is offered again. */
  #takeInput(): void {
    if (!this.#heldBack) return;
    this.#heldBack = false;
    this.#connection.resume();
  }

  #mayPersist(carry: Carry): boolean {
    return carry.mayPersist && !this.#isLast;
  }

  #endWait(): void {
    const pending = this.#pending;
    this.#pending = null;
    pending?.leave();
  }

  #lookAtPending(pending: PendingAnswer): void {
    const leftMs = pending.look(this.#activeMs);
    if (this.#pending !== pending) return; // its turn has come, and all was queued
    if (pending.isStreaming && this.#connection.queuedBytes > 0) this.#lookAtAnswer();
    else if (leftMs > 0) this.#lookIn(leftMs);
    else this.#goOn(pending, pending.giveUp());
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
    this.#endWait();
    this.#dropCarry();
    this.#dropSlow();
    this.#connection.close();
    this.#connection.setTimeout(this.#service.limits.lingerTimeoutMs * MILLISECOND);
  }

  /** A request is under way: whether it takes too long, or comes too slowly. */
  #lookAtRequest(carry: Carry): void {
    const leftMs = requestLeftMs(carry, this.#connection, this.#service, this.#state === IN_HEAD);
    if (leftMs > 0) {
      this.#lookIn(leftMs);
      return;
    }
    this.#service.statistics.requestTimeouts++;
    this.#refuse(408, 0);
  }

  /** An answer is under way: whether its client takes nothing any more, or too little. */
  #lookAtAnswer(): void {
    const { limits } = this.#service;
    this.#progress ??= new Progress();
    const isQuick = this.#progress.look(this.#connection, this.#service.nowMs(), limits.answerRateBytes);
    if (!isQuick) this.#abort('slowReaders');
    else if (this.#overdue(this.#activeMs, limits.stallTimeoutMs)) this.#abort('stallTimeouts');
  }

  /** Gives up on a client that takes nothing any more, or too little, or does not close after our FIN. */
  #abort(reason: 'stallTimeouts' | 'slowReaders' | 'lingerTimeouts'): void {
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
   * stalled answer. While a request or an answer is under way, its rate is looked at too.
   */
  #lookIn(milliseconds: number): void {
    const { stallTimeoutMs } = this.#service.limits;
    const isBusy = this.#carry !== null || this.#connection.queuedBytes > 0;
    const most = isBusy ? Math.min(RATE_OVER_MS, stallTimeoutMs) : stallTimeoutMs;
    this.#connection.setTimeout(Math.min(milliseconds, most) * MILLISECOND);
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
