/**
 * What HTTP tells an access log, and what it asks of it. src/log has the log itself; HTTP knows only these interfaces.
 * Where there is no log they are null, and a request costs a comparison.
 *
 *     established ──▶ opened
 *     request, its answer queued ──▶ answered        the responder has filled in the note
 *     ACK ──▶ acknowledged                           the log compares the positions of the stream
 *     gone ──▶ closed
 */
import type { Entry } from '../../cache/object/entry.js';
import type { CloseReason, Connection } from '../../net/tcp/handler.js';
import type { RequestScanner } from '../request/scanner.js';

/** What the cache said to a request. */
export const CacheResult = {
  /** It was not asked: a refusal, or a method that needs no object. */
  none: 0,
  hit: 1,
  miss: 2,
  /** A hit, and the client's copy is still good: 304. */
  validated: 3,
  /** The rest are words of the cache in front of a handler or an upstream (src/shared-cache). Stale was allowed. */
  stale: 4,
  /** The origin said that the stored answer is still good. */
  revalidated: 5,
  /** It had the answer to another request, which was under way. */
  collapsed: 6,
  /** It is not for a cache: its method, its body or a condition that the origin has to judge. */
  bypass: 7,
} as const;
export type CacheResult = (typeof CacheResult)[keyof typeof CacheResult];

/** Why a request left the fast path, was refused, or has no whole answer. The log's word for each is in src/log. */
export const AnswerReason = {
  none: 0,
  /** The answer depends on a condition or a range. */
  conditional: 1,
  range: 2,
  /** The target has an escape, a query, dot segments, or is no path. */
  target: 3,
  /** The head came in several segments. */
  carried: 4,
  /** It had a body, which was read past. */
  body: 5,
  /** The method is none that we serve. */
  method: 6,
  /** Syntax, framing or a limit. */
  refused: 7,
  /** No object has this name. */
  noObject: 8,
  /** The request did not end in time. */
  requestTimeout: 9,
  /** The client closed, or the connection was lost, before the request was whole. */
  unfinished: 10,
  /** Its host is an alias, or no site has it. */
  host: 11,
  /** A rule of the site answered a miss: a pattern, or the page of a single-page application. */
  rule: 12,
  /** The object, or a piece of it, was not in memory. */
  waited: 13,
  /** The object is so large that it is sent in pieces. */
  stream: 15,
  /** A route keeps its path away from the folder, and no answer of the handler or upstream is kept. */
  route: 14,
  /** An answer of the handler or upstream was kept, but its time is over. */
  expired: 16,
  /** It was for a handler or upstream, and no thread took it: 503. */
  noHandler: 17,
  /** The handler or upstream broke off before its answer (502), or in the middle of it. */
  handlerFailed: 18,
  /** The handler or upstream was silent for too long (504), or its thread was stuck. */
  handlerTimeout: 19,
  /** The request was whole. Its client went away, or the connection was lost, before the answer. */
  clientLeft: 20,
  /** The rest say why an upstream has not answered, or not to the end. No connection came about. */
  upstreamConnect: 21,
  /** The connection broke. */
  upstreamReset: 22,
  /** Nothing came in time. */
  upstreamTimeout: 23,
  /** What came is no HTTP, or contradicts itself. */
  upstreamBadAnswer: 24,
  /** It said 502, 503 or 504 itself, and to each retry. */
  upstreamUnavailable: 25,
  /** All of its servers, and the queue, are full. */
  upstreamBusy: 26,
  /** None of its servers is up. */
  upstreamDown: 27,
  /** It is this server itself, which has had the request before. */
  upstreamLoop: 28,
} as const;
export type AnswerReason = (typeof AnswerReason)[keyof typeof AnswerReason];

/** The facts of one answer, filled in by the responder, read and reset by the log. One object serves all requests. */
export class AnswerNote {
  status = 0;
  /** Bytes of payload queued: what the client gets behind the head. */
  payloadBytes = 0;
  cache: CacheResult = CacheResult.none;
  reason: AnswerReason = AnswerReason.none;
  /** The object that answered; null: none. */
  entry: Entry | null = null;
  /** The site that was asked, for a request that no object answers. */
  site = 0;

  reset(): void {
    this.site = 0;
    this.status = 0;
    this.payloadBytes = 0;
    this.cache = CacheResult.none;
    this.reason = AnswerReason.none;
    this.entry = null;
  }
}

/** A log of one thread's connections. */
export interface AnswerLog {
  /** Where the responder writes the facts of the answer that it is about to queue. */
  readonly note: AnswerNote;
  /** A connection was established. */
  opened(connection: Connection): ConnectionLog;
}

/** The log of one connection. */
export interface ConnectionLog {
  /**
   * Whether the record of one more request has room. If not, the caller leaves its input to TCP, and the log calls
   * `resume` of the connection as soon as there is room.
   */
  hasRoom(): boolean;
  /** The first bytes of a request have come, and not all of its head. */
  began(): void;
  /** Bytes that belong to no answer of their own were queued (100 Continue). */
  interim(): void;
  /** The answer to a request was queued; `head` is its head as far as it could be read. */
  answered(head: RequestScanner): void;
  /** Some of what was queued has been acknowledged. */
  acknowledged(): void;
  /** The connection is gone; `unanswered`: the request that was under way, if it got no answer, and why. */
  closed(reason: CloseReason, unanswered: RequestScanner | null, why: AnswerReason): void;
}
