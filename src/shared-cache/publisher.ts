/**
 * Where fresh stored answers go so that clients get them without this cache: into the memory of the data path. The
 * cache says what is there and until when; a publisher may refuse anything, for a hit here is right as well.
 */
import type { Fields } from './fields.js';
import type { Place } from './match/key.js';

/** A fresh answer that every client may have, and where it was asked for. @see {@link Publisher} */
export interface PublishedAnswer extends Place {
  readonly status: number;
  readonly message: string;
  readonly fields: Fields;
  readonly body: Uint8Array;
  /** The second (since 1970) at which its Age was 0, and the first second at which it must not be sent any more. */
  readonly born: number;
  readonly until: number;
}

/**
 * Where fresh answers go.
 *
 * @example
 * ```ts
 * import type { Publisher } from 'fastpath';
 *
 * const kept = new Map<string, Uint8Array>();
 * // A store of our own. `put` says whether there was room.
 * export const publisher: Publisher = {
 *   put({ scheme, host, target, body }) {
 *     kept.set(`${scheme}://${host}${target}`, body);
 *     return true;
 *   },
 *   remove: ({ scheme, host, target }) => void kept.delete(`${scheme}://${host}${target}`),
 * };
 * ```
 */
export interface Publisher {
  /**
   * Publishes an answer in place of the one with its scheme, host and target: requests with the same bytes get it.
   * Returns whether it did.
   */
  put(answer: PublishedAnswer): boolean;
  /** It is not to be sent any more. */
  remove(place: Place): void;
}

/** Publishes nothing: every hit is answered by the cache itself. */
export const NO_PUBLISHER: Publisher = { put: () => false, remove: () => {} };
