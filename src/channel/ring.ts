/**
 * One direction of a channel: a ring of records of four words in shared memory, with one writer and one reader. The
 * writer wakes the reader only if it has gone to sleep since the last time, so many records cost one wake-up.
 *
 * A record that finds the ring full waits in an array of the writer. So no record is lost, and their order stays. What
 * may fill the ring without bound asks `hasRoom` first.
 */
import { RECORD_WORDS, RING_CONTROL_WORDS, RING_RECORDS } from './memory.js';

const WRITTEN = 0;
const READ = 16;
/** 1: the reader has been woken and has not looked yet. */
const WOKEN = 32;

/** Records that are kept free for what cannot wait. */
const RESERVE = RING_RECORDS >> 2;
const MASK = RING_RECORDS - 1;

class Ring {
  protected readonly control: Int32Array;
  protected readonly records: Int32Array;

  constructor(buffer: SharedArrayBuffer, from: number) {
    this.control = new Int32Array(buffer, from, RING_CONTROL_WORDS);
    this.records = new Int32Array(buffer, from + 4 * RING_CONTROL_WORDS, RECORD_WORDS * RING_RECORDS);
  }
}

/** Takes a record; see `RecordKind` for what the words mean. */
export type RecordTaker = (kind: number, connection: number, a: number, b: number) => void;

export class RecordWriter extends Ring {
  readonly #wake: () => void;
  #written = 0;
  /** Words of records that found no room. */
  #waiting: number[] = [];

  /** @param wake wakes the reader's thread */
  constructor(buffer: SharedArrayBuffer, from: number, wake: () => void) {
    super(buffer, from);
    this.#wake = wake;
  }

  /** Whether there is room for data, beside the records that cannot wait. */
  hasRoom(): boolean {
    return this.#waiting.length === 0 && this.#used() < RING_RECORDS - RESERVE;
  }

  /** Some records have not reached the ring yet: call `flush` again later. */
  get isBehind(): boolean {
    return this.#waiting.length > 0;
  }

  put(kind: number, connection: number, a = 0, b = 0): void {
    this.putQuietly(kind, connection, a, b);
    this.wake();
  }

  /** The same, and the reader sleeps on. Call `wake` soon. */
  putQuietly(kind: number, connection: number, a: number, b: number): void {
    if (this.#waiting.length > 0 || this.#used() >= RING_RECORDS) this.#waiting.push(kind, connection, a, b);
    else this.#store(kind, connection, a, b);
  }

  /** Wakes the reader, unless it has been woken and has not looked yet. */
  wake(): void {
    if (Atomics.exchange(this.control, WOKEN, 1) === 0) this.#wake();
  }

  /** Moves records that wait into the ring, as far as there is room. */
  flush(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    let at = 0;
    while (at < waiting.length && this.#used() < RING_RECORDS) {
      this.#store(waiting[at] ?? 0, waiting[at + 1] ?? 0, waiting[at + 2] ?? 0, waiting[at + 3] ?? 0);
      at += RECORD_WORDS;
    }
    if (at === 0) return;
    this.#waiting = waiting.slice(at);
    this.wake();
  }

  #used(): number {
    return (this.#written - Atomics.load(this.control, READ)) | 0;
  }

  #store(kind: number, connection: number, a: number, b: number): void {
    const at = RECORD_WORDS * (this.#written & MASK);
    const { records } = this;
    records[at] = kind;
    records[at + 1] = connection;
    records[at + 2] = a;
    records[at + 3] = b;
    this.#written = (this.#written + 1) | 0;
    Atomics.store(this.control, WRITTEN, this.#written);
  }
}

export class RecordReader extends Ring {
  #read = 0;

  /**
   * Gives all records that are there, at most `most` of them, to `take`. From the moment this begins, the next record
   * wakes the reader again. Returns whether there are more.
   */
  drain(take: RecordTaker, most: number): boolean {
    Atomics.store(this.control, WOKEN, 0);
    const written = Atomics.load(this.control, WRITTEN);
    const { records } = this;
    for (let taken = 0; this.#read !== written; taken++) {
      if (taken === most) return true;
      const at = RECORD_WORDS * (this.#read & MASK);
      const kind = records[at] ?? 0;
      const connection = records[at + 1] ?? 0;
      const a = records[at + 2] ?? 0;
      const b = records[at + 3] ?? 0;
      this.#read = (this.#read + 1) | 0;
      Atomics.store(this.control, READ, this.#read); // first, so that `take` may throw
      take(kind, connection, a, b);
    }
    return false;
  }
}
