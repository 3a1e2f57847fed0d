/**
 * A stored answer as an ordinary object of src/cache, or null if the data path could not send it as RFC 9111 and
 * RFC 9110 ask. Then every hit is answered by the shared cache itself.
 */
import type { Answer } from '../cache/head/heads.js';
import type { Measures } from '../cache/object/layout.js';
import { REASONS } from '../http/head/reasons.js';
import { OF_NOT_MODIFIED } from './answer/send-stored.js';
import { linesOf, valuesOf } from './fields.js';
import type { PublishedAnswer } from './publisher.js';
import { readDate } from './says/date.js';

/** Unsigned 32-bit seconds: until the year 2106. */
const LAST_SECOND = 2 ** 32 - 1;

/**
 * The heads of the object. Not for the data path: statuses without a body or a reason phrase of ours, and repeated
 * entity-tags. `cacheStatus`: what Cache-Status says of a hit.
 */
export function answerOf(published: PublishedAnswer, cacheStatus: string): Answer | null {
  const { status, fields, body, born, until } = published;
  const tags = valuesOf(fields, 'etag');
  const tag = tags[0] ?? '';
  const isTagSound = tags.length === 0 || (tags.length === 1 && /^(W\/)?"[^"]*"$/.test(tag));
  if (!REASONS.has(status) || status === 206 || status === 304 || !isTagSound) return null;
  const weakMark = tag.startsWith('W/') ? 2 : 0;
  const length = `Content-Length: ${body.length}\r\n`;
  let head = length;
  let notModified = '';
  let tagFrom = 0;
  let type = { value: '', from: 0 };
  for (const [name, value, written] of linesOf(fields)) {
    if (name === 'content-length') continue;
    const valueFrom = head.length + written.length + 2;
    if (name === 'etag') tagFrom = valueFrom + weakMark;
    if (name === 'content-type') type = { value, from: valueFrom };
    const line = `${written}: ${value}\r\n`;
    head += line;
    if (OF_NOT_MODIFIED.has(name)) notModified += line;
  }
  const [modified = ''] = valuesOf(fields, 'last-modified');
  const lastModified = readDate(modified, born);
  const hasValidator = status === 200 && (tag !== '' || !Number.isNaN(lastModified));
  const end = `Cache-Status: ${cacheStatus}\r\n\r\n`;
  return {
    status,
    contentType: type.value,
    typeFrom: type.from,
    lastModifiedSeconds: Number.isNaN(lastModified) ? -1 : lastModified,
    location: '', // the data path adds a query to a Location that it knows; this one is complete
    locationFrom: 0,
    head: head + end,
    lengthFieldLength: length.length,
    etagFrom: tagFrom,
    etagLength: tag.length - weakMark,
    notModified: hasValidator ? notModified + end : '',
    kept: { born: Math.max(0, born), until: Math.min(until, LAST_SECOND), hasWeakTag: weakMark > 0 },
  };
}

/** The room that a stored answer takes as an object of the cache, bytes. */
export function measuresOf(name: string, { head, notModified }: Answer, body: Uint8Array): Measures {
  return {
    nameCount: 1,
    namesLength: name.length,
    headRoom: head.length,
    payloadLength: body.length,
    notModifiedLength: notModified.length,
  };
}
