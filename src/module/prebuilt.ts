/**
 * The cached objects of a module in one worker: from a key to answers that are made once, with their prefix sums
 * (src/net/wire/summed-bytes.ts). A hit makes no string and no object, and no byte of the answer is read to send it.
 *
 * A key has variants, numbered by the module: an answer for TCP and one for UDP, short and long, in one language and
 * another. The answers belong to the worker. What all workers should share lies in the server's cache (`Store`).
 */
import type { Random } from '../net/random.js';
import { SummedBytes } from '../net/wire/summed-bytes.js';
import { copyOf } from './content.js';

/** Slots to begin with; a power of two. At most half of them are taken. */
const FIRST_SLOTS = 16;
/** The most bytes of keys and answers by default: a module that caches what clients ask for must not grow for ever. */
const MOST_BYTES = 64 * 1024 * 1024;
/** What a slot, its key and its sums cost beside the bytes themselves, roughly. */
const OVERHEAD_BYTES = 200;

class Prebuilt {
  constructor(
    readonly hash: number,
    readonly key: Uint8Array,
    readonly variant: number,
    readonly answer: SummedBytes,
  ) {}

  get cost(): number {
    return this.key.length + this.answer.length + OVERHEAD_BYTES;
  }

  is(hash: number, bytes: Uint8Array, from: number, to: number, variant: number): boolean {
    const { key } = this;
    if (this.hash !== hash || this.variant !== variant || key.length !== to - from) return false;
    for (let i = 0; i < key.length; i++) if (key[i] !== bytes[from + i]) return false;
    return true;
  }
}

/**
 * Answers by key and variant.
 *
 * @example
 * ```ts
 * import { SeededRandom } from 'fastpath';
 * import { PrebuiltAnswers } from 'fastpath/module';
 *
 * const answers = new PrebuiltAnswers(new SeededRandom(1)); // a worker's is `worker.answers`
 * answers.put('greeting', 'hello\r\n');
 * console.log(answers.get('greeting')?.length, answers.get('farewell')); // 7 null
 * ```
 */
export class PrebuiltAnswers {
  readonly #seed: number;
  readonly #mostBytes: number;
  #slots: (Prebuilt | null)[] = new Array<Prebuilt | null>(FIRST_SLOTS).fill(null);
  #size = 0;
  #bytes = 0;

  /** @param random a seed for the hash, since strangers may choose the keys */
  constructor(random: Random, mostBytes = MOST_BYTES) {
    this.#seed = random.nextInt32();
    this.#mostBytes = mostBytes;
  }

  /** How many answers there are. */
  get size(): number {
    return this.#size;
  }

  /** The answer to the key `bytes[from, to)`, or null. */
  find(bytes: Uint8Array, from: number, to: number, variant = 0): SummedBytes | null {
    return this.#slots[this.#slotOf(this.#hash(bytes, from, to, variant), bytes, from, to, variant)]?.answer ?? null;
  }

  /** The same for a key as text, which is made into bytes: not for the hot path. */
  get(key: string, variant = 0): SummedBytes | null {
    const bytes = copyOf(key, 'a key');
    return this.find(bytes, 0, bytes.length, variant);
  }

  /**
   * Makes an answer, in place of one that has the key. Returns false if that would be more than the bound; nothing has
   * changed then. Text is written as UTF-8.
   */
  put(key: string | Uint8Array, answer: string | Uint8Array, variant = 0): boolean {
    const bytes = copyOf(key, 'a key');
    const hash = this.#hash(bytes, 0, bytes.length, variant);
    const slot = this.#slotOf(hash, bytes, 0, bytes.length, variant);
    const made = new Prebuilt(hash, bytes, variant, SummedBytes.of(copyOf(answer, 'an answer')));
    const before = this.#slots[slot] ?? null;
    const grownTo = this.#bytes + made.cost - (before?.cost ?? 0);
    if (grownTo > this.#mostBytes) return false;
    this.#bytes = grownTo;
    this.#slots[slot] = made;
    if (before === null) this.#size++;
    if (this.#size * 2 > this.#slots.length) this.#rebuild(this.#slots.length * 2);
    return true;
  }

  /** Forgets an answer. Connections that are sending it go on. Returns false if there was none. */
  remove(key: string | Uint8Array, variant = 0): boolean {
    const bytes = copyOf(key, 'a key');
    const slot = this.#slotOf(this.#hash(bytes, 0, bytes.length, variant), bytes, 0, bytes.length, variant);
    const found = this.#slots[slot] ?? null;
    if (found === null) return false;
    this.#slots[slot] = null;
    this.#size--;
    this.#bytes -= found.cost;
    this.#rebuild(this.#slots.length); // closes the gap that a look-up would stop at
    return true;
  }

  /** Forgets all answers. */
  clear(): void {
    this.#slots = new Array<Prebuilt | null>(FIRST_SLOTS).fill(null);
    this.#size = 0;
    this.#bytes = 0;
  }

  /** The slot with that key, or the empty one where it would stand. */
  #slotOf(hash: number, bytes: Uint8Array, from: number, to: number, variant: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const there = slots[slot] as Prebuilt | null; // within the table: `slot` is masked
      if (there === null || there.is(hash, bytes, from, to, variant)) return slot;
    }
  }

  #rebuild(slots: number): void {
    const before = this.#slots;
    this.#slots = new Array<Prebuilt | null>(slots).fill(null);
    for (const each of before) {
      if (each === null) continue;
      this.#slots[this.#slotOf(each.hash, each.key, 0, each.key.length, each.variant)] = each;
    }
  }

  /** FNV-1a from a secret start, with a last mixing, so that neighbours in the table are no neighbours in the keys. */
  #hash(bytes: Uint8Array, from: number, to: number, variant: number): number {
    let hash = this.#seed ^ variant;
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193); // a caller's interval
    hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
    return hash ^ (hash >>> 15);
  }
}
