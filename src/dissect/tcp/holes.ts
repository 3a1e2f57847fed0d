/**
 * The ranges of a byte stream that the capture has skipped so far. A segment that fills one came out of order, or its
 * first copy was lost. A segment that fills none repeats what was seen.
 */
import { add, distance, isAfter, isAtOrBefore, isBefore, type Sequence } from '../../net/tcp/sequence.js';

interface Hole {
  readonly from: Sequence;
  readonly to: Sequence;
}

/** Bounds memory for each connection. With more holes than this, the oldest one is forgotten. */
const MAX_HOLES = 64;

export class Holes {
  #list: Hole[] = [];

  /** `[from, to)` was skipped. */
  open(from: Sequence, to: Sequence): void {
    this.#list.push({ from, to });
    if (this.#list.length > MAX_HOLES) this.#list.shift();
  }

  /** Takes note of `length` bytes at `from`; true if some of them were missing. */
  fill(from: Sequence, length: number): boolean {
    if (this.#list.length === 0) return false;
    const to = add(from, length);
    let filled = false;
    const left: Hole[] = [];
    for (const hole of this.#list) {
      if (isAtOrBefore(to, hole.from) || isAtOrBefore(hole.to, from)) {
        left.push(hole);
        continue;
      }
      filled = true;
      if (isBefore(hole.from, from)) left.push({ from: hole.from, to: from });
      if (isAfter(hole.to, to)) left.push({ from: to, to: hole.to });
    }
    this.#list = left.slice(-MAX_HOLES);
    return filled;
  }

  /** The peer has everything before `acknowledged`. */
  acknowledge(acknowledged: Sequence): void {
    if (this.#list.length > 0) this.#list = this.#list.filter((hole) => distance(acknowledged, hole.to) > 0);
  }
}
