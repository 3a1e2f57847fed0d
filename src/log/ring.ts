/**
 * The memory between one worker and the log thread: slots for records, and a ring with the numbers of those that are
 * finished. The worker fills a slot when it answers and hands it over when the answer has been acknowledged; so slots
 * are finished in another order than they are begun, and a slow download keeps nobody else's record back.
 *
 *     worker:      take ─▶ fill ─▶ (acknowledged) ─▶ publish ──┐
 *                   ▲                                          ▼
 *     ring:         └── given back │ to be read │ free      numbers of slots
 *                              READ ^            ^ PUBLISHED
 *
 * One thread writes, one reads; neither waits for the other here. If the reader falls behind by `records`, the worker
 * stops taking input (`hasRoom`), so nothing is lost. All counters run on and wrap at 2^32.
 */
import { FAR_BYTES, NEAR_BYTES, NEAR_FROM, NO_SLOT, SLOT_BYTES, SLOT_DOUBLES, SLOT_WORDS } from './record.js';

// Words of the control block, each on a cache line of its own, and a double beside the first.
const PUBLISHED = 0;
const READ = 16;
const CONTROL_BYTES = 128;
/** A double: microseconds since 1970 when the stack's clock was 0. */
const TIME_OF_DAY = 1;

/** Finished records that the log thread may be behind by. */
export const DEFAULT_RING_RECORDS = 16_384;
export const MOST_RING_RECORDS = 65_536;
/**
 * Slots for answers that are not acknowledged yet, beside those. Memory is touched only when it is first needed, so
 * this costs addresses, not memory. A connection may have `MOST_PENDING` of them.
 */
const PENDING_SLOTS = 65_536;
/** Of those, kept for requests that cannot wait: what ends a connection is logged however full it is. */
const RESERVED_SLOTS = 8_192;

/** The shared memory of one ring. */
export interface RingMemory {
  readonly buffer: SharedArrayBuffer;
  /** Finished records that may wait for the reader. A power of two. */
  readonly records: number;
  /** Slots in all. A power of two. */
  readonly slots: number;
}

/** Fresh memory. `records` is rounded up to a power of two. @throws {RangeError} if it is out of bounds */
export function createRingMemory(records = DEFAULT_RING_RECORDS, pending = PENDING_SLOTS): RingMemory {
  if (!(records >= 1 && records <= MOST_RING_RECORDS)) throw new RangeError(`a log ring of ${records} records`);
  const rounded = powerOfTwo(records);
  const slots = powerOfTwo(rounded + pending);
  const bytes = CONTROL_BYTES + (4 + SLOT_BYTES + FAR_BYTES) * slots;
  return { buffer: new SharedArrayBuffer(bytes), records: rounded, slots };
}

function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(least));
}

/** What both ends see. */
class Ring {
  /** The slots, as words and doubles: slot n begins at `n * SLOT_WORDS`, and so on. */
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  /** The slots as bytes, and behind them the rooms for longer texts. */
  readonly bytes: Uint8Array;
  protected readonly control: Int32Array;
  protected readonly times: Float64Array;
  protected readonly numbers: Int32Array;
  protected readonly mask: number;
  readonly #farFrom: number;

  constructor({ buffer, slots }: RingMemory) {
    const slotsFrom = CONTROL_BYTES + 4 * slots;
    this.control = new Int32Array(buffer, 0, CONTROL_BYTES / 4);
    this.times = new Float64Array(buffer, 0, CONTROL_BYTES / 8);
    this.numbers = new Int32Array(buffer, CONTROL_BYTES, slots);
    this.words = new Int32Array(buffer, slotsFrom, slots * SLOT_WORDS);
    this.doubles = new Float64Array(buffer, slotsFrom, slots * SLOT_DOUBLES);
    this.bytes = new Uint8Array(buffer, slotsFrom, slots * (SLOT_BYTES + FAR_BYTES));
    this.mask = slots - 1;
    this.#farFrom = slots * SLOT_BYTES;
  }

  /** Where in `bytes` the texts of a slot begin, if they take so many bytes together. */
  textsFrom(slot: number, length: number): number {
    return length <= NEAR_BYTES ? slot * SLOT_BYTES + NEAR_FROM : this.#farFrom + slot * FAR_BYTES;
  }
}

/** The worker's end. */
export class RingWriter extends Ring {
  readonly #records: number;
  readonly #slots: number;
  readonly #reserved: number;
  #published = 0;
  #handedOver = 0;
  /** What the reader was last seen to have read. */
  #read = 0;
  /** Slots before this place in the ring were read and have been taken again. */
  #reclaimed = 0;
  /** Slots that were never used begin here. */
  #fresh = 0;

  constructor(memory: RingMemory) {
    super(memory);
    this.#records = memory.records;
    this.#slots = memory.slots;
    this.#reserved = Math.min(RESERVED_SLOTS, (memory.slots - memory.records) >> 1);
  }

  /** Whether one more record has room: neither is the reader too far behind, nor are too many records unfinished. */
  hasRoom(): boolean {
    if (((this.#published - this.#read) | 0) >= this.#records) {
      this.#look();
      if (((this.#published - this.#read) | 0) >= this.#records) return false;
    }
    if (this.#free > this.#reserved) return true;
    this.#look();
    return this.#free > this.#reserved;
  }

  /** A slot to fill, or NO_SLOT. One that was used before is preferred: it is in the processor's cache. */
  take(): number {
    if (this.#reclaimed === this.#read) this.#look();
    if (this.#reclaimed !== this.#read) {
      const slot = this.numbers[this.#reclaimed & this.mask]!;
      this.#reclaimed = (this.#reclaimed + 1) | 0;
      return slot;
    }
    return this.#fresh < this.#slots ? this.#fresh++ : NO_SLOT;
  }

  /** A finished record: the next `handOver` is for it too. The ring has a place for every slot, so it is never full. */
  publish(slot: number): void {
    this.numbers[this.#published & this.mask] = slot;
    this.#published = (this.#published + 1) | 0;
  }

  /** Finished records that the reader has not been told of. */
  get held(): number {
    return (this.#published - this.#handedOver) | 0;
  }

  /**
   * Hands what is finished to the reader. `timeOfDay`: microseconds since 1970 when the stack's clock was 0. The
   * atomic store waits until all stores before it are done, so it costs as much as twenty others.
   */
  handOver(timeOfDay: number): void {
    this.times[TIME_OF_DAY] = timeOfDay;
    this.#handedOver = this.#published;
    Atomics.store(this.control, PUBLISHED, this.#published);
  }

  get #free(): number {
    return this.#slots - this.#fresh + ((this.#read - this.#reclaimed) | 0);
  }

  #look(): void {
    this.#read = Atomics.load(this.control, READ);
  }
}

/** The log thread's end. */
export class RingReader extends Ring {
  #read = 0;

  /** Finished records that wait. */
  get waiting(): number {
    return (Atomics.load(this.control, PUBLISHED) - this.#read) | 0;
  }

  /** Microseconds since 1970 when the stack's clock was 0, as the worker told it last. */
  get timeOfDay(): number {
    return this.times[TIME_OF_DAY]!;
  }

  /** The slot of the `index`th record that waits, from 0. The caller has looked at `waiting`. */
  slotAt(index: number): number {
    return this.numbers[(this.#read + index) & this.mask]!;
  }

  /** Gives the first `count` records that wait back to the writer. */
  release(count: number): void {
    this.#read = (this.#read + count) | 0;
    Atomics.store(this.control, READ, this.#read);
  }
}
