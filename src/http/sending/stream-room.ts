/**
 * What the bodies in pieces of one worker may hold of the cache's memory: `Store.streamShare`, in pieces. A piece that
 * is queued in TCP cannot be evicted before its client acknowledges it. Without this bound slow clients would hold all
 * of the memory, and nobody else would get anything that is not in it.
 *
 * Each body has a seat, which holds a place for each piece that it queues. While places are short, a seat has one.
 * Who gets none waits here in turn. A seat whose piece is not acknowledged for long gives way to those who wait.
 */
import { LOOK_AGAIN, type Waiter } from '../../cache/library/asks.js';
import { PIECE_BYTES } from '../../cache/object/pieces.js';

/** Pieces that a seat may send in one turn while others wait. */
const PIECES_PER_TURN = 8;
/** Who has waited for so long may have others reset, ms. */
const PATIENCE_MS = 5_000;
/** A piece that is not acknowledged after so long is slow, ms: 26 KB/s. */
const SLOW_MS = 20_000;

/** The places that one body holds. */
export class Seat {
  /** Places. */
  held = 0;
  /** Pieces sent since it came to its turn. */
  sent = 0;
  /** When it last took its first place, gave one back, or began to wait, ms of the clock as an int32. */
  sinceMs = 0;
  /** It is told `LOOK_AGAIN` when its turn comes. Null: nobody has taken the seat yet. */
  waiter: Waiter | null = null;
  /** Ends the connection of a seat that is too slow. */
  giveWay: () => void = () => {};
}

export class StreamRoom {
  /** The clock in ms as an int32. */
  nowMs: () => number = () => 0;
  readonly #mostBytes: () => number;
  #held = 0;
  /** Seats with places. The one that made progress longest ago comes first. */
  readonly #holders = new Set<Seat>();
  /** Seats that wait for a first place. Never more than connections. */
  readonly #queue = new Set<Seat>();
  /** The seat whose turn it is. */
  #next: Seat | null = null;

  /** @param mostBytes what all seats may hold now; one piece is always allowed */
  constructor(mostBytes: () => number) {
    this.#mostBytes = mostBytes;
  }

  /** Places taken, and seats that wait for one. */
  get held(): number {
    return this.#held;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** Half of the places are taken, or somebody waits: nobody gets a second one, or has pieces read ahead. */
  get isShort(): boolean {
    return this.#queue.size > 0 || 2 * this.#held >= this.#most;
  }

  /** Takes one more place. If false, a seat that has none waits from now on. */
  take(seat: Seat): boolean {
    const isFirst = seat.held === 0;
    const mayTake = isFirst ? this.#next === seat || this.#queue.size === 0 : !this.isShort;
    if (!mayTake || this.#held >= this.#most) {
      if (isFirst) this.#wait(seat);
      return false;
    }
    this.#queue.delete(seat);
    this.#held++;
    seat.held++;
    if (isFirst) {
      seat.sent = 0;
      this.#progressed(seat);
    }
    return true;
  }

  /** Gives back all places but `count`. Others may come to their turn before it returns. */
  keep(seat: Seat, count: number): void {
    if (seat.held <= count) return;
    this.#held -= seat.held - count;
    seat.held = count;
    this.#progressed(seat);
    this.#callNext();
  }

  /** Whether a seat that holds no unacknowledged piece has had its turn, and others wait. */
  isTurnOver(seat: Seat): boolean {
    return this.#queue.size > 0 && seat.sent >= PIECES_PER_TURN;
  }

  /** Takes no part any more. */
  leave(seat: Seat): void {
    this.#queue.delete(seat);
    seat.waiter = null;
    this.keep(seat, 0);
  }

  /** If `seat` has waited for long: seats that are slow give way, as many as there are seats that wait. */
  relieve(seat: Seat): void {
    const now = this.nowMs();
    if (!this.#queue.has(seat) || ((now - seat.sinceMs) | 0) < PATIENCE_MS) return;
    const slow = [...this.#holders].filter(({ sinceMs }) => ((now - sinceMs) | 0) >= SLOW_MS);
    for (const holder of slow.slice(0, this.#queue.size)) holder.giveWay();
  }

  get #most(): number {
    return Math.max(1, Math.floor(this.#mostBytes() / PIECE_BYTES));
  }

  #wait(seat: Seat): void {
    if (this.#queue.has(seat)) return;
    seat.sinceMs = this.nowMs();
    this.#queue.add(seat);
  }

  #progressed(seat: Seat): void {
    seat.sinceMs = this.nowMs();
    this.#holders.delete(seat);
    if (seat.held > 0) this.#holders.add(seat);
  }

  /** A seat that is called takes a place, or waits for its head and comes again. */
  #callNext(): void {
    if (this.#next !== null) return; // the loop below goes on
    while (this.#held < this.#most) {
      const [seat] = this.#queue;
      if (seat === undefined) break;
      this.#queue.delete(seat);
      this.#next = seat;
      seat.waiter?.settled(LOOK_AGAIN);
      this.#next = null;
    }
  }
}
