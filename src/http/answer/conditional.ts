/**
 * Conditional requests: RFC 9110 section 13. A client names the version of the object on which its request depends.
 * The fields are compared in place, byte by byte.
 */
import { sameBytes } from '../../net/wire/bytes.js';
import { parseHttpDate } from '../grammar/date.js';
import { IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE } from '../grammar/fields.js';
import { ASTERISK, COMMA, DELETE, DQUOTE, isSpace, SP } from '../grammar/grammar.js';
import type { RequestScanner } from '../request/scanner.js';

/** What a client may know of an object: its validators (RFC 9110 section 8.8). */
export interface Validators {
  /** The entity-tag with its quotes, without `W/`; empty when there is none. */
  readonly etag: Uint8Array;
  /** Whether it is a weak one. Left out: no. */
  readonly hasWeakTag?: boolean;
  /** Seconds since 1970, or -1 when unknown. */
  readonly lastModifiedSeconds: number;
  /** Whether there may be other variants with the same date. Left out: no. */
  readonly isNegotiated?: boolean;
}

/** What `evaluatePreconditions` returns: go on, or the status of the answer. */
export const PROCEED = 0;
export const NOT_MODIFIED = 304;
export const PRECONDITION_FAILED = 412;

/**
 * Evaluates the preconditions of a GET or HEAD whose answer would be 200, in the order of RFC 9110 section 13.2.2.
 * Step 5 of that order, If-Range, belongs to ranges: see `ifRangeHolds`.
 */
export function evaluatePreconditions(head: RequestScanner, current: Validators, nowSeconds: number): number {
  if (head.has(IF_MATCH)) {
    if (!anyTagMatches(head, IF_MATCH, strongTagOf(current), false)) return PRECONDITION_FAILED;
  } else if (head.has(IF_UNMODIFIED_SINCE)) {
    if (current.lastModifiedSeconds > dateOf(head, IF_UNMODIFIED_SINCE, nowSeconds)) return PRECONDITION_FAILED;
  }
  if (head.has(IF_NONE_MATCH)) {
    if (anyTagMatches(head, IF_NONE_MATCH, current.etag, true)) return NOT_MODIFIED;
  } else if (head.has(IF_MODIFIED_SINCE) && current.lastModifiedSeconds >= 0) {
    // We never send a date in the future (section 8.8.2.1), so such a date says nothing about the client's copy.
    const since = dateOf(head, IF_MODIFIED_SINCE, nowSeconds);
    if (current.lastModifiedSeconds <= since && since <= nowSeconds) return NOT_MODIFIED;
  }
  return PROCEED;
}

/**
 * Whether a Range is to be honoured: there is no If-Range, or its validator is exactly ours (RFC 9110 section
 * 13.1.5). A date counts only when it is a strong validator: the object has not changed for at least a second
 * (section 8.8.2.2). If it has, it may have changed twice within that second. Where Accept-Encoding chooses between
 * variants, all of them have the same date, so a date never counts: the client may hold a part of another variant.
 */
export function ifRangeHolds(head: RequestScanner, current: Validators, nowSeconds: number): boolean {
  if (!head.has(IF_RANGE)) return true;
  if ((head.repeated & (1 << IF_RANGE)) !== 0) return false;
  const row = head.findRow(IF_RANGE);
  const from = head.valueFrom(row);
  const to = head.valueTo(row);
  if (from < to && head.bytes[from] === DQUOTE) {
    const length = to - from;
    const etag = strongTagOf(current);
    return length === etag.length && sameBytes(head.bytes, from, etag, 0, length);
  }
  if (current.isNegotiated === true) return false;
  const modified = current.lastModifiedSeconds;
  return modified >= 0 && modified < nowSeconds && parseHttpDate(head.bytes, from, to, nowSeconds) === modified;
}

const NO_TAG = new Uint8Array(0);

/** The entity-tag for strong comparison, which a weak one never passes; empty if there is none. */
function strongTagOf({ etag, hasWeakTag = false }: Validators): Uint8Array {
  return hasWeakTag ? NO_TAG : etag;
}

/** The date in this field; NaN, with which every comparison is false, if it is no date or there are two. */
function dateOf(head: RequestScanner, field: number, nowSeconds: number): number {
  if ((head.repeated & (1 << field)) !== 0) return Number.NaN;
  const row = head.findRow(field);
  return parseHttpDate(head.bytes, head.valueFrom(row), head.valueTo(row), nowSeconds);
}

/** Whether one of the entity-tags in all lines of this field is ours, or it says "*" and we have an object at all. */
function anyTagMatches(head: RequestScanner, field: number, etag: Uint8Array, weakly: boolean): boolean {
  for (let row = head.findRow(field); row >= 0; row = head.findRow(field, row)) {
    if (tagListMatches(head.bytes, head.valueFrom(row), head.valueTo(row), etag, weakly)) return true;
  }
  return false;
}

/**
 * "*" or a list of entity-tags. Weak comparison ignores a W/ in front. Strong comparison never matches a tag with W/
 * (RFC 9110 section 8.8.3.2). After a mistake the rest of the list is not read.
 */
export function tagListMatches(
  bytes: Uint8Array,
  from: number,
  to: number,
  etag: Uint8Array,
  weakly: boolean,
): boolean {
  if (to - from === 1 && bytes[from] === ASTERISK) return true;
  let at = from;
  while (at < to) {
    while (at < to && (isSpace(bytes[at]!) || bytes[at] === COMMA)) at++;
    const isWeak = at + 1 < to && bytes[at] === 0x57 && bytes[at + 1] === 0x2f; // W/
    if (isWeak) at += 2;
    const end = endOfTag(bytes, at, to);
    if (end < 0) return false;
    const length = end - at;
    if (length === etag.length && (weakly || !isWeak) && sameBytes(bytes, at, etag, 0, length)) return true;
    at = end;
    while (at < to && isSpace(bytes[at]!)) at++;
    if (at < to && bytes[at] !== COMMA) return false;
  }
  return false;
}

/** The place behind the opaque-tag that begins at `at`, or -1 if there is none. */
function endOfTag(bytes: Uint8Array, at: number, to: number): number {
  if (at >= to || bytes[at] !== DQUOTE) return -1;
  for (let end = at + 1; end < to; end++) {
    const octet = bytes[end]!;
    if (octet === DQUOTE) return end + 1;
    if (octet <= SP || octet === DELETE) return -1;
  }
  return -1;
}
