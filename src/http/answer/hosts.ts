/**
 * Which site a request asks, and what its host alone decides: an alias leads to the canonical host, plain HTTP to
 * HTTPS, and an unknown host may get no answer.
 */
import type { Connection } from '../../net/tcp/handler.js';
import { latin1Text } from '../../net/wire/latin1.js';
import { HOST_FIELD } from '../grammar/fields.js';
import { HEAD } from '../grammar/methods.js';
import { type HeadVariant, variantOf } from '../head/head-cache.js';
import type { RequestScanner } from '../request/scanner.js';
import { AnswerReason } from '../sending/answer-log.js';
import { ENDS, type Fate } from '../sending/fate.js';
import { fateOf } from '../sending/waiting.js';
import type { KnownHost } from '../sites/known-host.js';
import { CLOSE_UNANSWERED, type HostChoice, NO_REFUSAL, type Sites } from '../sites/sites.js';
import { requestedPlace } from './locations.js';
import type { OtherMethods } from './other-methods.js';
import type { AnswerTools } from './tools.js';

/** Paths below this are asked for over plain HTTP. */
const CHALLENGES = '/.well-known/acme-challenge/';

/** Finds the host of a request. One object for all connections of a stack. */
export class Hosts {
  readonly #tools: AnswerTools;
  readonly #sites: Sites;
  readonly #knownHost: KnownHost;
  readonly #otherMethods: OtherMethods;

  constructor(tools: AnswerTools, otherMethods: OtherMethods) {
    this.#tools = tools;
    this.#sites = tools.sites;
    this.#knownHost = tools.knownHost;
    this.#otherMethods = otherMethods;
  }

  /** The authority of an absolute-form target replaces Host (RFC 9112 section 3.2.2). */
  of(head: RequestScanner): HostChoice {
    const { target } = this.#tools;
    if (!head.targetIsPlainPath && target.hostFrom < target.hostTo) {
      return this.#sites.find(head.bytes, target.hostFrom, target.hostTo);
    }
    if (head.hostIsKnown) return this.#knownHost.choice(this.#sites);
    if (!head.has(HOST_FIELD)) return this.#sites.unknown;
    const row = head.findRow(HOST_FIELD);
    return this.#sites.find(head.bytes, head.valueFrom(row), head.valueTo(row));
  }

  /**
   * The challenge of an authority (RFC 8555 section 8.3), by its exact path, or a redirect to https: of all but a
   * request without a host, and those for another program's challenges. Null: the site answers.
   */
  answerAtGate(connection: Connection, head: RequestScanner, host: HostChoice, persists: boolean): Fate | null {
    const { bytes, targetFrom, targetTo } = head;
    const target = latin1Text(bytes.subarray(targetFrom, targetTo));
    const challenge = head.method > HEAD ? undefined : this.#sites.challenge(target);
    const variant = variantOf(head, persists);
    if (challenge !== undefined) return this.#answerChallenge(connection, head, challenge, variant);
    const isForHttps = this.#sites.httpsPort !== 0 && head.has(HOST_FIELD) && !target.startsWith(CHALLENGES);
    return isForHttps ? this.#redirectToHttps(connection, head, host, variant) : null;
  }

  #answerChallenge(connection: Connection, head: RequestScanner, answer: string, variant: HeadVariant): Fate {
    const { sender, report } = this.#tools;
    const fields = `Content-Type: application/octet-stream\r\nContent-Length: ${answer.length}\r\n\r\n`;
    const isHead = head.method === HEAD;
    report.because(AnswerReason.rule);
    sender.send(connection, 200, variant, sender.memory.write(fields + (isHead ? '' : answer)));
    if (!isHead) sender.countPayload(answer.length);
    return fateOf(variant);
  }

  /** To the same host, path and query over TLS. 308 keeps the method (RFC 9110 section 15.4.9). */
  #redirectToHttps(connection: Connection, head: RequestScanner, host: HostChoice, variant: HeadVariant): Fate {
    const { target, report, shortAnswers } = this.#tools;
    const { name, pathAndQuery } = requestedPlace(head, target);
    const { httpsPort } = this.#sites;
    const port = httpsPort === 443 ? '' : `:${httpsPort}`;
    const location = `https://${name}${port}${pathAndQuery}`;
    report.because(AnswerReason.host);
    shortAnswers.redirect(connection, head, host, 308, location, variant);
    return fateOf(variant);
  }

  /** A host that is unknown and not answered, or an alias. */
  answerOdd(connection: Connection, head: RequestScanner, host: HostChoice, variant: HeadVariant): Fate {
    const { statistics, sender, report } = this.#tools;
    report.left(AnswerReason.host);
    if (host.refusal === CLOSE_UNANSWERED) {
      statistics.unknownHosts++;
      return ENDS;
    }
    if (host.refusal !== NO_REFUSAL) {
      statistics.unknownHosts++;
      sender.sendCanned(connection, host.refusal, head.method, variant);
    } else if (head.method > HEAD) {
      return this.#otherMethods.answer(connection, head, host, 0, variant);
    } else {
      this.#redirectAlias(connection, head, host, variant);
    }
    return fateOf(variant);
  }

  /** To the same path and query of the canonical host, at the same port. */
  #redirectAlias(connection: Connection, head: RequestScanner, host: HostChoice, variant: HeadVariant): void {
    const { target, statistics, scheme, shortAnswers } = this.#tools;
    const { port, pathAndQuery } = requestedPlace(head, target);
    statistics.aliases++;
    const location = `${scheme}://${host.redirectTo}${port === ':' ? '' : port}${pathAndQuery}`;
    shortAnswers.redirect(connection, head, host, host.redirectStatus, location, variant);
  }
}

/** The connection uses the bandwidth of the site that it asks. */
export function joinSite(connection: Connection, site: number): void {
  if (connection.pacingGroup !== site + 1) connection.pacingGroup = site + 1;
}
