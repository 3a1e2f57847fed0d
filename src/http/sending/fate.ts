/**
 * The fate of a request: what has become of it when the responder returns, and again each time that a waiting answer
 * gets on. The connection does the rest.
 *
 * The numbers are in an order. The two fates whose answer is queued as a whole come first, so one comparison
 * (`isQueued`) tells the fast path from all that has to wait. The file imports nothing, so the bundle has the numbers
 * where they are used (scripts/program.ts).
 */

/** The last answer of the connection is queued. */
export const ENDS = 0;
/** The answer is queued, and the connection persists. */
export const PERSISTS = 1;
/** Nothing is queued: `Waits.name` has to be asked for first, or the turn of `Waits.seat` has to be waited for. */
export const ASKS = 2;
/** The head is queued, and the body is `Waits.stream`. */
export const STREAMS = 3;
/** Nothing is queued: what was asked for is settled, and it is decided again what becomes of the body. */
export const DECIDES = 4;
/** Nothing is queued: the request goes to another thread, to `Waits.upstream` (slow/hand-over.ts). */
export const HANDS_OVER = 5;
/** A part of the answer is queued, and the rest will not come: the connection is reset. */
export const BREAKS = 6;
export type Fate = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** Whether all of the answer is queued. */
export function isQueued(fate: Fate): boolean {
  return fate <= PERSISTS;
}

/**
 * What a search beyond the objects of the folder has found, for a path that has none of its own. It may also be that
 * the search has to wait (ASKS), or that the request goes to another thread (HANDS_OVER). So these begin at 10, far
 * from the numbers of the fates.
 */
/** A rule of the site: a redirect by pattern, or a path that is gone. */
export const BY_RULE = 10;
/** Another object: that of the rewritten path, or the page of a single-page application. */
export const BY_ENTRY = 11;
/** Nothing: the answer is an error. */
export const NOTHING = 12;
export type Found = typeof ASKS | typeof HANDS_OVER | typeof BY_RULE | typeof BY_ENTRY | typeof NOTHING;
