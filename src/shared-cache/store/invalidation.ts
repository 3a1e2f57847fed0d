/** What a successful unsafe request makes useless (RFC 9111 section 4.4). */
import { type Fields, fieldOf } from '../fields.js';
import type { Place } from '../match/key.js';
import type { Visit } from '../visit.js';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'REPORT', 'SEARCH', 'QUERY']);

/** A method that is not known may change something. */
export function isSafe(method: string): boolean {
  return SAFE.has(method);
}

/**
 * The target of the request, and what Location and Content-Location name on the same host; over HTTP and HTTPS, since
 * behind both is the same origin.
 */
export function changedPlaces(visit: Visit, answer: Fields): Place[] {
  const { host, target } = visit;
  const places: Place[] = [{ scheme: visit.scheme, host, target }];
  for (const name of ['location', 'content-location']) {
    const value = fieldOf(answer, name);
    const place = value === undefined ? null : resolved(value, visit);
    if (place !== null) places.push(place);
  }
  return places.flatMap((place) => [
    { ...place, scheme: 'http' },
    { ...place, scheme: 'https' },
  ]);
}

/** A reference, seen from the request's URL; null if it leads to another host or is no URL. */
export function resolved(reference: string, { scheme, host, target }: Place): Place | null {
  const base = `${scheme}://${host === '' ? 'host' : host}${target}`;
  if (!URL.canParse(reference, base) || !URL.canParse(base)) return null;
  const url = new URL(reference, base);
  return url.host === new URL(base).host ? { scheme, host, target: url.pathname + url.search } : null;
}
