/** HTTP dates of answers, as text (RFC 9110 section 5.6.7). */
import { parseHttpDate } from '../../http/grammar/date.js';
import { latin1Bytes } from '../../net/wire/latin1.js';

/**
 * Seconds since 1970, or NaN. Days, months and GMT may be in any case: RFC 9111 section 4.2 asks caches to accept
 * that. `nowSeconds` settles the century of a two-digit year.
 */
export function readDate(text: string, nowSeconds: number): number {
  const asWritten = parsed(text, nowSeconds);
  return Number.isNaN(asWritten) && text !== '' ? parsed(inUsualCase(text), nowSeconds) : asWritten;
}

function inUsualCase(text: string): string {
  return (text = text.replace(/[a-z]+/gi, (word) => {
    const isZone = word.toUpperCase() === 'GMT';
    return isZone ? 'GMT' : word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
  }));
}

function parsed(text: string, nowSeconds: number): number {
  const bytes = latin1Bytes(text);
  return parseHttpDate(bytes, 0, bytes.length, nowSeconds);
}
