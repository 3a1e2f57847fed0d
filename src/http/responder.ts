/**
 * From a request to the pieces that TCP sends. A hit is two references: the mutable head of this second, and the fixed
 * head with the payload as they lie in the cache. Nothing is copied, nothing is summed, nothing is allocated.
 *
 *     GET /a.html  ->  heads.get(200, ...)  |  entry.bytes
 *
 * Everything less common (conditions, ranges, odd targets, errors) leaves that path as early as possible, and may be
 * slower.
 */
import type { Entry } from '../cache/entry.js';
import { encodeQuery, redirectAnswer } from '../cache/heads.js';
import { Coding } from '../cache/record.js';
import type { Store } from '../cache/store.js';
import type { Connection } from '../net/tcp/handler.js';
import type { SummedBytes } from '../net/wire/summed-bytes.js';
import { type AnswerNote, AnswerReason, CacheResult } from './answer-log.js';
import { type CannedAnswer, makeCannedAnswers } from './canned.js';
import { evaluatePreconditions, ifRangeHolds, NOT_MODIFIED, PRECONDITION_FAILED } from './conditional.js';
import { ACCEPT_ENCODING, CONDITIONAL_FIELDS, RANGE, SELECTING_FIELDS } from './fields.js';
import { CLOSE, type ConnectionVariant, type HeadCache, KEEP_ALIVE, PERSISTENT } from './head-cache.js';
import { HeadMemory } from './head-memory.js';
import { GET, HEAD, NOT_ALLOWED, OPTIONS, UNKNOWN_METHOD } from './methods.js';
import { AcceptEncoding, selectVariant } from './negotiation.js';
import { ByteRange, PART, UNSATISFIABLE, WHOLE } from './range.js';
import type { RequestScanner } from './scanner.js';
import type { HttpStatistics } from './statistics.js';
import { Target } from './target.js';
import type { WallClock } from './wall-clock.js';

/** What a responder works with. */
export interface ResponderParts {
  readonly store: Store;
  readonly heads: HeadCache;
  readonly wallClock: WallClock;
  readonly statistics: HttpStatistics;
  /** The longest target that the scanner lets through, bytes. */
  readonly longestTargetBytes: number;
  /** Where the facts of each answer go, for a log; null: nowhere. */
  readonly note: AnswerNote | null;
}

export class Responder {
  readonly #store: Store;
  readonly #heads: HeadCache;
  readonly #wallClock: WallClock;
  readonly #statistics: HttpStatistics;
  readonly #target: Target;
  readonly #note: AnswerNote | null;
  readonly #range = new ByteRange();
  readonly #acceptEncoding = new AcceptEncoding();
  readonly #memory = new HeadMemory();
  readonly #canned: ReadonlyMap<number, CannedAnswer>;

  constructor({ store, heads, wallClock, statistics, longestTargetBytes, note }: ResponderParts) {
    this.#store = store;
    this.#heads = heads;
    this.#wallClock = wallClock;
    this.#statistics = statistics;
    this.#target = new Target(longestTargetBytes);
    this.#note = note;
    this.#canned = makeCannedAnswers(this.#memory);
  }

  /**
   * Sends the answer to the request `head`. `persists`: the connection may stay open after it. Returns whether it does.
   * It does not after a malformed target: the client and we may have read the rest of the request differently too.
   */
  answer(connection: Connection, head: RequestScanner, persists: boolean): boolean {
    const isPlain = head.targetIsPlainPath;
    const error = isPlain ? 0 : this.#target.read(head);
    if (error === 400) {
      this.refuse(connection, 400, head.method);
      return false;
    }
    const variant = variantOf(head, persists);
    if (head.method > HEAD) {
      this.#sendCanned(connection, this.#statusOfOther(head, error), head.method, variant);
      return persists;
    }
    const entry = error !== 0 ? undefined : isPlain ? this.#findPlain(head) : this.#findTarget();
    if (entry !== undefined && entry.status === 200 && (head.seen & SELECTING_FIELDS) === 0) {
      this.#statistics.cacheHits++;
      if (this.#note !== null) noteObject(this.#note, entry, isPlain ? AnswerReason.none : AnswerReason.target);
      this.#sendWhole(connection, entry, head.method, variant);
    } else {
      this.#answerFrom(connection, head, entry, variant);
    }
    return persists;
  }

  /** Sends the error `status` as the last answer of a connection, to a request that may be unreadable. */
  refuse(connection: Connection, status: number, method = GET): void {
    this.#statistics.refused++;
    if (this.#note !== null) this.#note.reason = status === 408 ? AnswerReason.requestTimeout : AnswerReason.refused;
    this.#sendCanned(connection, status, method, CLOSE);
  }

  /** Whether the method of `head` is refused, whatever body follows. */
  isRefusedMethod(head: RequestScanner): boolean {
    return head.method >= NOT_ALLOWED;
  }

  #findPlain(head: RequestScanner): Entry | undefined {
    return this.#store.find(head.bytes, head.targetFrom, head.targetTo);
  }

  #findTarget(): Entry | undefined {
    const { path, pathFrom, pathTo } = this.#target;
    return this.#store.find(path, pathFrom, pathTo);
  }

  /** RFC 9110 section 9.3.7 (OPTIONS: 200 if the object exists), 15.5.6 (405), 15.6.2 (501). */
  #statusOfOther(head: RequestScanner, targetError: number): number {
    if (this.#note !== null) this.#note.reason = AnswerReason.method;
    if (head.method === UNKNOWN_METHOD) return 501;
    if (head.method !== OPTIONS) return 405;
    if (targetError !== 0) return 404;
    this.#target.read(head);
    return this.#target.isServer || this.#findTarget() !== undefined ? 200 : 404;
  }

  /** Answers GET or HEAD with the object in the cache, or with 404. */
  #answerFrom(
    connection: Connection,
    head: RequestScanner,
    entry: Entry | undefined,
    variant: ConnectionVariant,
  ): void {
    if (entry === undefined) {
      this.#statistics.cacheMisses++;
      if (this.#note !== null) noteMiss(this.#note);
      this.#sendCanned(connection, 404, head.method, variant);
      return;
    }
    this.#statistics.cacheHits++;
    if (this.#note !== null) noteObject(this.#note, entry, slowReason(head));
    if (entry.status === 200) this.#answerFromFile(connection, head, entry, variant);
    else if (entry.status === 301) this.#sendRedirect(connection, head, entry, variant);
    else this.#sendWhole(connection, entry, head.method, variant);
  }

  /**
   * The variant first, since preconditions and ranges are about what is selected (RFC 9110 sections 13.1 and 14.2).
   * Then preconditions, then ranges, which are defined for GET alone (sections 13.2.2 and 14.2).
   */
  #answerFromFile(connection: Connection, head: RequestScanner, file: Entry, variant: ConnectionVariant): void {
    const entry = file.isNegotiated && head.has(ACCEPT_ENCODING) ? this.#select(head, file) : file;
    if (entry === null) {
      this.#sendCanned(connection, 406, head.method, variant);
      return;
    }
    if ((head.seen & CONDITIONAL_FIELDS) === 0) {
      this.#sendWhole(connection, entry, head.method, variant);
      return;
    }
    const now = this.#wallClock.seconds;
    const verdict = evaluatePreconditions(head, entry, now);
    const { notModified } = entry;
    if (verdict === NOT_MODIFIED && notModified !== null) {
      this.#statistics.notModified++;
      if (this.#note !== null) noteStatus(this.#note, 304, CacheResult.validated);
      this.#sendTwo(connection, this.#heads.get(304, variant), notModified, notModified.length);
    } else if (verdict === PRECONDITION_FAILED) {
      this.#sendCanned(connection, verdict, head.method, variant);
    } else if (head.method === GET && head.has(RANGE) && ifRangeHolds(head, entry, now)) {
      this.#answerRange(connection, head, entry, variant);
    } else {
      this.#sendWhole(connection, entry, head.method, variant);
    }
  }

  /** The variant for this request; null: none is acceptable (RFC 9110 section 12.5.3). */
  #select(head: RequestScanner, file: Entry): Entry | null {
    const entry = selectVariant(this.#store, this.#acceptEncoding, head, file);
    const statistics = this.#statistics;
    if (entry === null) {
      statistics.notAcceptable++;
    } else if (entry !== file) {
      countCoding(statistics, entry.coding);
      if (head.method === GET) statistics.codedBytesSaved += file.payloadLength - entry.payloadLength;
    }
    return entry;
  }

  #sendWhole(connection: Connection, entry: Entry, method: number, variant: ConnectionVariant): void {
    const mutableHead = this.#heads.get(entry.status, variant);
    this.#count(entry.status);
    if (method === HEAD) {
      this.#sendTwo(connection, mutableHead, entry.head, entry.head.length);
      return;
    }
    this.#statistics.payloadBytes += entry.payloadLength;
    if (this.#note !== null) this.#note.payloadBytes = entry.payloadLength;
    this.#sendTwo(connection, mutableHead, entry.bytes, entry.bytes.length);
  }

  #sendTwo(connection: Connection, mutableHead: SummedBytes, rest: SummedBytes, length: number): void {
    connection.send(mutableHead, 0, mutableHead.length);
    connection.send(rest, 0, length);
  }

  #sendCanned(connection: Connection, status: number, method: number, variant: ConnectionVariant): void {
    const answer = this.#cannedOf(status);
    const rest = method === HEAD ? answer.head : answer.whole;
    this.#count(status);
    if (this.#note !== null) this.#note.payloadBytes = rest.length - answer.head.length;
    this.#sendTwo(connection, this.#heads.get(status, variant), rest, rest.length);
  }

  #cannedOf(status: number): CannedAnswer {
    const answer = this.#canned.get(status);
    if (answer === undefined) throw new RangeError(`there is no canned answer of status ${status}`);
    return answer;
  }

  #answerRange(connection: Connection, head: RequestScanner, entry: Entry, variant: ConnectionVariant): void {
    const row = head.findRow(RANGE);
    const isSingle = (head.repeated & (1 << RANGE)) === 0;
    const part = isSingle
      ? this.#range.read(head.bytes, head.valueFrom(row), head.valueTo(row), entry.payloadLength)
      : WHOLE;
    if (part === PART) this.#sendPart(connection, entry, variant);
    else if (part === UNSATISFIABLE) this.#sendUnsatisfiable(connection, entry, variant);
    else this.#sendWhole(connection, entry, GET, variant);
  }

  /**
   * 206: Content-Range, a Content-Length of its own, the other fields of a 200 (RFC 9110 section 15.3.7), and the
   * part.
   */
  #sendPart(connection: Connection, entry: Entry, variant: ConnectionVariant): void {
    const { from, to } = this.#range;
    const { payloadFrom, payloadLength, partialHead } = entry;
    const fields = this.#memory.write(
      `Content-Range: bytes ${from}-${to - 1}/${payloadLength}\r\nContent-Length: ${to - from}\r\n`,
    );
    this.#count(206);
    this.#statistics.payloadBytes += to - from;
    if (this.#note !== null) this.#note.payloadBytes = to - from;
    this.#sendTwo(connection, this.#heads.get(206, variant), fields, fields.length);
    connection.send(partialHead, 0, partialHead.length);
    connection.send(entry.bytes, payloadFrom + from, payloadFrom + to);
  }

  /** 416 (RFC 9110 section 15.5.17). */
  #sendUnsatisfiable(connection: Connection, entry: Entry, variant: ConnectionVariant): void {
    const answer = this.#cannedOf(416);
    const range = this.#memory.write(`Content-Range: bytes */${entry.payloadLength}\r\n`);
    this.#count(416);
    if (this.#note !== null) this.#note.payloadBytes = answer.whole.length - answer.head.length;
    this.#sendTwo(connection, this.#heads.get(416, variant), range, range.length);
    connection.send(answer.whole, 0, answer.whole.length);
  }

  /** 301 to the folder with its slash. The query is kept, as every common server does. */
  #sendRedirect(connection: Connection, head: RequestScanner, entry: Entry, variant: ConnectionVariant): void {
    this.#target.read(head);
    const { queryFrom, queryTo } = this.#target;
    if (queryFrom === queryTo) {
      this.#sendWhole(connection, entry, head.method, variant);
      return;
    }
    const { answer, payload } = redirectAnswer(entry.location + encodeQuery(head.bytes.subarray(queryFrom, queryTo)));
    const rest = this.#memory.write(head.method === HEAD ? answer.head : answer.head + payload);
    this.#count(301);
    if (this.#note !== null && head.method !== HEAD) this.#note.payloadBytes = payload.length;
    this.#sendTwo(connection, this.#heads.get(301, variant), rest, rest.length);
  }

  #count(status: number): void {
    const statistics = this.#statistics;
    if (this.#note !== null) this.#note.status = status;
    if (status === 200) statistics.ok++;
    else if (status === 206) statistics.partial++;
    else if (status < 400) statistics.redirects++;
    else if (status < 500) statistics.clientErrors++;
    else statistics.serverErrors++;
  }
}

function countCoding(statistics: HttpStatistics, coding: number): void {
  if (coding === Coding.brotli) statistics.brotliAnswers++;
  else if (coding === Coding.gzip) statistics.gzipAnswers++;
  else statistics.zstdAnswers++;
}

function variantOf(head: RequestScanner, persists: boolean): ConnectionVariant {
  if (!persists) return CLOSE;
  return head.minorVersion === 0 ? KEEP_ALIVE : PERSISTENT;
}

function noteObject(note: AnswerNote, entry: Entry, reason: AnswerReason): void {
  note.cache = CacheResult.hit;
  note.entry = entry;
  note.reason = reason;
}

function noteMiss(note: AnswerNote): void {
  note.cache = CacheResult.miss;
  note.reason = AnswerReason.noObject;
}

function noteStatus(note: AnswerNote, status: number, cache: CacheResult): void {
  note.status = status;
  note.cache = cache;
}

/** Why a request for an object did not take the shortest way. */
function slowReason(head: RequestScanner): AnswerReason {
  if (head.has(RANGE)) return AnswerReason.range;
  if ((head.seen & CONDITIONAL_FIELDS) !== 0) return AnswerReason.conditional;
  return head.targetIsPlainPath ? AnswerReason.none : AnswerReason.target;
}
