/** What is wrong with a display filter, and where in it. */
export class FilterError extends Error {
  constructor(
    message: string,
    readonly text: string,
    /** The characters `[from, to)` of the text are wrong. */
    readonly from: number,
    readonly to: number,
  ) {
    super(message);
  }

  /** The message, the filter, and a line of carets under what is wrong. */
  get picture(): string {
    const carets = '^'.repeat(Math.max(1, this.to - this.from));
    return `${this.message}\n  ${this.text}\n  ${' '.repeat(this.from)}${carets}`;
  }
}
