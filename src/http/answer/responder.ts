/**
 * From a request to the pieces that TCP sends. A hit is two references: the mutable head of this second, and the fixed
 * head with the payload as they lie in the cache. Nothing is copied, nothing is summed, nothing is allocated.
 *
 *     GET /a.html  ->  heads.get(200, ...)  |  entry.bytes
 *
 * Everything less common (conditions, ranges, odd targets and hosts, misses, errors) leaves that path as early as
 * possible, and may be slower.
 */

import type { Store } from '../../cache/library/store.js';
import type { Entry } from '../../cache/object/entry.js';
import type { Connection } from '../../net/tcp/handler.js';
import { ACCEPT_ENCODING, CONDITIONAL_FIELDS } from '../grammar/fields.js';
import { GET, HEAD, NOT_ALLOWED } from '../grammar/methods.js';
import { CLOSE, TIMED_HIT, TIMED_READ, variantOf } from '../head/head-cache.js';
import type { RequestScanner } from '../request/scanner.js';
import type { Target } from '../request/target.js';
import { type AnswerNote, AnswerReason, CacheResult } from '../sending/answer-log.js';
import { ASKS, ENDS, type Fate, HANDS_OVER, PERSISTS } from '../sending/fate.js';
import type { AnswerSender } from '../sending/sender.js';
import type { HttpStatistics } from '../sending/statistics.js';
import type { Waits } from '../sending/waiting.js';
import type { HostChoice, Sites } from '../sites/sites.js';
import { Hosts, joinSite } from './hosts.js';
import { Ladder } from './ladder.js';
import { Misses } from './misses.js';
import { ObjectAnswers } from './object-answers.js';
import { OtherMethods } from './other-methods.js';
import { noteObject, type Report } from './report.js';
import { answerTools, type ResponderParts } from './tools.js';

export class Responder {
  /** What the request that was answered last has to wait for. */
  readonly waits: Waits;
  readonly #store: Store;
  readonly #sites: Sites;
  readonly #statistics: HttpStatistics;
  readonly #target: Target;
  readonly #note: AnswerNote | null;
  readonly #report: Report;
  readonly #sender: AnswerSender;
  readonly #hosts: Hosts;
  readonly #ladder: Ladder;
  readonly #objects: ObjectAnswers;
  readonly #misses: Misses;
  readonly #otherMethods: OtherMethods;
  #hasWaited = false;

  constructor(parts: ResponderParts) {
    const tools = answerTools(parts);
    this.waits = tools.waits;
    this.#store = tools.store;
    this.#sites = tools.sites;
    this.#statistics = tools.statistics;
    this.#target = tools.target;
    this.#note = tools.note;
    this.#report = tools.report;
    this.#sender = tools.sender;
    this.#ladder = new Ladder(tools);
    this.#objects = new ObjectAnswers(tools);
    this.#misses = new Misses(tools, this.#ladder, this.#objects);
    this.#otherMethods = new OtherMethods(tools, this.#ladder);
    this.#hosts = new Hosts(tools, this.#otherMethods);
  }

  /**
   * Sends the answer to the request `head`. `persists`: the connection may stay open after it. It does not after a
   * malformed target: the client and we may have read the rest of the request differently too. Returns what became of
   * the request; `waits` says more if it has to wait.
   */
  answer(connection: Connection, head: RequestScanner, persists: boolean): Fate {
    const isPlain = head.targetIsPlainPath;
    const error = isPlain ? 0 : this.#target.read(head);
    if (error === 400) {
      this.refuse(connection, 400, head.method);
      return ENDS;
    }
    const host = this.#sites.isSingle ? this.#sites.unknown : this.#hosts.of(head);
    if (this.#note !== null) this.#note.site = host.site;
    if (this.#sites.isPaced) joinSite(connection, host.site);
    if (this.#sites.hasGate) {
      const fate = this.#hosts.answerAtGate(connection, head, host, persists);
      if (fate !== null) return fate;
    }
    let variant = variantOf(head, persists);
    if (!host.isPlain) {
      if (!host.isAnswered) return this.#hosts.answerOdd(connection, head, host, variant);
      if (host.hasTiming) variant += this.#hasWaited ? TIMED_READ : TIMED_HIT;
      if (host.routes !== null && !this.#ladder.route(head, host.routes, host)) {
        return this.#misses.answerRouted(connection, head, host, variant);
      }
    }
    if (head.method > HEAD) return this.#otherMethods.answer(connection, head, host, error, variant);
    const { site } = host;
    const entry = isPlain ? this.#findPlain(head, site) : error === 0 ? this.#ladder.findTarget(site) : undefined;
    if (entry?.isWhole && (head.seen & CONDITIONAL_FIELDS) === 0) {
      const selected = entry.isNegotiated && head.has(ACCEPT_ENCODING) ? this.#objects.select(head, entry) : entry;
      if (selected !== null) {
        this.#statistics.cacheHits++;
        if (!isPlain) this.#statistics.offTarget++;
        if (this.#note !== null) noteObject(this.#note, selected, isPlain ? AnswerReason.none : AnswerReason.target);
        this.#sender.sendWhole(connection, selected, head.method, variant);
        return persists ? PERSISTS : ENDS;
      }
    }
    if (entry === undefined) return this.#misses.answer(connection, head, host, error, variant);
    return this.#objects.hit(connection, head, host, entry, variant);
  }

  /** The same for a request that has waited for something from the disk. */
  answerAfterWait(connection: Connection, head: RequestScanner, persists: boolean): Fate {
    this.#hasWaited = true;
    const fate = this.answer(connection, head, persists);
    this.#hasWaited = false;
    if (this.#note !== null && this.#note.reason === AnswerReason.none) this.#note.reason = AnswerReason.waited;
    return fate;
  }

  /** A request that has waited gets an error: what it asks for cannot be had now (502, 503, 504), or it is wrong. */
  answerFailed(
    connection: Connection,
    head: RequestScanner,
    status: number,
    reason: AnswerReason,
    persists = false,
  ): void {
    if (this.#note !== null) {
      this.#note.cache = CacheResult.miss;
      this.#note.reason = reason;
    }
    this.#sender.sendCanned(connection, status, head.method, variantOf(head, persists));
  }

  /**
   * What becomes of the body of this request, before any of it is read: it is handed over (HANDS_OVER), or only the
   * disk knows (ASKS, and `waits` says for what), or it is read past (ENDS).
   */
  fateOfBody(connection: Connection, head: RequestScanner): Fate {
    this.waits.reset();
    const error = this.#target.read(head);
    if (error === 400) return ENDS;
    const host = this.#sites.isSingle ? this.#sites.unknown : this.#hosts.of(head);
    if (this.#sites.isPaced) joinSite(connection, host.site);
    if (!host.isAnswered) return ENDS;
    const inMemory = host.routes === null || this.#ladder.route(head, host.routes, host);
    if (this.#ladder.rungsOf(host).otherwise === null) return ENDS;
    if (head.method > HEAD && !this.#otherMethods.mayGoOver(head)) return ENDS;
    if (head.method > HEAD) return this.#handsBodyOver(host, AnswerReason.method);
    if (!inMemory) return this.#handsBodyOver(host, AnswerReason.route);
    if (error === 0 && this.#ladder.findTarget(host.site) !== undefined) return ENDS;
    const found = this.#ladder.search(head, host, error);
    if (found === HANDS_OVER) return this.#handsBodyOver(host, AnswerReason.noObject);
    return found === ASKS ? ASKS : ENDS;
  }

  #handsBodyOver(host: HostChoice, reason: AnswerReason): Fate {
    if (reason !== AnswerReason.method) this.#statistics.cacheMisses++;
    this.#report.missed(reason);
    return this.#ladder.handsOver(host);
  }

  /** Sends the error `status` as the last answer of a connection, to a request that may be unreadable. */
  refuse(connection: Connection, status: number, method = GET): void {
    this.#statistics.refused++;
    this.#report.asked(this.#sites.unknown.site); // nobody knows for which site it was
    this.#report.because(status === 408 ? AnswerReason.requestTimeout : AnswerReason.refused);
    this.#sender.sendCanned(connection, status, method, CLOSE);
  }

  /** 429 to a client that asks faster than it may. */
  tooMany(connection: Connection, head: RequestScanner, persists: boolean): void {
    this.#report.asked(this.#sites.unknown.site);
    this.#report.because(AnswerReason.refused);
    this.#sender.sendCanned(connection, 429, head.method, variantOf(head, persists));
  }

  /** Whether the method of `head` is refused, whatever body follows. */
  isRefusedMethod(head: RequestScanner): boolean {
    return head.method >= NOT_ALLOWED;
  }

  #findPlain(head: RequestScanner, site: number): Entry | undefined {
    return this.#store.findHashed(head.targetHash, head.bytes, head.targetFrom, head.targetTo, site);
  }
}
