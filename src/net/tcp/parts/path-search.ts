/**
 * The facts that a connection has found out by itself about its path's MTU (RFC 4821). Data only; send/path-search.ts
 * works on it.
 *
 *                  3 time-outs of a         a smaller one         the next large one
 *                  large segment            gets through          is lost
 *     TRUSTING ──────────────────▶ DOUBTING ─────────────▶ VERIFYING ───────────────▶ SEARCHING
 *        ▲                            │                        │                          │
 *        └──── a large one gets through ───────────────────────┴── the search is at the top ──┘
 */

import { type Sequence, ZERO } from '../sequence.js';

/** The path's MTU is what the route says (the link's, or what ICMP told). */
export const TRUSTING = 0;
/** Large segments were lost again and again: the next resends are small, to see whether those get through. */
export const DOUBTING = 1;
/** A small one got through. What is sent next is large again, and decides. */
export const VERIFYING = 2;
/** Large segments vanish: `limit` holds, and probes look for the largest size that does get through. */
export const SEARCHING = 3;
export type PathPhase = 0 | 1 | 2 | 3;

/** No limit: more than any packet. */
export const NO_LIMIT = 0x7fff_ffff;

export class PathSearch {
  phase: PathPhase = TRUSTING;
  /** The largest packet, bytes, that this connection sends: one that got through; or `NO_LIMIT`. */
  limit = NO_LIMIT;
  /** The smallest packet, bytes, that is known to be lost. */
  tooLarge = NO_LIMIT;
  /** DOUBTING, VERIFYING: the size that is tried, bytes; and when it was last tried, milliseconds of the clock. */
  trial = 0;
  trialMs = 0;
  /** SEARCHING: the next probe is sent at this time or later, milliseconds of the clock. */
  nextProbeMs = 0;
  /** A probe is out: where it begins, and its size, bytes. */
  probeOut = false;
  probeFrom: Sequence = ZERO;
  probeSize = 0;
}

/** For all connections that have never doubted. */
export const NO_DOUBT = Object.freeze(new PathSearch());
