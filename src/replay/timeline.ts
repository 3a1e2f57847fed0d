/**
 * The capture's own time, as the stack's clock: it moves from frame to frame, and does on the way what is due.
 *
 * Two things are not believed: time that goes back (the clock stands still), and a gap of more than a day, which is
 * shortened to one. A damaged time stamp may lie a century ahead, and the timers of a century take too long.
 */
import { type Clock, SECOND } from '../net/clock.js';

/** The stack, as the timeline drives it. */
export interface Timed {
  runTimers(): void;
  nextDeadline(): number;
}

/** The clock at the first frame. Not 0, so that no time of a replay is. */
export const FIRST_MOMENT = SECOND;
export const MAX_GAP = 86_400 * SECOND;
/** A stack that wants to be called without end gets so many calls between two frames. */
const MAX_TIMER_RUNS = 1_000_000;

export class Timeline {
  readonly #clock: Clock;
  readonly #stack: Timed;
  readonly #settle: () => void;
  #started = false;
  /** Microseconds since 1970 minus the clock. */
  offset = 0;
  shortenedGaps = 0;

  /** @param settle called after each run of timers, to deal with what the stack has sent */
  constructor(clock: Clock, stack: Timed, settle: () => void) {
    this.#clock = clock;
    this.#stack = stack;
    this.#settle = settle;
  }

  /** Moves to this moment, given in microseconds since 1970. */
  moveTo(microseconds: number): void {
    if (!this.#started) {
      this.#started = true;
      this.#clock.now = FIRST_MOMENT;
      this.offset = microseconds - FIRST_MOMENT;
    }
    const gap = microseconds - this.offset - this.#clock.now;
    if (gap > MAX_GAP) {
      this.offset += gap - MAX_GAP;
      this.shortenedGaps++;
    }
    this.runUntil(microseconds - this.offset);
  }

  /** Moves the clock to `end`, running timers on the way. */
  runUntil(end: number): void {
    const clock = this.#clock;
    for (let runs = 0; runs < MAX_TIMER_RUNS; runs++) {
      const deadline = this.#stack.nextDeadline();
      if (deadline > end || deadline === Number.POSITIVE_INFINITY) break;
      clock.now = deadline;
      this.#stack.runTimers();
      this.#settle();
    }
    clock.now = end;
  }
}
