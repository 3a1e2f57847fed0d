/**
 * An object in the making: memory has been taken for it, nobody can find it yet. The loader writes the payload into its
 * final place (no copy is made later), then seals it with its heads, names and tables. Made by library.ts.
 */
import { SummedBytes } from '../net/wire/summed-bytes.js';
import type { Block } from './arena.js';
import type { Answer } from './heads.js';
import { fillTable, type Layout } from './layout.js';

/** What an object is: decides whether the limit applies to it, and where it counts in the statistics. */
export type ObjectKind = 'file' | 'redirect' | 'notice';

/** The names of an object and the other parts of their keys. */
export interface ObjectKey {
  /** Paths as bytes, percent-decoded and normalised, each beginning with '/'. At least one. */
  readonly names: readonly Uint8Array[];
  readonly site?: number;
  readonly coding?: number;
}

/** An object in the making: the caller writes `payload`, then seals and publishes it, or discards it. */
export class Draft {
  readonly kind: ObjectKind;
  readonly key: ObjectKey;
  readonly layout: Layout;
  readonly payload: Uint8Array;
  readonly block: Block;
  #answer: Answer | null = null;

  constructor(key: ObjectKey, layout: Layout, block: Block, kind: ObjectKind) {
    this.kind = kind;
    this.key = key;
    this.layout = layout;
    this.block = block;
    this.payload = this.#part(layout.headLength, layout.payloadLength);
  }

  /**
   * Writes the heads and names and computes the tables. The answer's head must be as long as the one reserved for.
   * `pause` is awaited now and then in a large object.
   */
  async seal(answer: Answer, pause: () => Promise<void> = nextTurn): Promise<void> {
    const { layout } = this;
    if (answer.head.length !== layout.headLength || answer.notModified.length !== layout.notModifiedLength) {
      throw new RangeError('the heads are not as long as was reserved for them');
    }
    this.#part(0, layout.headLength).set(answer.head);
    this.#part(layout.notModifiedFrom, layout.notModifiedLength).set(answer.notModified);
    let at = layout.namesFrom;
    for (const name of this.key.names) {
      this.#part(at, name.length).set(name);
      at += name.length;
    }
    await this.#fill(0, layout.headLength + layout.payloadLength, layout.tableFrom, pause);
    await this.#fill(layout.notModifiedFrom, layout.notModifiedLength, layout.notModifiedTableFrom, pause);
    this.#answer = answer;
  }

  /** Whether it is complete, so that it can be published. */
  get sealed(): boolean {
    return this.#answer !== null;
  }

  /** The answer it was sealed with. */
  get answer(): Answer {
    if (this.#answer === null) throw new Error('this object has not been sealed yet');
    return this.#answer;
  }

  #part(from: number, length: number): Uint8Array {
    const start = this.block.from + from;
    return this.block.slab.bytes.subarray(start, start + length);
  }

  #fill(from: number, length: number, tableFrom: number, pause: () => Promise<void>): Promise<void> {
    const { slab, from: start } = this.block;
    const table = new Uint16Array(slab.buffer, start + tableFrom, SummedBytes.tableLength(length));
    return fillTable(this.#part(from, length), table, pause);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
