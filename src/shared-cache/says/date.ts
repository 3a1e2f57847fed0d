/** HTTP dates of answers, as text (RFC 9110 section 5.6.7). */
import { parseHttpDate } from '../../http/date.js';
import { latin1Bytes } from '../../net/wire/latin1.js';

/**
 * Seconds since 1970, or NaN. Days, months and GMT may be in any case: RFC 9111 section 4.2 asks caches to accept
 * that. `nowSeconds` settles the century of a two-digit year.
 */
export function readDate(text: string, nowSeconds: number): number {
  const usual = text.replace(/[a-z]+/gi, (word) => {
    const isZone = word.toUpperCase() === 'GMT';
    return isZone ? 'GMT' : word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
  });
  const bytes = latin1Bytes(usual);
  return parseHttpDate(bytes, 0, bytes.length, nowSeconds);
}
