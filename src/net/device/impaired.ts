/**
 * A bad link, as a device around another one:
 *
 *     stack ── send ──> [outgoing path] ──> device        stack <── receive ── [incoming path] <── device
 */
import type { Clock } from '../clock.js';
import type { Random } from '../random.js';
import { SummedBytes } from '../wire/summed-bytes.js';
import { type Device, NO_OFFLOAD, type Offload } from './device.js';
import { DeviceAround } from './device-around.js';
import { IncomingFrame, OutgoingFrame } from './frame.js';
import { type HeldFrame, ImpairedPath, type ImpairmentOptions, type ImpairmentStatistics } from './impairment.js';

export type { ImpairmentOptions, ImpairmentStatistics } from './impairment.js';

/** Bytes in front of a frame's headers that belong to the device inside (frame.ts). */
const DEVICE_ROOM = 12;

/** How bad the link is in each direction. @see {@link ImpairedDevice} */
export interface ImpairedOptions {
  clock: Clock;
  random: Random;
  /** What happens to the frames that the stack sends through this device. */
  outgoing?: ImpairmentOptions;
  /** What happens to the frames that it receives. */
  incoming?: ImpairmentOptions;
}

/**
 * A bad link around any device: frames in both directions are lost, doubled, damaged, delayed, reordered and held to a
 * rate, each direction by its own `ImpairmentOptions`. Only one end of a link needs it.
 *
 * A driver sees delayed frames through `nextDeadline` and `runTimers`. Every frame is copied, so this is not a fast
 * path.
 *
 * @example
 * ```ts
 * import { Clock, createPair, ImpairedDevice, MILLISECOND, SeededRandom } from 'fastpath';
 *
 * const [near, far] = createPair();
 * // The way out is slow and loses a frame in a hundred; the way back is good.
 * export const bad = new ImpairedDevice(near, {
 *   clock: new Clock(),
 *   random: new SeededRandom(1),
 *   outgoing: { delay: 20 * MILLISECOND, loss: 0.01, rate: 1_000_000 },
 * });
 * export { far };
 * ```
 */
export class ImpairedDevice extends DeviceAround {
  readonly #outgoing: ImpairedPath;
  readonly #incoming: ImpairedPath;
  readonly #frame = new OutgoingFrame();
  readonly #arrived = new IncomingFrame(new Uint8Array(0));
  /** The frame that the stack looks at now; it goes back when the next one is taken. */
  #shown: HeldFrame | null = null;

  constructor(inner: Device, options: ImpairedOptions) {
    super(inner);
    this.#outgoing = new ImpairedPath(options.outgoing ?? {}, options.random, options.clock);
    this.#incoming = new ImpairedPath(options.incoming ?? {}, options.random, options.clock);
  }

  /** None if outgoing frames are to be damaged: without a computed checksum no receiver would notice. */
  override get offload(): Offload {
    return (this.#outgoing.options.corruption ?? 0) > 0 ? NO_OFFLOAD : this.inner.offload;
  }

  get outgoing(): ImpairmentStatistics {
    return this.#outgoing.statistics;
  }

  get incoming(): ImpairmentStatistics {
    return this.#incoming.statistics;
  }

  /** Frames on their way, in both directions. */
  get underWay(): number {
    return this.#outgoing.length + this.#incoming.length;
  }

  send(frame: OutgoingFrame): boolean {
    const held = this.#outgoing.acquire();
    held.resize(frame.length);
    frame.copyTo(held.bytes);
    held.headerBytes = frame.end - frame.start;
    held.checksumFrom = frame.checksumFrom === 0 ? 0 : frame.checksumFrom - frame.start;
    held.checksumOffset = frame.checksumOffset;
    held.segmentBytes = frame.segmentBytes;
    held.checksumGood = false;
    this.#outgoing.offer(held);
    this.runTimers();
    return true;
  }

  receive(frame: IncomingFrame): boolean {
    if (this.#shown !== null) this.#incoming.release(this.#shown);
    this.#shown = null;
    while (this.inner.receive(this.#arrived)) this.#offerArrived();
    const held = this.#incoming.take();
    if (held === null) return false;
    held.show(frame);
    this.#shown = held;
    return true;
  }

  nextDeadline(): number {
    const inner = this.inner.nextDeadline?.() ?? Infinity;
    return Math.min(inner, this.#outgoing.nextDue, this.#incoming.nextDue);
  }

  /** Sends the frames that are due. (Received frames that are due wait for `receive`.) */
  runTimers(): void {
    this.inner.runTimers?.();
    for (let held = this.#outgoing.take(); held !== null; held = this.#outgoing.take()) {
      this.inner.send(this.#asOutgoing(held));
      this.#outgoing.release(held);
    }
  }

  #offerArrived(): void {
    const arrived = this.#arrived;
    const held = this.#incoming.acquire();
    held.resize(arrived.to - arrived.from);
    held.bytes.set(arrived.bytes.subarray(arrived.from, arrived.to));
    held.checksumGood = arrived.checksumGood;
    held.segmentBytes = arrived.segmentBytes;
    held.checksumFrom = 0;
    this.#incoming.offer(held);
  }

  /** The frame as it was handed to `send`: its headers in front, the payload as one piece. */
  #asOutgoing(held: HeldFrame): OutgoingFrame {
    const frame = this.#frame;
    frame.reset();
    frame.start = DEVICE_ROOM;
    frame.end = frame.start + held.headerBytes;
    frame.header.set(held.bytes.subarray(0, held.headerBytes), frame.start);
    if (held.length > held.headerBytes) {
      const payload = held.bytes.slice(held.headerBytes, held.length);
      frame.addFragment(SummedBytes.plain(payload), 0, payload.length);
    }
    if (held.checksumFrom !== 0) {
      frame.checksumFrom = frame.start + held.checksumFrom;
      frame.checksumOffset = held.checksumOffset;
      frame.segmentBytes = held.segmentBytes;
    }
    return frame;
  }
}
