/** A stored answer, or what a client wants of it: 200, 206, 304, 416, and the same for HEAD. */
import { fieldOf, linesOf } from '../fields.js';
import { ifRangeHolds, isNotModified } from '../match/conditional.js';
import { type Part, type Ranges, rangesOf } from '../match/range.js';
import type { Stored } from '../store/stored.js';
import type { Visit } from '../visit.js';
import { multipart } from './multipart.js';

/** What a 304 repeats of the answer (RFC 9110 section 15.4.5). */
export const OF_NOT_MODIFIED: ReadonlySet<string> = new Set([
  ...['cache-control', 'cdn-cache-control', 'content-location', 'date', 'etag', 'expires', 'last-modified', 'vary'],
]);

/** Answers with what is stored. `status`: the Cache-Status field. */
export function sendStored(visit: Visit, stored: Stored, now: number, status: string): void {
  const added = ['Age', String(stored.ageAt(now)), 'Cache-Status', status];
  const isPlain = stored.status === 200;
  if (isPlain && isNotModified(visit.fields, stored.fields, stored.came)) {
    sendNotModified(visit, stored.fields, added);
    return;
  }
  const ranges = isPlain && !visit.isHead ? wantedRanges(visit, stored) : 'whole';
  if (ranges === 'whole') sendWhole(visit, stored, added);
  else if (ranges === 'unsatisfiable') sendUnsatisfiable(visit, stored, added);
  else sendParts(visit, stored, ranges, added);
}

/** The ranges of the request, if they count. */
export function wantedRanges(visit: Visit, stored: Stored): Ranges {
  const length = stored.part?.length ?? stored.body.length;
  if (!ifRangeHolds(visit.fields, stored.fields, stored.came)) return 'whole';
  return rangesOf(fieldOf(visit.fields, 'range'), length);
}

/** 304 with the fields of the answer that it stands for. */
export function sendNotModified(visit: Visit, fields: readonly string[], added: readonly string[]): void {
  const repeated = [...linesOf(fields)].flatMap(([name, value, written]) =>
    OF_NOT_MODIFIED.has(name) ? [written, value] : [],
  );
  visit.response.writeHead(304, 'Not Modified', [...repeated, ...added]);
  visit.response.end();
}

function sendWhole({ response, isHead }: Visit, stored: Stored, added: readonly string[]): void {
  response.writeHead(stored.status, stored.message, [...stored.sentFields, ...added]);
  response.end(isHead ? undefined : stored.body);
}

function sendUnsatisfiable({ response }: Visit, stored: Stored, added: readonly string[]): void {
  const length = stored.part?.length ?? stored.body.length;
  response.writeHead(416, ['Content-Range', `bytes */${length}`, 'Content-Length', '0', ...added]);
  response.end();
}

function sendParts(visit: Visit, stored: Stored, parts: readonly Part[], added: readonly string[]): void {
  const length = stored.part?.length ?? stored.body.length;
  const first = stored.part?.from ?? 0;
  const [part, second] = parts;
  if (part !== undefined && second === undefined) {
    const fields = partFields(stored.sentFields, part, length);
    visit.response.writeHead(206, 'Partial Content', [...fields, ...added]);
    visit.response.end(stored.body.subarray(part.from - first, part.to - first));
    return;
  }
  const { body, contentType } = multipart(stored, parts, length);
  const fields = without(stored.sentFields, 'content-type');
  fields.push('Content-Type', contentType, 'Content-Length', String(body.length), ...added);
  visit.response.writeHead(206, 'Partial Content', fields);
  visit.response.end(body);
}

/** The fields of an answer with the Content-Range and Content-Length of one part of it. */
export function partFields(fields: readonly string[], part: Part, length: number): string[] {
  const range = `bytes ${part.from}-${part.to - 1}/${length}`;
  return [...without(fields), 'Content-Range', range, 'Content-Length', String(part.to - part.from)];
}

function without(fields: readonly string[], also = ''): string[] {
  return [...linesOf(fields)].flatMap(([name, value, written]) =>
    name === 'content-length' || name === also ? [] : [written, value],
  );
}
