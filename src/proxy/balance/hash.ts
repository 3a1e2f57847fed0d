/**
 * Consistent hashing by the highest random weight ("rendezvous", Thaler and Ravishankar 1998, with weights after
 * Schindelhauer and Schomaker 2005). Each server gets a number for the key, and the highest wins. If a server goes,
 * only its keys move; if one comes, it takes its share from all. A ring would need thousands of points for as even
 * shares.
 */
import { createHash } from 'node:crypto';
import type { Candidate } from './candidate.js';

/**
 * Rendezvous hashing: each server draws a number from the key, and the highest wins. If a server goes, only its keys
 * move.
 */
export function hashed<T extends Candidate>(candidates: readonly [T, ...T[]], key: string): T {
  let [best] = candidates;
  let most = Number.NEGATIVE_INFINITY;
  for (const candidate of candidates) {
    const score = -candidate.weight / Math.log(uniform(candidate.id, key));
    if (score <= most) continue;
    most = score;
    best = candidate;
  }
  return best;
}

/** A number between 0 and 1, both excluded, that belongs to the pair. */
function uniform(id: string, key: string): number {
  const digest = createHash('sha1').update(id).update('\0').update(key).digest();
  return (digest.readUIntBE(0, 6) + 0.5) / 2 ** 48;
}
