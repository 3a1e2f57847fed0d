/**
 * A device: the only thing that talks to the outside. Frames go out through `send`, and come in when the driver asks
 * for them with `receive`. The stack sees no file descriptor, no event and no time.
 */
import type { IncomingFrame, OutgoingFrame } from './frame.js';

/** The work that the device does for the stack. @see {@link NO_OFFLOAD} */
export interface Offload {
  /** The device computes TCP checksums of outgoing frames (or the receiver does not need them). */
  readonly checksum: boolean;
  /**
   * The most TCP payload in one frame, which the device or its peer cuts by `segmentBytes` (TSO); 0: never more than a
   * segment. Only IPv4 can go beyond 65,535 bytes of packet, with total length 0 (Linux "BIG TCP"); IPv6 stays below.
   */
  readonly superSegmentBytes: number;
}

/**
 * No offload: whole frames with their checksums, as on a wire.
 *
 * @example
 * ```ts
 * import { NO_OFFLOAD } from 'fastpath';
 *
 * console.log(NO_OFFLOAD.checksum, NO_OFFLOAD.superSegmentBytes); // false 0
 * ```
 */
export const NO_OFFLOAD: Offload = { checksum: false, superSegmentBytes: 0 };

/**
 * Frames in and frames out. A stack sends through it, a driver receives from it.
 *
 * @example
 * ```ts
 * import { type Device, type IncomingFrame, NO_OFFLOAD, type OutgoingFrame, parseMac } from 'fastpath';
 *
 * // A link that keeps the frames that are sent, and brings none.
 * export class Sink implements Device {
 *   readonly mac = parseMac('02:00:00:00:00:01');
 *   readonly mtu = 1_500;
 *   readonly offload = NO_OFFLOAD;
 *   readonly frames: Uint8Array[] = [];
 *
 *   send(frame: OutgoingFrame): boolean {
 *     const bytes = new Uint8Array(frame.length);
 *     frame.copyTo(bytes);
 *     this.frames.push(bytes);
 *     return true;
 *   }
 *
 *   receive(_frame: IncomingFrame): boolean {
 *     return false;
 *   }
 *
 *   close(): void {}
 * }
 * ```
 */
export interface Device {
  /** Our own Ethernet address, six bytes. */
  readonly mac: Uint8Array;
  /** The largest IP packet a frame may carry, bytes (super-segments aside). */
  readonly mtu: number;
  /** May change while running: a super-segment size that turns out not to pass is lowered. */
  readonly offload: Offload;
  /**
   * Sends one frame. When it returns, the object and its headers are the caller's again. A device that reads the
   * fragments later (a ring, at the end of the turn) retains them until it has.
   * It leaves the headers from `start` on as they were: the next frame may begin with the same.
   * Returns false if the frame was dropped (queue full, link down): TCP then treats it like any other loss.
   */
  send(frame: OutgoingFrame): boolean;
  /**
   * Takes the next frame that has arrived and points `frame` at it; false if there is none now. `frame` stays valid
   * until the next call.
   */
  receive(frame: IncomingFrame): boolean;
  /**
   * A super-segment of so many bytes was lost, and none of such a size has ever arrived: the device may lower its
   * limit.
   */
  superSegmentLost?(bytes: number): void;
  /**
   * Only devices that hold frames back (a delay, a rate) have these two: when the next one is due, in the clock's
   * microseconds (Infinity: none), and to release the frames that are due. Drivers treat them like the stack's timers.
   */
  nextDeadline?(): number;
  runTimers?(): void;
  /** A descriptor that is readable when `receive` has something, for drivers that can wait for one. */
  readonly fd?: number | undefined;
  /** Set by a driver on a device without a descriptor: called when `receive` has something again. */
  onReadable?: (() => void) | null;
  /** True once the device is gone for good: its interface was removed, its stream has ended. */
  readonly gone?: boolean;
  close(): void;
}
