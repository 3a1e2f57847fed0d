/** Calls that the main thread makes later. None of them keeps the process alive, and all can be called off. */
export class Later {
  readonly #timers = new Set<NodeJS.Timeout>();

  /** Calls `action` once, so many milliseconds from now. */
  call(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    timer.unref();
    this.#timers.add(timer);
  }

  /** Calls off all that has not been called. */
  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
