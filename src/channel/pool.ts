/**
 * The blocks of one direction, as the side sees them that fills them: which are free. The block that was freed last is
 * used first, since it is still in the processor's caches.
 */
import { type BlockClass, SPARE_BYTES } from './memory.js';

/** There is no free block. */
export const NO_BLOCK = -1;

export class BlockPool {
  readonly #classes: readonly BlockClass[];
  readonly #spareBytes: number;
  /** By class: the numbers of its free blocks. Those that were never used are not listed. */
  readonly #free: number[][];
  readonly #fresh: number[];
  readonly #first: number[] = [];
  #freeBytes = 0;

  /** @param isSpared the last `SPARE_BYTES` of a block are not for content */
  constructor(classes: readonly BlockClass[], isSpared: boolean) {
    this.#classes = classes;
    this.#spareBytes = isSpared ? SPARE_BYTES : 0;
    this.#free = classes.map(() => []);
    this.#fresh = classes.map(() => 0);
    let first = 0;
    for (const { bytes, count } of classes) {
      this.#first.push(first);
      first += count;
      this.#freeBytes += bytes * count;
    }
  }

  /** Of all free blocks. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** How much content a block of this number takes. */
  capacityOf(number: number): number {
    return this.#class(this.#classOf(number)).bytes - this.#spareBytes;
  }

  /**
   * A block for `bytes` of content: the smallest that holds all of it, else a larger one, else the largest there is, or
   * NO_BLOCK.
   */
  take(bytes: number): number {
    const fit = this.#classes.findIndex((each) => each.bytes - this.#spareBytes >= bytes);
    const first = fit < 0 ? this.#classes.length - 1 : fit;
    for (let i = first; i < this.#classes.length; i++) if (this.#has(i)) return this.#takeFrom(i);
    for (let i = first - 1; i >= 0; i--) if (this.#has(i)) return this.#takeFrom(i);
    return NO_BLOCK;
  }

  give(number: number): void {
    const at = this.#classOf(number);
    this.#free[at]?.push(number);
    this.#freeBytes += this.#class(at).bytes;
  }

  #has(at: number): boolean {
    return (this.#free[at]?.length ?? 0) > 0 || (this.#fresh[at] ?? 0) < this.#class(at).count;
  }

  #takeFrom(at: number): number {
    this.#freeBytes -= this.#class(at).bytes;
    const used = this.#free[at]?.pop();
    if (used !== undefined) return used;
    const fresh = this.#fresh[at] ?? 0;
    this.#fresh[at] = fresh + 1;
    return (this.#first[at] ?? 0) + fresh;
  }

  #classOf(number: number): number {
    let at = this.#first.length - 1;
    while (at > 0 && number < (this.#first[at] ?? 0)) at--;
    return at;
  }

  #class(at: number): BlockClass {
    const found = this.#classes[at];
    if (found === undefined) throw new RangeError(`no class ${at}`);
    return found;
  }
}
