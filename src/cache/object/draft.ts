/**
 * An object in the making: memory has been taken for it, and no lookup finds it yet. Its payload is written into its
 * final place, so no copy is made later. Then it is sealed with its heads, names and sums, and can be published.
 *
 * Files are written and sealed by reading threads (reading.ts), short answers by the main thread.
 */

import type { Answer } from '../head/heads.js';
import type { Block } from './arena.js';
import { Entry } from './entry.js';
import { type Place, payloadOf, writeObject } from './layout.js';
import { FIRST_NAME, recordAt } from './record.js';

/** An object in the making: the caller writes `payload`, then seals and publishes it, or discards it. */
export class Draft {
  readonly block: Block;
  readonly place: Place;
  #sealed = false;

  constructor(place: Place, block: Block) {
    this.place = place;
    this.block = block;
  }

  /** Whether it is complete, so that it can be published. */
  get sealed(): boolean {
    return this.#sealed;
  }

  /** Where the payload is to be written. */
  get payload(): Uint8Array {
    return payloadOf(this.place);
  }

  /** Writes heads and names and computes the sums. @throws {RangeError} if they do not fit the plan. */
  seal(names: readonly string[], answer: Answer): void {
    writeObject(this.place, names, answer);
    this.#sealed = true;
  }

  /** The object under its first name, as it will be found. It must be sealed. */
  get entry(): Entry {
    const { view, from } = this.place;
    return new Entry(view, recordAt(from) + FIRST_NAME);
  }

  /** Another thread has written all of it. */
  sealedElsewhere(): void {
    this.#sealed = true;
  }
}
