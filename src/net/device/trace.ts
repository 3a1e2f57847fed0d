import type { Clock } from '../clock.js';
import type { Device } from './device.js';
import { DeviceAround } from './device-around.js';
import type { IncomingFrame, OutgoingFrame } from './frame.js';
import { completeChecksum, cutSegments, transportAt } from './segmentation.js';

/**
 * A frame that has crossed, `bytes[from, to)`; valid only during the call, and the same object every time.
 * @see {@link TracedDevice}
 */
export interface TracedFrame {
  /** From the stack's point of view. */
  direction: 'in' | 'out';
  /** When, in the clock's microseconds. */
  time: number;
  bytes: Uint8Array;
  from: number;
  to: number;
  /** The TCP or UDP checksum in the frame is not the real one: neither side of the device needs it. */
  checksumPartial: boolean;
  /** Not 0: a super-segment whose segments have this much payload each (bytes). */
  segmentBytes: number;
  /** The device refused it (outgoing only). */
  dropped: boolean;
}

/** Who is shown the frames, and in which form. @see {@link TracedDevice} */
export interface TraceOptions {
  clock: Clock;
  /** Called with every frame; an outgoing one is shown after the device has taken it. */
  onFrame: (frame: TracedFrame) => void;
  /** Show super-segments cut, and checksums complete; default false. */
  asOnWire?: boolean;
}

/**
 * Shows every frame that crosses the device it wraps: to a capture file, to the screen, to a test. A stack made without
 * it pays nothing, because the wrapper is not there.
 *
 * Frames are shown as they cross the device. With offload that may be a super-segment: one frame that stands for many
 * segments, whose checksum is still to be computed. `asOnWire` shows the segments that a wire would carry instead, with
 * their checksums.
 *
 * @example
 * ```ts
 * import { type Clock, type Device, describeFrame, TracedDevice } from 'fastpath';
 *
 * // Prints each frame as tcpdump does. Give it to the stack in place of the device.
 * export const trace = (device: Device, clock: Clock) =>
 *   new TracedDevice(device, {
 *     clock,
 *     onFrame: ({ direction, bytes, from, to }) => console.log(direction, describeFrame(bytes, from, to)),
 *   });
 * ```
 */
export class TracedDevice extends DeviceAround {
  readonly #clock: Clock;
  readonly #onFrame: (frame: TracedFrame) => void;
  readonly #asOnWire: boolean;
  readonly #shown: TracedFrame;
  #copy = new Uint8Array(2048);
  #segment = new Uint8Array(2048);

  constructor(inner: Device, options: TraceOptions) {
    super(inner);
    this.#clock = options.clock;
    this.#onFrame = options.onFrame;
    this.#asOnWire = options.asOnWire ?? false;
    this.#shown = {
      direction: 'in',
      time: 0,
      bytes: this.#copy,
      from: 0,
      to: 0,
      checksumPartial: false,
      segmentBytes: 0,
      dropped: false,
    };
    if (inner.nextDeadline !== undefined) this.nextDeadline = () => inner.nextDeadline!();
    if (inner.runTimers !== undefined) this.runTimers = () => inner.runTimers!();
  }

  readonly nextDeadline?: () => number;
  readonly runTimers?: () => void;

  send(frame: OutgoingFrame): boolean {
    const taken = this.inner.send(frame);
    const length = this.#copyOf(frame);
    const cut = frame.segmentBytes !== 0 && frame.payloadLength > frame.segmentBytes ? frame.segmentBytes : 0;
    this.#show('out', this.#copy, 0, length, frame.checksumFrom !== 0, cut, !taken);
    return taken;
  }

  receive(frame: IncomingFrame): boolean {
    if (!this.inner.receive(frame)) return false;
    this.#show('in', frame.bytes, frame.from, frame.to, frame.checksumGood, frame.segmentBytes, false);
    return true;
  }

  #copyOf(frame: OutgoingFrame): number {
    if (this.#copy.length < frame.length) this.#copy = new Uint8Array(frame.length);
    return frame.copyTo(this.#copy);
  }

  #show(
    direction: 'in' | 'out',
    bytes: Uint8Array,
    from: number,
    to: number,
    checksumPartial: boolean,
    segmentBytes: number,
    dropped: boolean,
  ): void {
    const shown = this.#shown;
    shown.direction = direction;
    shown.time = this.#clock.now;
    shown.dropped = dropped;
    if (this.#asOnWire && (checksumPartial || segmentBytes !== 0)) this.#showAsOnWire(bytes, from, to, segmentBytes);
    else this.#hand(bytes, from, to, checksumPartial, segmentBytes);
  }

  #showAsOnWire(bytes: Uint8Array, from: number, to: number, segmentBytes: number): void {
    if (segmentBytes !== 0 && transportAt(bytes, from, to) >= 0) {
      if (this.#segment.length < segmentBytes + 256) this.#segment = new Uint8Array(segmentBytes + 256);
      cutSegments(bytes, from, to, segmentBytes, this.#segment, this.#handSegment);
      return;
    }
    // A received frame belongs to the stack, so its checksum is completed in a copy.
    const length = to - from;
    if (bytes !== this.#copy) {
      if (this.#copy.length < length) this.#copy = new Uint8Array(length);
      this.#copy.set(bytes.subarray(from, to));
    }
    completeChecksum(this.#copy, 0, length);
    this.#hand(this.#copy, 0, length, false, 0);
  }

  readonly #handSegment = (segment: Uint8Array, length: number): boolean => {
    this.#hand(segment, 0, length, false, 0);
    return true;
  };

  #hand(bytes: Uint8Array, from: number, to: number, checksumPartial: boolean, segmentBytes: number): void {
    const shown = this.#shown;
    shown.bytes = bytes;
    shown.from = from;
    shown.to = to;
    shown.checksumPartial = checksumPartial;
    shown.segmentBytes = segmentBytes;
    this.#onFrame(shown);
  }
}
