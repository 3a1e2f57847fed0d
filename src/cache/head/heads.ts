/**
 * The fixed heads of the answers in the cache, and the short bodies of those that are not files. RFC 9110.
 *
 * A fixed head holds what does not change as long as the object does; the status line, Date and Connection are in the
 * mutable head that src/http puts in front. It ends with the empty line. Content-Length is always its first field. So
 * a 206, which has another length, can use the rest.
 *
 * There is no Cache-Control by default: only the owner of a page knows how long it stays fresh.
 */

import type { NamedType } from './content-type.js';

/** Everything about one answer but its payload's bytes. */
export interface Answer {
  readonly status: number;
  /** Value of Content-Type, and where it lies in `head`. */
  readonly contentType: string;
  readonly typeFrom: number;
  /** Seconds since 1970, or -1. */
  readonly lastModifiedSeconds: number;
  /** Value of Location, and where it lies in `head`; '': none. */
  readonly location: string;
  readonly locationFrom: number;
  /** The fixed head, Content-Length first, with its empty line. A character for each byte, as everywhere here. */
  readonly head: string;
  /** Bytes of the Content-Length field in `head`. */
  readonly lengthFieldLength: number;
  /** Where the entity-tag with its quotes lies in `head`; length 0: none. */
  readonly etagFrom: number;
  readonly etagLength: number;
  /** Fixed head of the 304 for it; empty: never answered with 304. */
  readonly notModified: string;
  /** Whether Accept-Encoding chooses between this and other variants of it. Left out: no. */
  readonly isNegotiated?: boolean;
  /** See `BORN`, `UNTIL` and `ETAG_IS_WEAK` in record.ts. Left out: it is kept without an end, and has no age. */
  readonly kept?: { readonly born: number; readonly until: number; readonly hasWeakTag?: boolean };
}

/** An answer that is no file, with its whole body. */
export interface ShortAnswer {
  readonly answer: Answer;
  readonly payload: string;
}

/** The line of hints (hints.ts) is no longer. Room for so much is kept in the head of each page that gets one. */
export const MOST_HINT_BYTES = 1_024;

/** Characters of the entity-tag between its quotes: 128 bits of SHA-256 in base64url. */
export const ETAG_LENGTH = 22;

/** What the fixed head of a file says. */
export interface FileFacts {
  readonly contentType: string;
  /** Value of Content-Encoding; '' or left out: none. */
  readonly contentEncoding?: string;
  readonly contentLength: number;
  /** Seconds since 1970, or -1. */
  readonly lastModifiedSeconds: number;
  /** Without its quotes; '': none. */
  readonly etag: string;
  /** Lines of further fields, each with its CRLF. */
  readonly fields?: string;
  /** The line of hints, with its CRLF. A 304 does not have it: who gets that has the page. */
  readonly hints?: string;
  /** It has or may have variants in content codings: Vary goes into its heads (RFC 9110 section 12.5.5). */
  readonly isNegotiated?: boolean;
}

/** What the head of a file says beside what its bytes and its date say. */
export interface HeadRule {
  readonly named: NamedType;
  /** Lines of further fields, each with its CRLF. They stand in the 304 too. */
  readonly fields: string;
  readonly hasEtag: boolean;
  readonly hasLastModified: boolean;
  /** The file is a page that gets a Link field with what it loads first (hints.ts). */
  readonly hasHints: boolean;
}

/** The field that says: another Accept-Encoding may get another answer. */
export const VARY_LINE = 'Vary: Accept-Encoding\r\n';

/**
 * A file: 200.
 *
 * The fixed head of its 304 has the ETag, and Vary where the 200 has it: RFC 9110 section 15.4.5 asks for both and
 * advises against metadata that guides no cache update. Without an ETag it has Last-Modified. What the rules of the
 * site add is in both, as in nginx: Cache-Control must be, and a cache replaces the others by what the 304 says.
 */
export function fileAnswer(facts: FileFacts): Answer {
  const { contentType, contentEncoding = '', contentLength, lastModifiedSeconds, etag, isNegotiated = false } = facts;
  const { fields = '', hints = '' } = facts;
  const length = `Content-Length: ${contentLength}\r\n`;
  const beforeType = `${length}Content-Type: `;
  const coding = contentEncoding === '' ? '' : `Content-Encoding: ${contentEncoding}\r\n`;
  const modified = lastModifiedSeconds < 0 ? '' : `Last-Modified: ${httpDate(lastModifiedSeconds)}\r\n`;
  const vary = isNegotiated ? VARY_LINE : '';
  const before = `${beforeType}${contentType}\r\n${coding}${vary}${modified}`;
  const tag = etag === '' ? '' : `ETag: "${etag}"\r\n`;
  const isValidated = tag !== '' || modified !== '';
  return {
    status: 200,
    contentType,
    typeFrom: beforeType.length,
    lastModifiedSeconds,
    location: '',
    locationFrom: 0,
    head: `${before}${tag}Accept-Ranges: bytes\r\n${hints}${fields}\r\n`,
    lengthFieldLength: length.length,
    etagFrom: tag === '' ? 0 : before.length + 'ETag: '.length,
    etagLength: tag === '' ? 0 : etag.length + 2,
    notModified: isValidated ? `${tag === '' ? modified : tag}${vary}${fields}\r\n` : '',
    isNegotiated,
  };
}

/** The most bytes that the heads of an empty file can have, before its entity-tag and date are known. */
export function fileHeadRoom({ named, fields, hasEtag, hasLastModified, hasHints }: HeadRule) {
  const { head, notModified } = fileAnswer({
    contentType: named.type,
    contentEncoding: named.encoding,
    contentLength: 0,
    lastModifiedSeconds: hasLastModified ? 0 : -1,
    etag: hasEtag ? '-'.repeat(ETAG_LENGTH) : '',
    fields,
  });
  return { headRoom: head.length + (hasHints ? MOST_HINT_BYTES : 0), notModifiedLength: notModified.length };
}

/** A redirect (RFC 9110 section 15.4), by default the 301 of a folder asked for without its slash. */
export function redirectAnswer(location: string, status = 301, fields = ''): ShortAnswer {
  const payload = `<!doctype html><title>Moved</title><a href="${escapeHtml(location)}">Moved here</a>\n`;
  return { answer: shortAnswer(status, 'text/html; charset=utf-8', payload.length, location, fields), payload };
}

/** A short text with this status, for people. */
export function textAnswer(status: number, reason: string, fields = ''): ShortAnswer {
  const payload = `${status} ${reason}\n`;
  return { answer: shortAnswer(status, 'text/plain; charset=utf-8', payload.length, '', fields), payload };
}

/** A path's bytes as they stand in a URI (RFC 3986 section 3.3): all but pchar and '/' percent-encoded. */
export function encodePath(path: Uint8Array): string {
  return encode(path, /[A-Za-z0-9\-._~!$&'()*+,;=:@/]/);
}

/**
 * A query's bytes, with their '?', as a client sent them, fit for a Location. A byte that is no visible ASCII
 * character is percent-encoded. All others stay as they are, escapes too, since only the receiver of a query knows
 * its meaning.
 */
export function encodeQuery(query: Uint8Array): string {
  return encode(query, /[!-~]/);
}

function encode(bytes: Uint8Array, kept: RegExp): string {
  let text = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    text += kept.test(character) ? character : `%${hex(byte)}`;
  }
  return text;
}

/** A number of bytes for people: '512 MiB', '1.5 KiB', '100 bytes'. Two digits where the unit is not exact. */
export function sizeText(bytes: number): string {
  for (const [unit, name] of UNITS) {
    if (bytes >= unit) return `${Number((bytes / unit).toFixed(bytes % unit === 0 ? 0 : 2))} ${name}`;
  }
  return bytes === 1 ? '1 byte' : `${bytes} bytes`;
}

const UNITS: readonly (readonly [number, string])[] = [
  [2 ** 30, 'GiB'],
  [2 ** 20, 'MiB'],
  [2 ** 10, 'KiB'],
];

function shortAnswer(
  status: number,
  contentType: string,
  contentLength: number,
  location: string,
  more: string,
): Answer {
  const length = `Content-Length: ${contentLength}\r\n`;
  const beforeType = `${length}Content-Type: `;
  const beforeLocation = `${beforeType}${contentType}\r\nLocation: `;
  const fields = location === '' ? `${beforeType}${contentType}\r\n` : `${beforeLocation}${location}\r\n`;
  return {
    status,
    contentType,
    typeFrom: beforeType.length,
    lastModifiedSeconds: -1,
    location,
    locationFrom: location === '' ? 0 : beforeLocation.length,
    head: `${fields}${more}\r\n`,
    lengthFieldLength: length.length,
    etagFrom: 0,
    etagLength: 0,
    notModified: '',
  };
}

let lastDate = { seconds: -1, text: '' };

/** An IMF-fixdate. Files that were unpacked together have few dates among them. */
function httpDate(seconds: number): string {
  if (seconds !== lastDate.seconds) lastDate = { seconds, text: new Date(seconds * 1000).toUTCString() };
  return lastDate.text;
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

/** Text for HTML, between tags or in a quoted attribute: the five characters with a meaning become references. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
