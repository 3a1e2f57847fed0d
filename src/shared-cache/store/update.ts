/** How a stored answer takes over what a 304 or the answer to a HEAD says (RFC 9111 sections 3.2, 4.3.4, 4.3.5). */
import { connectionFields, type Fields, fieldOf, linesOf, without } from '../fields.js';
import { strongTag } from '../match/conditional.js';
import type { Stored } from './stored.js';

/** These describe the stored bytes, and the message that brought them, not the new one (RFC 9111 section 3.2). */
const KEPT = ['content-length', 'content-encoding', 'content-range', 'content-type'];

/** The stored fields with those of the new answer in place of their own. */
export function updatedFields(stored: Fields, fresh: Fields): string[] {
  const left = connectionFields(fresh);
  for (const name of KEPT) left.add(name);
  const taken = without(fresh, left);
  const names = new Set([...linesOf(taken)].map(([name]) => name));
  return [...without(stored, names), ...taken];
}

/** Whether a 304 or a HEAD speaks of this stored answer: no validator that both have differs. */
export function speaksOf(fresh: Fields, stored: Stored): boolean {
  const tag = strongTag(fresh);
  if (tag !== null && fieldOf(stored.fields, 'etag') !== tag) return false;
  return ['etag', 'last-modified'].every((name) => {
    const said = fieldOf(fresh, name);
    const had = fieldOf(stored.fields, name);
    return said === undefined || had === undefined || said === had;
  });
}
