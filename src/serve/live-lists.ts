/** Puts together the lists of connections of all workers: only together they say which connections there are. */
import type { LiveList } from './worker/messages.js';

export class LiveLists {
  readonly #lists = new Map<number, LiveList>();

  /** @param workers how many there are */
  constructor(readonly workers: number) {}

  add(worker: number, list: LiveList): void {
    this.#lists.set(worker, list);
  }

  clear(): void {
    this.#lists.clear();
  }

  /**
   * The connections of all workers, and the time at which the oldest of their lists was made. Undefined: a worker has
   * not listed its own since the last time, or it has too many.
   */
  take(): { readonly time: number; readonly keys: Uint32Array } | undefined {
    const lists = [...this.#lists.values()];
    if (lists.length < this.workers) return undefined;
    this.#lists.clear();
    const parts = lists.flatMap(({ keys }) => (keys === undefined ? [] : [keys]));
    if (parts.length < lists.length) return undefined;
    const keys = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      keys.set(part, at);
      at += part.length;
    }
    return { time: Math.min(...lists.map(({ time }) => time)), keys };
  }
}
