/**
 * Which timers are due, and when the next one is. A timer is a deadline in a control block; no timer reads a clock.
 *
 * Deadlines move far more often than they are reached: each segment sent arms the retransmission timer, each ACK stops
 * it. So a connection's place in the queue is only a *lower bound* of its earliest deadline. Arming a timer later than
 * that bound, or stopping it, is a store. Only an earlier deadline moves the connection forward. When a connection's
 * place comes up too early, the connection goes back to where it now belongs. That happens once in a retransmission
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
export const TIMER_KINDS = 8;

export type TimerKind = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** A connection's timers: one deadline a kind, in microseconds of the clock; Infinity when stopped. */
export class TimerSet {
  readonly due = new Float64Array(TIMER_KINDS).fill(Number.POSITIVE_INFINITY);
  /** Its number in the queue's arrays, -1 when not in it. */
  number = -1;

  /** The earliest deadline. */
  earliest(): number {
    const due = this.due;
    let first = due[0]!;
    for (let kind = 1; kind < TIMER_KINDS; kind++) if (due[kind]! < first) first = due[kind]!;
    return first;
  }

  isArmed(kind: TimerKind): boolean {
    return this.due[kind] !== Number.POSITIVE_INFINITY;
  }

  stop(kind: TimerKind): void {
    this.due[kind] = Number.POSITIVE_INFINITY;
  }
}

/** Anything that has timers. */
export interface Timed {
  readonly timers: TimerSet;
}

const FIRST_CAPACITY = 64;

/**
 * A binary heap of everything that has a deadline, ordered by lower bounds. Each item has a number, and the heap holds
 * these numbers in typed arrays. So moving things about touches no connection; with ten thousand of them, each touch
 * would be a cache miss.
 */
export class TimerQueue<T extends Timed> {
  /** By number: the item, and where in the heap it is. */
  readonly #items: (T | null)[] = [];
  #places = new Int32Array(FIRST_CAPACITY);
  /** Numbers not in use. */
  readonly #freeNumbers: number[] = [];
  /** By place: the number of the item there, and the lower bound of its earliest deadline. */
  #heap = new Int32Array(FIRST_CAPACITY);
  #bounds = new Float64Array(FIRST_CAPACITY);
  #count = 0;

  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts one of `item`'s timers, or starts it anew: it expires `delay` microseconds from now, rounded up. */
  arm(item: T, kind: TimerKind, delay: number): void {
    const timers = item.timers;
    const deadline = Math.ceil(this.#clock.now + delay);
    timers.due[kind] = deadline;
    if (timers.number < 0) this.#insert(item);
    const place = this.#places[timers.number]!;
    if (deadline >= this.#bounds[place]!) return;
    this.#bounds[place] = deadline;
    this.#rise(place);
  }

  /** Forgets `item` and all its timers. */
  remove(item: T): void {
    const number = item.timers.number;
    item.timers.due.fill(Number.POSITIVE_INFINITY);
    if (number < 0) return;
    item.timers.number = -1;
    this.#items[number] = null;
    this.#freeNumbers.push(number);
    const place = this.#places[number]!;
    const last = --this.#count;
    if (place === last) return;
    const moved = this.#heap[last]!;
    this.#move(last, place);
    this.#rise(place);
    this.#sink(this.#places[moved]!);
  }

  /** The earliest deadline of all, exactly; Infinity if there is none. */
  next(): number {
    while (this.#count > 0) {
      const first = this.#items[this.#heap[0]!]!;
      const earliest = first.timers.earliest();
      if (earliest <= this.#bounds[0]!) return this.#bounds[0]!;
      // Its place is too far in front. It goes back to the place of its earliest deadline, or out of the heap if it
      // has none.
      if (earliest === Number.POSITIVE_INFINITY) this.remove(first);
      else {
        this.#bounds[0] = earliest;
        this.#sink(0);
      }
    }
    return Number.POSITIVE_INFINITY;
  }

  /**
   * An item with a deadline at or before `now`, or undefined. Its timers stay as they are: the caller stops those it
   * serves.
   */
  expired(now: number): T | undefined {
    return this.next() <= now ? this.#items[this.#heap[0]!]! : undefined;
  }

  /** Items in the heap. */
  get size(): number {
    return this.#count;
  }

  /** Where in the heap `item` is; -1 if it is not. */
  placeOf(item: T): number {
    return item.timers.number < 0 ? -1 : this.#places[item.timers.number]!;
  }

  /** Puts `item` at the end, with no bound yet. */
  #insert(item: T): void {
    const number = this.#freeNumbers.pop() ?? this.#items.length;
    if (number === this.#places.length) this.#grow();
    this.#items[number] = item;
    item.timers.number = number;
    const place = this.#count++;
    this.#heap[place] = number;
    this.#bounds[place] = Number.POSITIVE_INFINITY;
    this.#places[number] = place;
  }

  #grow(): void {
    const capacity = 2 * this.#places.length;
    const places = new Int32Array(capacity);
    const heap = new Int32Array(capacity);
    const bounds = new Float64Array(capacity);
    places.set(this.#places);
    heap.set(this.#heap);
    bounds.set(this.#bounds);
    this.#places = places;
    this.#heap = heap;
    this.#bounds = bounds;
  }

  /** Copies what stands at one place to another. */
  #move(from: number, to: number): void {
    const number = this.#heap[from]!;
    this.#heap[to] = number;
    this.#bounds[to] = this.#bounds[from]!;
    this.#places[number] = to;
  }

  /** Moves what stands at `from` towards the front, as far as its bound goes. */
  #rise(from: number): void {
    const number = this.#heap[from]!;
    const bound = this.#bounds[from]!;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#bounds[parent]! <= bound) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#heap[place] = number;
    this.#bounds[place] = bound;
    this.#places[number] = place;
  }

  /** Moves what stands at `from` towards the back, as far as its bound goes. */
  #sink(from: number): void {
    const number = this.#heap[from]!;
    const bound = this.#bounds[from]!;
    const count = this.#count;
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= count) break;
      if (child + 1 < count && this.#bounds[child + 1]! < this.#bounds[child]!) child++;
      if (this.#bounds[child]! >= bound) break;
      this.#move(child, place);
      place = child;
    }
    this.#heap[place] = number;
    this.#bounds[place] = bound;
    this.#places[number] = place;
  }
}
