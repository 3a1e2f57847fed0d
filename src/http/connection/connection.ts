/**
 * One HTTP/1.1 connection (RFC 9112 section 9), on top of TCP's `ConnectionHandler`.
 *
 * A request runs to completion: it is parsed in place in the segment that brought it, and its answer is queued before
 * `received` returns. Pipelined requests are answered in their order. When too many bytes or pieces of answers are
 * not acknowledged yet, the next requests stay in TCP's receive buffer. The window closes, until there is room again
 * (`hasRoom`, `#holdBack`).
 *
 * Some answers have to wait (pending-answer.ts): for a disk, because the object or the next piece of it is not in
 * memory, or for another thread, which answers what the cache cannot. The connection is WAITING then. Later requests
 * wait behind this one in TCP's receive buffer, so the window closes. When the answer is there, it goes on outside of
 * TCP's callbacks.
 *
 * request-reading.ts has how requests are read, and connection-base.ts how late they may be.
 */

import type { Outcome as AskOutcome, Waiter } from '../../cache/library/asks.js';
import type { CloseReason, ConnectionHandler } from '../../net/tcp/handler.js';
import type { Carry } from '../request/carry.js';
import type { RequestScanner } from '../request/scanner.js';
import { AnswerReason } from '../sending/answer-log.js';
import { ASKS, BREAKS, DECIDES, ENDS, type Fate, HANDS_OVER, isQueued, PERSISTS, STREAMS } from '../sending/fate.js';
import { DiskAnswer } from '../slow/disk-answer.js';
import { HandOver, type HandOverOwner } from '../slow/hand-over.js';
import { type PendingAnswer, WRONG_BODY } from '../slow/pending-answer.js';
import { RequestReading } from './request-reading.js';
import { ANSWERED, DRAINING, IDLE, nextState, TCP_GONE, WAITING, WAITS } from './state.js';

export class HttpConnection extends RequestReading implements ConnectionHandler, Waiter, HandOverOwner {
  /** `stopping` was called. */
  #isStopping = false;
  /** Input was left to TCP because too many answers are queued, or may be because one is waited for. */
  #heldBack = false;

  received(bytes: Uint8Array, from: number, to: number): number {
    this.activeMs = this.service.nowMs();
    let at = from;
    while (at < to) {
      if (this.state > WAITING) return to - from;
      if (this.pending !== null) {
        const taken = this.#passOn(this.pending, bytes, at, to);
        if (taken === 0 && this.state === WAITING) return this.#holdBack(at - from);
        at += taken;
      } else if (!this.hasRoom()) return this.#holdBack(at - from);
      else if (this.carry === null) at = this.readHead(bytes, at, to);
      else if (this.carry.body !== null) at = this.readBody(this.carry, this.carry.body, bytes, at, to);
      else at = this.readCarried(this.carry, bytes, at, to);
    }
    return at - from;
  }

  acknowledged(): void {
    this.activeMs = this.service.nowMs();
    if (this.log !== null) this.log.acknowledged();
    if (!this.#heldBack || !this.hasRoom()) return;
    const pending = this.pending;
    if (pending !== null) {
      this.#goOn(pending, pending.sendOn());
      return;
    }
    this.#heldBack = false;
    this.connection.resume();
  }

  /** What was asked for is there, or cannot be had. It comes between two frames. */
  settled(outcome: AskOutcome): void {
    const pending = this.pending;
    if (pending === null) return;
    this.activeMs = this.service.nowMs();
    this.#goOn(pending, pending.settled(outcome, this.mayPersist(pending.carry)));
    this.connection.flush();
  }

  /**
   * The server shuts down. An answer under way goes on to its end. A client that has just asked may ask again before it
   * hears of the end: its next answer says that it was the last one (ending.ts). A patient server waits a moment for a
   * request on every connection.
   */
  stopping(isPatient: boolean): void {
    const { ending } = this.service;
    ending.begin(isPatient);
    if (this.#isStopping || this.state >= DRAINING) return;
    this.#isStopping = true;
    if (this.pending !== null) return;
    const isSilent = this.connection.queuedBytes === 0 && this.#silentMs >= ending.quietMs;
    if (isSilent && !isPatient) this.finish();
    else this.lookIn(ending.quietMs);
  }

  /** The client has sent its last byte. It still gets everything that it asked for. */
  ended(): void {
    if (this.state >= DRAINING) return;
    if (this.state === IDLE) this.finish();
    else if (this.pending === null) this.refuse(400, 0);
    else {
      this.isLast = true;
      const { pending } = this;
      this.#goOn(pending, pending.ended());
      if (this.pending === pending) this.lookIn(pending.look(this.activeMs)); // it may have less time now
    }
  }

  /** How long the client has sent nothing and acknowledged nothing, ms. */
  get #silentMs(): number {
    return (this.service.nowMs() - this.activeMs) | 0;
  }

  timedOut(): void {
    const { limits, statistics, ending } = this.service;
    if (this.pending !== null) {
      this.#lookAtPending(this.pending);
    } else if (this.carry !== null) {
      this.lookAtRequest(this.carry);
    } else if (this.connection.queuedBytes > 0) {
      this.lookAtAnswer();
    } else if (this.state === DRAINING) {
      this.abort('lingerTimeouts');
    } else if (this.overdue(this.activeMs, this.#isStopping ? ending.quietMs : limits.idleTimeoutMs)) {
      if (!this.#isStopping) statistics.idleTimeouts++;
      this.finish();
    }
  }

  closed(reason: CloseReason): void {
    this.state = nextState(this.state, TCP_GONE);
    this.#noteEnd(reason);
    this.endWait();
    this.dropCarry();
    this.dropSlow();
    this.service.clients.closed(this.client);
    this.service.statistics.openConnections--;
  }

  /** An answer that was under way is logged as it was sent. A request without an answer is logged with the reason. */
  #noteEnd(reason: CloseReason): void {
    const { pending, carry, log } = this;
    const isAnswered = pending?.isStreaming === true;
    if (isAnswered) pending.giveNote();
    if (log === null) return;
    if (isAnswered) log.answered(pending.carry.scanner);
    const why = pending?.isRequestOver ? AnswerReason.clientLeft : AnswerReason.unfinished;
    log.closed(reason, isAnswered || carry === null ? null : carry.scanner, why);
  }

  /** A request is whole: the responder answers it. */
  protected requestWhole(head: RequestScanner, mayPersist: boolean): void {
    const fate = this.service.responder.answer(this.connection, head, mayPersist);
    if (!isQueued(fate)) {
      const carry = this.carry ?? this.keep(head.bytes, head.from, head.at);
      carry.mayPersist = mayPersist;
      if (fate === HANDS_OVER) this.handOver(carry);
      else this.beginWait(carry, fate);
      return;
    }
    if (this.carry !== null && this.carry.body !== null) this.#noteBody();
    if (this.log !== null) this.log.answered(head);
    this.answerQueued(fate === ENDS);
  }

  /** A body was read past. That is why the request did not take the fast path, if there is no other reason. */
  #noteBody(): void {
    const { log } = this.service;
    if (log !== null && log.note.reason === AnswerReason.none) log.note.reason = AnswerReason.body;
  }

  /** All of an answer is queued. */
  protected answerQueued(isLast: boolean): void {
    if (isLast) {
      this.finish();
      return;
    }
    this.state = nextState(this.state, ANSWERED);
    if (this.carry === null) return;
    this.dropCarry();
    this.lookIn(this.service.limits.idleTimeoutMs);
  }

  /** The answer has to be waited for. The request is kept, since the segment will be gone. */
  protected beginWait(carry: Carry, fate: Fate): void {
    const { limits, statistics } = this.service;
    if (!carry.isBodyOpen) this.wasFinished(carry);
    const pending = new DiskAnswer(carry, this.connection, this.service, this);
    this.#waitFor(pending);
    if (fate === ASKS) statistics.waited++;
    this.#goOn(pending, pending.wait(fate, this.mayPersist(carry)));
    if (this.pending === pending) this.lookIn(limits.waitTimeoutMs); // else all pieces were there
  }

  /** Another thread answers. Its socket is kept for the next request that it answers. */
  protected handOver(carry: Carry): void {
    const { slowPath, responder, statistics } = this.service;
    this.slow ??= slowPath === null ? null : slowPath.open(this.connection);
    if (this.slow === null || !this.slow.reaches(responder.waits.upstream)) {
      statistics.handOversRefused++;
      responder.answerFailed(this.connection, carry.scanner, 503, AnswerReason.noHandler);
      if (this.log !== null) this.log.answered(carry.scanner);
      this.finish();
      return;
    }
    const pending = new HandOver(carry, this.connection, this.service, { slow: this.slow, owner: this });
    this.#waitFor(pending);
    pending.begin(responder.waits.upstream);
    if (this.pending === pending) this.lookIn(pending.look(this.activeMs));
  }

  #waitFor(pending: PendingAnswer): void {
    this.state = nextState(this.state, WAITS);
    this.pending = pending;
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
    if (this.carry !== null) this.wasFinished(this.carry);
  }

  concluded(fate: Fate): void {
    const pending = this.pending;
    if (pending === null) return;
    this.activeMs = this.service.nowMs();
    this.#goOn(pending, fate === PERSISTS && !pending.carry.mayPersist ? ENDS : fate); // as its head says
  }

  slowGone(): void {
    this.dropSlow();
  }

  /** If the answer that was waited for is queued: on to the next request, whose bytes TCP has kept. */
  #goOn(pending: PendingAnswer, fate: Fate): void {
    if (fate === ASKS || fate === STREAMS || this.pending !== pending) return;
    if (fate === BREAKS) {
      this.#breakOff(pending);
      return;
    }
    if (fate === DECIDES || fate === HANDS_OVER) {
      this.#decide(pending, fate);
      return;
    }
    pending.giveNote();
    if (this.log !== null) this.log.answered(pending.carry.scanner);
    this.endWait();
    this.answerQueued(fate === ENDS);
    if (this.state === IDLE && this.isLast) this.finish();
    this.#takeInput();
  }

  /** Only a reset is honest: a FIN could look like the end of the answer. */
  #breakOff(pending: PendingAnswer): void {
    pending.giveNote();
    if (this.log !== null) this.log.answered(pending.carry.scanner);
    this.endWait();
    this.dropCarry();
    this.connection.abort();
  }

  /** The disk has answered, and has it not. Or it is known now what becomes of the body. */
  #decide({ carry }: PendingAnswer, fate: Fate): void {
    this.endWait();
    if (fate === HANDS_OVER) this.handOver(carry);
    else this.decideBody(carry, this.service.responder.fateOfBody(this.connection, carry.scanner));
    this.#takeInput();
  }

  /** Input that was left to TCP is offered again. */
  #takeInput(): void {
    if (!this.#heldBack) return;
    this.#heldBack = false;
    this.connection.resume();
  }

  #lookAtPending(pending: PendingAnswer): void {
    const leftMs = pending.look(this.activeMs);
    if (this.pending !== pending) return; // its turn has come, and all was queued
    if (pending.isStreaming && this.connection.queuedBytes > 0) this.lookAtAnswer();
    else if (leftMs > 0) this.lookIn(leftMs);
    else this.#goOn(pending, pending.giveUp());
  }

  #holdBack(taken: number): number {
    this.#heldBack = true;
    this.service.statistics.heldBack++;
    return taken;
  }
}
