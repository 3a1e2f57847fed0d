/**
 * Methods other than GET and HEAD. RFC 9110 section 9.3.7 (OPTIONS: 200 if the object exists), 15.5.6 (405), 15.6.2
 * (501). Where a handler or upstream is behind the site, it has them all.
 */
import type { Connection } from '../../net/tcp/handler.js';
import { latin1Text } from '../../net/wire/latin1.js';
import { ASTERISK } from '../grammar/grammar.js';
import { isKnownToNode, OPTIONS, UNKNOWN_METHOD } from '../grammar/methods.js';
import type { HeadVariant } from '../head/head-cache.js';
import type { RequestScanner } from '../request/scanner.js';
import type { Target } from '../request/target.js';
import { AnswerReason } from '../sending/answer-log.js';
import { ASKS, type Fate } from '../sending/fate.js';
import type { AnswerSender } from '../sending/sender.js';
import { fateOf, type Waits } from '../sending/waiting.js';
import type { HostChoice } from '../sites/sites.js';
import type { Ladder } from './ladder.js';
import type { Report } from './report.js';
import type { ShortAnswers } from './short-answers.js';
import type { AnswerTools } from './tools.js';

/** Answers such requests. One object for all connections of a stack. */
export class OtherMethods {
  readonly #target: Target;
  readonly #waits: Waits;
  readonly #sender: AnswerSender;
  readonly #report: Report;
  readonly #shortAnswers: ShortAnswers;
  readonly #ladder: Ladder;

  constructor({ target, waits, sender, report, shortAnswers }: AnswerTools, ladder: Ladder) {
    this.#target = target;
    this.#waits = waits;
    this.#sender = sender;
    this.#report = report;
    this.#shortAnswers = shortAnswers;
    this.#ladder = ladder;
  }

  /**
   * `error` is 404 if no object can have the path. Where scripts of other origins may read, OPTIONS is 200 for every
   * path: after a preflight that fails, they could not even see a 404.
   */
  answer(connection: Connection, head: RequestScanner, host: HostChoice, error: number, variant: HeadVariant): Fate {
    this.#waits.reset();
    const { fields, preflight } = host.own;
    if (host.isAnswered && this.#ladder.rungsOf(host).otherwise !== null && this.mayGoOver(head)) {
      this.#report.missed(AnswerReason.method);
      return this.#ladder.handsOver(host);
    }
    const isOpen = preflight !== '' && head.method === OPTIONS;
    const status = isOpen ? 200 : this.#statusOf(head, host.site, error);
    if (this.#waits.name !== null) return ASKS;
    this.#report.left(AnswerReason.method);
    if (status !== 200) this.#shortAnswers.sendError(connection, head, host, status, variant);
    else this.#sender.sendCannedWith(connection, status, fields + preflight, head.method, variant);
    return fateOf(variant);
  }

  /**
   * Whether the request may go to another thread. OPTIONS of "*" is ours. The parser of that thread, Node's, refuses a
   * method that it does not know.
   */
  mayGoOver(head: RequestScanner): boolean {
    if (head.method === UNKNOWN_METHOD) return isKnownToNode(latin1Text(head.bytes, head.from, head.methodTo));
    return head.method !== OPTIONS || head.bytes[head.targetFrom] !== ASTERISK;
  }

  #statusOf(head: RequestScanner, site: number, error: number): number {
    if (head.method === UNKNOWN_METHOD) return 501;
    if (head.method !== OPTIONS) return 405;
    if (error !== 0) return 404;
    this.#target.read(head);
    if (this.#target.isServer || this.#ladder.findTarget(site) !== undefined) return 200;
    this.#ladder.mustAskTarget(site); // if so, the answer waits
    return 404;
  }
}
