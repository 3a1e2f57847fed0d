/**
 * Randomness, as the stack sees it: a source that is handed in.
 *
 * A server hands in the operating system's (`src/net/driver/system-random.ts`). A test or a replay hands in a seed.
 */

/**
 * A source of random 32-bit numbers.
 *
 * @example
 * ```ts
 * import type { Random } from 'fastpath';
 *
 * // A poor source: for a test that wants to know each number.
 * export const counting: Random & { next: number } = { next: 0, nextInt32: () => counting.next++ };
 * ```
 */
export interface Random {
  /** The next number, uniform over all signed 32-bit integers. */
  nextInt32(): number;
}

/**
 * A repeatable source: the same seed gives the same numbers, on every machine. Not for secrets.
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand), 128 bits of state.
 *
 * @example
 * ```ts
 * import { SeededRandom } from 'fastpath';
 *
 * const [first, second] = [new SeededRandom(7), new SeededRandom(7)];
 * console.log(first.nextInt32() === second.nextInt32()); // true
 * ```
 */
export class SeededRandom implements Random {
  #a: number;
  #b = 0x9e3779b9 | 0;
  #c = 0x243f6a88 | 0;
  #counter = 1;

  constructor(seed: number) {
    this.#a = seed | 0;
    for (let i = 0; i < 12; i++) this.nextInt32();
  }

  nextInt32(): number {
    const result = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + result;
    this.#c |= 0;
    return result;
  }

  /** A number in [0, 1). */
  nextFraction(): number {
    return (this.nextInt32() >>> 0) / 0x1_0000_0000;
  }
}
