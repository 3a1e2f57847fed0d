/**
 * A lane of the relay: one bad link, for the connections to one server port. All lanes share two interfaces and a
 * process, but neither loss nor delay nor rate. Data (from the server) is treated by `LaneOptions`; ACKs are only
 * delayed.
 */
import type { Clock } from '../../../src/net/clock.js';
import type { StoredFrame } from '../../../src/net/device/frame-queue.js';
import { ImpairedPath, type ImpairmentOptions } from '../../../src/net/device/impairment.js';
import { SeededRandom } from '../../../src/net/random.js';

/** What a lane does. Plain data: it crosses to the relay's process as JSON. */
export interface LaneOptions {
  /** The server's port, by which a frame finds its lane. */
  readonly port: number;
  /** The round trip without queues, microseconds: half of it each way. */
  readonly roundTrip: number;
  /** The chance that a frame with data is lost. */
  readonly loss: number;
  /** Of the losses: the n-th frame of a lane with this seed is lost or not, whoever sends it. */
  readonly seed: number;
  /** Bits a second, and bytes that may wait for them (drop-tail); without a rate nothing queues. */
  readonly rate?: number;
  readonly queueBytes?: number;
}

export class Lane {
  readonly #data: ImpairedPath;
  readonly #acks: ImpairedPath;

  constructor(options: LaneOptions, clock: Clock) {
    const delay = options.roundTrip / 2;
    const data: ImpairmentOptions = { delay, loss: options.loss };
    if (options.rate !== undefined) data.rate = options.rate;
    if (options.queueBytes !== undefined) data.queueBytes = options.queueBytes;
    const random = new SeededRandom(options.seed);
    this.#data = new ImpairedPath(data, random, clock);
    this.#acks = new ImpairedPath({ delay }, random, clock);
  }

  /** A frame enters: `bytes[0, length)` is copied. */
  offer(fromServer: boolean, bytes: Uint8Array, length: number): void {
    const path = this.#path(fromServer);
    const held = path.acquire();
    held.resize(length);
    held.bytes.set(bytes.subarray(0, length));
    path.offer(held);
  }

  /** Hands over what is due in one direction; the frame is the lane's again when `send` returns. */
  deliver(fromServer: boolean, send: (frame: StoredFrame) => void): void {
    const path = this.#path(fromServer);
    for (let held = path.take(); held !== null; held = path.take()) {
      send(held);
      path.release(held);
    }
  }

  /** When the next frame is due, in the clock's microseconds; Infinity: none. */
  get nextDue(): number {
    return Math.min(this.#data.nextDue, this.#acks.nextDue);
  }

  /** Data frames that came, were lost by chance, and found the queue full. */
  get counts(): LaneCounts {
    const { offered, lost, overflowed } = this.#data.statistics;
    return { offered, lost, overflowed };
  }

  #path(fromServer: boolean): ImpairedPath {
    return fromServer ? this.#data : this.#acks;
  }
}

export interface LaneCounts {
  readonly offered: number;
  readonly lost: number;
  readonly overflowed: number;
}
