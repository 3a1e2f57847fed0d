/**
 * Received bytes, in order, that the program has not taken yet. An ordinary request never comes here: bytes are offered
 * to the program in place, and only what it leaves is copied into this buffer. The fuller it is, the smaller the
 * window.
 */

const FIRST_CAPACITY = 4096;

export class ReceiveBuffer {
  #bytes: Uint8Array | null = null;
  #from = 0;
  #to = 0;

  get length(): number {
    return this.#to - this.#from;
  }

  /** Copies `source[from, to)` in behind what is here. The receive window bounds how much. */
  append(source: Uint8Array, from: number, to: number): void {
    const count = to - from;
    if (count === 0) return;
    this.#makeRoom(count);
    this.#bytes!.set(source.subarray(from, to), this.#to);
    this.#to += count;
  }

  /** Offers all bytes to `take`, which returns how many it took; repeats while it takes some and some are left. */
  offer(take: (bytes: Uint8Array, from: number, to: number) => number): void {
    while (this.#to > this.#from) {
      const taken = take(this.#bytes!, this.#from, this.#to);
      this.#from += taken;
      if (taken === 0) return;
    }
    this.#from = 0;
    this.#to = 0;
    // A connection that lagged once need not keep the memory.
    this.#bytes = null;
  }

  #makeRoom(count: number): void {
    const held = this.length;
    if (this.#bytes !== null && this.#to + count <= this.#bytes.length) return;
    const needed = held + count;
    let target = this.#bytes;
    if (target === null || needed > target.length) {
      target = new Uint8Array(Math.max(FIRST_CAPACITY, 2 ** Math.ceil(Math.log2(needed))));
    }
    if (this.#bytes !== null) target.set(this.#bytes.subarray(this.#from, this.#to));
    this.#bytes = target;
    this.#from = 0;
    this.#to = held;
  }
}
