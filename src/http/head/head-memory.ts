/** Memory for response heads that are made while running. */
import { SummedBytes } from '../../net/wire/summed-bytes.js';

const BLOCK_BYTES = 16384;

/**
 * Cuts small byte ranges, one behind the other, from larger blocks of memory. A device looks up the native address of
 * each block only once, however many heads are cut from it; the collector frees a block when its last head is gone.
 */
export class HeadMemory {
  #block = new Uint8Array(new ArrayBuffer(BLOCK_BYTES));
  #used = 0;

  /** `length` zero bytes of the caller's own. */
  take(length: number): Uint8Array {
    if (length > BLOCK_BYTES) return new Uint8Array(new ArrayBuffer(length));
    if (this.#used + length > BLOCK_BYTES) {
      this.#block = new Uint8Array(new ArrayBuffer(BLOCK_BYTES));
      this.#used = 0;
    }
    const from = this.#used;
    this.#used += length;
    return this.#block.subarray(from, this.#used);
  }

  /** `text` (Latin-1) as bytes with known sums. */
  write(text: string): SummedBytes {
    const bytes = this.take(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return SummedBytes.of(bytes);
  }
}
