/**
 * When two readings of the same bytes are a danger: somebody who stands between us and the other parser could hide a
 * request from one of them.
 */
import type { Reading } from './readers.js';

/**
 * What is wrong, in words; undefined if nothing is. Whatever we take for a request, the other must take for the same
 * one. Where one of the two refuses, it ends the connection, so nothing can be hidden behind that.
 */
export function differenceOf(ours: Reading, theirs: Reading): string | undefined {
  const both = Math.min(ours.requests.length, theirs.requests.length);
  for (let i = 0; i < both; i++) {
    if (ours.requests[i] !== theirs.requests[i])
      return `request ${i} is "${ours.requests[i]}" or "${theirs.requests[i]}"`;
  }
  if (ours.requests.length > both && isOpen(theirs)) return `we take "${ours.requests[both]}", they wait`;
  if (theirs.requests.length > both && isOpen(ours)) return `they take "${theirs.requests[both]}", we wait`;
  return undefined;
}

/** Whether the other refused something that we took. That hides nothing, but has to have a reason. */
export function isStricter(theirs: Reading, ours: Reading): boolean {
  const hasEnded = theirs.end === 'refused' || theirs.end === 'closed';
  return hasEnded && theirs.requests.length < ours.requests.length;
}

/** It has not refused anything: what it took so far was all there was. */
function isOpen({ end }: Reading): boolean {
  return end === 'between' || end === 'within';
}
