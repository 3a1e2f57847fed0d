/**
 * Weighted round robin, smoothly: with the weights 5, 1, 1 the order is a a b a c a a, and not five times the same
 * server in a row. Each choice gives every server credit for its weight; the one with most pays for all.
 */
import type { Candidate } from './candidate.js';

/** The next server in turn, by weight and without bursts: each gains its weight, the richest pays the total. */
export function roundRobin<T extends Candidate>(candidates: readonly [T, ...T[]]): T {
  let [best] = candidates;
  let total = 0;
  for (const candidate of candidates) {
    candidate.credit += candidate.weight;
    total += candidate.weight;
    if (candidate.credit > best.credit) best = candidate;
  }
  best.credit -= total;
  return best;
}
