/**
 * The holes of a recorded stream: numbers that were passed over. A segment that fills one soon was reordered on its
 * way. One that fills it late was sent again because the first was lost before it came to the place of the capture.
 * Wireshark draws the same line, at 3 ms.
 */
import { distance, earlier, isAtOrBefore, isBefore, later, type Sequence } from '../net/tcp/sequence.js';

/** Reordered rather than resent, microseconds. */
const REORDERING = 3_000;
/** More holes at a time are not remembered. */
const MAX_HOLES = 256;

interface Hole {
  readonly from: Sequence;
  readonly to: Sequence;
  readonly openedAt: number;
}

export class Holes {
  #holes: Hole[] = [];
  /** The last `fill` came late: the segment had been sent again. */
  late = false;

  /** Numbers from `from` up to `to` were passed over at this time. */
  open(from: Sequence, to: Sequence, time: number): void {
    if (this.#holes.length < MAX_HOLES) this.#holes.push({ from, to, openedAt: time });
  }

  /** Numbers from `from` up to `to` have come. Returns how many of them were missing. */
  fill(from: Sequence, to: Sequence, time: number): number {
    let filled = 0;
    this.late = false;
    const left: Hole[] = [];
    for (const hole of this.#holes) {
      const start = later(from, hole.from);
      const end = earlier(to, hole.to);
      if (isAtOrBefore(end, start)) {
        left.push(hole);
        continue;
      }
      filled += distance(start, end);
      if (time - hole.openedAt > REORDERING) this.late = true;
      if (isBefore(hole.from, start)) left.push({ ...hole, to: start });
      if (isBefore(end, hole.to)) left.push({ ...hole, from: end });
    }
    this.#holes = left.slice(0, MAX_HOLES);
    return filled;
  }

  /** True if nothing was passed over. */
  get none(): boolean {
    return this.#holes.length === 0;
  }
}
