/**
 * The bytes of a script's streams. A script names only lengths, so each byte here tells its place. Data that arrives
 * out of order, twice or not at all is noticed on either side, and the script need not say a word.
 */

/** The byte at `offset` of a stream. The period, 257 × 256, is longer than a window of 16 bits. */
export function patternByte(offset: number): number {
  return (offset + (offset >>> 8) + (offset >>> 16)) & 255;
}

/** Makes `length` bytes of the stream, from `offset` on. */
export function pattern(offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = patternByte(offset + i);
  return bytes;
}

/** The bytes that a program has written, by their place in the stream. */
export class WrittenStream {
  #bytes = new Uint8Array(4096);
  length = 0;

  append(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.#bytes.length) {
      const larger = new Uint8Array(2 * (this.length + bytes.length));
      larger.set(this.#bytes.subarray(0, this.length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** The index of the first of `bytes` that differs from the stream at `offset`; -1 if none does. */
  firstDifference(offset: number, bytes: Uint8Array): number {
    for (let i = 0; i < bytes.length; i++) {
      const at = offset + i;
      if (at < 0 || at >= this.length || this.#bytes[at] !== bytes[i]) return i;
    }
    return -1;
  }
}
