/** When to ask for a certificate: a third of its life before it expires, and after a failure ever more seldom. */

const MINUTE_MS = 60_000;
/** Authorities bound failures to a few in an hour, so the first try again is not at once. */
const FIRST_RETRY_MS = 15 * MINUTE_MS;
const LONGEST_RETRY_MS = 24 * 60 * MINUTE_MS;
/** Up to this part of the time is taken off by chance, so that servers that began together do not ask together. */
const JITTER = 0.1;

/** How long one certificate holds, ms since 1970. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * How long to wait until its renewal, ms; 0: it is due.
 * @param random from 0 to 1
 */
export function untilRenewal({ notBefore, notAfter }: Validity, now: number, random: number): number {
  const life = Math.max(0, notAfter - notBefore);
  const due = notAfter - life / 3 - (life / 3) * JITTER * random;
  return Math.max(0, Math.round(due - now));
}

/** How long to wait after so many failures in a row, ms. */
export function untilRetry(failures: number, random: number): number {
  const whole = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
  return Math.round(whole * (1 - JITTER * random));
}
