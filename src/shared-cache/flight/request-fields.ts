/** The fields with which the cache asks the origin, made of those of a client's request. */
import { connectionFields, type Fields, fieldOf, without } from '../fields.js';
import { CONDITIONAL, strongTag } from '../match/conditional.js';
import type { Stored } from '../store/stored.js';

/** For the whole answer: what the client already has, and which part it wants, is the cache's own business. */
export function fillFields(request: Fields): string[] {
  const left = connectionFields(request);
  for (const name of [...CONDITIONAL, 'range', 'expect']) left.add(name);
  return without(request, left);
}

/** Whether the stored answer is still right (RFC 9111 section 4.3.1). Of a part it is asked anew. */
export function validationFields(request: Fields, stored: Stored): string[] {
  const fields = fillFields(request);
  const tag = fieldOf(stored.fields, 'etag');
  const modified = fieldOf(stored.fields, 'last-modified');
  if (tag !== undefined) fields.push('If-None-Match', tag);
  if (modified !== undefined) fields.push('If-Modified-Since', modified);
  return fields;
}

/** The rest of an answer of which the beginning is stored, unless it has changed since (RFC 9110 section 13.1.5). */
export function completionFields(request: Fields, stored: Stored): string[] {
  const fields = fillFields(request);
  fields.push('Range', `bytes=${stored.part?.to ?? 0}-`, 'If-Range', strongTag(stored.fields) ?? '');
  return fields;
}
