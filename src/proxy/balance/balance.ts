/** How the server of a request is chosen among those that could take it. */
import type { Balance } from '../options.js';
import { hashed } from './hash.js';
import { leastConnections } from './least-connections.js';
import { roundRobin } from './round-robin.js';

/** A server as the balancers see it. */
export interface Candidate {
  /** It stays the same when other servers come and go. */
  readonly id: string;
  /** Its share compared with the others, a slow start taken into account. Above 0. */
  readonly weight: number;
  /** Requests that it has now. */
  readonly active: number;
  /** What round robin remembers. */
  credit: number;
}

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
