/** Whether a stored answer may be sent now (RFC 9111 sections 4.2.4 and 5.2.1, RFC 5861). */
import type { Settings } from '../options.js';
import { type Directives, MOST_SECONDS, secondsOf } from '../says/directives.js';
import type { Stored } from './stored.js';

/**
 * `fresh`: yes. `refresh`: yes, but ask the origin for those who come later. `stale`: yes, since the client takes it.
 * `validate`: ask first.
 */
export type Usability = 'fresh' | 'refresh' | 'stale' | 'validate';

/** `wishes`: Cache-Control of the request, where clients have a say. */
export function usability(stored: Stored, wishes: Directives, now: number): Usability {
  const { alwaysValidate, neverStale, staleWhileRevalidate } = stored.control;
  if (alwaysValidate || wishes.has('no-cache')) return 'validate';
  const ttl = stored.ttlAt(now);
  const isYoung = stored.ageAt(now) <= (secondsOf(wishes, 'max-age') ?? MOST_SECONDS);
  if (!isYoung || ttl < (secondsOf(wishes, 'min-fresh') ?? Number.NEGATIVE_INFINITY)) return 'validate';
  const staleFor = stored.staleForAt(now);
  if (staleFor < 0) return 'fresh';
  if (neverStale) return 'validate';
  if (staleFor < staleWhileRevalidate) return 'refresh';
  const allowed = wishes.get('max-stale') === '' ? MOST_SECONDS : (secondsOf(wishes, 'max-stale') ?? 0);
  return staleFor <= allowed && allowed > 0 && stored.invalidSince === null ? 'stale' : 'validate';
}

/**
 * Whether it may stand in for an answer with this status; 0: none came. 502 and 504 are a gateway's words for the
 * same. Without stale-if-error, RFC 9111 section 4.2.4 allows it while the origin cannot be reached.
 */
export function mayServeStale(stored: Stored, status: number, now: number, settings: Settings): boolean {
  const { alwaysValidate, neverStale, staleIfError } = stored.control;
  if (alwaysValidate || neverStale || stored.part !== null || stored.status >= 500) return false;
  const isError = status === 0 || status === 500 || (status >= 502 && status <= 504);
  const isUnreachable = status === 0 || status === 502 || status === 504;
  const window = staleIfError ?? (isUnreachable ? settings.staleIfUnreachable : 0);
  return isError && stored.staleForAt(now) < window;
}
