/** One time-out at a time: a phase of an attempt, and what happens when it takes too long. */

export class Deadline {
  readonly #expired: (phase: string, ms: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #phase = '';

  constructor(expired: (phase: string, ms: number) => void) {
    this.#expired = expired;
  }

  /** From now on `phase` may take this long. The same phase begins anew. */
  set(phase: string, ms: number): void {
    if (this.#timer !== undefined && this.#phase === phase) {
      this.#timer.refresh();
      return;
    }
    this.clear();
    this.#phase = phase;
    this.#timer = setTimeout(() => this.#expired(phase, ms), ms);
  }

  /** Nothing is waited for, or it is not the upstream that we wait for. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
