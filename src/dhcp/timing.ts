/** When a message is sent again: RFC 2131 sections 4.1 and 4.4.5. Times are microseconds. */
import { SECOND } from '../net/clock.js';
import type { Random } from '../net/random.js';

/** The first and the longest wait for an answer to a broadcast; each is twice the one before. */
const FIRST_WAIT = 4 * SECOND;
const LONGEST_WAIT = 64 * SECOND;
/** Each wait is longer or shorter by up to so much: clients that start together do not stay together. */
const SPREAD = 1 * SECOND;
/** In RENEWING and REBINDING, between two requests at least. */
const LEAST_RENEW_WAIT = 60 * SECOND;
/** T1 and T2 come earlier by up to this part of the time until then ("some random fuzz", section 4.4.5). */
const FUZZ_PART = 0.05;

/** How long to wait for an answer to message number `sent` (1 for the first). */
export function answerWait(sent: number, random: Random): number {
  const wait = Math.min(FIRST_WAIT * 2 ** (sent - 1), LONGEST_WAIT);
  return Math.round(wait + (2 * fraction(random) - 1) * SPREAD);
}

/** The time of the next request, one half of what is left until `end`, but a minute at least. */
export function nextRenewal(now: number, end: number): number {
  return Math.min(now + Math.max((end - now) / 2, LEAST_RENEW_WAIT), end);
}

/** T1 or T2 with its fuzz. */
export function fuzzed(microseconds: number, random: Random): number {
  if (microseconds === Number.POSITIVE_INFINITY) return microseconds;
  return Math.round(microseconds * (1 - FUZZ_PART * fraction(random)));
}

/** The wait after the NAK or conflict number `count` in a row: 1, 2, 4 … 64 s. A server that only refuses is spared. */
export function refusedWait(count: number): number {
  return Math.min(SECOND * 2 ** (count - 1), LONGEST_WAIT);
}

/** From 0 to less than 1. */
function fraction(random: Random): number {
  return (random.nextInt32() >>> 0) / 0x1_0000_0000;
}
