/**
 * Mutable heads with an Age field (RFC 9111 section 5.1). A head says how old an answer is and not what time it is, so
 * it never has to be made anew: answers that are 17 seconds old share one, today and tomorrow. A hit looks it up in a
 * table of fixed size, in which the newer head takes the place of an older one. An object that is asked for all the
 * time costs one small head a second at most.
 */
import type { SummedBytes } from '../../net/wire/summed-bytes.js';
import type { HeadMemory } from './head-memory.js';

/** A power of two. Of each age in turn there are a few: one for each status and kind of connection. */
const PLACES = 4_096;
/** Statuses are below 1,024, kinds below 16: both fit beside each other. */
const STATUS_SHIFT = 4;

export class AgedHeads {
  readonly #memory: HeadMemory;
  readonly #heads: (SummedBytes | null)[] = new Array(PLACES).fill(null);
  readonly #ages = new Int32Array(PLACES).fill(-1);
  /** Status and kind of each head. */
  readonly #sorts = new Int32Array(PLACES);

  constructor(memory: HeadMemory) {
    this.#memory = memory;
  }

  /** The head for this age, or null. `kind`: a variant without age (head-cache.ts). */
  get(status: number, kind: number, age: number): SummedBytes | null {
    const sort = (status << STATUS_SHIFT) | kind;
    const place = placeOf(sort, age);
    return this.#ages[place] === age && this.#sorts[place] === sort ? this.#heads[place]! : null;
  }

  /** Makes it: `lines` of the head, with the Age behind them. */
  make(status: number, kind: number, age: number, lines: string): SummedBytes {
    const sort = (status << STATUS_SHIFT) | kind;
    const place = placeOf(sort, age);
    const head = this.#memory.write(`${lines}Age: ${age}\r\n`);
    this.#heads[place] = head;
    this.#ages[place] = age;
    this.#sorts[place] = sort;
    return head;
  }
}

function placeOf(sort: number, age: number): number {
  return (age ^ (sort * 0x9e5)) & (PLACES - 1);
}
