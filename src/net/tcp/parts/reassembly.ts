/**
 * Data that arrived ahead of a gap, kept until the gap is filled (SHLD-31): islands in the order of their numbers, with
 * a gap between any two. Where a segment overlaps an island, the bytes that came first stay. A FIN takes a number, so
 * SACK reports it like a byte: at the end of the last island, or behind a gap.
 *
 *     RCV.NXT        island                         island
 *        |   gap   |piece|piece|piece|    gap    |piece|piece|FIN
 *
 * Everything in it lies inside the receive window, which bounds the bytes. There is also a bound on small pieces, so
 * that a peer that sends every second byte cannot make it slow and large.
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

/** Bytes without a gap between them, as they came. */
interface Island {
  from: Sequence;
  to: Sequence;
  /** Copies of the segments' data, in order; those before `taken` are gone. */
  pieces: Uint8Array[];
  taken: number;
  /** When it last grew, by count: SACK reports the newest first. */
  arrival: number;
}

/** This many pieces may be of any size … */
const SMALL_PIECES = 1024;
/** … and more only while they have this many bytes on average, which bounds the cost of keeping them. */
const LEAST_AVERAGE = 256;

export class Reassembly {
  /** Bytes held. */
  bytes = 0;
  /**
   * The range that the last `insert` or `take`s found twice, for D-SACK (RFC 2883 section 4.2); none if the edges are
   * equal.
   */
  duplicateFrom: Sequence = ZERO;
  duplicateTo: Sequence = ZERO;

  readonly #islands: Island[] = [];
  /** The number of the FIN, as an island without data; null: none has come. */
  #fin: Island | null = null;
  #pieces = 0;
  #arrivals = 0;

  get isEmpty(): boolean {
    return this.#islands.length === 0 && this.#fin === null;
  }

  /** There is no room for another piece: `insert` may add less than it is given. */
  get isFull(): boolean {
    return this.#pieces >= SMALL_PIECES && this.#pieces * LEAST_AVERAGE > this.bytes;
  }

  /** True if a FIN has come that has this number. */
  hasFinAt(sequence: Sequence): boolean {
    return this.#fin !== null && this.#fin.from === sequence;
  }

  /** Keeps a FIN that has come too early. */
  keepFin(sequence: Sequence): void {
    const arrival = ++this.#arrivals;
    this.#fin = { from: sequence, to: add(sequence, 1), pieces: [], taken: 0, arrival };
    const last = this.#islands.at(-1);
    if (last !== undefined && last.to === sequence) last.arrival = arrival;
  }

  /**
   * Copies in the part of `source[from, to)`, which begins at `sequence`, that is not here yet. Returns the bytes
   * added.
   */
  insert(sequence: Sequence, source: Uint8Array, from: number, to: number): number {
    this.#arrivals++;
    const before = this.bytes;
    const end = add(sequence, to - from);
    let at = sequence;
    const index = this.#firstReaching(sequence);
    this.forgetDuplicate();
    while (isBefore(at, end)) {
      const island = this.#islands[index];
      if (island !== undefined && isAtOrBefore(island.from, at)) {
        // It begins in this island or right behind it, so its new bytes continue the island.
        this.#noteDuplicate(later(island.from, sequence), earlier(island.to, end));
        island.arrival = this.#arrivals;
        at = later(at, island.to);
        if (!isBefore(at, end)) break;
      }
      if (this.isFull) break;
      const stop = this.#startOf(index + (this.#reaches(index, at) ? 1 : 0), end);
      const offset = from + distance(sequence, at);
      this.#place(index, at, stop, source.slice(offset, offset + distance(at, stop)));
      at = stop;
    }
    return this.bytes - before;
  }

  /** The bytes that continue the stream at `next`, taken out; undefined if the gap is still there. */
  take(next: Sequence): Uint8Array | undefined {
    for (;;) {
      const island = this.#islands[0];
      if (island === undefined || isAfter(island.from, next)) return undefined;
      const first = island.pieces[island.taken]!;
      this.#dropFirst(island, first);
      const start = add(island.from, -first.length);
      const known = distance(start, next);
      if (known > 0) this.#noteDuplicate(start, earlier(next, island.from));
      if (known < first.length) return first.subarray(known);
    }
  }

  /** Forgets what was found twice; called before the first of several `take`s. */
  forgetDuplicate(): void {
    this.duplicateFrom = ZERO;
    this.duplicateTo = ZERO;
  }

  /**
   * Writes SACK blocks, at most `max`: the island with the newest segment first, then by age (RFC 2018 section 4).
   * Returns how many.
   */
  writeBlocks(edges: Int32Array, at: number, max: number): number {
    const count = this.countBlocks(max);
    let newerThan = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const island = this.#newestBefore(newerThan);
      edges[at + 2 * i] = toWord(island.from);
      edges[at + 2 * i + 1] = toWord(this.hasFinAt(island.to) ? add(island.to, 1) : island.to);
      newerThan = island.arrival;
    }
    return count;
  }

  /** How many blocks there are to report, counted up to `max`. */
  countBlocks(max: number): number {
    return Math.min(max, this.#islands.length + (this.#finAlone === null ? 0 : 1));
  }

  /** The FIN if there is a gap before it; null if not, or if data has come that lies behind it. */
  get #finAlone(): Island | null {
    const last = this.#islands.at(-1);
    return this.#fin === null || last === undefined || isBefore(last.to, this.#fin.from) ? this.#fin : null;
  }

  /**
   * Puts a piece into the gap at `index`: behind the island there, in front of the next, between both, or by itself.
   */
  #place(index: number, from: Sequence, to: Sequence, piece: Uint8Array): void {
    this.#pieces++;
    this.bytes += piece.length;
    const arrival = this.#arrivals;
    if (this.#reaches(index, from)) {
      const island = this.#islands[index]!;
      island.pieces.push(piece);
      island.to = to;
      island.arrival = arrival;
      this.#joinNext(index);
      return;
    }
    const next = this.#islands[index];
    if (next !== undefined && next.from === to) {
      next.pieces.unshift(piece);
      next.from = from;
      next.arrival = arrival;
    } else this.#islands.splice(index, 0, { from, to, pieces: [piece], taken: 0, arrival });
  }

  /** The island at `index` may have grown up to the next: then the two are one. */
  #joinNext(index: number): void {
    const island = this.#islands[index]!;
    const next = this.#islands[index + 1];
    if (next === undefined || next.from !== island.to) return;
    for (const piece of next.pieces) island.pieces.push(piece);
    island.to = next.to;
    this.#islands.splice(index + 1, 1);
  }

  #dropFirst(island: Island, first: Uint8Array): void {
    this.#pieces--;
    this.bytes -= first.length;
    island.from = add(island.from, first.length);
    island.taken++;
    if (island.taken === island.pieces.length) this.#islands.shift();
  }

  /** The first range found twice, with what touches it: a D-SACK has room for one. */
  #noteDuplicate(from: Sequence, to: Sequence): void {
    if (!isBefore(from, to)) return;
    if (this.duplicateFrom === this.duplicateTo) {
      this.duplicateFrom = from;
      this.duplicateTo = to;
    } else if (from === this.duplicateTo) this.duplicateTo = to;
  }

  /** True if the island at `index` ends at `sequence`: a piece from there on continues it. */
  #reaches(index: number, sequence: Sequence): boolean {
    const island = this.#islands[index];
    return island !== undefined && island.to === sequence;
  }

  /** Where the island at `index` begins, if that is before `end`; else `end`. */
  #startOf(index: number, end: Sequence): Sequence {
    const island = this.#islands[index];
    return island === undefined ? end : earlier(island.from, end);
  }

  /** The first island that ends at or after `sequence`. Most segments belong at the end, so the search begins there. */
  #firstReaching(sequence: Sequence): number {
    let index = this.#islands.length;
    while (index > 0 && isAtOrBefore(sequence, this.#islands[index - 1]!.to)) index--;
    return index;
  }

  /** The island that grew last, of those that grew before `arrival`. There is one. */
  #newestBefore(arrival: number): Island {
    let newest = this.#finAlone;
    if (newest !== null && newest.arrival >= arrival) newest = null;
    for (let i = 0; i < this.#islands.length; i++) {
      const island = this.#islands[i]!;
      if (island.arrival < arrival && (newest === null || island.arrival > newest.arrival)) newest = island;
    }
    return newest!;
  }
}
