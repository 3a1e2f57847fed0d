/**
 * The stretch of a capture file that is in memory: chunks go in at the end, records are read in place at the front.
 *
 * While a chunk holds whole records they are read where they lie. Only what is left of a record at the end of a chunk
 * is moved, in front of the next chunk. So memory is bounded by the longest record plus one chunk.
 */
export class ChunkBuffer {
  /** The unread bytes are `bytes[at, end)`. */
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  /** Nothing more will be pushed. */
  ended = false;
  /** The offset of `bytes[0]` in the file. */
  #base = 0;
  #own = new Uint8Array(0);

  /** Bytes not read yet. */
  get available(): number {
    return this.end - this.at;
  }

  /** The offset of the next unread byte in the file. */
  get offset(): number {
    return this.#base + this.at;
  }

  /** Adds a chunk. It must stay as it is until the next call, and so does what was read in place. */
  push(chunk: Uint8Array): void {
    const rest = this.available;
    this.#base += this.at;
    if (rest === 0) {
      this.bytes = chunk;
      this.end = chunk.length;
    } else {
      this.#append(chunk, rest);
    }
    this.at = 0;
  }

  #append(chunk: Uint8Array, rest: number): void {
    const needed = rest + chunk.length;
    const unread = this.bytes.subarray(this.at, this.end);
    if (this.#own.length < needed) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#own.length));
      larger.set(unread);
      this.#own = larger;
    } else {
      this.#own.set(unread); // overlapping is allowed: `set` moves as if through a copy
    }
    this.#own.set(chunk, rest);
    this.bytes = this.#own;
    this.end = needed;
  }
}
