/**
 * One direction of a bad link: it loses, doubles, delays, reorders and damages frames. It works like Linux's netem, but
 * time and chance are handed in, so that a seed repeats a run exactly. Caller: impaired.ts.
 *
 *     offer ──> lost? ──> [rate: bounded queue] ──> damaged? ──> delay ± jitter (+ held back?) ──> take, when due
 *                         marked?                   doubled? ──┘
 */
import type { Clock } from '../clock.js';
import type { Random } from '../random.js';
import { markCongestion } from './congestion-mark.js';
import { StoredFrame } from './frame-queue.js';
import { completeChecksum } from './segmentation.js';

/**
 * Chances are in [0, 1] and independent of each other; times in microseconds. All default to 0: a perfect link.
 *
 * @example
 * ```ts
 * import { type ImpairmentOptions, MILLISECOND, VirtualNetwork } from 'fastpath';
 *
 * const satellite: ImpairmentOptions = { delay: 270 * MILLISECOND, jitter: 5 * MILLISECOND, rate: 2_000_000 };
 * export const ends = new VirtualNetwork().link({ impairment: satellite });
 * ```
 */
export interface ImpairmentOptions {
  /** The chance that a frame is lost. */
  loss?: number;
  /** A frame for which this returns true is lost, whatever the chance. For tests that lose one certain frame. */
  lose?: (bytes: Uint8Array, length: number) => boolean;
  /** The chance that a frame arrives twice. */
  duplication?: number;
  /** The chance that one bit of a frame is inverted. */
  corruption?: number;
  /** The chance that a frame is held back by `reorderDelay`, so that others overtake it. */
  reordering?: number;
  /** Default 1,000. */
  reorderDelay?: number;
  /** Every frame takes this long … */
  delay?: number;
  /** … more or less this much, uniformly; frames keep their order. */
  jitter?: number;
  /** Bits a second of the frames' own bytes; default unlimited. */
  rate?: number;
  /** Bytes that may wait for the rate; default 256 KiB. A frame that finds no room is dropped. */
  queueBytes?: number;
  /**
   * A packet that finds more bytes than this waiting is marked CE, if its sender is capable of ECN (RFC 3168 section
   * 5). Default: the queue marks nothing and only drops.
   */
  markBytes?: number;
}

/**
 * Counters of one direction.
 *
 * @example
 * ```ts
 * import type { ImpairedDevice } from 'fastpath';
 *
 * export const lossRate = ({ outgoing }: ImpairedDevice) => outgoing.lost / outgoing.offered;
 * ```
 */
export interface ImpairmentStatistics {
  offered: number;
  delivered: number;
  lost: number;
  duplicated: number;
  corrupted: number;
  reordered: number;
  /** Dropped because the rate's queue was full, or more than `MAX_HELD` frames were on their way. */
  overflowed: number;
  /** Packets marked CE. */
  marked: number;
}

/** A frame on its way. */
export class HeldFrame extends StoredFrame {
  due = 0;
  /** As in `OutgoingFrame`, but counted from the frame's first byte. Only for outgoing frames with offload. */
  headerBytes = 0;
  checksumFrom = 0;
  checksumOffset = 0;
  /** For those who watch the link: a number that the frame and its double keep on their way. */
  mark = 0;

  copyFrom(other: HeldFrame): void {
    this.mark = other.mark;
    this.resize(other.length);
    this.bytes.set(other.bytes.subarray(0, other.length));
    this.checksumGood = other.checksumGood;
    this.segmentBytes = other.segmentBytes;
    this.due = other.due;
    this.headerBytes = other.headerBytes;
    this.checksumFrom = other.checksumFrom;
    this.checksumOffset = other.checksumOffset;
  }
}

/** The most frames on their way in one direction: 4,096 full-sized ones are 6 MB. */
const MAX_HELD = 4096;
const DEFAULT_REORDER_DELAY = 1_000;
const DEFAULT_QUEUE_BYTES = 262_144;

export class ImpairedPath {
  readonly statistics: ImpairmentStatistics = {
    offered: 0,
    delivered: 0,
    lost: 0,
    duplicated: 0,
    corrupted: 0,
    reordered: 0,
    overflowed: 0,
    marked: 0,
  };

  /** By the time they are due; equal times in the order they were offered. */
  readonly #held: HeldFrame[] = [];
  readonly #free: HeldFrame[] = [];
  /** When the last frame will have left the rate's queue, and when the last one in order arrives. */
  #lineFree = 0;
  #lastArrival = 0;

  constructor(
    readonly options: ImpairmentOptions,
    private readonly random: Random,
    private readonly clock: Clock,
  ) {}

  /** Gives an empty frame, to be filled and passed to `offer`. */
  acquire(): HeldFrame {
    return this.#free.pop() ?? new HeldFrame();
  }

  /** Gives a frame back that `take` returned, when it is done with. */
  release(frame: HeldFrame): void {
    if (this.#free.length < MAX_HELD) this.#free.push(frame);
  }

  /** The time the next frame is due, or Infinity. */
  get nextDue(): number {
    return this.#held.length === 0 ? Infinity : this.#held[0]!.due;
  }

  /** The frame that is due next, or null. */
  get next(): HeldFrame | null {
    return this.#held[0] ?? null;
  }

  /** Frames on their way. */
  get length(): number {
    return this.#held.length;
  }

  /** The next frame that is due now, or null. The caller gives it back with `release`. */
  take(): HeldFrame | null {
    if (this.nextDue > this.clock.now) return null;
    this.statistics.delivered++;
    return this.#held.shift()!;
  }

  /** A frame enters this direction of the link, which owns it from now on. */
  offer(frame: HeldFrame): void {
    const { options, statistics } = this;
    statistics.offered++;
    if (this.#happens(options.loss) || options.lose?.(frame.bytes, frame.length)) {
      statistics.lost++;
      this.release(frame);
      return;
    }
    const waiting = this.#waitingBytes();
    const departure = this.#departure(frame.length, waiting);
    if (departure === Infinity || this.#held.length >= MAX_HELD) {
      statistics.overflowed++;
      this.release(frame);
      return;
    }
    if (options.markBytes !== undefined && waiting > options.markBytes) {
      if (markCongestion(frame.bytes, frame.length)) statistics.marked++;
    }
    if (this.#happens(options.corruption)) this.#corrupt(frame);
    frame.due = this.#arrival(departure);
    if (this.#happens(options.duplication)) this.#duplicate(frame);
    this.#insert(frame);
  }

  #happens(chance: number | undefined): boolean {
    return chance !== undefined && chance > 0 && this.#fraction() < chance;
  }

  /** In [0, 1). */
  #fraction(): number {
    return (this.random.nextInt32() >>> 0) / 0x1_0000_0000;
  }

  /** Bytes that wait for the rate. */
  #waitingBytes(): number {
    const { rate = 0 } = this.options;
    return (Math.max(0, this.#lineFree - this.clock.now) * rate) / 8e6;
  }

  /** When the frame's last bit is on the line; Infinity if it finds no room in the queue. */
  #departure(length: number, waiting: number): number {
    const { rate, queueBytes = DEFAULT_QUEUE_BYTES } = this.options;
    const now = this.clock.now;
    if (rate === undefined) return now;
    if (waiting > 0 && waiting + length > queueBytes) return Infinity;
    this.#lineFree = Math.max(now, this.#lineFree) + (length * 8e6) / rate;
    return Math.ceil(this.#lineFree);
  }

  #arrival(departure: number): number {
    const { delay = 0, jitter = 0, reordering, reorderDelay = DEFAULT_REORDER_DELAY } = this.options;
    const wobble = jitter === 0 ? 0 : Math.round((2 * this.#fraction() - 1) * jitter);
    const arrival = Math.max(departure + delay + wobble, this.clock.now);
    if (this.#happens(reordering)) {
      this.statistics.reordered++;
      return arrival + reorderDelay;
    }
    this.#lastArrival = Math.max(this.#lastArrival, arrival);
    return this.#lastArrival;
  }

  #duplicate(frame: HeldFrame): void {
    this.statistics.duplicated++;
    const copy = this.acquire();
    copy.copyFrom(frame);
    this.#insert(copy);
  }

  /**
   * Inverts one bit. If the checksum was still to be computed, it is computed first: the receiver must have a chance.
   */
  #corrupt(frame: HeldFrame): void {
    this.statistics.corrupted++;
    if (frame.checksumFrom !== 0 || frame.checksumGood) completeChecksum(frame.bytes, 0, frame.length);
    frame.checksumFrom = 0;
    frame.checksumGood = false;
    const bit = Math.floor(this.#fraction() * frame.length * 8);
    frame.bytes[bit >>> 3]! ^= 1 << (bit & 7);
  }

  /** Nearly always at the end, because frames come nearly in order. */
  #insert(frame: HeldFrame): void {
    const held = this.#held;
    let at = held.length;
    while (at > 0 && held[at - 1]!.due > frame.due) at--;
    if (at === held.length) held.push(frame);
    else held.splice(at, 0, frame);
  }
}
