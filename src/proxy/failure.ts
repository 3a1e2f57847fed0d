/** Why the proxy could not answer with what an upstream said, and the status that the client gets (RFC 9110 15.6). */
import { errors } from 'undici';
import { AnswerReason } from '../http/index.js';
import type { RetryReason } from './options.js';

/**
 * `connect`: no connection came about. `reset`: the connection broke. `timeout`: nothing came in time. `bad-answer`:
 * what came is no HTTP. `unavailable`: the upstream itself said 502, 503 or 504. `busy`: all servers and the queue are
 * full. `no-server`: no server is up. `loop`: the request has been here before. `client`: the client went away.
 * `request`: its request cannot be sent on.
 */
export type FailureKind =
  | 'connect'
  | 'reset'
  | 'timeout'
  | 'bad-answer'
  | 'unavailable'
  | 'busy'
  | 'no-server'
  | 'loop'
  | 'client'
  | 'request';

const STATUS: Readonly<Record<FailureKind, number>> = {
  connect: 502,
  reset: 502,
  timeout: 504,
  'bad-answer': 502,
  unavailable: 502,
  busy: 503,
  'no-server': 503,
  loop: 508, // RFC 5842 section 7.2
  client: 499,
  request: 400,
};

const LOG_REASON: Readonly<Record<FailureKind, AnswerReason>> = {
  connect: AnswerReason.upstreamConnect,
  reset: AnswerReason.upstreamReset,
  timeout: AnswerReason.upstreamTimeout,
  'bad-answer': AnswerReason.upstreamBadAnswer,
  unavailable: AnswerReason.upstreamUnavailable,
  busy: AnswerReason.upstreamBusy,
  'no-server': AnswerReason.upstreamDown,
  loop: AnswerReason.upstreamLoop,
  client: AnswerReason.clientLeft,
  request: AnswerReason.refused,
};

/** The kinds that are an upstream's fault and can be tried once more. */
const RETRIED: ReadonlySet<string> = new Set<RetryReason>(['connect', 'reset', 'timeout', 'unavailable']);

/** A request that could not be forwarded, or an answer that could not be. */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure';

  constructor(
    readonly kind: FailureKind,
    /** For the log: it may name addresses, so no client sees it. */
    message: string,
    /** The status for the client. */
    readonly status = STATUS[kind],
  ) {
    super(message);
  }

  /** The reason for which a retry may be asked; undefined: another attempt would be no better. */
  get retryReason(): RetryReason | undefined {
    return RETRIED.has(this.kind) ? (this.kind as RetryReason) : undefined;
  }

  /** Its word in the access log. */
  get logReason(): AnswerReason {
    return LOG_REASON[this.kind];
  }

  /** An upstream is to blame, so its passive health check counts it. */
  get isOfServer(): boolean {
    return this.retryReason !== undefined || this.kind === 'bad-answer';
  }
}

/**
 * What went wrong in undici. `isStarted`: the request was, perhaps, on its way already. `hasHead`: the head of its
 * answer had come.
 */
export function failureOf(error: Error, isStarted: boolean, hasHead: boolean): ProxyFailure {
  if (error instanceof ProxyFailure) return error;
  const { message } = error;
  if (!isStarted) return connectFailure(error);
  if (error instanceof errors.HTTPParserError) return new ProxyFailure('bad-answer', parserWords(message));
  if (error instanceof errors.HeadersOverflowError) {
    return new ProxyFailure('bad-answer', 'the head or the trailers of the answer are too long');
  }
  if (error instanceof errors.ResponseContentLengthMismatchError) {
    // undici says so of every fault that it finds behind a Content-Length field.
    if (!hasHead) return new ProxyFailure('bad-answer', 'a line of the head is malformed, or lengths contradict');
    return new ProxyFailure('reset', 'the connection ended before the answer was as long as its Content-Length');
  }
  if (error instanceof errors.SocketError && message === 'bad response') {
    return new ProxyFailure('bad-answer', 'an answer that nobody asked for, or a 100 (Continue)');
  }
  if (error instanceof errors.SocketError && message === 'bad upgrade') {
    return new ProxyFailure('bad-answer', 'a 101 (Switching Protocols) that nobody asked for');
  }
  if (error instanceof errors.InvalidArgumentError) {
    return new ProxyFailure('request', `the request cannot be written: ${message}`);
  }
  return new ProxyFailure('reset', `the connection broke: ${message}`);
}

/** llhttp's words, without undici's around them. */
function parserWords(message: string): string {
  const [, reason = message] = /\((.*)\)$/.exec(message) ?? [];
  return `the answer is no HTTP/1.1: ${reason}`;
}

function connectFailure(error: Error): ProxyFailure {
  if (error instanceof errors.ConnectTimeoutError) return new ProxyFailure('connect', 'no connection in time', 504);
  if (error instanceof errors.InvalidArgumentError || error instanceof errors.NotSupportedError) {
    return new ProxyFailure('request', `the request cannot be written: ${error.message}`);
  }
  return new ProxyFailure('connect', `no connection: ${error.message || (error as NodeJS.ErrnoException).code}`);
}
