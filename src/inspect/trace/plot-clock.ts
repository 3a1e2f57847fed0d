/**
 * The time axis of a capture's pictures. A damaged capture has frames whose time is far off, or a clock that was set
 * while it ran. Drawn as they are, one such frame squeezes all others into a pixel. So the axis goes on where it was:
 *
 * - A frame that comes more than a day after the one before it, or more than a second before it, counts as sent at the
 *   same moment. Those behind it count from there.
 * - A stretch of a few frames that jumps ahead by less, and comes back, is put where it would have been without.
 *
 * Times that go back by less than a second stay as they are: several queues or interfaces of one capture do that.
 */

const SECOND = 1_000_000;
/** Nobody wants to see a longer silence. */
const LONGEST_SILENCE = 86_400 * SECOND;
const MOST_BACK = SECOND;
/** A step ahead is remembered from here on, for so many frames: it may turn out to be a damaged time. */
const SUSPICIOUS = 10 * SECOND;
const MOST_FRAMES_AHEAD = 64;

interface Step {
  /** The frame that came so late; 0: there was no step. */
  readonly frame: number;
  /** Both times before it. */
  readonly recorded: number;
  readonly shown: number;
  /** It was so large that it is damaged for certain. */
  readonly isNoted: boolean;
}

const NO_STEP: Step = { frame: 0, recorded: 0, shown: 0, isNoted: false };

/** Frames from here on belong at `time`, all of them. */
export interface Correction {
  readonly from: number;
  readonly time: number;
}

/** Takes the recorded times of frames, in their order, and gives the times of pictures. Microseconds. */
export class PlotClock {
  /** Frames whose recorded time does not fit. */
  damaged = 0;
  /** The first of them; 0: there is none. */
  firstDamaged = 0;
  /** What the last frame has told about frames before it. */
  correction: Correction | undefined;
  #before = Number.NaN;
  #shown = 0;
  /** The last step ahead. */
  #step = NO_STEP;

  /** The time of frame `number`, since the first. `recorded`: what the capture says, since any moment. */
  take(recorded: number, number: number): number {
    this.correction = undefined;
    const delta = Number.isNaN(this.#before) ? 0 : recorded - this.#before;
    const isBack = delta < -MOST_BACK;
    if (isBack && this.#isReturn(recorded, number)) this.#undoStep(recorded, number);
    else if (isBack) this.#note(number, 1);
    else if (delta > SUSPICIOUS) this.#stepAhead(delta, number);
    else this.#shown += delta;
    this.#before = recorded;
    return this.#shown;
  }

  #stepAhead(delta: number, number: number): void {
    const isNoted = delta > LONGEST_SILENCE;
    this.#step = { frame: number, recorded: this.#before, shown: this.#shown, isNoted };
    if (isNoted) this.#note(number, 1);
    else this.#shown += delta;
  }

  /** Whether a step ahead ends here, near the time from which it began. */
  #isReturn(recorded: number, number: number): boolean {
    const { frame, recorded: begin } = this.#step;
    return frame > 0 && number - frame <= MOST_FRAMES_AHEAD && recorded >= begin - MOST_BACK;
  }

  #undoStep(recorded: number, number: number): void {
    const { frame, recorded: begin, shown, isNoted } = this.#step;
    this.#note(frame, number - frame - (isNoted ? 1 : 0));
    this.correction = { from: frame, time: shown };
    this.#shown = shown + Math.max(0, recorded - begin);
    this.#step = NO_STEP;
  }

  #note(first: number, frames: number): void {
    if (this.damaged === 0) this.firstDamaged = first;
    this.damaged += frames;
  }
}
