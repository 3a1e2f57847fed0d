/** How late a request is that comes in pieces: connection.ts asks when its timer has expired. */
import type { Connection } from '../../net/tcp/handler.js';
import type { Carry } from '../request/carry.js';
import type { HttpService } from './service.js';

/** The time over which the rates of requests and answers are measured, ms. */
export const RATE_OVER_MS = 10_000;

/**
 * For how long the rest of a request may still be waited for, ms; 0 or less: no longer. It takes too long, or comes too
 * slowly.
 */
export function requestLeftMs(carry: Carry, connection: Connection, service: HttpService, isInHead: boolean): number {
  const { headTimeoutMs, requestTimeoutMs, requestRateBytes } = service.limits;
  const agedMs = (service.nowMs() - carry.startedMs) | 0;
  const came = (connection.receivedTo - carry.receivedTo) | 0;
  if (agedMs >= RATE_OVER_MS && came < (requestRateBytes * agedMs) / 1_000) {
    service.statistics.slowRequests++;
    return 0;
  }
  return (isInHead ? Math.min(headTimeoutMs, requestTimeoutMs) : requestTimeoutMs) - agedMs;
}
