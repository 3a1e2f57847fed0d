/**
 * The heads of a variant, made from those of its file: the same fields, whatever rules of the site have put there, with
 * another Content-Length and ETag, and Content-Encoding (RFC 9110 section 8.4).
 *
 * Each variant has an entity-tag of its own, from its own bytes (section 8.8.3.3). Last-Modified stays the file's:
 * it says when the page changed, not when somebody compressed it.
 */
import { latin1Text } from '../../net/wire/latin1.js';
import type { Answer } from '../head/heads.js';
import type { Entry } from '../object/entry.js';
import { codingName } from '../object/variant-bits.js';

const ETAG_FIELD = 'ETag: ';

/** `etag`: without its quotes. */
export function variantAnswer(file: Entry, coding: number, contentLength: number, etag: string): Answer {
  const lines = latin1Text(file.head.bytes).split('\r\n');
  const tag = `"${etag}"`;
  const length = `Content-Length: ${contentLength}`;
  const fields = lines.slice(1).map((line) => (line.startsWith(ETAG_FIELD) ? ETAG_FIELD + tag : line));
  const head = [length, `Content-Encoding: ${codingName(coding).token}`, ...fields].join('\r\n');
  const { contentType, lastModifiedSeconds, notModified } = file;
  const tagFrom = head.indexOf(`\r\n${ETAG_FIELD}`) + ETAG_FIELD.length + 2;
  const hasTag = file.etag.length > 0;
  return {
    status: file.status,
    contentType,
    typeFrom: head.indexOf(contentType, head.indexOf('\r\nContent-Type: ')),
    lastModifiedSeconds,
    location: '',
    locationFrom: 0,
    head,
    lengthFieldLength: length.length + 2,
    etagFrom: hasTag ? tagFrom : 0,
    etagLength: hasTag ? tag.length : 0,
    notModified: notModified === null ? '' : latin1Text(notModified.bytes).replace(/^(ETag: )"[^\r]*/m, `$1${tag}`),
    isNegotiated: true,
  };
}
