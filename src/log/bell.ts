/**
 * How the log thread sleeps: on a word in shared memory, the bell, which others ring when they have something for it.
 * While there is traffic it looks every few milliseconds and need not be rung: a worker only reads a flag for each
 * record.
 */
const RUNG = 0;
const ASLEEP = 1;

/** The shared memory of a bell. */
export function createBellMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(8);
}

export class LogBell {
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  /** Wakes the sleeper, if it sleeps deeply. Costs a comparison otherwise. */
  nudge(): void {
    if (Atomics.load(this.#words, ASLEEP) !== 0) this.ring();
  }

  /** Wakes the sleeper, however it sleeps. */
  ring(): void {
    Atomics.store(this.#words, ASLEEP, 0);
    Atomics.add(this.#words, RUNG, 1);
    Atomics.notify(this.#words, RUNG);
  }

  /** Grows with each ring. Look at it before you look for work, and give it to `doze` or `sleep`. */
  get rung(): number {
    return Atomics.load(this.#words, RUNG);
  }

  /** Sleeps until a `ring` after `rung` was read, at most so many milliseconds. */
  doze(rung: number, milliseconds: number): void {
    Atomics.wait(this.#words, RUNG, rung, milliseconds);
  }

  /** The same, and `nudge` wakes it too. `isNeeded` is asked again once the flag is up, so that no nudge is missed. */
  sleep(rung: number, milliseconds: number, isNeeded: () => boolean): void {
    Atomics.store(this.#words, ASLEEP, 1);
    if (!isNeeded()) Atomics.wait(this.#words, RUNG, rung, milliseconds);
    Atomics.store(this.#words, ASLEEP, 0);
  }
}
