/**
 * Real randomness: the operating system's, taken from node:crypto a page at a time, so that a number costs one load.
 * Every stack that talks to the world needs it: initial sequence numbers must not be guessed (RFC 6528).
 */
import { randomFillSync } from 'node:crypto';
import type { Random } from '../random.js';

const NUMBERS_AT_ONCE = 1024;

/**
 * The operating system's randomness.
 *
 * @example
 * ```ts
 * import { SystemRandom } from 'fastpath';
 *
 * console.log(Number.isInteger(new SystemRandom().nextInt32())); // true
 * ```
 */
export class SystemRandom implements Random {
  readonly #numbers = new Int32Array(NUMBERS_AT_ONCE);
  #next = NUMBERS_AT_ONCE;

  nextInt32(): number {
    if (this.#next === NUMBERS_AT_ONCE) {
      randomFillSync(this.#numbers);
      this.#next = 0;
    }
    const number = this.#numbers[this.#next]!;
    // A number that was given out is not kept: it may be a secret.
    this.#numbers[this.#next++] = 0;
    return number;
  }
}
