/**
 * Whether a client takes its answers fast enough. A client that takes one byte a minute would hold an answer, its
 * connection and its place in memory for years, and never be silent long enough for a time-out. A client that takes
 * nothing at all is left to the time-out.
 *
 * It is looked at from time to time (HttpConnection's timer), and not at each acknowledgment. Between two looks
 * that are ten seconds apart the client must have taken all that was queued at the first one, or as many bytes as the
 * least rate asks for. So one that is too slow is found 10 to 20 seconds after its answer began.
 */
import type { Connection } from '../../net/tcp/handler.js';
import { RATE_OVER_MS } from '../service/timeouts.js';

export class AnswerRate {
  /** Where the stream stood at the last look (sequence numbers), and when that was, ms as an int32. */
  #queuedTo = 0;
  #acknowledgedTo = 0;
  #lookedMs = 0;
  /** Something was queued then. */
  #waits = false;

  /**
   * Looks now. Returns false if the client is too slow.
   * @param leastRate bytes a second
   */
  look(connection: Connection, nowMs: number, leastRate: number): boolean {
    const { queuedTo, acknowledgedTo } = connection;
    const elapsedMs = (nowMs - this.#lookedMs) | 0;
    if (this.#waits && elapsedMs < RATE_OVER_MS) return true;
    const isStillQueued = this.#waits && ((this.#queuedTo - acknowledgedTo) | 0) > 0;
    const taken = (acknowledgedTo - this.#acknowledgedTo) | 0;
    const isSlow = isStillQueued && taken > 0 && taken < (leastRate * elapsedMs) / 1_000;
    this.#queuedTo = queuedTo;
    this.#acknowledgedTo = acknowledgedTo;
    this.#lookedMs = nowMs;
    this.#waits = queuedTo !== acknowledgedTo;
    return !isSlow;
  }
}
