/**
 * The fixed heads of the answers in the cache, and the short bodies of those that are not files. RFC 9110.
 *
 * A fixed head holds what does not change as long as the object does; the status line, Date and Connection are in the
 * mutable head that src/http puts in front. It ends with the empty line. Content-Length is its first field, always, so
 * that the rest can be used by 206, whose length is another.
 *
 * There is no Cache-Control by default: how long a page stays fresh is its owner's to say, not a server's.
 */

/** The limits for which an object is answered with 503 instead of its bytes. */
export type LimitReason =
  /** The cache is full (`--cache-size`). */
  | 'cache-size'
  /** The file alone is larger than an object may be (`--max-object`). */
  | 'max-object'
  /** The file was being written each time it was read. */
  | 'changing';

/** Everything about one answer but its payload's bytes. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  /** Seconds since 1970, or -1. */
  readonly lastModifiedSeconds: number;
  readonly location: string;
  /** The fixed head, Content-Length first, with its empty line. */
  readonly head: Uint8Array;
  /** Bytes of the Content-Length field in `head`. */
  readonly lengthFieldLength: number;
  /** Where the entity-tag with its quotes lies in `head`; length 0: none. */
  readonly etagFrom: number;
  readonly etagLength: number;
  /** Fixed head of the 304 for it; empty: never answered with 304. */
  readonly notModified: Uint8Array;
}

/** Characters of the entity-tag between its quotes: 128 bits of SHA-256 in base64url. */
export const ETAG_LENGTH = 22;

/**
 * A file: 200.
 *
 * `etag` without quotes, of `ETAG_LENGTH` characters. The fixed head of its 304 has the ETag alone: RFC 9110 section
 * 15.4.5 asks for it and advises against metadata that guides no cache update.
 */
export function fileAnswer(contentType: string, contentLength: number, mtime: number, etag: string): Answer {
  const length = `Content-Length: ${contentLength}\r\n`;
  const type = `Content-Type: ${contentType}\r\n`;
  const modified = mtime < 0 ? '' : `Last-Modified: ${new Date(mtime * 1000).toUTCString()}\r\n`;
  const before = `${length}${type}${modified}ETag: `;
  return {
    status: 200,
    contentType,
    lastModifiedSeconds: mtime,
    location: '',
    head: latin1(`${before}"${etag}"\r\nAccept-Ranges: bytes\r\n\r\n`),
    lengthFieldLength: length.length,
    etagFrom: before.length,
    etagLength: etag.length + 2,
    notModified: latin1(`ETag: "${etag}"\r\n\r\n`),
  };
}

/** A folder asked for without its slash: 301, to the same name with it (RFC 9110 section 15.4.2). */
export function redirectAnswer(location: string): { answer: Answer; payload: Uint8Array } {
  const payload = latin1(`<!doctype html><title>Moved</title><a href="${escapeHtml(location)}">Moved here</a>\n`);
  const answer = shortAnswer(301, 'text/html; charset=utf-8', payload.length, `Location: ${location}\r\n`);
  return { answer: { ...answer, location }, payload };
}

/**
 * A file that is not in memory because of a limit: 503, with a body that names the limit. No file name and no size in
 * it: it is for the visitor; the owner has the log line.
 */
export function noticeAnswer(reason: LimitReason, limitBytes: number): { answer: Answer; payload: Uint8Array } {
  const payload = latin1(`503 Service Unavailable: ${limitText(reason, limitBytes)}.\n`);
  return { answer: shortAnswer(503, 'text/plain; charset=utf-8', payload.length, ''), payload };
}

/** What was reached, in words: for the body of a 503 and for the log. */
export function limitText(reason: LimitReason, limitBytes: number): string {
  switch (reason) {
    case 'cache-size':
      return `this file does not fit into the cache any more (--cache-size, ${sizeText(limitBytes)})`;
    case 'max-object':
      return `this file is larger than one object may be (--max-object, ${sizeText(limitBytes)})`;
    case 'changing':
      return 'this file was being changed each time it was read';
  }
}

/** A path's bytes as they stand in a URI (RFC 3986 section 3.3): all but pchar and '/' percent-encoded. */
export function encodePath(path: Uint8Array): string {
  return encode(path, /[A-Za-z0-9\-._~!$&'()*+,;=:@/]/);
}

/**
 * A query's bytes, with their '?', as a client sent them, fit for a Location: what is no visible ASCII character is
 * percent-encoded. All else stays, escapes too, since a query means what its receiver says.
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

/** A number of bytes for people: '512 MiB', '1.5 KiB', '100 bytes'. Exact units where they are exact, else two digits. */
export function sizeText(bytes: number): string {
  for (const [unit, name] of UNITS) {
    if (bytes >= unit) return `${Number((bytes / unit).toFixed(bytes % unit === 0 ? 0 : 2))} ${name}`;
  }
  return `${bytes} bytes`;
}

const UNITS: readonly (readonly [number, string])[] = [
  [2 ** 30, 'GiB'],
  [2 ** 20, 'MiB'],
  [2 ** 10, 'KiB'],
];

function shortAnswer(status: number, contentType: string, contentLength: number, fields: string): Answer {
  const length = `Content-Length: ${contentLength}\r\n`;
  const head = latin1(`${length}Content-Type: ${contentType}\r\n${fields}\r\n`);
  return {
    status,
    contentType,
    lastModifiedSeconds: -1,
    location: '',
    head,
    lengthFieldLength: length.length,
    etagFrom: 0,
    etagLength: 0,
    notModified: new Uint8Array(0),
  };
}

function latin1(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
