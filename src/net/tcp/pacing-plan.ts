/** How a host's bandwidth is divided among its connections. parts/pacer.ts keeps to it. */

/** One group's part of the host's bandwidth. @see {@link PacingPlan} */
export interface GroupPlan {
  /** Bytes a second of the group's connections together; 0: no limit of its own. */
  readonly rate: number;
  /** Its share, beside those of the other groups, when all of them want more than there is. More than 0. */
  readonly weight: number;
}

/**
 * The rates of a host: bytes of payload a second; 0: no limit.
 *
 * @example
 * ```ts
 * import type { PacingPlan, Stack } from 'fastpath';
 *
 * declare const stack: Stack;
 * // A megabyte a second in all. Group 1 gets three times the share of group 2.
 * const plan: PacingPlan = {
 *   total: 1_000_000,
 *   connection: 0,
 *   groups: [
 *     { rate: 0, weight: 3 },
 *     { rate: 0, weight: 1 },
 *   ],
 * };
 * stack.pace(plan);
 * ```
 */
export interface PacingPlan {
  /** Of all connections together. */
  readonly total: number;
  /** Of each connection. */
  readonly connection: number;
  /** Of the groups 1, 2, 3 … Connections that belong to none are in group 0, which has no limit and a weight of 1. */
  readonly groups: readonly GroupPlan[];
}

/**
 * What a group of connections does.
 *
 * @example
 * ```ts
 * import type { Stack } from 'fastpath';
 *
 * declare const stack: Stack;
 * for (const { sentBytes, waiting } of stack.pacedGroups) console.log(sentBytes, waiting.size);
 * ```
 */
export interface PacedTraffic {
  /** Payload sent since the start, resends included, bytes; and the part of it that had to wait. */
  readonly sentBytes: number;
  readonly delayedBytes: number;
  /** The connections that wait now. */
  readonly waiting: { readonly size: number };
}

/** No limits at all. */
export const NO_PACING: PacingPlan = { total: 0, connection: 0, groups: [] };

/** The least rate, bytes a second: a full segment takes a second and a half. */
export const LEAST_RATE = 1_000;
/** Larger weights would make the smaller ones wait for minutes. */
export const MOST_WEIGHT = 1_000;

/** @throws {RangeError} for a rate that is neither 0 nor at least `LEAST_RATE`, or a weight that is not positive. */
export function checkPlan({ total, connection, groups }: PacingPlan): void {
  checkRate(total, 'total');
  checkRate(connection, 'connection');
  for (const { rate, weight } of groups) {
    checkRate(rate, 'rate');
    if (!(weight > 0 && weight <= MOST_WEIGHT)) {
      throw new RangeError(`weight must be more than 0 and at most ${MOST_WEIGHT}: ${weight}`);
    }
  }
}

/** @throws {RangeError} for a rate that is neither 0 nor at least `LEAST_RATE`. */
export function checkRate(rate: number, name: string): void {
  if (rate === 0 || (rate >= LEAST_RATE && Number.isFinite(rate))) return;
  throw new RangeError(`${name} must be 0 or at least ${LEAST_RATE} bytes a second: ${rate}`);
}
