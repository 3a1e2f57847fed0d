/**
 * The bounds of an HTTP connection, each with its reason. All of them are options of `createHttpAcceptor`.
 *
 * Without them a client decides how much memory and how many connections we hold for it.
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
  /** From the first byte of a request to its last one, body included; then 408, ms. */
  readonly requestTimeoutMs: number;
  /** How long a request, or the rest of an answer, waits for a disk or for memory; then 503 or the end, ms. */
  readonly waitTimeoutMs: number;
  /** Time without an acknowledgement while an answer is under way; then the connection is reset, ms. */
  readonly stallTimeoutMs: number;
  /** How long request bytes that come after our FIN are read and thrown away, ms (RFC 9112 section 9.6). */
  readonly lingerTimeoutMs: number;
}

export const DEFAULT_LIMITS: HttpLimits = {
  requestLineBytes: 8192,
  headerBytes: 16384,
  headerFields: 100,
  bodyBytes: 65536,
  requestsPerConnection: 1_000_000,
  queuedPieces: 256,
  queuedBytes: 8 * 1024 * 1024,
  idleTimeoutMs: 75_000,
  requestTimeoutMs: 30_000,
  waitTimeoutMs: 30_000,
  stallTimeoutMs: 60_000,
  lingerTimeoutMs: 5_000,
};

/** `overrides` on top of the defaults. @throws {RangeError} naming the limit that is not a positive integer. */
export function withDefaults(overrides: Partial<HttpLimits> = {}): HttpLimits {
  const limits = { ...DEFAULT_LIMITS, ...overrides };
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name} must be a positive integer: ${value}`);
  }
  return limits;
}
