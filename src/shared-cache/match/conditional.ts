/** Preconditions of a request, held against a stored answer (RFC 9110 section 13, RFC 9111 section 4.3.2). */
import { type Fields, fieldOf, has, membersOf } from '../fields.js';
import { readDate } from '../says/date.js';

/** Fields of a request that make it conditional. When the cache asks for itself it leaves them out. */
export const CONDITIONAL: ReadonlySet<string> = new Set([
  ...['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range'],
]);

/** Whether the cache has to leave the request to the origin: If-Match and If-Unmodified-Since speak of its state. */
export function isForOrigin(request: Fields): boolean {
  return has(request, 'if-match') || has(request, 'if-unmodified-since');
}

/** Whether the client has this already: 304. `came`: when the answer came, seconds, for one without Last-Modified. */
export function isNotModified(request: Fields, answer: Fields, came: number): boolean {
  const wanted = fieldOf(request, 'if-none-match');
  if (wanted !== undefined) return tagIsAmong(fieldOf(answer, 'etag'), wanted);
  const since = readDate(fieldOf(request, 'if-modified-since') ?? '', came);
  if (Number.isNaN(since)) return false;
  const told = fieldOf(answer, 'last-modified') ?? fieldOf(answer, 'date') ?? '';
  const modified = readDate(told, came);
  return (Number.isNaN(modified) ? came : modified) <= since;
}

/** Weak comparison (RFC 9110 section 8.8.3.2) with each tag of a list; `*` fits all. */
function tagIsAmong(tag: string | undefined, list: string): boolean {
  if (list.trim() === '*') return true;
  return tag !== undefined && membersOf(list).some((each) => opaque(each) === opaque(tag));
}

function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}

/** The strong validator of an answer: a strong ETag. Null: parts of it must not be put together. */
export function strongTag(answer: Fields): string | null {
  const tag = fieldOf(answer, 'etag');
  return tag !== undefined && /^"[^"]*"$/.test(tag) ? tag : null;
}

/** Whether Range counts: there is no If-Range, or it names exactly what is stored (RFC 9110 section 13.1.5). */
export function ifRangeHolds(request: Fields, answer: Fields, came: number): boolean {
  const wanted = fieldOf(request, 'if-range');
  if (wanted === undefined) return true;
  if (wanted.includes('"')) return wanted === strongTag(answer);
  const modified = readDate(fieldOf(answer, 'last-modified') ?? '', came);
  const date = readDate(fieldOf(answer, 'date') ?? '', came);
  // A date is a strong validator if the answer was made a second or more after it (RFC 9110 section 8.8.2.2).
  return modified === readDate(wanted, came) && date - modified >= 1;
}
