/** What goes wrong in a program's handler, told to the person who runs the server. */

/** A handler that fails each time must not fill the log, ms. */
const TELL_EVERY_MS = 10_000;

/** Tells the first fault, and later ones now and then, with their number. */
export class Troubles {
  /** Faults so far. */
  count = 0;
  readonly #tell: (text: string) => void;
  readonly #nowMs: () => number;
  #tellAt = Number.NEGATIVE_INFINITY;
  #untold = 0;

  /** @param nowMs a clock that only goes forward */
  constructor(tell: (text: string) => void, nowMs = () => performance.now()) {
    this.#tell = tell;
    this.#nowMs = nowMs;
  }

  /** A fault in what answers `where`. */
  report(where: string, error: unknown): void {
    this.count++;
    const nowMs = this.#nowMs();
    if (nowMs < this.#tellAt) {
      this.#untold++;
      return;
    }
    this.#tellAt = nowMs + TELL_EVERY_MS;
    const more = this.#untold === 0 ? '' : ` (and ${this.#untold} faults before it)`;
    this.#untold = 0;
    this.#tell(`the handler failed at ${where}: ${describeError(error)}${more}`);
  }
}

/** The message of an error, and the first line of its stack that has a place. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = error.stack?.split('\n').find((line) => line.trimStart().startsWith('at '));
  return `${error.message}${place === undefined ? '' : ` (${place.trim()})`}`;
}
