/**
 * A request that another thread answers (slow-path.ts). It goes over from its first byte: the head, written anew, then
 * its body as it comes. The answer comes back as references to shared memory, and TCP sends them.
 *
 *     client ── head, body ──▶ received ── room? ── write ──▶ the other thread: node:http
 *     client ◀── connection.send ◀── data ◀─────────────────  its answer
 *
 * Where the other thread takes no more, the bytes stay in TCP, and the client's window closes. Where the client takes
 * no more, the answer stays in shared memory, and the other thread's socket says that it is full.
 *
 * What goes over is this one request, to the byte where our own reading of its framing ends. Later requests of the
 * connection stay in TCP until the answer is complete. After `tunneled` there are no requests any more: all bytes of
 * the connection cross, both ways.
 */
import { MILLISECOND } from '../../net/clock.js';
import type { Connection } from '../../net/tcp/handler.js';
import type { SummedBytes } from '../../net/wire/summed-bytes.js';
import { ascii } from '../grammar/grammar.js';
import type { HttpLimits } from '../limits.js';
import { BodyReader } from '../request/body.js';
import type { Carry } from '../request/carry.js';
import { COMPLETE } from '../request/scanner.js';
import { type AnswerNote, AnswerReason, CacheResult } from '../sending/answer-log.js';
import { ASKS, BREAKS, ENDS, type Fate, PERSISTS } from '../sending/fate.js';
import { countStatus } from '../sending/statistics.js';
import type { HttpService } from '../service/service.js';
import { type SlowAnswer, type SlowConnection, SlowFailure, type SlowUser } from '../service/slow-path.js';
import { headLength, interimLength, placeForField, statusAt } from './answer-head.js';
import { type PendingAnswer, takeNote, WRONG_BODY } from './pending-answer.js';
import { headToHandOver } from './request-head.js';
import { SlowProgress } from './slow-progress.js';

const HSTS_NAME = ascii('strict-transport-security');

/** The connection whose request was handed over. */
export interface HandOverOwner {
  /** All of the request has gone over. */
  requestOver(): void;
  /** The answer has ended. */
  concluded(fate: Fate): void;
  /** The other thread has ended its socket after the answer. */
  slowGone(): void;
}

export class HandOver implements PendingAnswer, SlowUser {
  readonly carry: Carry;
  readonly #connection: Connection;
  readonly #service: HttpService;
  readonly #slow: SlowConnection;
  readonly #owner: HandOverOwner;
  readonly #progress: SlowProgress;
  readonly #note: AnswerNote | null;
  /** The head is written up to here. */
  readonly #head: Uint8Array;
  #headAt = 0;
  /** Null: the request has no body, or all of it has gone over. */
  #body: BodyReader | null;
  /** What is wrong with the body, a status; 0: nothing. */
  #fault = 0;
  #isRequestOver = false;
  #isTunnel = false;
  #clientHasEnded = false;
  /** The other thread has sent FIN; it has no socket any more. */
  #hasFinished = false;
  #hasFailed = false;
  /** How the answer has ended, while the rest of the request is still on its way. */
  #answer: SlowAnswer | null = null;
  /** Bytes of the answer so far, and those of its interim answers. */
  #answerBytes = 0;
  #interimBytes = 0;
  /** What the final answer says at its beginning: its status, and how long its heads are, interim ones included. */
  #status = 0;
  #headBytes = 0;
  #hasLeft = false;

  constructor(
    carry: Carry,
    connection: Connection,
    service: HttpService,
    { slow, owner }: { readonly slow: SlowConnection; readonly owner: HandOverOwner },
  ) {
    this.carry = carry;
    this.#connection = connection;
    this.#service = service;
    this.#slow = slow;
    this.#owner = owner;
    this.#note = takeNote(service);
    this.#progress = new SlowProgress(connection, service);
    this.#head = headToHandOver(carry.scanner, carry);
    this.#body = carry.bodyLength === 0 ? null : new BodyReader(carry.bodyLength, mostBodyBytes(service.limits));
  }

  /** The request goes over. */
  begin(upstream: string): void {
    const { statistics } = this.#service;
    statistics.handedOver++;
    statistics.handedOverNow++;
    this.#slow.begin(this, upstream);
    this.#writeHead();
  }

  get isRequestOver(): boolean {
    return this.#isRequestOver;
  }

  /** A part of the final answer has been queued. */
  get isStreaming(): boolean {
    return this.#answerBytes > this.#interimBytes || this.#isTunnel;
  }

  received(bytes: Uint8Array, from: number, to: number): number {
    if (this.#hasFailed) return to - from;
    if (this.#headAt < this.#head.length || (this.#isRequestOver && !this.#isTunnel)) return 0;
    const most = Math.min(this.#slow.room, to - from);
    if (most < to - from) this.#progress.heldBack();
    if (most === 0) return 0;
    if (this.#body !== null) return this.#passBody(this.#body, bytes, from, from + most);
    this.#slow.write(bytes, from, from + most);
    return most;
  }

  /** It waits for no ask. */
  settled(): Fate {
    return ASKS;
  }

  /** What is queued is bounded by the shared memory that it lies in. */
  sendOn(): Fate {
    return ASKS;
  }

  /** A client that leaves in the middle of its request gets 400. Otherwise the other thread decides what it means. */
  ended(): Fate {
    this.#clientHasEnded = true;
    this.#progress.answerMoves();
    if (!this.#isRequestOver) return this.#breakOff(400, AnswerReason.unfinished);
    this.#slow.end();
    return ASKS;
  }

  look(activeMs: number): number {
    if (this.#hasFailed) return 0;
    if (this.#isTunnel) return Number.POSITIVE_INFINITY;
    if (this.#isClientsTurn) return this.#progress.requestLeftMs(activeMs);
    return this.#progress.answerLeftMs(this.isStreaming, this.#clientHasEnded);
  }

  /** The body is wrong; the client is too slow with it (408); or the other thread is too slow (504). */
  giveUp(): Fate {
    const { statistics } = this.#service;
    if (this.#fault !== 0) return this.#breakOff(this.#fault, AnswerReason.refused);
    if (this.#hasFailed) return BREAKS;
    if (!this.#isClientsTurn) {
      // Whoever has closed its side gets less time: it is no fault of the other thread.
      if (this.#clientHasEnded && !this.isStreaming) return this.#breakOff(504, AnswerReason.clientLeft);
      return this.#faulty(AnswerReason.handlerTimeout);
    }
    statistics.requestTimeouts++;
    return this.#answer === null ? this.#breakOff(408, AnswerReason.requestTimeout) : ENDS;
  }

  giveNote(): void {
    // An answer that is not complete is noted as far as it has come.
    if (this.isStreaming && this.#answer === null) this.#noteAnswer(this.#status, this.#headBytes);
    const { log } = this.#service;
    if (log !== null && this.#note !== null) Object.assign(log.note, this.#note);
  }

  leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#service.statistics.handedOverNow--;
  }

  writable(): void {
    if (this.#hasLeft) return;
    this.#progress.answerMoves();
    this.#writeHead();
    if (!this.#isRequestOver || this.#isTunnel) this.#connection.resume();
  }

  data(bytes: SummedBytes, from: number, to: number): void {
    if (this.#hasLeft || this.#hasFinished) return;
    this.#progress.answerMoves();
    const place = this.isStreaming ? -1 : this.#lookAtHead(bytes.bytes, from, to);
    this.#answerBytes += to - from;
    const { hstsLine } = this.#service;
    if (hstsLine === null || place < 0) {
      this.#connection.send(bytes, from, to);
      return;
    }
    this.#connection.send(bytes, from, place);
    this.#connection.send(hstsLine, 0, hstsLine.length);
    this.#connection.send(bytes, place, to);
  }

  answered(answer: SlowAnswer): void {
    if (this.#hasLeft || this.#isTunnel || this.#answer !== null) return;
    if (!this.isStreaming) {
      this.failed(SlowFailure.destroyed);
      return;
    }
    this.#answer = answer;
    this.#noteAnswer(answer.status, answer.headBytes);
    if (this.#note !== null && answer.cache !== CacheResult.none) this.#note.cache = answer.cache;
    if (answer.fault !== AnswerReason.none) this.#noteFault(answer);
    if (this.#isRequestOver || !answer.persists) this.#owner.concluded(answer.persists ? PERSISTS : ENDS);
  }

  tunneled(): void {
    if (this.#hasLeft || this.#isTunnel || !this.#isRequestOver) return;
    this.#isTunnel = true;
    this.#service.statistics.tunnels++;
    this.#status = 101;
    this.#headBytes = this.#answerBytes;
    this.#connection.resume();
  }

  finished(): void {
    if (this.#hasFinished) return;
    this.#hasFinished = true;
    if (this.#hasLeft) this.#owner.slowGone();
    else if (this.#isTunnel) this.#connection.close();
    else if (this.isStreaming) this.#owner.concluded(ENDS);
    else if (this.#clientHasEnded) this.#owner.concluded(this.#clientLeft());
    else this.#owner.concluded(this.#handlerFailed(SlowFailure.destroyed));
  }

  failed(failure: SlowFailure, fault: AnswerReason = AnswerReason.none): void {
    if (this.#hasFailed) return;
    if (this.#hasLeft) {
      if (!this.#hasFinished) this.#owner.slowGone();
      return;
    }
    if (!this.#hasFinished) {
      const isClients = failure === SlowFailure.destroyed && this.#clientHasEnded && !this.isStreaming;
      this.#owner.concluded(isClients ? this.#clientLeft() : this.#handlerFailed(failure, fault));
      return;
    }
    // A tunnel whose end is queued. What its client still sends is read and thrown away for a while.
    this.#hasFailed = true;
    this.#connection.setTimeout(this.#service.limits.lingerTimeoutMs * MILLISECOND);
    this.#connection.resume();
  }

  flush(): void {
    this.#connection.flush();
  }

  /** The request is not over, the other thread takes more of it, and has not to say "100 Continue" first. */
  get #isClientsTurn(): boolean {
    if (this.#isRequestOver || this.#slow.room === 0 || this.#headAt < this.#head.length) return false;
    return !this.carry.expectsContinue || this.#answerBytes > 0;
  }

  #writeHead(): void {
    const head = this.#head;
    if (this.#headAt === head.length) return;
    const to = Math.min(head.length, this.#headAt + this.#slow.room);
    this.#slow.write(head, this.#headAt, to);
    this.#headAt = to;
    if (to === head.length && this.#body === null) this.#endRequest();
  }

  /** Passes on what belongs to the body. Its framing is checked first, so no byte behind it ever goes over. */
  #passBody(body: BodyReader, bytes: Uint8Array, from: number, to: number): number {
    const outcome = body.read(bytes, from, to);
    if (outcome > COMPLETE) {
      this.#fault = outcome;
      return WRONG_BODY;
    }
    this.#slow.write(bytes, from, body.at);
    if (outcome === COMPLETE) this.#endRequest();
    return body.at - from;
  }

  #endRequest(): void {
    this.#body = null;
    this.#isRequestOver = true;
    this.#progress.answerMoves();
    this.#slow.endRequest();
    this.#owner.requestOver();
    if (this.#answer !== null) this.#owner.concluded(PERSISTS);
  }

  /** The first bytes of the final answer, or interim ones. Returns the place for a field of ours; -1: none. */
  #lookAtHead(bytes: Uint8Array, from: number, to: number): number {
    const interim = interimLength(bytes, from, to);
    this.#interimBytes += interim;
    const at = from + interim;
    if (at === to) return -1;
    this.#status = statusAt(bytes, at, to);
    this.#headBytes = this.#interimBytes + headLength(bytes, at, to);
    return this.#service.hstsLine === null ? -1 : placeForField(bytes, at, to, HSTS_NAME);
  }

  /** The client has closed its side, and the other thread took that for the end. */
  #clientLeft(): Fate {
    if (this.#note !== null) this.#note.reason = AnswerReason.clientLeft;
    return ENDS;
  }

  /** @param fault what the other thread says of it; `none`: nothing */
  #handlerFailed(failure: SlowFailure, fault: AnswerReason = AnswerReason.none): Fate {
    if (failure === SlowFailure.absent) return this.#faulty(AnswerReason.noHandler);
    if (failure === SlowFailure.stuck) return this.#faulty(AnswerReason.handlerTimeout);
    if (this.#isTunnel && failure === SlowFailure.destroyed) return BREAKS; // its own way to end
    return this.#faulty(fault === AnswerReason.none ? AnswerReason.handlerFailed : fault);
  }

  /** The proxy has answered 502, 503 or 504 itself, for an upstream that did not. */
  #noteFault({ status, fault }: SlowAnswer): void {
    this.#countFault(status);
    if (this.#note !== null) this.#note.reason = fault;
  }

  /** Nobody has answered, for this reason. */
  #faulty(reason: AnswerReason): Fate {
    const { noHandler, handlerTimeout } = AnswerReason;
    const status = reason === noHandler ? 503 : reason === handlerTimeout ? 504 : 502;
    this.#countFault(status);
    return this.#breakOff(status, reason);
  }

  #countFault(status: number): void {
    const { statistics } = this.#service;
    if (status === 503) statistics.handOversRefused++;
    else if (status === 504) statistics.handlerTimeouts++;
    else statistics.handlerFailures++;
  }

  /** The last answer of the connection is an error. If a part of another one is queued, that one is broken off. */
  #breakOff(status: number, reason: AnswerReason): Fate {
    if (this.isStreaming) {
      if (this.#note !== null) this.#note.reason = reason;
      return BREAKS;
    }
    const { responder, log } = this.#service;
    responder.answerFailed(this.#connection, this.carry.scanner, status, reason);
    if (log !== null && this.#note !== null) {
      this.#note.status = status;
      this.#note.reason = reason;
      this.#note.payloadBytes = log.note.payloadBytes;
    }
    return ENDS;
  }

  #noteAnswer(status: number, headBytes: number): void {
    const payloadBytes = Math.max(0, this.#answerBytes - headBytes);
    countStatus(this.#service.statistics, status);
    this.#service.statistics.payloadBytes += payloadBytes;
    if (this.#note === null) return;
    this.#note.status = status;
    this.#note.payloadBytes = payloadBytes;
  }
}

/** The longest body that goes over, bytes. */
export function mostBodyBytes({ handlerBodyBytes }: HttpLimits): number {
  return handlerBodyBytes === 0 ? Number.MAX_SAFE_INTEGER : handlerBodyBytes;
}
