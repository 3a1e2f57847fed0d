/**
 * Memory for objects that are read on demand. If there is none, objects are evicted (s3-fifo.ts). Their memory comes
 * back when the workers have let go of it, which takes a message there and one back. Until then those who want memory
 * wait here. Used by supply.ts.
 */

import type { Library } from '../library/library.js';
import type { Draft } from '../object/draft.js';
import type { Measures } from '../object/layout.js';
import type { ObjectKind } from '../object/record.js';

/** What memory is wanted for, and who waits for it. */
interface Wish {
  readonly measures: Measures;
  readonly kind: ObjectKind;
  readonly site: number;
  readonly resolve: (draft: Draft | undefined) => void;
  /** How many rounds it has waited. */
  rounds: number;
}

/** If no memory has come back for so long, slow clients hold what was evicted, and more is evicted, ms. */
const ROUND_MS = 100;
/** After so many rounds there is no memory. */
const MOST_ROUNDS = 100;

export class Room {
  readonly #library: Library;
  /** In the order in which they came. A small one may pass a large one for which there is no room yet. */
  #wishes: Wish[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isQueued = false;

  constructor(library: Library) {
    this.#library = library;
    library.onFreed(() => this.#freed());
  }

  /** Those that wait for memory. */
  get waiting(): number {
    return this.#wishes.length;
  }

  /** A place for an object, as soon as there is one; undefined if there is none after a while. */
  take(measures: Measures, kind: ObjectKind, site: number): Promise<Draft | undefined> {
    const draft = this.#library.reserve(measures, kind, site) ?? this.#evictFor(measures, kind, site);
    if (draft !== undefined || !this.#library.canHold(measures)) return Promise.resolve(draft);
    return new Promise((resolve) => {
      this.#wishes.push({ measures, kind, site, resolve, rounds: 0 });
      this.#timer ??= setInterval(() => this.#evictAnew(), ROUND_MS);
      this.#timer.unref();
    });
  }

  /** Nobody gets anything any more. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const { resolve } of this.#wishes.splice(0)) resolve(undefined);
  }

  #evictFor(measures: Measures, kind: ObjectKind, site: number): Draft | undefined {
    if (!this.#library.canHold(measures)) return undefined;
    this.#library.makeRoom(measures);
    this.#library.flush();
    return this.#library.reserve(measures, kind, site);
  }

  /** Not at once: memory comes back in the middle of other work. */
  #freed(): void {
    if (this.#wishes.length === 0 || this.#isQueued) return;
    this.#isQueued = true;
    setImmediate(() => {
      this.#isQueued = false;
      this.#grant();
    });
  }

  #grant(): void {
    this.#wishes = this.#wishes.filter(({ measures, kind, site, resolve }) => {
      const draft = this.#library.reserve(measures, kind, site);
      if (draft !== undefined) resolve(draft);
      return draft === undefined;
    });
    if (this.#wishes.length === 0) this.close();
  }

  #evictAnew(): void {
    this.#grant();
    for (const wish of this.#wishes) {
      wish.rounds++;
      if (wish.rounds <= MOST_ROUNDS) this.#library.makeRoom(wish.measures, true);
      else wish.resolve(undefined);
    }
    this.#wishes = this.#wishes.filter(({ rounds }) => rounds <= MOST_ROUNDS);
    this.#library.flush();
    this.#freed();
    if (this.#wishes.length === 0) this.close();
  }
}
