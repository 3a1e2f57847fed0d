/**
 * Plays a world for a person: so many seconds of virtual time in a second of theirs, until they stop it. It does a
 * bounded amount of work at a time, so that a page stays quick. The caller gives it its real time and its next turn:
 *
 *     new Player(world, { now: () => performance.now(), nextTurn: requestAnimationFrame, turn: draw });
 */
import type { World } from './world.js';

/** What a player is given. Real times are milliseconds. @see {@link Player} */
export interface PlayerOptions {
  /** Real time. */
  readonly now: () => number;
  /** Calls back soon: `requestAnimationFrame`, or a timer. */
  readonly nextTurn: (turn: () => void) => void;
  /** Called after each turn, and when it stops. */
  readonly turn?: () => void;
  /** Virtual seconds in a real one; default 1. */
  readonly speed?: number;
  /** The most real time that a turn works; default 8. What is left of its share of virtual time is given up. */
  readonly budgetMs?: number;
}

const DEFAULT_BUDGET_MS = 8;
/** A turn looks at the real time after so many events. */
const EVENTS_A_LOOK = 16;

/**
 * Plays and stops a world.
 *
 * @example
 * ```ts
 * import { Player, World } from 'fastpath/browser';
 *
 * const world = new World({ hosts: { a: {}, b: {} }, start: (world) => world.transfer('a', 'b') });
 * // A hundredth of the speed of life, as long as the page is looked at.
 * export const player = new Player(world, {
 *   now: () => performance.now(),
 *   nextTurn: (turn) => setTimeout(turn, 16),
 *   speed: 0.01,
 * });
 * ```
 */
export class Player {
  /** Virtual seconds in a real one. */
  speed: number;
  readonly #world: World;
  readonly #options: PlayerOptions;
  #isPlaying = false;
  #last = 0;

  constructor(world: World, options: PlayerOptions) {
    this.#world = world;
    this.#options = options;
    this.speed = options.speed ?? 1;
  }

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  /** Plays until `stop`, or until nothing is left that could happen. */
  play(): void {
    if (this.#isPlaying) return;
    this.#isPlaying = true;
    this.#last = this.#options.now();
    this.#options.nextTurn(() => this.#turn());
  }

  stop(): void {
    if (!this.#isPlaying) return;
    this.#isPlaying = false;
    this.#options.turn?.();
  }

  #turn(): void {
    if (!this.#isPlaying) return;
    const { now, nextTurn, turn, budgetMs = DEFAULT_BUDGET_MS } = this.#options;
    const begun = now();
    const end = this.#world.now + Math.max(0, begun - this.#last) * 1000 * this.speed;
    this.#last = begun;
    this.#runTo(end, () => now() - begun > budgetMs);
    if (this.#world.nextTime === Number.POSITIVE_INFINITY) this.stop();
    else {
      turn?.();
      nextTurn(() => this.#turn());
    }
  }

  #runTo(end: number, isTired: () => boolean): void {
    const world = this.#world;
    for (let events = 1; world.nextTime <= end; events++) {
      world.step();
      if (events % EVENTS_A_LOOK === 0 && isTired()) return;
    }
    world.runTo(end);
  }
}
