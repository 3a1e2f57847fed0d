/**
 * Names that have changed, until they are quiet. A file is read when nothing has happened to it for a while, so that it
 * is not read half-written. Whoever wrote for long may only pause: such a name has to be quiet for as long as the
 * writing took, up to two seconds.
 *
 *     a save:     write ─ 100 ms ─▶ read
 *     an upload:  write ─ write ─ … ─ write (5 s) ─ 2 s ─▶ read
 *
 * A writer that pauses for longer than that has not ended either: a change within half a second (five times the quiet)
 * belongs to the same writing. So of a file that is written slowly one half may be read, but not one after the other.
 *
 * The names are bounded. If there are too many, the folders above stand for them.
 */

/** The longest wait for a name that was written for long, ms. */
const LONGEST_QUIET_MS = 2_000;
/** So many times the quiet is no end of a writing, but a pause in it. */
const PAUSE = 5;
/** More names become their folders. */
export const MOST_PENDING = 16_384;

interface Change {
  readonly firstMs: number;
  lastMs: number;
}

export class PendingNames {
  readonly #quietMs: number;
  readonly #most: number;
  readonly #changes = new Map<string, Change>();
  /** Names that were taken lately, the first one first: a change that follows soon belongs to the same writing. */
  readonly #taken = new Map<string, Change>();

  /** `quietMs`: how long a name must be quiet. */
  constructor(quietMs: number, most: number = MOST_PENDING) {
    this.#quietMs = quietMs;
    this.#most = most;
  }

  get size(): number {
    return this.#changes.size;
  }

  /** Something has happened to a name ('' is the root). Returns whether it is new here. */
  add(name: string, nowMs: number): boolean {
    const change = this.#changes.get(name);
    if (change !== undefined) {
      change.lastMs = nowMs;
      return false;
    }
    this.#changes.set(name, { firstMs: this.#beganMs(name, nowMs), lastMs: nowMs });
    if (this.#changes.size > this.#most) this.#shorten();
    return true;
  }

  /** Whether a name is waiting to be quiet. */
  has(name: string): boolean {
    return this.#changes.has(name);
  }

  /** Takes the names out that are quiet. */
  take(nowMs: number): string[] {
    const quiet: string[] = [];
    for (const [name, change] of this.#changes) {
      if (this.#dueMs(change) > nowMs) continue;
      quiet.push(name);
      this.#changes.delete(name);
      this.#taken.set(name, change);
    }
    this.#forget(nowMs);
    return quiet;
  }

  /** When the next name will be quiet if nothing happens; undefined: there is none. */
  get nextMs(): number | undefined {
    let next: number | undefined;
    for (const change of this.#changes.values()) {
      const dueMs = this.#dueMs(change);
      if (next === undefined || dueMs < next) next = dueMs;
    }
    return next;
  }

  clear(): void {
    this.#changes.clear();
    this.#taken.clear();
  }

  /** When the writing began that a change of now belongs to. The root stands for floods, which nobody writes. */
  #beganMs(name: string, nowMs: number): number {
    const before = this.#taken.get(name);
    this.#taken.delete(name);
    return before === undefined || name === '' || this.#isOver(before, nowMs) ? nowMs : before.firstMs;
  }

  #isOver({ lastMs }: Change, nowMs: number): boolean {
    return nowMs - lastMs > PAUSE * this.#quietMs;
  }

  /** Writings that are over, and the oldest where there are too many. */
  #forget(nowMs: number): void {
    for (const [name, change] of this.#taken) {
      if (!this.#isOver(change, nowMs) && this.#taken.size <= this.#most) return;
      this.#taken.delete(name);
    }
  }

  #dueMs({ firstMs, lastMs }: Change): number {
    const longest = Math.max(this.#quietMs, LONGEST_QUIET_MS);
    return lastMs + Math.min(Math.max(this.#quietMs, lastMs - firstMs), longest);
  }

  /** Names become the folders above them, level by level from the deepest, until half of the room is free. */
  #shorten(): void {
    while (this.#changes.size > this.#most / 2) {
      const depth = Math.max(...this.#depths());
      for (const [name, { firstMs, lastMs }] of [...this.#changes]) {
        if (depthOf(name) < depth) continue;
        this.#changes.delete(name);
        const folder = name.slice(0, Math.max(0, name.lastIndexOf('/')));
        const there = this.#changes.get(folder);
        if (there === undefined) this.#changes.set(folder, { firstMs, lastMs });
        else there.lastMs = Math.max(there.lastMs, lastMs);
      }
    }
  }

  #depths(): Set<number> {
    return new Set([...this.#changes.keys()].map(depthOf));
  }
}

function depthOf(name: string): number {
  let depth = 0;
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) depth++;
  return depth;
}
