/**
 * Whether one server is fit for requests. Two things say so: checks of our own (active), which take a server out
 * until it answers again, and the requests of clients (passive), whose failures pause it for a while. Time is given in
 * milliseconds.
 */
import type { Complete } from '../options.js';

/** `up`: it gets requests. `paused`: only if no other server is up. `down`: none. */
export type Fitness = 'up' | 'paused' | 'down';

/** The least share during a slow start: a server without any request would never be seen to work. */
const LEAST_SHARE = 0.1;

export class ServerHealth {
  readonly #rules: Pick<Complete, 'passive' | 'check' | 'slowStartMs'>;
  #isDown = false;
  /** Checks in a row that say the opposite of what holds. */
  #against = 0;
  /** When the last failures were, the oldest first; as many as it takes to pause. */
  #failures: number[] = [];
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** When it came back; a server is whole from the start on. */
  #backSince = Number.NEGATIVE_INFINITY;

  constructor(rules: Pick<Complete, 'passive' | 'check' | 'slowStartMs'>) {
    this.#rules = rules;
  }

  fitness(now: number): Fitness {
    if (this.#isDown) return 'down';
    return now < this.#pausedUntil ? 'paused' : 'up';
  }

  /** The part of its weight that counts now: less than 1 during a slow start. */
  share(now: number): number {
    const { slowStartMs } = this.#rules;
    const age = now - this.#backSince;
    return age >= slowStartMs ? 1 : Math.max(LEAST_SHARE, age / slowStartMs);
  }

  /** A check has ended. Returns what changed by it. */
  checked(isRight: boolean, now: number): 'up' | 'down' | undefined {
    const { rise = 1, fall = 1 } = this.#rules.check ?? {};
    this.#against = isRight === this.#isDown ? this.#against + 1 : 0;
    if (this.#against < (this.#isDown ? rise : fall)) return undefined;
    this.#against = 0;
    this.#isDown = !this.#isDown;
    if (!this.#isDown) this.#isBack(now);
    return this.#isDown ? 'down' : 'up';
  }

  /**
   * A request of a client failed by this server's fault. True: the server has worked until now, and is paused. A trial
   * that fails makes the pause longer, which is no news.
   */
  failed(now: number): boolean {
    const { failures, withinMs, pauseMs } = this.#rules.passive;
    if (failures === 0) return false;
    this.#failures.push(now);
    if (this.#failures.length > failures) this.#failures.shift();
    const [oldest = now] = this.#failures;
    // After a pause one failure is enough for the next one: the server has yet to show that it works.
    const isEnough = this.#failures.length === failures && now - oldest <= withinMs;
    const wasOnTrial = this.#isOnTrial;
    if (!isEnough && !wasOnTrial) return false;
    this.#pausedUntil = now + pauseMs;
    return !wasOnTrial;
  }

  /** A request was answered. True: the server has come back from a pause by it. */
  succeeded(now: number): boolean {
    const wasOnTrial = this.#isOnTrial;
    this.#failures = [];
    if (!wasOnTrial) return false;
    this.#isBack(now);
    return true;
  }

  /** It was paused, and no request was answered since. */
  get #isOnTrial(): boolean {
    return this.#pausedUntil !== Number.NEGATIVE_INFINITY;
  }

  #isBack(now: number): void {
    this.#failures = [];
    this.#pausedUntil = Number.NEGATIVE_INFINITY;
    this.#backSince = now;
  }
}
