/**
 * Whether a request that was handed over gets on: its client sends the body, the other thread takes it, and answers.
 *
 * An upload may take hours, so there is no bound on its whole time. But while the other thread takes bytes, the client
 * must send some: within `requestTimeoutMs`, and in the long run as fast as every request has to come.
 */
import type { Connection } from '../../net/tcp/handler.js';
import type { HttpService } from '../service/service.js';
import { RATE_OVER_MS } from '../service/timeouts.js';

/**
 * How long a client that has closed its side waits for the beginning of its answer, ms. Most such clients are gone, and
 * nothing tells so before the answer is sent: meanwhile each holds a request at the handler or upstream.
 */
const HALF_CLOSED_MS = 10_000;

export class SlowProgress {
  readonly #connection: Connection;
  readonly #service: HttpService;
  /** When the other thread last took or sent bytes, ms of the clock as an int32. */
  #answerMs: number;
  /** Where the rate of the request is measured from: the time, and the place in the stream. */
  #fromMs: number;
  #receivedFrom: number;
  /** The other thread has not taken all that came. So what came since says nothing of the client. */
  #wasHeldBack = false;

  constructor(connection: Connection, service: HttpService) {
    this.#connection = connection;
    this.#service = service;
    this.#answerMs = this.#fromMs = service.nowMs();
    this.#receivedFrom = connection.receivedTo;
  }

  answerMoves(): void {
    this.#answerMs = this.#service.nowMs();
  }

  heldBack(): void {
    this.#wasHeldBack = true;
  }

  /** For how long the client may still be silent, ms; 0 or less: no longer. `activeMs`: when it was last heard. */
  requestLeftMs(activeMs: number): number {
    const { limits, statistics } = this.#service;
    const nowMs = this.#service.nowMs();
    if (this.#wasHeldBack) {
      this.#measureFrom(nowMs);
      return limits.requestTimeoutMs;
    }
    const agedMs = (nowMs - this.#fromMs) | 0;
    if (agedMs >= RATE_OVER_MS) {
      const came = (this.#connection.receivedTo - this.#receivedFrom) | 0;
      if (came < (limits.requestRateBytes * agedMs) / 1_000) {
        statistics.slowRequests++;
        return 0;
      }
      this.#measureFrom(nowMs);
    }
    return limits.requestTimeoutMs - ((nowMs - activeMs) | 0);
  }

  /** For how long the other thread may still be silent, ms; 0 or less: no longer. `clientHasEnded`: with a FIN. */
  answerLeftMs(hasBegun: boolean, clientHasEnded: boolean): number {
    const { handlerTimeoutMs, handlerStallTimeoutMs } = this.#service.limits;
    const limitMs = (hasBegun ? handlerStallTimeoutMs : handlerTimeoutMs) || Number.POSITIVE_INFINITY;
    const mostMs = clientHasEnded && !hasBegun ? Math.min(limitMs, HALF_CLOSED_MS) : limitMs;
    return mostMs - ((this.#service.nowMs() - this.#answerMs) | 0);
  }

  #measureFrom(nowMs: number): void {
    this.#wasHeldBack = false;
    this.#fromMs = nowMs;
    this.#receivedFrom = this.#connection.receivedTo;
  }
}
