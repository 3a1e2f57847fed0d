/**
 * From a request to the pieces that TCP sends. A hit is two references: the mutable head of this second, and the fixed
 * head with the payload as they lie in the cache. Nothing is copied, nothing is summed, nothing is allocated.
 *
 *     GET /a.html  ->  heads.get(200, ...)  |  entry.bytes
 *
 * Everything less common (conditions, ranges, odd targets and hosts, misses, errors) leaves that path as early as
 * possible, and may be slower.
 */

import { encodeQuery } from '../../cache/head/heads.js';
import type { Store } from '../../cache/library/store.js';
import type { Entry } from '../../cache/object/entry.js';
import { Coding } from '../../cache/object/record.js';
import type { Connection } from '../../net/tcp/handler.js';
import type { WallClock } from '../../net/wall-clock.js';
import { latin1Text } from '../../net/wire/latin1.js';
import {
  ACCEPT_ENCODING,
  CONDITIONAL_FIELDS,
  HOST_FIELD,
  IF_MATCH,
  IF_UNMODIFIED_SINCE,
  RANGE,
} from '../grammar/fields.js';
import { ASTERISK } from '../grammar/grammar.js';
import { GET, HEAD, isKnownToNode, NOT_ALLOWED, OPTIONS, UNKNOWN_METHOD } from '../grammar/methods.js';
import {
  aged,
  CLOSE,
  type HeadCache,
  type HeadVariant,
  isClosing,
  KEEP_ALIVE,
  PERSISTENT,
  TIMED_HIT,
  TIMED_READ,
} from '../head/head-cache.js';
import type { RequestScanner } from '../request/scanner.js';
import { Target } from '../request/target.js';
import { FILES, type Rungs } from '../routes/route.js';
import type { RouteTable } from '../routes/route-table.js';
import { type AnswerNote, AnswerReason, CacheResult } from '../sending/answer-log.js';
import {
  ASKS,
  BY_ENTRY,
  BY_RULE,
  ENDS,
  type Fate,
  type Found,
  HANDS_OVER,
  NOTHING,
  PERSISTS,
  STREAMS,
} from '../sending/fate.js';
import { AnswerSender } from '../sending/sender.js';
import { countLeft, type HttpStatistics } from '../sending/statistics.js';
import { Waits } from '../sending/waiting.js';
import { startOfPort } from '../sites/host-table.js';
import type { KnownHost } from '../sites/known-host.js';
import type { PathAnswer } from '../sites/path-rules.js';
import { CLOSE_UNANSWERED, GONE_STATUS, type HostChoice, NO_REFUSAL, type Sites } from '../sites/sites.js';
import { evaluatePreconditions, ifRangeHolds, NOT_MODIFIED, PRECONDITION_FAILED } from './conditional.js';
import { KeptAnswers } from './kept-answers.js';
import { Misses } from './misses.js';
import { AcceptEncoding, selectVariant } from './negotiation.js';
import { PartAnswers } from './parts.js';

/** What a responder works with. */
export interface ResponderParts {
  readonly store: Store;
  readonly sites: Sites;
  /** The Host line that the scanner recognises. */
  readonly knownHost: KnownHost;
  readonly heads: HeadCache;
  readonly wallClock: WallClock;
  readonly statistics: HttpStatistics;
  /** The longest target that the scanner lets through, bytes. */
  readonly longestTargetBytes: number;
  /** A request for more ranges gets the whole object. */
  readonly mostRanges: number;
  /** Where the facts of each answer go, for a log; null: nowhere. */
  readonly note: AnswerNote | null;
  /** Of redirects to another host. */
  readonly scheme: 'http' | 'https';
}

const NO_RULE: PathAnswer = { status: 0, to: '' };

export class Responder {
  /** What the request that was answered last has to wait for. */
  readonly waits: Waits;
  readonly #store: Store;
  readonly #sites: Sites;
  readonly #knownHost: KnownHost;
  readonly #wallClock: WallClock;
  readonly #statistics: HttpStatistics;
  readonly #target: Target;
  readonly #note: AnswerNote | null;
  readonly #scheme: 'http' | 'https';
  readonly #acceptEncoding = new AcceptEncoding();
  readonly #sender: AnswerSender;
  readonly #parts: PartAnswers;
  readonly #misses: Misses;
  readonly #kept: KeptAnswers;
  #hasWaited = false;
  /** Whether `#findStored` has found an answer whose time is over. */
  #expired = false;
  /** What the route of the request under way says, for a host with routes. */
  #routed: Rungs = FILES;
  /** What `#findOther` has found. */
  #rule: PathAnswer | null = null;
  #other: Entry | undefined;

  constructor({
    store,
    sites,
    knownHost,
    heads,
    wallClock,
    statistics,
    longestTargetBytes,
    mostRanges,
    note,
    scheme,
  }: ResponderParts) {
    this.#store = store;
    this.#sites = sites;
    this.#knownHost = knownHost;
    this.#wallClock = wallClock;
    this.#statistics = statistics;
    this.#target = new Target(longestTargetBytes);
    this.#note = note;
    this.#scheme = scheme;
    this.waits = new Waits(store);
    this.#sender = new AnswerSender(heads, statistics, note, this.waits);
    this.#parts = new PartAnswers(this.#sender, mostRanges);
    this.#misses = new Misses(store, this.#sender, this.#acceptEncoding);
    this.#kept = new KeptAnswers(store, scheme, longestTargetBytes);
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
    const host = this.#sites.isSingle ? this.#sites.unknown : this.#hostOf(head, isPlain);
    if (this.#sites.isPaced) joinSite(connection, host.site);
    if (this.#sites.hasGate) {
      const fate = this.#answerAtGate(connection, head, host, persists);
      if (fate !== null) return fate;
    }
    let variant = variantOf(head, persists);
    if (!host.isPlain) {
      if (!host.isAnswered) return this.#answerOddHost(connection, head, host, variant);
      if (host.hasTiming) variant += this.#hasWaited ? TIMED_READ : TIMED_HIT;
      if (host.routes !== null && !this.#route(head, host.routes, host)) {
        return this.#answerStored(connection, head, host, variant);
      }
    }
    if (head.method > HEAD) return this.#answerOther(connection, head, host, error, variant);
    const entry = error !== 0 ? undefined : isPlain ? this.#findPlain(head, host.site) : this.#findTarget(host.site);
    if (entry?.isWhole && (head.seen & CONDITIONAL_FIELDS) === 0) {
      const selected = entry.isNegotiated && head.has(ACCEPT_ENCODING) ? this.#select(head, entry) : entry;
      if (selected !== null) {
        this.#statistics.cacheHits++;
        if (!isPlain) this.#statistics.offTarget++;
        if (this.#note !== null) noteObject(this.#note, selected, isPlain ? AnswerReason.none : AnswerReason.target);
        this.#sender.sendWhole(connection, selected, head.method, variant);
        return persists ? PERSISTS : ENDS;
      }
    }
    if (entry === undefined) return this.#answerMiss(connection, head, host, error, variant);
    return this.#answerHit(connection, head, host, entry, variant);
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
    const host = this.#sites.isSingle ? this.#sites.unknown : this.#hostOf(head, head.targetIsPlainPath);
    if (this.#sites.isPaced) joinSite(connection, host.site);
    if (!host.isAnswered) return ENDS;
    const inMemory = host.routes === null || this.#route(head, host.routes, host);
    if (this.#rungsOf(host).otherwise === null) return ENDS;
    if (head.method > HEAD) return this.#mayGoOver(head) ? this.#handsBodyOver(host, AnswerReason.method) : ENDS;
    if (!inMemory) return this.#handsBodyOver(host, AnswerReason.route);
    if (error === 0 && this.#findTarget(host.site) !== undefined) return ENDS;
    const found = this.#findOther(head, host, error);
    if (found === HANDS_OVER) return this.#handsBodyOver(host, AnswerReason.noObject);
    return found === ASKS ? ASKS : ENDS;
  }

  #handsBodyOver(host: HostChoice, reason: AnswerReason): Fate {
    if (reason !== AnswerReason.method) this.#statistics.cacheMisses++;
    this.#missed(reason);
    return this.#handsOver(host);
  }

  /** Sends the error `status` as the last answer of a connection, to a request that may be unreadable. */
  refuse(connection: Connection, status: number, method = GET): void {
    this.#statistics.refused++;
    if (this.#note !== null) this.#note.reason = status === 408 ? AnswerReason.requestTimeout : AnswerReason.refused;
    this.#sender.sendCanned(connection, status, method, CLOSE);
  }

  /** 429 to a client that asks faster than it may. */
  tooMany(connection: Connection, head: RequestScanner, persists: boolean): void {
    if (this.#note !== null) this.#note.reason = AnswerReason.refused;
    this.#sender.sendCanned(connection, 429, head.method, variantOf(head, persists));
  }

  /** Whether the method of `head` is refused, whatever body follows. */
  isRefusedMethod(head: RequestScanner): boolean {
    return head.method >= NOT_ALLOWED;
  }

  #findPlain(head: RequestScanner, site: number): Entry | undefined {
    return this.#store.findHashed(head.targetHash, head.bytes, head.targetFrom, head.targetTo, site);
  }

  #findTarget(site: number): Entry | undefined {
    const { path, pathFrom, pathTo } = this.#target;
    return this.#store.find(path, pathFrom, pathTo, site);
  }

  /** The authority of an absolute-form target replaces Host (RFC 9112 section 3.2.2). */
  #hostOf(head: RequestScanner, isPlain: boolean): HostChoice {
    const target = this.#target;
    if (!isPlain && target.hostFrom < target.hostTo) {
      return this.#sites.find(head.bytes, target.hostFrom, target.hostTo);
    }
    if (head.hostIsKnown) return this.#knownHost.choice(this.#sites);
    if (!head.has(HOST_FIELD)) return this.#sites.unknown;
    const row = head.findRow(HOST_FIELD);
    return this.#sites.find(head.bytes, head.valueFrom(row), head.valueTo(row));
  }

  /** What became of a request that may have to wait. */
  #outcome(variant: HeadVariant): Fate {
    const { name, stream, isTurnAwaited } = this.waits;
    if (name !== null || isTurnAwaited) return ASKS;
    if (stream !== null) return STREAMS;
    return isClosing(variant) ? ENDS : PERSISTS;
  }

  /** A host that is unknown and not answered, or an alias. */
  #answerOddHost(connection: Connection, head: RequestScanner, host: HostChoice, variant: HeadVariant): Fate {
    this.#left(AnswerReason.host);
    if (host.refusal === CLOSE_UNANSWERED) {
      this.#statistics.unknownHosts++;
      return ENDS;
    }
    if (host.refusal !== NO_REFUSAL) {
      this.#statistics.unknownHosts++;
      this.#sender.sendCanned(connection, host.refusal, head.method, variant);
    } else if (head.method > HEAD) {
      return this.#answerOther(connection, head, host, 0, variant);
    } else {
      this.#redirectAlias(connection, head, host, variant);
    }
    return isClosing(variant) ? ENDS : PERSISTS;
  }

  /**
   * The challenge of an authority (RFC 8555 section 8.3), by its exact path, or a redirect to https: of all but a
   * request without a host, and those for another program's challenges. Null: the site answers.
   */
  #answerAtGate(connection: Connection, head: RequestScanner, host: HostChoice, persists: boolean): Fate | null {
    const { bytes, targetFrom, targetTo } = head;
    const target = latin1Text(bytes.subarray(targetFrom, targetTo));
    const challenge = head.method > HEAD ? undefined : this.#sites.challenge(target);
    if (challenge !== undefined) return this.#answerChallenge(connection, head, challenge, persists);
    const isForHttps = this.#sites.httpsPort !== 0 && head.has(HOST_FIELD) && !target.startsWith(CHALLENGES);
    return isForHttps ? this.#redirectToHttps(connection, head, host, persists) : null;
  }

  #answerChallenge(connection: Connection, head: RequestScanner, answer: string, persists: boolean): Fate {
    const sender = this.#sender;
    const fields = `Content-Type: application/octet-stream\r\nContent-Length: ${answer.length}\r\n\r\n`;
    const isHead = head.method === HEAD;
    if (this.#note !== null) this.#note.reason = AnswerReason.rule;
    sender.send(connection, 200, variantOf(head, persists), sender.memory.write(fields + (isHead ? '' : answer)));
    if (!isHead) sender.countPayload(answer.length);
    return persists ? PERSISTS : ENDS;
  }

  /** To the same host, path and query over TLS. 308 keeps the method (RFC 9110 section 15.4.9). */
  #redirectToHttps(connection: Connection, head: RequestScanner, host: HostChoice, persists: boolean): Fate {
    const { name, pathAndQuery } = this.#requestedPlace(head);
    const { httpsPort } = this.#sites;
    const port = httpsPort === 443 ? '' : `:${httpsPort}`;
    const variant = variantOf(head, persists);
    const location = `https://${name}${port}${pathAndQuery}`;
    if (this.#note !== null) this.#note.reason = AnswerReason.host;
    this.#misses.redirect(connection, head, host, 308, location, variant);
    return isClosing(variant) ? ENDS : PERSISTS;
  }

  /** To the same path and query of the canonical host, at the same port. */
  #redirectAlias(connection: Connection, head: RequestScanner, host: HostChoice, variant: HeadVariant): void {
    const { port, pathAndQuery } = this.#requestedPlace(head);
    this.#statistics.aliases++;
    const location = `${this.#scheme}://${host.redirectTo}${port === ':' ? '' : port}${pathAndQuery}`;
    this.#misses.redirect(connection, head, host, host.redirectStatus, location, variant);
  }

  /** What a redirect keeps of the request: host and port (with its colon) as they were sent, path and query. */
  #requestedPlace(head: RequestScanner): { name: string; port: string; pathAndQuery: string } {
    const { bytes } = head;
    this.#target.read(head);
    const { hostFrom, hostTo, rawFrom } = this.#target;
    const row = head.findRow(HOST_FIELD);
    const isAbsolute = hostFrom < hostTo;
    const from = isAbsolute ? hostFrom : head.valueFrom(row);
    const to = isAbsolute ? hostTo : head.valueTo(row);
    const portFrom = startOfPort(bytes, from, to);
    const rest = encodeQuery(bytes.subarray(rawFrom, head.targetTo));
    return {
      name: latin1Text(bytes.subarray(from, portFrom)),
      port: latin1Text(bytes.subarray(portFrom, to)),
      pathAndQuery: rest.startsWith('/') ? rest : `/${rest}`,
    };
  }

  /**
   * RFC 9110 section 9.3.7 (OPTIONS: 200 if the object exists), 15.5.6 (405), 15.6.2 (501). Where scripts of other
   * origins may read, OPTIONS is 200 for every path: after a preflight that fails, they could not even see a 404.
   */
  #answerOther(
    connection: Connection,
    head: RequestScanner,
    host: HostChoice,
    targetError: number,
    variant: HeadVariant,
  ): Fate {
    this.waits.reset();
    const { fields, preflight } = host.own;
    if (host.isAnswered && this.#rungsOf(host).otherwise !== null && this.#mayGoOver(head)) {
      this.#missed(AnswerReason.method);
      return this.#handsOver(host);
    }
    const isOpen = preflight !== '' && head.method === OPTIONS;
    const status = isOpen ? 200 : this.#statusOfOther(head, host.site, targetError);
    if (this.waits.name !== null) return ASKS;
    this.#left(AnswerReason.method);
    if (status !== 200) this.#misses.sendError(connection, head, host, status, variant);
    else this.#sender.sendCannedWith(connection, status, fields + preflight, head.method, variant);
    return isClosing(variant) ? ENDS : PERSISTS;
  }

  /** OPTIONS of "*" is ours. The parser of the other thread, Node's, refuses a method that it does not know. */
  #mayGoOver(head: RequestScanner): boolean {
    if (head.method === UNKNOWN_METHOD) return isKnownToNode(latin1Text(head.bytes, head.from, head.methodTo));
    return !this.#isForServer(head);
  }

  /** OPTIONS of "*". */
  #isForServer(head: RequestScanner): boolean {
    return head.method === OPTIONS && head.bytes[head.targetFrom] === ASTERISK;
  }

  #statusOfOther(head: RequestScanner, site: number, targetError: number): number {
    if (head.method === UNKNOWN_METHOD) return 501;
    if (head.method !== OPTIONS) return 405;
    if (targetError !== 0) return 404;
    this.#target.read(head);
    if (this.#target.isServer || this.#findTarget(site) !== undefined) return 200;
    this.#mustAskTarget(site); // if so, the answer waits
    return 404;
  }

  #mustAskTarget(site: number): boolean {
    const { path, pathFrom, pathTo } = this.#target;
    return this.waits.mustAsk(site, path, pathFrom, pathTo);
  }

  /**
   * No object in memory has the path, or (`error` is 404) none can have it. A redirect by pattern comes before files.
   * If no file has the path on disk either: a rewrite by pattern, the fallback, the handler, an error page.
   */
  #answerMiss(
    connection: Connection,
    head: RequestScanner,
    host: HostChoice,
    error: number,
    variant: HeadVariant,
  ): Fate {
    this.#statistics.cacheMisses++;
    this.waits.reset();
    const found = this.#findOther(head, host, error);
    if (found === ASKS) return ASKS;
    if (found === HANDS_OVER) {
      const stored = this.#findStored(head, host);
      if (stored === undefined) {
        this.#missed(this.#expired ? AnswerReason.expired : AnswerReason.noObject);
        return this.#handsOver(host);
      }
      this.#statistics.cacheMisses--;
      return this.#answerKept(connection, head, host, stored, variant);
    }
    if (found === BY_RULE) this.#answerRule(connection, head, host, variant);
    else if (found === BY_ENTRY) this.#answerOtherEntry(connection, head, host, variant);
    else {
      this.#missed(AnswerReason.noObject);
      this.#misses.sendError(connection, head, host, 404, variant);
    }
    return this.#outcome(variant);
  }

  /** What else answers a path without an object; `#rule` and `#other` then have it. */
  #findOther(head: RequestScanner, host: HostChoice, error: number): Found {
    const misses = this.#misses;
    const rungs = this.#rungsOf(host);
    const otherwise = rungs.otherwise === null ? NOTHING : HANDS_OVER;
    if (error !== 0) return otherwise;
    this.#target.read(head);
    const rule = misses.rule(host, this.#target);
    this.#rule = rule;
    if (rule !== null && rule.status !== 0) return BY_RULE;
    if (rungs.onDisk && this.#mustAskTarget(host.site)) return ASKS;
    const rewritten = rule === null ? undefined : misses.findRewritten(host, rule.to);
    if (rule !== null && rewritten === undefined && rungs.onDisk && this.waits.mustAskName(host.site, rule.to)) {
      return ASKS;
    }
    this.#other = rewritten ?? misses.findFallback(host, head, this.#target);
    return this.#other === undefined ? otherwise : BY_ENTRY;
  }

  /** Finds the route. Returns whether the request is looked for in the site's folder at all. */
  #route(head: RequestScanner, routes: RouteTable, host: HostChoice): boolean {
    const target = this.#target;
    const rungs = head.targetIsPlainPath
      ? routes.find(head, head.bytes, head.targetFrom, head.targetTo)
      : routes.find(head, target.path, target.pathFrom, target.pathTo);
    this.#routed = rungs ?? host.own.rungs;
    return this.#routed.inMemory;
  }

  #rungsOf(host: HostChoice): Rungs {
    return host.routes === null ? host.own.rungs : this.#routed;
  }

  #handsOver(host: HostChoice): Fate {
    this.waits.upstream = this.#rungsOf(host).otherwise ?? '';
    if (this.#note !== null) this.#note.site = host.site;
    return HANDS_OVER;
  }

  /** A request that a route keeps away from the folder: an answer that was kept, or the handler. */
  #answerStored(connection: Connection, head: RequestScanner, host: HostChoice, variant: HeadVariant): Fate {
    const entry = head.method > HEAD ? undefined : this.#findStored(head, host);
    if (entry !== undefined) return this.#answerKept(connection, head, host, entry, variant);
    const isExpired = head.method <= HEAD && this.#expired;
    if (head.method <= HEAD) this.#statistics.cacheMisses++;
    this.#missed(isExpired ? AnswerReason.expired : AnswerReason.route);
    return this.#handsOver(host);
  }

  /**
   * An answer that was kept of this scheme, host and target, as the client wrote them. One whose time is over is not
   * sent: `#expired` says so. The worker itself looks at the clock, since a message of the main thread would come late.
   */
  #findStored(head: RequestScanner, host: HostChoice): Entry | undefined {
    const { kept } = this.#rungsOf(host);
    // What these conditions ask for, the origin alone knows (RFC 9111 section 4.3.2).
    const isForOrigin = head.has(IF_MATCH) || head.has(IF_UNMODIFIED_SINCE);
    const entry = kept === 0 || isForOrigin ? undefined : this.#kept.find(head, kept);
    this.#expired = entry !== undefined && entry.until !== 0 && this.#wallClock.seconds >= entry.until;
    return this.#expired ? undefined : entry;
  }

  #answerKept(
    connection: Connection,
    head: RequestScanner,
    host: HostChoice,
    entry: Entry,
    variant: HeadVariant,
  ): Fate {
    this.#statistics.storedHits++;
    if (this.#note !== null) this.#note.site = host.site;
    return this.#answerHit(connection, head, host, entry, this.#withAge(variant, entry));
  }

  #withAge(variant: HeadVariant, { born, until }: Entry): HeadVariant {
    return until === 0 ? variant : aged(variant, Math.max(0, this.#wallClock.seconds - born));
  }

  #answerHit(connection: Connection, head: RequestScanner, host: HostChoice, entry: Entry, variant: HeadVariant): Fate {
    this.#statistics.cacheHits++;
    this.#found(entry, slowReason(head));
    this.waits.reset();
    this.#answerFrom(connection, head, host, entry, variant);
    return this.#outcome(variant);
  }

  #answerOtherEntry(connection: Connection, head: RequestScanner, host: HostChoice, variant: HeadVariant): void {
    const entry = this.#other;
    if (entry === undefined) return;
    this.#found(entry, AnswerReason.rule);
    this.#answerFrom(connection, head, host, entry, variant);
  }

  /** A redirect by pattern, or a path that is gone. */
  #answerRule(connection: Connection, head: RequestScanner, host: HostChoice, variant: HeadVariant): void {
    const { status, to } = this.#rule ?? NO_RULE;
    this.#statistics.patternRedirects++;
    this.#missed(AnswerReason.rule);
    if (status === GONE_STATUS) this.#misses.sendError(connection, head, host, status, variant);
    else this.#misses.redirect(connection, head, host, status, withQuery(to, this.#query(head)), variant);
  }

  /** Answers GET or HEAD with this object. */
  #answerFrom(
    connection: Connection,
    head: RequestScanner,
    host: HostChoice,
    entry: Entry,
    variant: HeadVariant,
  ): void {
    if (entry.status === 200) this.#answerFromFile(connection, head, host, entry, variant);
    else if (entry.location !== '') this.#sendRedirect(connection, head, host, entry, variant);
    else this.#sender.sendWhole(connection, entry, head.method, variant);
  }

  /**
   * The variant first, since preconditions and ranges are about what is selected (RFC 9110 sections 13.1 and 14.2).
   * Then preconditions, then ranges, which are defined for GET alone (sections 13.2.2 and 14.2).
   */
  #answerFromFile(
    connection: Connection,
    head: RequestScanner,
    host: HostChoice,
    file: Entry,
    variant: HeadVariant,
  ): void {
    const entry = file.isNegotiated && head.has(ACCEPT_ENCODING) ? this.#select(head, file) : file;
    if (entry === null) {
      this.#statistics.notAcceptable++;
      this.#misses.sendError(connection, head, host, 406, variant);
    } else if ((head.seen & CONDITIONAL_FIELDS) === 0) {
      this.#sender.sendWhole(connection, entry, head.method, variant);
    } else {
      this.#answerCondition(connection, head, host, entry, variant);
    }
  }

  #answerCondition(
    connection: Connection,
    head: RequestScanner,
    host: HostChoice,
    entry: Entry,
    variant: HeadVariant,
  ): void {
    const now = this.#wallClock.seconds;
    const verdict = evaluatePreconditions(head, entry, now);
    const { notModified } = entry;
    if (verdict === NOT_MODIFIED && notModified !== null) {
      if (this.#note !== null) this.#note.cache = CacheResult.validated;
      this.#sender.send(connection, 304, variant, notModified);
    } else if (verdict === PRECONDITION_FAILED) {
      this.#misses.sendError(connection, head, host, verdict, variant);
    } else if (head.method === GET && head.has(RANGE) && ifRangeHolds(head, entry, now)) {
      this.#parts.answer(connection, head, entry, variant);
    } else {
      this.#sender.sendWhole(connection, entry, head.method, variant);
    }
  }

  /** The variant for this request; null: none is acceptable (RFC 9110 section 12.5.3). */
  #select(head: RequestScanner, file: Entry): Entry | null {
    const entry = selectVariant(this.#store, this.#acceptEncoding, head, file);
    const statistics = this.#statistics;
    if (entry !== null && entry !== file) {
      countCoding(statistics, entry.coding);
      if (head.method === GET) statistics.codedBytesSaved += file.payloadLength - entry.payloadLength;
    }
    return entry;
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
    const query = this.#query(head);
    if (query === '') this.#sender.sendWhole(connection, entry, head.method, variant);
    else this.#misses.redirect(connection, head, host, entry.status, withQuery(entry.location, query), variant);
  }

  /** The request does not take the fast path: the operator sees why, in the counters and in the log. */
  #left(reason: AnswerReason): void {
    countLeft(this.#statistics, reason);
    if (this.#note !== null) this.#note.reason = reason;
  }

  #found(entry: Entry, reason: AnswerReason): void {
    countLeft(this.#statistics, reason);
    if (this.#note !== null) noteObject(this.#note, entry, reason);
  }

  #missed(reason: AnswerReason): void {
    this.#left(reason);
    if (this.#note !== null) this.#note.cache = CacheResult.miss;
  }

  /** The query of the target that was read last, with its '?', fit for a URI; '' if there is none. */
  #query(head: RequestScanner): string {
    const { queryFrom, queryTo } = this.#target;
    return encodeQuery(head.bytes.subarray(queryFrom, queryTo));
  }
}

/** An address with the query of the request, unless it has one of its own; in front of a fragment. */
function withQuery(location: string, query: string): string {
  if (location.includes('?')) return location;
  const fragmentAt = location.indexOf('#');
  return fragmentAt < 0 ? location + query : location.slice(0, fragmentAt) + query + location.slice(fragmentAt);
}

/** The connection uses the bandwidth of the site that it asks. */
function joinSite(connection: Connection, site: number): void {
  if (connection.pacingGroup !== site + 1) connection.pacingGroup = site + 1;
}

/** Paths below this are asked for over plain HTTP. */
const CHALLENGES = '/.well-known/acme-challenge/';

function countCoding(statistics: HttpStatistics, coding: number): void {
  if (coding === Coding.brotli) statistics.brotliAnswers++;
  else if (coding === Coding.gzip) statistics.gzipAnswers++;
  else statistics.zstdAnswers++;
}

function variantOf(head: RequestScanner, persists: boolean): HeadVariant {
  if (!persists) return CLOSE;
  return head.minorVersion === 0 ? KEEP_ALIVE : PERSISTENT;
}

function noteObject(note: AnswerNote, entry: Entry, reason: AnswerReason): void {
  note.cache = CacheResult.hit;
  note.entry = entry;
  note.reason = reason;
}

/** Why a request for an object did not take the shortest way. */
function slowReason(head: RequestScanner): AnswerReason {
  if (head.has(RANGE)) return AnswerReason.range;
  if ((head.seen & CONDITIONAL_FIELDS) !== 0) return AnswerReason.conditional;
  return head.targetIsPlainPath ? AnswerReason.none : AnswerReason.target;
}
