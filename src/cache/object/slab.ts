/**
 * One piece of SharedArrayBuffer memory, and which parts of it are free. Used by arena.ts alone.
 *
 * Free parts are kept as a list of spans in order of their place, so that a span given back merges with its
 * neighbours. The first span large enough is taken (first fit: Knuth, TAOCP volume 1, section 2.5). This is the
 * control path: a list walk for each loaded file, none for a request.
 */

import { BLOCK_UNIT, BLOCK_UNITS, recordAt, SlabView } from './record.js';
import { sharedMemory } from './shared-memory.js';

interface Span {
  from: number;
  to: number;
}

export class Slab {
  /** Whether blocks of many KiB lie in it, or small ones. It may change while the slab is empty. */
  holdsLarge = false;
  readonly view: SlabView;
  readonly buffer: SharedArrayBuffer;
  readonly #free: Span[];
  /** No free span is longer than this. It may be less: it is corrected when a search fails. */
  #longest: number;

  constructor(id: number, length: number) {
    this.buffer = sharedMemory(length);
    this.view = new SlabView(id, this.buffer);
    this.#free = [{ from: 0, to: length }];
    this.#longest = length;
  }

  get id(): number {
    return this.view.id;
  }

  get length(): number {
    return this.view.bytes.length;
  }

  /** Whether nothing is taken from it. */
  get empty(): boolean {
    const first = this.#free[0];
    return first !== undefined && first.from === 0 && first.to === this.length;
  }

  /** Calls `visit` with the offset of each block that is taken. Each begins with its length (`BLOCK_UNITS`). */
  forEachBlock(visit: (from: number) => void): void {
    let at = 0;
    for (const span of [...this.#free, { from: this.length, to: this.length }]) {
      while (at < span.from) {
        const length = this.view.word(recordAt(at) + BLOCK_UNITS) * BLOCK_UNIT;
        visit(at);
        at += length;
      }
      at = span.to;
    }
  }

  /** Takes `length` bytes; returns where they begin, or -1 if no span is long enough. */
  take(length: number): number {
    if (length > this.#longest) return -1;
    let longest = 0;
    for (const [i, span] of this.#free.entries()) {
      const room = span.to - span.from;
      if (room >= length) {
        const from = span.from;
        span.from += length;
        if (span.from === span.to) this.#free.splice(i, 1);
        return from;
      }
      longest = Math.max(longest, room);
    }
    this.#longest = longest;
    return -1;
  }

  /** Gives `[from, from + length)` back. Throws if any of it was free already: that would be shared by two objects. */
  give(from: number, length: number): void {
    const to = from + length;
    const next = this.#firstBehind(from);
    const before = this.#free[next - 1];
    const behind = this.#free[next];
    if ((before !== undefined && before.to > from) || (behind !== undefined && behind.from < to) || to > this.length) {
      throw new RangeError(`bytes ${from} to ${to} of slab ${this.id} are free already`);
    }
    const joinsBefore = before !== undefined && before.to === from;
    const joinsBehind = behind !== undefined && behind.from === to;
    const span = joinsBefore ? before : joinsBehind ? behind : { from, to };
    if (joinsBefore) span.to = joinsBehind ? behind.to : to;
    else if (joinsBehind) span.from = from;
    if (joinsBefore && joinsBehind) this.#free.splice(next, 1);
    else if (!joinsBefore && !joinsBehind) this.#free.splice(next, 0, span);
    this.#longest = Math.max(this.#longest, span.to - span.from);
  }

  /** Index of the first free span that begins behind `from` (binary search). */
  #firstBehind(from: number): number {
    let low = 0;
    let high = this.#free.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const span = this.#free[middle] as Span; // middle < high <= length
      if (span.from > from) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
