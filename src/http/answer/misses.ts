/**
 * What a request gets whose path has no object in memory. In this order: a redirect by pattern, the object of a
 * rewritten path, the page of a single-page application, an answer that is kept of a handler or an upstream, the
 * handler or upstream itself, an error page. ladder.ts finds it.
 */
import type { Entry } from '../../cache/object/entry.js';
import type { Connection } from '../../net/tcp/handler.js';
import type { WallClock } from '../../net/wall-clock.js';
import { HEAD } from '../grammar/methods.js';
import { aged, type HeadVariant } from '../head/head-cache.js';
import type { RequestScanner } from '../request/scanner.js';
import type { Target } from '../request/target.js';
import { AnswerReason } from '../sending/answer-log.js';
import { ASKS, BY_ENTRY, BY_RULE, type Fate, HANDS_OVER } from '../sending/fate.js';
import type { HttpStatistics } from '../sending/statistics.js';
import type { Waits } from '../sending/waiting.js';
import type { PathAnswer } from '../sites/path-rules.js';
import { GONE_STATUS, type HostChoice } from '../sites/sites.js';
import type { Ladder } from './ladder.js';
import { queryOf, withQuery } from './locations.js';
import type { ObjectAnswers } from './object-answers.js';
import type { Report } from './report.js';
import type { ShortAnswers } from './short-answers.js';
import type { AnswerTools } from './tools.js';

/** Answers such requests. One object for all connections of a stack. */
export class Misses {
  readonly #target: Target;
  readonly #wallClock: WallClock;
  readonly #statistics: HttpStatistics;
  readonly #waits: Waits;
  readonly #report: Report;
  readonly #shortAnswers: ShortAnswers;
  readonly #ladder: Ladder;
  readonly #objects: ObjectAnswers;

  constructor(tools: AnswerTools, ladder: Ladder, objects: ObjectAnswers) {
    this.#target = tools.target;
    this.#wallClock = tools.wallClock;
    this.#statistics = tools.statistics;
    this.#waits = tools.waits;
    this.#report = tools.report;
    this.#shortAnswers = tools.shortAnswers;
    this.#ladder = ladder;
    this.#objects = objects;
  }

  /** No object in memory has the path, or (`error` is 404) none can have it. */
  answer(connection: Connection, head: RequestScanner, host: HostChoice, error: number, variant: HeadVariant): Fate {
    this.#statistics.cacheMisses++;
    this.#waits.reset();
    const found = this.#ladder.search(head, host, error);
    const { rule, other } = this.#ladder;
    if (found === ASKS) return ASKS;
    if (found === HANDS_OVER) return this.#answerKeptOrHandOver(connection, head, host, variant);
    if (found === BY_RULE && rule !== null) this.#answerRule(connection, head, host, rule, variant);
    else if (found === BY_ENTRY && other !== undefined) {
      this.#report.found(other, AnswerReason.rule);
      this.#objects.send(connection, head, host, other, variant);
    } else {
      this.#report.missed(AnswerReason.noObject);
      this.#shortAnswers.sendError(connection, head, host, 404, variant);
    }
    return this.#waits.fate(variant);
  }

  #answerKeptOrHandOver(connection: Connection, head: RequestScanner, host: HostChoice, variant: HeadVariant): Fate {
    const kept = this.#ladder.findKept(head, host);
    if (kept === undefined) {
      this.#report.missed(this.#ladder.isExpired ? AnswerReason.expired : AnswerReason.noObject);
      return this.#ladder.handsOver(host);
    }
    this.#statistics.cacheMisses--;
    return this.#answerKept(connection, head, host, kept, variant);
  }

  /** A redirect by pattern, or a path that is gone. */
  #answerRule(
    connection: Connection,
    head: RequestScanner,
    host: HostChoice,
    { status, to }: PathAnswer,
    variant: HeadVariant,
  ): void {
    this.#statistics.patternRedirects++;
    this.#report.missed(AnswerReason.rule);
    if (status === GONE_STATUS) this.#shortAnswers.sendError(connection, head, host, status, variant);
    else {
      const location = withQuery(to, queryOf(head, this.#target));
      this.#shortAnswers.redirect(connection, head, host, status, location, variant);
    }
  }

  /** A request that a route keeps away from the folder: an answer that was kept, or the handler. */
  answerRouted(connection: Connection, head: RequestScanner, host: HostChoice, variant: HeadVariant): Fate {
    const mayBeKept = head.method <= HEAD;
    const entry = mayBeKept ? this.#ladder.findKept(head, host) : undefined;
    if (entry !== undefined) return this.#answerKept(connection, head, host, entry, variant);
    if (mayBeKept) this.#statistics.cacheMisses++;
    this.#report.missed(mayBeKept && this.#ladder.isExpired ? AnswerReason.expired : AnswerReason.route);
    return this.#ladder.handsOver(host);
  }

  #answerKept(
    connection: Connection,
    head: RequestScanner,
    host: HostChoice,
    entry: Entry,
    variant: HeadVariant,
  ): Fate {
    this.#statistics.storedHits++;
    return this.#objects.hit(connection, head, host, entry, this.#withAge(variant, entry));
  }

  #withAge(variant: HeadVariant, { born, until }: Entry): HeadVariant {
    return until === 0 ? variant : aged(variant, Math.max(0, this.#wallClock.seconds - born));
  }
}
