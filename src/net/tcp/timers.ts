/**
 * What is due, and when next. A timer here is a deadline in a control block; nothing in it reads a clock.
 *
 * Deadlines move far more often than they are reached: each segment sent arms the retransmission timer, each ACK stops
 * it. So a connection's place in the queue is only a *lower bound* of its earliest deadline. Arming a timer later than
 * that bound, or stopping it, is a store; only an earlier one moves the connection forward. When its place comes up too
 * early, it is put back where it now belongs: once in a retransmission time-out, not once a segment.
 */

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
/** FIN-WAIT-2 of a connection nobody reads from any more. */
export const FIN_WAIT = 6;
/** The program's own (`Connection.setTimeout`). */
export const APPLICATION = 7;
export const TIMER_KINDS = 8;

export type TimerKind = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** A connection's timers: one deadline a kind, in microseconds of the clock; Infinity when stopped. */
export class TimerSet {
  readonly due = new Float64Array(TIMER_KINDS).fill(Number.POSITIVE_INFINITY);
  /** Where in the queue, -1 when not in it. */
  place = -1;

  /** The earliest deadline. */
  earliest(): number {
    const due = this.due;
    let first = due[0]!;
    for (let kind = 1; kind < TIMER_KINDS; kind++) if (due[kind]! < first) first = due[kind]!;
    return first;
  }

  isArmed(kind: TimerKind): boolean {
    return this.due[kind]! !== Number.POSITIVE_INFINITY;
  }

  stop(kind: TimerKind): void {
    this.due[kind] = Number.POSITIVE_INFINITY;
  }
}

/** Anything that has timers. */
export interface Timed {
  readonly timers: TimerSet;
}

/** A binary heap of everything that has a deadline, ordered by lower bounds. */
export class TimerQueue<T extends Timed> {
  readonly #items: T[] = [];
  #bounds = new Float64Array(64);

  /** Sets the deadline of one of `item`'s timers. */
  arm(item: T, kind: TimerKind, deadline: number): void {
    const timers = item.timers;
    timers.due[kind] = deadline;
    if (timers.place < 0) this.#insert(item, deadline);
    else if (deadline < this.#bounds[timers.place]!) this.#rise(timers.place, item, deadline);
  }

  /** Forgets `item` and all its timers. */
  remove(item: T): void {
    const place = item.timers.place;
    item.timers.due.fill(Number.POSITIVE_INFINITY);
    if (place < 0) return;
    item.timers.place = -1;
    const last = this.#items.pop()!;
    if (last === item) return;
    this.#settle(place, last, this.#bounds[this.#items.length]!);
  }

  /** The earliest deadline of all, exactly; Infinity if there is none. */
  next(): number {
    while (this.#items.length > 0) {
      const first = this.#items[0]!;
      const earliest = first.timers.earliest();
      if (earliest <= this.#bounds[0]!) return this.#bounds[0]!;
      this.#correct(first, earliest);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** An item with a deadline at or before `now`, or undefined. Its timers are as they were: stop those you serve. */
  expired(now: number): T | undefined {
    return this.next() <= now ? this.#items[0] : undefined;
  }

  get size(): number {
    return this.#items.length;
  }

  /** Puts the first item where its earliest deadline belongs, or out of the queue if it has none. */
  #correct(first: T, earliest: number): void {
    if (earliest === Number.POSITIVE_INFINITY) this.remove(first);
    else this.#sink(0, first, earliest);
  }

  #insert(item: T, bound: number): void {
    const place = this.#items.length;
    if (place === this.#bounds.length) {
      const wider = new Float64Array(2 * place);
      wider.set(this.#bounds);
      this.#bounds = wider;
    }
    this.#items.push(item);
    this.#rise(place, item, bound);
  }

  #settle(place: number, item: T, bound: number): void {
    if (place > 0 && bound < this.#bounds[(place - 1) >> 1]!) this.#rise(place, item, bound);
    else this.#sink(place, item, bound);
  }

  #put(place: number, item: T, bound: number): void {
    this.#items[place] = item;
    this.#bounds[place] = bound;
    item.timers.place = place;
  }

  #rise(from: number, item: T, bound: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#bounds[parent]! <= bound) break;
      this.#put(place, this.#items[parent]!, this.#bounds[parent]!);
      place = parent;
    }
    this.#put(place, item, bound);
  }

  #sink(from: number, item: T, bound: number): void {
    let place = from;
    const count = this.#items.length;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= count) break;
      if (child + 1 < count && this.#bounds[child + 1]! < this.#bounds[child]!) child++;
      if (this.#bounds[child]! >= bound) break;
      this.#put(place, this.#items[child]!, this.#bounds[child]!);
      place = child;
    }
    this.#put(place, item, bound);
  }
}
