/**
 * Steps to undo. When something is done that outlives the function call, the action that undoes it is added here at
 * once. Both a failure half-way and an ordinary end run this list, the latest step first.
 */
type Step = () => void | Promise<void>;

export class UndoList {
  readonly #steps: Step[] = [];
  readonly #onFailure: Step[] = [];

  add(step: Step): void {
    this.#steps.push(step);
  }

  /** A step that runs only if the start fails, and after all others. An ordinary end leaves it to the user. */
  onFailure(step: Step): void {
    this.#onFailure.push(step);
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

  /** The same after a start that has failed. */
  async runAfterFailure(): Promise<void> {
    this.#steps.unshift(...this.#onFailure.splice(0));
    await this.run();
  }
}
