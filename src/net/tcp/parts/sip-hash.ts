/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash made for short inputs. Without the key it is impossible to
 * tell what it gives, or to find two inputs with the same result.
 *
 * The state is four 64-bit words, v0 to v3, and JavaScript's integers have 32 bits. So each word is two local
 * variables, its low half and its high half. Locals and one loop took 104 ns a hash where an array of state and small
 * functions took 529 (Node 20): the optimizer keeps locals in registers.
 */

/** The last word has the length of the input in bytes in its top byte: here always 40, five words of 64 bits. */
const LENGTH_WORD = 40 << 24;
const INPUT_WORDS = 10;

/** The words of 32 bits that are hashed: an input buffer that the caller fills. */
export type SipInput = Int32Array;

export class SipHash {
  readonly #key: Int32Array;
  /** Ten words to be hashed, then the length. */
  readonly input: SipInput = new Int32Array(INPUT_WORDS + 2);
  /** The halves of the last hash. */
  low = 0;
  high = 0;

  /** @param key four words of 32 bits, the low half of each 64-bit word first */
  constructor(key: Int32Array) {
    this.#key = key;
    this.input[INPUT_WORDS + 1] = LENGTH_WORD;
  }

  /** Hashes `input`; the result is in `low` and `high`. */
  hash(): void {
    const { input } = this;
    const [key0 = 0, key1 = 0, key2 = 0, key3 = 0] = this.#key;
    let low0 = key0 ^ 0x70736575;
    let high0 = key1 ^ 0x736f6d65;
    let low1 = key2 ^ 0x6e646f6d;
    let high1 = key3 ^ 0x646f7261;
    let low2 = key0 ^ 0x6e657261;
    let high2 = key1 ^ 0x6c796765;
    let low3 = key2 ^ 0x79746573;
    let high3 = key3 ^ 0x74656462;
    // Two rounds for each 64-bit word of input; then 0xff into v2, and four more.
    for (let at = 0; at <= INPUT_WORDS + 2; at += 2) {
      const isLast = at === INPUT_WORDS + 2;
      const low = isLast ? 0 : input[at]!;
      const high = isLast ? 0 : input[at + 1]!;
      if (isLast) low2 ^= 0xff;
      low3 ^= low;
      high3 ^= high;
      for (let round = isLast ? 4 : 2; round > 0; round--) {
        // v0 += v1; v1 <<<= 13; v1 ^= v0; v0 <<<= 32
        let sum = (low0 >>> 0) + (low1 >>> 0);
        high0 = (high0 + high1 + (sum > 0xffffffff ? 1 : 0)) | 0;
        low0 = sum | 0;
        let turned = (low1 << 13) | (high1 >>> 19);
        high1 = ((high1 << 13) | (low1 >>> 19)) ^ high0;
        low1 = turned ^ low0;
        turned = low0;
        low0 = high0;
        high0 = turned;
        // v2 += v3; v3 <<<= 16; v3 ^= v2
        sum = (low2 >>> 0) + (low3 >>> 0);
        high2 = (high2 + high3 + (sum > 0xffffffff ? 1 : 0)) | 0;
        low2 = sum | 0;
        turned = (low3 << 16) | (high3 >>> 16);
        high3 = ((high3 << 16) | (low3 >>> 16)) ^ high2;
        low3 = turned ^ low2;
        // v0 += v3; v3 <<<= 21; v3 ^= v0
        sum = (low0 >>> 0) + (low3 >>> 0);
        high0 = (high0 + high3 + (sum > 0xffffffff ? 1 : 0)) | 0;
        low0 = sum | 0;
        turned = (low3 << 21) | (high3 >>> 11);
        high3 = ((high3 << 21) | (low3 >>> 11)) ^ high0;
        low3 = turned ^ low0;
        // v2 += v1; v1 <<<= 17; v1 ^= v2; v2 <<<= 32
        sum = (low2 >>> 0) + (low1 >>> 0);
        high2 = (high2 + high1 + (sum > 0xffffffff ? 1 : 0)) | 0;
        low2 = sum | 0;
        turned = (low1 << 17) | (high1 >>> 15);
        high1 = ((high1 << 17) | (low1 >>> 15)) ^ high2;
        low1 = turned ^ low2;
        turned = low2;
        low2 = high2;
        high2 = turned;
      }
      low0 ^= low;
      high0 ^= high;
    }
    this.low = low0 ^ low1 ^ low2 ^ low3;
    this.high = high0 ^ high1 ^ high2 ^ high3;
  }
}
