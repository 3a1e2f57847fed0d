/**
 * Which timers are due, and when the next one may be. A timer is a deadline; no timer reads a clock.
 *
 * Deadlines move far more often than they are reached: each segment sent arms the retransmission timer, each ACK stops
 * it. So a connection's place in the queue is only a *lower bound* of its earliest deadline. Arming a timer later than
 * that bound, or stopping it, is a store. Only an earlier deadline moves the connection forward. When a bound comes up
 * and no timer is due, the connection goes back to where it now belongs. That happens once in a retransmission
 * time-out, not once a segment.
 */

import type { Clock } from '../clock.js';

/** The timers of a connection; those that are due together are served in this order. */
/** Tail loss probe, RFC 8985 section 7. Before the retransmission timer: it may take that one's place. */
export const LOSS_PROBE = 0;
export const RETRANSMIT = 1;
/** Zero-window probes, and data held back by silly-window avoidance. */
export const PERSIST = 2;
/** RACK's reordering window, RFC 8985 section 6.2. */
export const REORDERING = 3;
export const DELAYED_ACK = 4;
export const KEEP_ALIVE = 5;
/** FIN-WAIT-2 of a connection whose program has let go. */
export const FIN_WAIT = 6;
/** The program's own (`Connection.setTimeout`). */
export const APPLICATION = 7;
/** A connection with a rate of its own may send again (parts/pacer.ts). */
export const PACING = 8;
export const TIMER_KINDS = 9;

export type TimerKind = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const NEVER = Number.POSITIVE_INFINITY;

/** Anything that has timers. */
export interface Timed {
  /** Kept by the queue: the row of its deadlines; `NO_ROW` while no timer runs. */
  timerRow: number;
}

/** The row of everything that has no row of its own: all timers in it are stopped, and stay so. */
export const NO_ROW = 0;
/** A row: the lower bound of its deadlines, then a deadline for each kind. */
const ROW = 1 + TIMER_KINDS;
const FIRST_CAPACITY = 64;

/**
 * A binary heap of everything that has a deadline, ordered by lower bounds. The deadlines are rows of one typed array,
 * in microseconds of the clock, Infinity when stopped. The heap holds the numbers of rows. So a timer costs one cache
 * line, and moving things about touches no connection; with ten thousand of them, each touch would be a cache miss.
 */
export class TimerQueue<T extends Timed> {
  #rows = new Float64Array(FIRST_CAPACITY * ROW).fill(NEVER);
  /** By row: the item, and where in the heap it is. */
  readonly #items: (T | null)[] = [null];
  #places = new Int32Array(FIRST_CAPACITY);
  /** Rows not in use. */
  readonly #freeRows: number[] = [];
  /** By place: the row of the item there. */
  #heap = new Int32Array(FIRST_CAPACITY);
  #count = 0;

  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts one of `item`'s timers, or starts it anew: it expires `delay` microseconds from now, rounded up. */
  arm(item: T, kind: TimerKind, delay: number): void {
    if (item.timerRow === NO_ROW) this.#insert(item);
    const row = item.timerRow;
    const rows = this.#rows;
    const deadline = Math.ceil(this.#clock.now + delay);
    rows[row * ROW + 1 + kind] = deadline;
    if (deadline >= rows[row * ROW]!) return;
    rows[row * ROW] = deadline;
    this.#rise(this.#places[row]!);
  }

  /** Starts one of `item`'s timers with the deadline of another; stops it if the other is stopped. */
  armLike(item: T, kind: TimerKind, other: TimerKind): void {
    if (item.timerRow !== NO_ROW) this.#rows[item.timerRow * ROW + 1 + kind] = this.deadline(item, other);
  }

  stop(item: T, kind: TimerKind): void {
    this.#rows[item.timerRow * ROW + 1 + kind] = NEVER;
  }

  isArmed(item: T, kind: TimerKind): boolean {
    return this.#rows[item.timerRow * ROW + 1 + kind] !== NEVER;
  }

  /** When this timer expires, microseconds; Infinity if it is stopped. */
  deadline(item: T, kind: TimerKind): number {
    return this.#rows[item.timerRow * ROW + 1 + kind]!;
  }

  /** Forgets `item` and all its timers. */
  remove(item: T): void {
    const row = item.timerRow;
    if (row === NO_ROW) return;
    item.timerRow = NO_ROW;
    this.#rows.fill(NEVER, row * ROW, (row + 1) * ROW);
    this.#items[row] = null;
    this.#freeRows.push(row);
    const place = this.#places[row]!;
    const last = this.#heap[--this.#count]!;
    if (last === row) return;
    this.#put(last, place);
    this.#rise(place);
    this.#sink(this.#places[last]!);
  }

  /**
   * No timer expires before this time, microseconds; Infinity if none runs. It is a lower bound. If nothing is due
   * when it comes, `expired` corrects it.
   */
  next(): number {
    return this.#count === 0 ? NEVER : this.#rows[this.#heap[0]! * ROW]!;
  }

  /**
   * An item with a deadline at or before `now`, or undefined. Its timers stay as they are: the caller stops those it
   * serves.
   */
  expired(now: number): T | undefined {
    while (this.next() <= now) {
      const row = this.#heap[0]!;
      const item = this.#items[row]!;
      const earliest = this.#earliest(row);
      if (earliest <= now) return item;
      // Its place is too far in front. It goes back to the place of its earliest deadline, or out of the heap if it
      // has none.
      if (earliest === NEVER) this.remove(item);
      else {
        this.#rows[row * ROW] = earliest;
        this.#sink(0);
      }
    }
    return undefined;
  }

  /** Items in the heap. */
  get size(): number {
    return this.#count;
  }

  /** Where in the heap `item` is; -1 if it is not. */
  placeOf(item: T): number {
    return item.timerRow === NO_ROW ? -1 : this.#places[item.timerRow]!;
  }

  #earliest(row: number): number {
    const first = row * ROW + 1;
    let earliest = NEVER;
    for (let at = first; at < first + TIMER_KINDS; at++) earliest = Math.min(earliest, this.#rows[at]!);
    return earliest;
  }

  /** Puts `item` at the end, with no bound yet. */
  #insert(item: T): void {
    const row = this.#freeRows.pop() ?? this.#items.length;
    if (row === this.#places.length) this.#grow();
    this.#items[row] = item;
    item.timerRow = row;
    this.#put(row, this.#count++);
  }

  #grow(): void {
    const capacity = 2 * this.#places.length;
    const [rows, places, heap] = [this.#rows, this.#places, this.#heap];
    this.#rows = new Float64Array(capacity * ROW).fill(NEVER, rows.length);
    this.#rows.set(rows);
    this.#places = new Int32Array(capacity);
    this.#places.set(places);
    this.#heap = new Int32Array(capacity);
    this.#heap.set(heap);
  }

  #put(row: number, place: number): void {
    this.#heap[place] = row;
    this.#places[row] = place;
  }

  /** The lower bound of what stands at `place`. */
  #boundAt(place: number): number {
    return this.#rows[this.#heap[place]! * ROW]!;
  }

  /** Moves what stands at `from` towards the front, as far as its bound goes. */
  #rise(from: number): void {
    const row = this.#heap[from]!;
    const bound = this.#rows[row * ROW]!;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#boundAt(parent) <= bound) break;
      this.#put(this.#heap[parent]!, place);
      place = parent;
    }
    this.#put(row, place);
  }

  /** Moves what stands at `from` towards the back, as far as its bound goes. */
  #sink(from: number): void {
    const row = this.#heap[from]!;
    const bound = this.#rows[row * ROW]!;
    const count = this.#count;
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= count) break;
      if (child + 1 < count && this.#boundAt(child + 1) < this.#boundAt(child)) child++;
      if (this.#boundAt(child) >= bound) break;
      this.#put(this.#heap[child]!, place);
      place = child;
    }
    this.#put(row, place);
  }
}
