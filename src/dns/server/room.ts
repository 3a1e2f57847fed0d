/**
 * Small pieces of memory for the ends of answers over UDP. A device may read a piece after `send` has returned (a ring
 * does); then it retains it, and the next answer takes another piece.
 */
import { SummedBytes } from '../../net/wire/summed-bytes.js';

/** Answers that a device may hold at a time. */
const PIECES = 1024;

export class Room {
  readonly #pieces: SummedBytes[];
  #next = 0;

  constructor(bytesEach: number) {
    this.#pieces = Array.from({ length: PIECES }, () => SummedBytes.plain(new Uint8Array(bytesEach)));
  }

  /** A piece that nobody reads; null: all are being read. */
  take(): SummedBytes | null {
    for (let tries = 0; tries < PIECES; tries++) {
      const piece = this.#pieces[this.#next]!;
      this.#next = (this.#next + 1) & (PIECES - 1);
      if (piece.readers === 0) return piece;
    }
    return null;
  }
}
