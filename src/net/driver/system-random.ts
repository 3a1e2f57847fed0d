/**
 * Randomness for real: the operating system's, taken from node:crypto a page at a time, so that a number costs a load.
 * Callers: whoever makes a stack that talks to the world (initial sequence numbers need it, RFC 6528).
 */
import { randomFillSync } from 'node:crypto';
import type { Random } from '../random.js';

const NUMBERS_AT_ONCE = 1024;

/** The operating system's randomness. */
export class SystemRandom implements Random {
  readonly #numbers = new Int32Array(NUMBERS_AT_ONCE);
  #next = NUMBERS_AT_ONCE;

  nextInt32(): number {
    if (this.#next === NUMBERS_AT_ONCE) {
      randomFillSync(this.#numbers);
      this.#next = 0;
    }
    const number = this.#numbers[this.#next]!;
    // A number given out is not kept: it may have been a secret.
    this.#numbers[this.#next++] = 0;
    return number;
  }
}
