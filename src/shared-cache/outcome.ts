/**
 * What the cache did with each request, by its response: whoever hands requests to the cache can tell the log. A word
 * of HTTP's (src/http/sending/answer-log.ts).
 */
import type { ServerResponse } from 'node:http';
import { CacheResult } from '../http/index.js';

const outcomes = new WeakMap<ServerResponse, CacheResult>();

/** Remembers what the cache said to the request of this response, for the log. */
export function noteOutcome(response: ServerResponse, outcome: CacheResult): void {
  outcomes.set(response, outcome);
}

/** `none`: no cache has seen the request. */
export function outcomeOf(response: ServerResponse): CacheResult {
  return outcomes.get(response) ?? CacheResult.none;
}
