/**
 * A link of a world: two directions, each with its impairment. A frame that enters is told to the observer together
 * with what becomes of it, since the link knows that at once.
 */

import type { FrameEvent, Observer } from '../inspect/events.js';
import type { Clock } from '../net/clock.js';
import { markCongestion } from '../net/device/congestion-mark.js';
import { type HeldFrame, ImpairedPath, type ImpairmentStatistics } from '../net/device/impairment.js';
import type { Random } from '../net/random.js';
import * as Ethernet from '../net/wire/ethernet.js';
import type { Impairment } from './options.js';
import { hasTcpPayload } from './peek.js';

/** What one direction of a link needs. */
interface DirectionParts {
  readonly link: string;
  readonly from: string;
  readonly to: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly impairment: Impairment;
  readonly mtu: number | undefined;
  readonly observer: Observer;
  /** Gives the number of the next frame of the world. */
  readonly nextNumber: () => number;
}

/**
 * One direction of a link.
 *
 * @example
 * ```ts
 * import { type Direction, World } from 'fastpath/browser';
 *
 * const lost = ({ statistics }: Direction) => statistics.lost;
 * const world = new World({ hosts: { a: {}, b: {} }, link: { forth: { loseFrames: [1] } } });
 * world.do((now) => now.transfer('a', 'b', { content: 'hello' }));
 * world.runUntilIdle();
 * console.log(lost(world.link('a-b').forth)); // 1
 * ```
 */
export class Direction {
  readonly link: string;
  readonly from: string;
  readonly to: string;
  /** What it does to frames. `set` changes it. */
  readonly #impairment: Impairment;
  readonly #parts: DirectionParts;
  readonly #path: ImpairedPath;
  #frames = 0;
  #dataFrames = 0;
  #tooLong = 0;

  /** @internal */
  constructor(parts: DirectionParts) {
    this.#parts = parts;
    this.link = parts.link;
    this.from = parts.from;
    this.to = parts.to;
    this.#impairment = { ...parts.impairment };
    const lose = (bytes: Uint8Array, length: number) => this.#isNamed(bytes, length);
    this.#path = new ImpairedPath(Object.assign(this.#impairment, { lose }), parts.random, parts.clock);
  }

  /** Frames offered, delivered, lost and so on, so far. */
  get statistics(): ImpairmentStatistics & { readonly tooLong: number } {
    return { ...this.#path.statistics, tooLong: this.#tooLong };
  }

  /** What it does to frames now. */
  get impairment(): Impairment {
    const { lose: _, ...plain } = this.#impairment as Impairment & { lose: unknown };
    return plain;
  }

  /** Changes what it does to the frames that enter from now on. Call it within `World.do` or `World.at`. */
  set(changes: Impairment): void {
    Object.assign(this.#impairment, changes);
  }

  /** The longest IP packet that it takes, bytes; undefined: any. */
  get mtu(): number | undefined {
    return this.#parts.mtu;
  }

  /** Frames on their way. */
  get underWay(): number {
    return this.#path.length;
  }

  /** When the next frame arrives, microseconds; Infinity: none is on its way. */
  get nextDue(): number {
    return this.#path.nextDue;
  }

  /** The number of that frame; Infinity: none. */
  get nextNumber(): number {
    return this.#path.next?.mark ?? Number.POSITIVE_INFINITY;
  }

  /** A frame enters, `bytes[0, length)`. It is copied. */
  offer(bytes: Uint8Array, length: number): void {
    const { clock, mtu, observer } = this.#parts;
    const sent = bytes.slice(0, length);
    const number = this.#parts.nextNumber();
    this.#frames++;
    if (hasTcpPayload(sent)) this.#dataFrames++;
    const isTooLong = mtu !== undefined && length > mtu + Ethernet.headerLength(sent, 0);
    const before = { ...this.#path.statistics };
    if (isTooLong) this.#tooLong++;
    else this.#path.offer(this.#held(sent, number));
    const after = this.#path.statistics;
    const marked = after.marked > before.marked && markCongestion(sent, length);
    const event: FrameEvent = {
      kind: 'frame',
      time: clock.now,
      number,
      link: this.link,
      from: this.from,
      to: this.to,
      bytes: sent,
      fate: isTooLong ? 'too long' : fateOf(before, after),
      duplicated: after.duplicated > before.duplicated,
      corrupted: after.corrupted > before.corrupted,
      reordered: after.reordered > before.reordered,
      marked,
    };
    observer(event);
  }

  /** Takes the frame that is due now, or null. Give it back with `release`. @internal */
  take(): HeldFrame | null {
    const held = this.#path.take();
    if (held !== null) {
      const { link, from, to } = this;
      this.#parts.observer({ kind: 'arrival', time: this.#parts.clock.now, number: held.mark, link, from, to });
    }
    return held;
  }

  /** @internal */
  release(held: HeldFrame): void {
    this.#path.release(held);
  }

  #held(bytes: Uint8Array, number: number): HeldFrame {
    const held = this.#path.acquire();
    held.resize(bytes.length);
    held.bytes.set(bytes);
    held.checksumGood = false;
    held.checksumFrom = 0;
    held.segmentBytes = 0;
    held.mark = number;
    return held;
  }

  #isNamed(bytes: Uint8Array, length: number): boolean {
    const { loseFrames, loseData } = this.#impairment;
    if (loseFrames?.includes(this.#frames) === true) return true;
    return loseData?.includes(this.#dataFrames) === true && hasTcpPayload(bytes.subarray(0, length));
  }
}

function fateOf(before: ImpairmentStatistics, after: ImpairmentStatistics): FrameEvent['fate'] {
  if (after.lost > before.lost) return 'lost';
  return after.overflowed > before.overflowed ? 'queue full' : 'delivered';
}

/**
 * A link: `forth` from its first end to its second, and `back`.
 *
 * @example
 * ```ts
 * import { World } from 'fastpath/browser';
 *
 * const world = new World({ hosts: { a: {}, b: {} }, link: { both: { delay: 10_000 } } });
 * const link = world.link('a-b');
 * world.do((now) => now.link('a-b').forth.set({ loss: 1 })); // from now on nothing gets through
 * console.log(link.ends.join(' and '), link.back.impairment.delay); // a and b 10000
 * ```
 */
export interface Link {
  readonly name: string;
  readonly ends: readonly [string, string];
  readonly forth: Direction;
  readonly back: Direction;
}
