/** How the server of a request is chosen among those that could take it. */
import type { Balance } from '../options.js';
import type { Candidate } from './candidate.js';
import { hashed } from './hash.js';
import { leastConnections } from './least-connections.js';
import { roundRobin } from './round-robin.js';

/** Chooses one. `key`: what the hash is made of; undefined: the request has no such part. */
export function choose<T extends Candidate>(
  how: Balance,
  candidates: readonly [T, ...T[]],
  key: string | undefined,
): T {
  if (candidates.length === 1) return candidates[0];
  if (how === 'least-connections') return leastConnections(candidates);
  return how === 'hash' && key !== undefined ? hashed(candidates, key) : roundRobin(candidates);
}
