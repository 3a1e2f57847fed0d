/** What may be done with an answer that has come: stored, shared with those who wait, put together. */
import { fieldOf } from '../fields.js';
import { isForOrigin, strongTag } from '../match/conditional.js';
import { contentRangeOf } from '../match/range.js';
import { varyNames } from '../match/vary.js';
import { initialAge } from '../says/control.js';
import type { Refusal } from '../statistics.js';
import { resolved } from '../store/invalidation.js';
import type { AnswerHead, Stored } from '../store/stored.js';
import type { Visit } from '../visit.js';
import type { FlightPlan } from './flight.js';

/**
 * Why an answer to this request may not be stored, or is of no use then (RFC 9111 section 3); '' if it may be.
 * 'no-request': nobody would expect it, so it does not count.
 */
export function refusalOf(
  { first, kind }: FlightPlan,
  head: AnswerHead,
  mostBytes: number,
): Refusal | 'no-request' | '' {
  const { control, status, fields } = head;
  if (first.isHead) return 'no-request';
  if (first.method !== 'GET') return control.mayStore && isOwnAnswer(first, head) ? '' : 'no-request';
  if (first.hasBody || isForOrigin(first.fields)) return 'no-request';
  if (control.refusal !== '') return control.refusal;
  if (varyNames(fields) === null) return 'vary';
  if (Number(fieldOf(fields, 'content-length') ?? 0) > mostBytes) return 'too-long';
  if (status === 206) {
    return kind === 'solo' && contentRangeOf(fieldOf(fields, 'content-range')) !== null ? '' : 'status';
  }
  const hasValidator = fieldOf(fields, 'etag') !== undefined || fieldOf(fields, 'last-modified') !== undefined;
  return control.lifetime > 0 || hasValidator ? '' : 'no-lifetime';
}

/** Whether those who waited may have it: it is fresh, and need not be validated. */
export function isShared({ control, fields, asked, came }: AnswerHead): boolean {
  return control.mayStore && !control.alwaysValidate && control.lifetime > initialAge(fields, asked, came);
}

/** Whether a stored part is the beginning of something whose rest can be asked for (RFC 9111 section 3.4). */
export function canBeCompleted(stored: Stored): boolean {
  return stored.part?.from === 0 && strongTag(stored.fields) !== null;
}

/** Whether a 206 is the rest of what is stored: it begins where that ends, and both are of the same version. */
export function completes(head: AnswerHead, stored: Stored): boolean {
  const range = contentRangeOf(fieldOf(head.fields, 'content-range'));
  const { part } = stored;
  if (head.status !== 206 || range === null || part === null) return false;
  const isRest = range.from === part.to && range.to === range.length && range.length === part.length;
  return isRest && strongTag(head.fields) === strongTag(stored.fields);
}

/** A POST whose answer is what a GET of the same URL would bring (RFC 9110 section 9.3.3). */
function isOwnAnswer(visit: Visit, { status, control, fields }: AnswerHead): boolean {
  if (visit.method !== 'POST' || status !== 200 || control.lifetime <= 0) return false;
  const location = fieldOf(fields, 'content-location');
  return location !== undefined && resolved(location, visit)?.target === visit.target;
}
