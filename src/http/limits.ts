/**
 * The bounds of an HTTP connection, each with its reason. All of them are options of `createHttpAcceptor`.
 *
 * Without them a client decides how much memory and how many connections we hold for it.
 */

/**
 * The bounds of an HTTP connection: bytes, milliseconds, counts. `createHttpAcceptor` and `ServeOptions` take them.
 * @see {@link createHttpAcceptor}
 */
export interface HttpLimits {
  /** Longest request line, bytes; more is 414. RFC 9112 section 3 recommends at least 8000. */
  readonly requestLineBytes: number;
  /** Longest header section, bytes; more is 431 (RFC 6585 section 5). Browsers with many cookies reach 8 KiB. */
  readonly headerBytes: number;
  /** Most field lines; more is 431. Each costs a table row, however short it is. */
  readonly headerFields: number;
  /** Longest request body that is read and thrown away, chunk framing included, bytes; more is 413. */
  readonly bodyBytes: number;
  /** Most ranges of one request that are answered in parts; a request for more gets the whole object. */
  readonly ranges: number;
  /** Requests answered on one connection before it is closed, so that no connection lasts for ever. */
  readonly requestsPerConnection: number;
  /**
   * Pieces and bytes of answers that may be queued in TCP before the next pipelined request is looked at. Answers are
   * references into the cache, so a piece costs an entry in the send queue, however many bytes it has.
   */
  readonly queuedPieces: number;
  readonly queuedBytes: number;
  /** How long a connection may be silent between requests before it is closed without an answer, ms. */
  readonly idleTimeoutMs: number;
  /** From the first byte of a request to the end of its head; then 408, ms. */
  readonly headTimeoutMs: number;
  /** From the first byte of a request to its last one, body included; then 408, ms. */
  readonly requestTimeoutMs: number;
  /** How long a request, or the rest of an answer, waits for a disk or for memory; then 503 or the end, ms. */
  readonly waitTimeoutMs: number;
  /** How long a handler may take to begin its answer, from the end of the request; then 504, ms. 0: any time. */
  readonly handlerTimeoutMs: number;
  /** How long a handler may be silent in the middle of its answer; then a reset, ms. 0: any time. */
  readonly handlerStallTimeoutMs: number;
  /**
   * How long the thread of a handler or of the upstreams may stand still before it is ended and started again, ms. It
   * bounds how long an endless loop keeps everybody waiting. 0: for ever.
   */
  readonly handlerStuckMs: number;
  /** Longest request body that goes to a handler, chunk framing included, bytes; more is 413. 0: any length. */
  readonly handlerBodyBytes: number;
  /** Time without an acknowledgement while an answer is under way; then the connection is reset, ms. */
  readonly stallTimeoutMs: number;
  /** How long request bytes that come after our FIN are read and thrown away, ms (RFC 9112 section 9.6). */
  readonly lingerTimeoutMs: number;
  /** The slowest that a request may come, after ten seconds, bytes a second; slower is 408. 0: any. */
  readonly requestRateBytes: number;
  /** The slowest that an answer may be taken, over ten seconds, bytes a second; slower is a reset. 0: any. */
  readonly answerRateBytes: number;
  /**
   * Connections of one client (an address of IPv4, a /64 of IPv6) at a time; more are reset. 0: any number. A NAT with
   * thousands of people is one client. So the default only keeps one client from taking the whole table of connections.
   */
  readonly connectionsPerClient: number;
  /** Requests of one client of which only a part has come; one more is 429, and its connection ends. 0: any number. */
  readonly unfinishedPerClient: number;
  /** Requests a second of one client, in the long run; more are 429 with Retry-After. 0: any number. */
  readonly requestRate: number;
  /** Requests that a client may send at once, before its rate counts. */
  readonly requestBurst: number;
}

export const DEFAULT_LIMITS: HttpLimits = {
  requestLineBytes: 8192,
  headerBytes: 16384,
  headerFields: 100,
  bodyBytes: 65536,
  ranges: 32,
  requestsPerConnection: 1_000_000,
  queuedPieces: 256,
  queuedBytes: 8 * 1024 * 1024,
  idleTimeoutMs: 75_000,
  headTimeoutMs: 20_000,
  requestTimeoutMs: 30_000,
  waitTimeoutMs: 30_000,
  handlerTimeoutMs: 60_000,
  handlerStallTimeoutMs: 0,
  handlerStuckMs: 10_000,
  handlerBodyBytes: 0,
  stallTimeoutMs: 60_000,
  lingerTimeoutMs: 5_000,
  requestRateBytes: 240,
  answerRateBytes: 240,
  connectionsPerClient: 16_384,
  unfinishedPerClient: 1_024,
  requestRate: 0,
  requestBurst: 100,
};

/** Limits for which 0 means that there is none. */
export const MAY_BE_ZERO: ReadonlySet<keyof HttpLimits> = new Set([
  'handlerTimeoutMs',
  'handlerStallTimeoutMs',
  'handlerStuckMs',
  'handlerBodyBytes',
  'requestRateBytes',
  'answerRateBytes',
  'connectionsPerClient',
  'unfinishedPerClient',
  'requestRate',
] as const);

/** `overrides` on top of the defaults. @throws {RangeError} naming the limit that is no integer, or too small. */
export function withDefaults(overrides: Partial<HttpLimits> = {}): HttpLimits {
  const limits = { ...DEFAULT_LIMITS, ...overrides };
  for (const [name, value] of Object.entries(limits)) {
    const least = MAY_BE_ZERO.has(name as keyof HttpLimits) ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < least) {
      throw new RangeError(`${name} must be a ${least === 0 ? 'whole number' : 'positive integer'}: ${value}`);
    }
  }
  return limits;
}
