/**
 * Data that arrived ahead of a gap, kept until the gap is filled (SHLD-31). Sorted, without overlaps; where a segment
 * overlaps what is here, what came first stays. Everything in it lies inside the receive window, which bounds the bytes;
 * `maxPieces` bounds the pieces, so that a peer that sends every second byte cannot make it slow.
 */
import {
  add,
  distance,
  earlier,
  isAfter,
  isAtOrBefore,
  isBefore,
  later,
  type Sequence,
  toWord,
  ZERO,
} from '../sequence.js';

interface Piece {
  from: Sequence;
  bytes: Uint8Array;
  /** When it came, by count: SACK reports the newest first. */
  arrival: number;
}

const MAX_PIECES = 1024;

export class Reassembly {
  /** Bytes held. */
  bytes = 0;
  /** Where a FIN that came too early belongs: the number it has; valid while `hasFin`. */
  finAt: Sequence = ZERO;
  hasFin = false;

  /** What the last `insert` or `take`s found twice, for D-SACK (RFC 2883 section 4.2); nothing if the edges are equal. */
  duplicateFrom: Sequence = ZERO;
  duplicateTo: Sequence = ZERO;

  readonly #pieces: Piece[] = [];
  #arrivals = 0;

  get isEmpty(): boolean {
    return this.#pieces.length === 0 && !this.hasFin;
  }

  /** No room for another piece: what `insert` does not add then is not here. */
  get isFull(): boolean {
    return this.#pieces.length >= MAX_PIECES;
  }

  /** Copies in what of `source[from, to)`, which begins at `sequence`, is not here yet. Returns the bytes added. */
  insert(sequence: Sequence, source: Uint8Array, from: number, to: number): number {
    this.#arrivals++;
    const end = add(sequence, to - from);
    let at = sequence;
    let index = this.#firstEndingAfter(sequence);
    let added = 0;
    this.forgetDuplicate();
    while (isBefore(at, end) && this.#pieces.length < MAX_PIECES) {
      const next = this.#pieces[index];
      const stop = next !== undefined && isBefore(next.from, end) ? next.from : end;
      if (isBefore(at, stop)) {
        const offset = from + distance(sequence, at);
        const bytes = source.slice(offset, offset + distance(at, stop));
        this.#pieces.splice(index++, 0, { from: at, bytes, arrival: this.#arrivals });
        added += bytes.length;
      }
      if (next === undefined || stop === end) break;
      next.arrival = this.#arrivals;
      const nextEnd = add(next.from, next.bytes.length);
      this.#noteDuplicate(later(next.from, sequence), earlier(nextEnd, end));
      at = nextEnd;
      index++;
    }
    this.bytes += added;
    return added;
  }

  /** The bytes that continue the stream at `next`, taken out; undefined if the gap is still there. */
  take(next: Sequence): Uint8Array | undefined {
    for (;;) {
      const first = this.#pieces[0];
      if (first === undefined || isAfter(first.from, next)) return undefined;
      this.#pieces.shift();
      this.bytes -= first.bytes.length;
      const known = distance(first.from, next);
      if (known > 0) this.#noteDuplicate(first.from, earlier(next, add(first.from, first.bytes.length)));
      if (known < first.bytes.length) return first.bytes.subarray(known);
    }
  }

  /** Nothing has been found twice. Before the first of several `take`s. */
  forgetDuplicate(): void {
    this.duplicateFrom = ZERO;
    this.duplicateTo = ZERO;
  }

  /** The first range found twice, with what touches it: a D-SACK has room for one. */
  #noteDuplicate(from: Sequence, to: Sequence): void {
    if (this.duplicateFrom === this.duplicateTo) {
      this.duplicateFrom = from;
      this.duplicateTo = to;
    } else if (from === this.duplicateTo) this.duplicateTo = to;
  }

  /**
   * Writes SACK blocks, at most `max`: the island with the newest segment first, then by age (RFC 2018 section 4).
   * Returns how many.
   */
  writeBlocks(edges: Int32Array, at: number, max: number): number {
    const islands = this.#islands();
    islands.sort((a, b) => b.arrival - a.arrival);
    const count = Math.min(max, islands.length);
    for (let i = 0; i < count; i++) {
      edges[at + 2 * i] = toWord(islands[i]!.from);
      edges[at + 2 * i + 1] = toWord(islands[i]!.to);
    }
    return count;
  }

  /** How many islands there are, counted up to `max`. */
  countIslands(max: number): number {
    return Math.min(max, this.#islands().length);
  }

  #islands(): { from: Sequence; to: Sequence; arrival: number }[] {
    const islands: { from: Sequence; to: Sequence; arrival: number }[] = [];
    for (const piece of this.#pieces) {
      const to = add(piece.from, piece.bytes.length);
      const last = islands.at(-1);
      if (last !== undefined && last.to === piece.from) {
        last.to = to;
        last.arrival = Math.max(last.arrival, piece.arrival);
      } else islands.push({ from: piece.from, to, arrival: piece.arrival });
    }
    return islands;
  }

  #firstEndingAfter(sequence: Sequence): number {
    let index = 0;
    while (index < this.#pieces.length) {
      const piece = this.#pieces[index]!;
      if (!isAtOrBefore(add(piece.from, piece.bytes.length), sequence)) break;
      index++;
    }
    return index;
  }
}
