/**
 * Keys whose last answer could not be shared. Requests for them do not wait for each other for a while: each would
 * only learn that it has to ask for itself, one after the other.
 */

/** Keys at most, and seconds for each. */
const MOST_KEYS = 10_000;
const SECONDS = 60;

export class Lonely {
  /** Until when, the oldest first. */
  readonly #until = new Map<string, number>();

  has(key: string, now: number): boolean {
    const until = this.#until.get(key);
    if (until === undefined) return false;
    if (now < until) return true;
    this.#until.delete(key);
    return false;
  }

  add(key: string, now: number): void {
    this.#until.delete(key);
    this.#until.set(key, now + SECONDS);
    if (this.#until.size <= MOST_KEYS) return;
    const [oldest] = this.#until.keys();
    if (oldest !== undefined) this.#until.delete(oldest);
  }

  delete(key: string): void {
    this.#until.delete(key);
  }
}
