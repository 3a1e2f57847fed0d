/**
 * How a connection reads its requests: heads and bodies, in place or carried over, and where each goes. A request that
 * lies whole in one segment is scanned there (`readHead`). Any other is copied (carry.ts).
 */

import { CONTINUE_ANSWER } from '../head/canned.js';
import { BodyReader } from '../request/body.js';
import { Carry } from '../request/carry.js';
import { COMPLETE, INCOMPLETE, type RequestScanner } from '../request/scanner.js';
import { ASKS, ENDS, type Fate, HANDS_OVER } from '../sending/fate.js';

import { mostBodyBytes } from '../slow/hand-over.js';
import { ConnectionBase } from './connection-base.js';
import { BEGAN, HEAD_ENDED, nextState } from './state.js';

export abstract class RequestReading extends ConnectionBase {
  #requests = 0;

  /** The request of `head` is whole. */
  protected abstract requestWhole(head: RequestScanner, mayPersist: boolean): void;
  /** All of an answer is queued. */
  protected abstract answerQueued(isLast: boolean): void;
  /** The answer has to be waited for. */
  protected abstract beginWait(carry: Carry, fate: Fate): void;
  /** Another thread answers. */
  protected abstract handOver(carry: Carry): void;

  /** The fast path: a request that lies whole in this segment. Returns the place behind what was taken. */
  protected readHead(bytes: Uint8Array, from: number, to: number): number {
    const scanner = this.service.scanner;
    scanner.begin(bytes, from);
    const outcome = scanner.scan(to);
    if (outcome === COMPLETE) {
      this.#headEnded(scanner);
      return scanner.at;
    }
    if (outcome !== INCOMPLETE) return this.refuse(outcome, to);
    if (scanner.from === to) return to; // nothing but empty lines
    this.#carryOver(bytes, scanner.from, to);
    return this.service.clients.hasTooMany(this.client) ? this.#refuseUnfinished(to) : to;
  }

  #carryOver(bytes: Uint8Array, from: number, to: number): Carry {
    const { limits, statistics } = this.service;
    const carry = this.keep(bytes, from, to);
    statistics.carriedOver++;
    carry.isUnfinished = true;
    this.service.clients.began(this.client);
    this.lookIn(Math.min(limits.headTimeoutMs, limits.requestTimeoutMs));
    return carry;
  }

  /** Copies what has come of a request. */
  protected keep(bytes: Uint8Array, from: number, to: number): Carry {
    const carry = new Carry(this.service.limits, this.activeMs, this.connection.receivedTo);
    carry.append(bytes, from, to);
    this.carry = carry;
    this.state = nextState(this.state, BEGAN);
    if (this.log !== null) this.log.began();
    return carry;
  }

  protected readCarried(carry: Carry, bytes: Uint8Array, from: number, to: number): number {
    const outcome = carry.append(bytes, from, to);
    if (outcome > COMPLETE) return this.refuse(outcome, to);
    if (outcome === COMPLETE) this.#headEnded(carry.scanner);
    return from + carry.taken;
  }

  #headEnded(head: RequestScanner): void {
    const { framing, statistics, limits, ending } = this.service;
    const status = framing.judge(head);
    if (status !== 0) {
      this.refuse(status, 0);
      return;
    }
    statistics.requests++;
    this.#requests++;
    const isLast = this.isLast || ending.isNear || this.#requests >= limits.requestsPerConnection;
    const mayPersist = framing.persists && !isLast;
    if (!this.service.clients.mayAsk(this.client)) this.#tooManyRequests(head, mayPersist);
    else if (framing.bodyLength === 0) this.requestWhole(head, mayPersist);
    else this.#expectBody(head, mayPersist);
  }

  /** 429. A body is not waited for, so the connection ends if one follows. */
  #tooManyRequests(head: RequestScanner, mayPersist: boolean): void {
    const { framing, responder, statistics } = this.service;
    statistics.rateLimited++;
    const persists = mayPersist && framing.bodyLength === 0;
    responder.tooMany(this.connection, head, persists);
    if (this.log !== null) this.log.answered(head);
    this.answerQueued(!persists);
  }

  #refuseUnfinished(taken: number): number {
    this.service.statistics.unfinishedRefused++;
    return this.refuse(429, taken);
  }

  /**
   * A body follows. The head is kept, and what the answer comes from decides what becomes of the body. If only the disk
   * knows, the body stays in TCP until it has answered.
   */
  #expectBody(head: RequestScanner, mayPersist: boolean): void {
    const { framing, limits, responder } = this.service;
    const { bodyLength, expectsContinue } = framing;
    const fate = responder.fateOfBody(this.connection, head);
    if (bodyLength > (fate === ENDS ? limits.bodyBytes : mostBodyBytes(limits))) {
      this.refuse(413, 0);
    } else if (fate === ENDS && expectsContinue && responder.isRefusedMethod(head)) {
      this.requestWhole(head, false);
    } else {
      const carry = this.carry ?? this.#carryOver(head.bytes, head.from, head.at);
      carry.mayPersist = mayPersist;
      carry.bodyLength = bodyLength;
      carry.expectsContinue = expectsContinue;
      this.decideBody(carry, fate);
    }
  }

  protected decideBody(carry: Carry, fate: Fate): void {
    carry.isBodyOpen = fate === ASKS;
    if (fate === ASKS) this.beginWait(carry, ASKS);
    else if (fate === HANDS_OVER) this.handOver(carry);
    else this.#readPast(carry);
  }

  /**
   * The body will be read and thrown away. Only then comes the answer, so that an error in its framing can still be
   * answered. A client that waits for "100 Continue" is told to go on. If its method will be refused, it is answered at
   * once and the connection ends, because the body may come or not (RFC 9110 section 10.1.1).
   */
  #readPast(carry: Carry): void {
    this.service.statistics.offBody++;
    carry.body = new BodyReader(carry.bodyLength, this.service.limits.bodyBytes);
    this.state = nextState(this.state, HEAD_ENDED);
    if (!carry.expectsContinue) return;
    this.connection.send(CONTINUE_ANSWER, 0, CONTINUE_ANSWER.length);
    if (this.log !== null) this.log.interim();
  }

  protected readBody(carry: Carry, body: BodyReader, bytes: Uint8Array, from: number, to: number): number {
    const outcome = body.read(bytes, from, to);
    if (outcome > COMPLETE) return this.refuse(outcome, to);
    if (outcome === COMPLETE) {
      carry.bodyLength = 0; // nobody will see it any more
      carry.expectsContinue = false;
      this.requestWhole(carry.scanner, carry.mayPersist);
    }
    return body.at;
  }
}
