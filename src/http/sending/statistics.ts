import { AnswerReason } from './answer-log.js';

/**
 * The counters of the HTTP layer: plain numbers, one object for all connections of a stack.
 *
 * @example
 * ```ts
 * import { type HttpOptions, HttpStatistics } from 'fastpath';
 *
 * const statistics = new HttpStatistics(); // several acceptors may share it
 * export const counted = (options: HttpOptions): HttpOptions => ({ ...options, statistics });
 * export const hitRatio = () => statistics.cacheHits / (statistics.cacheHits + statistics.cacheMisses);
 * ```
 */
export class HttpStatistics {
  /** Connections established, and those open now. */
  connections = 0;
  openConnections = 0;
  /** Requests whose head was complete and well formed. */
  requests = 0;
  /** Requests that found their object in the cache, whatever the status of the answer. */
  cacheHits = 0;
  cacheMisses = 0;
  /** Hits that are answers of a handler or an upstream. */
  storedHits = 0;
  /** Misses answered by a rule of the site: redirect by pattern, rewrite, page of a single-page application. */
  patternRedirects = 0;
  rewritten = 0;
  fallbacks = 0;
  /** Errors answered with a page of the site. */
  errorPages = 0;
  /** Requests for an alias of a site, redirected; and for a host that no site names, refused. */
  aliases = 0;
  unknownHosts = 0;
  /** Answers by status: 200 and others of its class, 206, 304, redirects. */
  ok = 0;
  partial = 0;
  notModified = 0;
  redirects = 0;
  /** Answers 206 with several parts. */
  multipart = 0;
  /**
   * Requests for several ranges that got the whole object: more ranges than the limit; parts that with their heads are
   * no shorter.
   */
  rangesTooMany = 0;
  rangesTooLong = 0;
  /** Answers of class 4xx and 5xx, those below included. */
  clientErrors = 0;
  serverErrors = 0;
  /** Requests refused for their syntax or framing (400, 413, 414, 417, 431, 501 of a transfer coding, 505). */
  refused = 0;
  /** Answers from a variant in a content coding, 304 and parts included. */
  brotliAnswers = 0;
  gzipAnswers = 0;
  zstdAnswers = 0;
  /** By how many bytes the variants that GET selected were shorter than their files. */
  codedBytesSaved = 0;
  /** Requests that excluded every variant, identity too: 406. */
  notAcceptable = 0;
  /** Bytes of payload handed to TCP. */
  payloadBytes = 0;
  /** Requests that did not lie whole in one segment and were carried over. */
  carriedOver = 0;
  /** Requests that waited for an object that was not in memory, and those that got 503 in the end. */
  waited = 0;
  unavailable = 0;
  /** Answers in pieces begun, times that one waited for a piece, and those that ended because the file had changed. */
  streams = 0;
  streamWaits = 0;
  brokenStreams = 0;
  /** Such answers whose client was too slow while others waited for their turn: reset. */
  shedStreams = 0;
  /** Requests handed over to another thread, and those under way now; connections that became tunnels (Upgrade). */
  handedOver = 0;
  handedOverNow = 0;
  tunnels = 0;
  /** Such requests that got 503 because no thread takes them, 502 because it failed, or 504 because it was silent. */
  handOversRefused = 0;
  handlerFailures = 0;
  handlerTimeouts = 0;
  /**
   * Requests that did not take the fast path, by reason: a condition, a range, a target that is no plain path, a body
   * that was read past, a method, a path without an object, a host, a rule, a route, a kept answer whose time is over.
   * Other reasons have counters already: `carriedOver`, `waited`, `streams`, `notAcceptable`, `refused`.
   */
  offConditional = 0;
  offRange = 0;
  offTarget = 0;
  offBody = 0;
  offMethod = 0;
  offNoObject = 0;
  offHost = 0;
  offRule = 0;
  offRoute = 0;
  offExpired = 0;
  /** Times a connection stopped taking input because its answers were not acknowledged yet. */
  heldBack = 0;
  /**
   * Connections ended by a time-out: silent, unfinished request (408), answer not taken, not closed after our FIN; an
   * object or piece that did not come from disk.
   */
  idleTimeouts = 0;
  requestTimeouts = 0;
  stallTimeouts = 0;
  lingerTimeouts = 0;
  waitTimeouts = 0;
  /** Requests that came too slowly (408), and connections whose client took its answer too slowly. */
  slowRequests = 0;
  slowReaders = 0;
  /** One client's: connections beyond its bound, unfinished requests beyond it, requests beyond its rate (429). */
  connectionsRefused = 0;
  unfinishedRefused = 0;
  rateLimited = 0;
}

const LEFT = {
  [AnswerReason.conditional]: 'offConditional',
  [AnswerReason.range]: 'offRange',
  [AnswerReason.target]: 'offTarget',
  [AnswerReason.body]: 'offBody',
  [AnswerReason.method]: 'offMethod',
  [AnswerReason.noObject]: 'offNoObject',
  [AnswerReason.host]: 'offHost',
  [AnswerReason.rule]: 'offRule',
  [AnswerReason.route]: 'offRoute',
  [AnswerReason.expired]: 'offExpired',
} as const satisfies Partial<Record<AnswerReason, keyof HttpStatistics>>;

/** Counts a request that did not take the fast path. Reasons that are counted elsewhere are left out. */
export function countLeft(statistics: HttpStatistics, reason: AnswerReason): void {
  if (reason in LEFT) statistics[LEFT[reason as keyof typeof LEFT]]++;
}

/** Counts an answer by its status. */
export function countStatus(statistics: HttpStatistics, status: number): void {
  if (status < 200) return; // it became a tunnel, or there was none
  if (status === 206) statistics.partial++;
  else if (status < 300) statistics.ok++;
  else if (status === 304) statistics.notModified++;
  else if (status < 400) statistics.redirects++;
  else if (status < 500) statistics.clientErrors++;
  else statistics.serverErrors++;
}
