/** Answers from an object of the cache: the variant, then preconditions, then ranges; or the redirect that it is. */
import type { Store } from '../../cache/library/store.js';
import type { Entry } from '../../cache/object/entry.js';
import { Coding } from '../../cache/object/record.js';
import type { Connection } from '../../net/tcp/handler.js';
import type { WallClock } from '../../net/wall-clock.js';
import { ACCEPT_ENCODING, CONDITIONAL_FIELDS, RANGE } from '../grammar/fields.js';
import { GET } from '../grammar/methods.js';
import type { HeadVariant } from '../head/head-cache.js';
import type { RequestScanner } from '../request/scanner.js';
import type { Target } from '../request/target.js';
import { AnswerReason } from '../sending/answer-log.js';
import type { Fate } from '../sending/fate.js';
import type { AnswerSender } from '../sending/sender.js';
import type { HttpStatistics } from '../sending/statistics.js';
import type { Waits } from '../sending/waiting.js';
import type { HostChoice } from '../sites/sites.js';
import { evaluatePreconditions, ifRangeHolds, NOT_MODIFIED, PRECONDITION_FAILED } from './conditional.js';
import { queryOf, withQuery } from './locations.js';
import { type AcceptEncoding, selectVariant } from './negotiation.js';
import { PartAnswers } from './parts.js';
import type { Report } from './report.js';
import type { ShortAnswers } from './short-answers.js';
import type { AnswerTools } from './tools.js';

/** Answers GET and HEAD with objects. One object for all connections of a stack. */
export class ObjectAnswers {
  readonly #store: Store;
  readonly #wallClock: WallClock;
  readonly #statistics: HttpStatistics;
  readonly #target: Target;
  readonly #waits: Waits;
  readonly #sender: AnswerSender;
  readonly #report: Report;
  readonly #acceptEncoding: AcceptEncoding;
  readonly #shortAnswers: ShortAnswers;
  readonly #parts: PartAnswers;

  constructor(tools: AnswerTools) {
    this.#store = tools.store;
    this.#wallClock = tools.wallClock;
    this.#statistics = tools.statistics;
    this.#target = tools.target;
    this.#waits = tools.waits;
    this.#sender = tools.sender;
    this.#report = tools.report;
    this.#acceptEncoding = tools.acceptEncoding;
    this.#shortAnswers = tools.shortAnswers;
    this.#parts = new PartAnswers(tools.sender, tools.mostRanges);
  }

  /** The object that the target names was in memory. */
  hit(connection: Connection, head: RequestScanner, host: HostChoice, entry: Entry, variant: HeadVariant): Fate {
    this.#statistics.cacheHits++;
    this.#report.found(entry, slowReason(head));
    this.#waits.reset();
    this.send(connection, head, host, entry, variant);
    return this.#waits.fate(variant);
  }

  /** Answers with this object, by whatever way it was found. */
  send(connection: Connection, head: RequestScanner, host: HostChoice, entry: Entry, variant: HeadVariant): void {
    if (entry.status === 200) this.#sendFile(connection, head, host, entry, variant);
    else if (entry.location !== '') this.#sendRedirect(connection, head, host, entry, variant);
    else if (entry.isStandIn) this.#shortAnswers.sendStandIn(connection, head, host, entry, variant);
    else this.#sender.sendWhole(connection, entry, head.method, variant);
  }

  /** The variant for this request; null: none is acceptable (RFC 9110 section 12.5.3). */
  select(head: RequestScanner, file: Entry): Entry | null {
    const entry = selectVariant(this.#store, this.#acceptEncoding, head, file);
    const statistics = this.#statistics;
    if (entry !== null && entry !== file) {
      countCoding(statistics, entry.coding);
      if (head.method === GET) statistics.codedBytesSaved += file.payloadLength - entry.payloadLength;
    }
    return entry;
  }

  /**
   * The variant first, since preconditions and ranges are about what is selected (RFC 9110 sections 13.1 and 14.2).
   * Then preconditions, then ranges, which are defined for GET alone (sections 13.2.2 and 14.2).
   */
  #sendFile(connection: Connection, head: RequestScanner, host: HostChoice, file: Entry, variant: HeadVariant): void {
    const entry = file.isNegotiated && head.has(ACCEPT_ENCODING) ? this.select(head, file) : file;
    if (entry === null) {
      this.#statistics.notAcceptable++;
      this.#shortAnswers.sendError(connection, head, host, 406, variant);
    } else if ((head.seen & CONDITIONAL_FIELDS) === 0) {
      this.#sender.sendWhole(connection, entry, head.method, variant);
    } else {
      this.#sendIf(connection, head, host, entry, variant);
    }
  }

  /** With conditions or a range. */
  #sendIf(connection: Connection, head: RequestScanner, host: HostChoice, entry: Entry, variant: HeadVariant): void {
    const now = this.#wallClock.seconds;
    const verdict = evaluatePreconditions(head, entry, now);
    const { notModified } = entry;
    if (verdict === NOT_MODIFIED && notModified !== null) {
      this.#report.validated();
      this.#sender.send(connection, 304, variant, notModified);
    } else if (verdict === PRECONDITION_FAILED) {
      this.#shortAnswers.sendError(connection, head, host, verdict, variant);
    } else if (head.method === GET && head.has(RANGE) && ifRangeHolds(head, entry, now)) {
      this.#parts.answer(connection, head, entry, variant);
    } else {
      this.#sender.sendWhole(connection, entry, head.method, variant);
    }
  }

  /** As the object says; but the query is kept, as every common server does. */
  #sendRedirect(
    connection: Connection,
    head: RequestScanner,
    host: HostChoice,
    entry: Entry,
    variant: HeadVariant,
  ): void {
    this.#target.read(head);
    const query = queryOf(head, this.#target);
    if (query === '') this.#sender.sendWhole(connection, entry, head.method, variant);
    else this.#shortAnswers.redirect(connection, head, host, entry.status, withQuery(entry.location, query), variant);
  }
}

function countCoding(statistics: HttpStatistics, coding: number): void {
  if (coding === Coding.brotli) statistics.brotliAnswers++;
  else if (coding === Coding.gzip) statistics.gzipAnswers++;
  else statistics.zstdAnswers++;
}

/** Why a request for an object did not take the shortest way. */
function slowReason(head: RequestScanner): AnswerReason {
  if (head.has(RANGE)) return AnswerReason.range;
  if ((head.seen & CONDITIONAL_FIELDS) !== 0) return AnswerReason.conditional;
  return head.targetIsPlainPath ? AnswerReason.none : AnswerReason.target;
}
