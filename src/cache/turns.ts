/**
 * An order among tasks that run at the same time: each may reach one point of its work only after those begun before
 * it are past theirs. The loader's files take their places in memory so (loader.ts, reader.ts).
 */

/** One task's place in the order. */
export interface Turn {
  /** Resolved when every task begun before this one has passed its turn on. */
  readonly mine: Promise<void>;
  /** The next one's turn. More calls than one do no harm. */
  readonly pass: () => void;
}

export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Runs `task`; its turn passes on at its end at the latest, even if it fails. */
  async run<T>(task: (turn: Turn) => Promise<T>): Promise<T> {
    const mine = this.#last;
    let release = () => {};
    const passed = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#last = mine.then(() => passed);
    try {
      return await task({ mine, pass: release });
    } finally {
      release();
    }
  }
}
