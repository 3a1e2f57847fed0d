/** The head of an answer of the origin, for one of the clients that wait for it. */
import { faultOfStatus, noteFault } from '../fault.js';
import { connectionFields, type Fields, fieldOf, linesOf, without } from '../fields.js';
import { ifRangeHolds, isNotModified } from '../match/conditional.js';
import { type Part, rangesOf } from '../match/range.js';
import type { Settings } from '../options.js';
import { type AnswerHead, droppedFields } from '../store/stored.js';
import type { Visit } from '../visit.js';
import { partFields, sendNotModified } from './send-stored.js';

/**
 * Writes the head and returns which bytes of the body follow; null: none, the answer is ended.
 *
 * `isForwarded`: the origin saw the client's own conditions and ranges. Otherwise it was asked for the whole, and they
 * are applied here.
 */
export function sendHead(
  visit: Visit,
  head: AnswerHead,
  status: string,
  isForwarded: boolean,
  settings: Settings,
): Part | null {
  const fields = forwardedFields(head.fields, settings);
  const added = ['Cache-Status', status];
  const applies = !isForwarded && head.status === 200;
  if (applies && isNotModified(visit.fields, head.fields, head.came)) {
    sendNotModified(visit, fields, added);
    return null;
  }
  const part = applies ? onlyPart(visit, head) : null;
  if (part !== null) {
    const length = Number(fieldOf(head.fields, 'content-length'));
    visit.response.writeHead(206, 'Partial Content', [...partFields(fields, part, length), ...added]);
    return part;
  }
  visit.response.writeHead(head.status, head.message, [...fields, ...added]);
  return { from: 0, to: Number.POSITIVE_INFINITY };
}

/** The range that is asked for, if it is one and the length is known; several are not cut out of a body that comes. */
function onlyPart(visit: Visit, { fields, came }: AnswerHead): Part | null {
  const length = fieldOf(fields, 'content-length');
  if (length === undefined || !/^\d+$/.test(length) || !ifRangeHolds(visit.fields, fields, came)) return null;
  const ranges = rangesOf(fieldOf(visit.fields, 'range'), Number(length));
  return typeof ranges !== 'string' && ranges.length === 1 ? (ranges[0] as Part) : null;
}

function forwardedFields(fields: Fields, settings: Settings): string[] {
  return without(fields, new Set([...connectionFields(fields), ...droppedFields(settings)]));
}

/** An answer of our own: 502, 503 or 504. */
export function sendFailure(visit: Visit, status: number, cacheStatus: string): void {
  if (visit.isGone) return;
  noteFault(visit.response, faultOfStatus(status));
  const body = 'The server behind this one gave no answer.\n';
  const type = ['Content-Type', 'text/plain; charset=utf-8', 'Content-Length', String(body.length)];
  visit.response.writeHead(status, [...type, 'Cache-Status', cacheStatus]);
  visit.response.end(visit.isHead ? undefined : body);
}

/** An interim answer (1xx), as far as node:http has a way to send it: 100, 102 and 103. */
export function sendInterim({ response, isGone }: Visit, status: number, fields: Fields): void {
  if (isGone || response.headersSent) return;
  if (status === 100) response.writeContinue();
  if (status === 102) response.writeProcessing();
  if (status !== 103) return;
  // Node asks for `link` in lower case.
  const hints: Record<string, string | string[]> = {};
  for (const [name, value] of linesOf(fields)) {
    const there = hints[name];
    hints[name] = there === undefined ? value : [...[there].flat(), value];
  }
  try {
    response.writeEarlyHints(hints);
  } catch {
    // Node refuses Link fields that it does not understand; the answer itself has them, too.
  }
}
