/**
 * A recorded stream, put in order: segments may be repeated, out of order, or missing in the capture. What comes too
 * early waits, within bounds.
 */
import { add, distance, isBefore, type Sequence } from '../net/tcp/sequence.js';

const MAX_WAITING_PIECES = 256;
const MAX_WAITING_BYTES = 1 << 20;

interface Piece {
  readonly sequence: Sequence;
  readonly bytes: Uint8Array;
}

/** Is given the next bytes of the stream, `bytes[from, to)`, which it must copy to keep. */
export type Deliver = (bytes: Uint8Array, from: number, to: number) => void;

export class InOrder {
  readonly #deliver: Deliver;
  #next: Sequence;
  #waiting: Piece[] = [];
  #waitingBytes = 0;

  /** @param first the sequence number of the stream's first byte */
  constructor(first: Sequence, deliver: Deliver) {
    this.#next = first;
    this.#deliver = deliver;
  }

  /** The next byte that has not been delivered. */
  get next(): Sequence {
    return this.#next;
  }

  /** Takes `bytes[from, to)`, which begin with this number. */
  take(sequence: Sequence, bytes: Uint8Array, from: number, to: number): void {
    this.#takeOne(sequence, bytes, from, to);
    if (this.#waiting.length > 0) this.#takeWaiting();
  }

  /** How many bytes before `limit` are missing, up to the first that waits. */
  missingBefore(limit: Sequence): number {
    return Math.max(0, distance(this.#next, earliest(this.#waiting, limit)));
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #takeOne(sequence: Sequence, bytes: Uint8Array, from: number, to: number): void {
    const ahead = distance(this.#next, sequence);
    if (ahead > 0) {
      this.#wait(sequence, bytes, from, to);
    } else if (to - from + ahead > 0) {
      this.#next = add(sequence, to - from);
      this.#deliver(bytes, from - ahead, to);
    }
  }

  #wait(sequence: Sequence, bytes: Uint8Array, from: number, to: number): void {
    if (this.#waiting.length === MAX_WAITING_PIECES || this.#waitingBytes + to - from > MAX_WAITING_BYTES) return;
    this.#waiting.push({ sequence, bytes: bytes.slice(from, to) });
    this.#waitingBytes += to - from;
  }

  /** Delivers what has waited and is next now, in order. What goes on waiting is not touched: it may be a megabyte. */
  #takeWaiting(): void {
    for (;;) {
      const at = this.#waiting.findIndex(({ sequence }) => distance(this.#next, sequence) <= 0);
      const [piece] = at < 0 ? [] : this.#waiting.splice(at, 1);
      if (piece === undefined) return;
      this.#waitingBytes -= piece.bytes.length;
      this.#takeOne(piece.sequence, piece.bytes, 0, piece.bytes.length);
    }
  }
}

/** The lowest number among the pieces, at most `limit`. */
function earliest(pieces: readonly Piece[], limit: Sequence): Sequence {
  return pieces.reduce((first, piece) => (isBefore(piece.sequence, first) ? piece.sequence : first), limit);
}
