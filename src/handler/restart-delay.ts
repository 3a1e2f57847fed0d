/** How long a thread that has ended is left alone before it is started again. */

/** A thread that lived for so long was sound, ms: what ended it comes seldom. */
const SOUND_AFTER_MS = 10_000;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;

/** No time at first. If the thread ends again soon, 100 ms, and then twice as long each time. */
export class RestartDelay {
  #ms = 0;

  /** The delay after a life of so many milliseconds, ms. */
  next(livedMs: number): number {
    if (livedMs >= SOUND_AFTER_MS) this.#ms = 0;
    const ms = this.#ms;
    this.#ms = Math.max(FIRST_DELAY_MS, Math.min(LONGEST_DELAY_MS, 2 * ms));
    return ms;
  }
}
