/**
 * Things to take back. Whoever does something that outlives a function call adds how to undo it, at once; a failure
 * half-way and an ordinary end then run the same list, the latest step first.
 */
export class UndoList {
  readonly #steps: (() => void | Promise<void>)[] = [];

  add(step: () => void | Promise<void>): void {
    this.#steps.push(step);
  }

  /** Runs every step, also after one has failed. @throws the first failure, at the end. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
