/** The server with the fewest requests for its weight. Among equals round robin decides, so that all get their turn. */
import type { Candidate } from './candidate.js';
import { roundRobin } from './round-robin.js';

/** The server with the fewest requests under way for its weight; among equals they take turns. */
export function leastConnections<T extends Candidate>(candidates: readonly [T, ...T[]]): T {
  let least = Number.POSITIVE_INFINITY;
  let equals: T[] = [];
  for (const candidate of candidates) {
    const load = candidate.active / candidate.weight;
    if (load > least) continue;
    if (load < least) equals = [];
    least = load;
    equals.push(candidate);
  }
  const [first = candidates[0], ...others] = equals;
  return roundRobin([first, ...others]);
}
