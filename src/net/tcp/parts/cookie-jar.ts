/**
 * Says whether an ACK may now be the answer to a SYN cookie (syn-cookies.ts, RFC 4987 section 3.6). If no cookie was
 * sent lately, no ACK is checked for one, so an attacker gains nothing by guessing.
 */

/** The unit of a cookie's age, microseconds. */
export const MINUTE = 64 * 1e6;
/** An ACK may come this many of those "minutes" later. */
export const LIFETIME_MINUTES = 2;
/** For so long after the last cookie, ACKs are searched for cookies. */
const TRUST = (LIFETIME_MINUTES + 1) * MINUTE;

/** Remembers when cookies were last given: an ACK at any other time cannot be one. */
export class CookieJar {
  #givenAt = Number.NEGATIVE_INFINITY;

  note(now: number): void {
    this.#givenAt = now;
  }

  mayHold(now: number): boolean {
    return now - this.#givenAt < TRUST;
  }
}
