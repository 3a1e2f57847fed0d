/**
 * Frames on their way through the stack: one that came in, one that goes out. Each device and each stack has one object
 * of either kind and uses it for every frame, so no frame allocates anything.
 */
import type { SummedBytes } from '../wire/summed-bytes.js';

/**
 * A frame that a device has received: `bytes[from, to)` is the Ethernet frame. Valid until the next `receive`.
 *
 * @example
 * ```ts
 * import { type Device, describeFrame, IncomingFrame } from 'fastpath';
 *
 * // Reads a device dry without a stack.
 * export function dump(device: Device): void {
 *   const frame = new IncomingFrame(new Uint8Array(65_536));
 *   while (device.receive(frame)) console.log(describeFrame(frame.bytes, frame.from, frame.to));
 * }
 * ```
 */
export class IncomingFrame {
  bytes: Uint8Array;
  from = 0;
  to = 0;
  /** The device vouches for the TCP or UDP checksum (it was never computed, or was verified): do not look at it. */
  checksumGood = false;
  /** Not 0: a super-segment, which a sender's offload made of segments with this much payload each (bytes). */
  segmentBytes = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** Where the transport header starts in `OutgoingFrame.header`. The other headers have room in front of it. */
export const TRANSPORT_AT = 80;
export const HEADER_BYTES = 160;
/** The most pieces of payload in one frame; a device adds at most one for the headers. */
export const MAX_FRAGMENTS = 64;

/**
 * A frame to be sent: headers that the layers write from the back to the front, then payload by reference.
 *
 *     header:  | spare | device 12 | Ethernet 14 or 18 | IPv4 20 or IPv6 40 | TCP 20 to 60 |
 *                                  ^ start                                  ^ TRANSPORT_AT  ^ end
 *     payload: fragments[0 .. fragmentCount): bytes, from, length; not copied
 *
 * `start` moves to the front as each layer adds its header. The 12 bytes before it belong to the device (a TAP writes
 * its virtio header there, so that headers cross to the kernel as one piece).
 *
 * @example
 * ```ts
 * import { type Device, OutgoingFrame } from 'fastpath';
 *
 * // Sends bytes as they are. The frame's own room takes its head; long payloads go by reference (`addFragment`).
 * export function sendHead(device: Device, head: Uint8Array): boolean {
 *   const frame = new OutgoingFrame();
 *   frame.reset();
 *   frame.start = 0;
 *   frame.end = head.length;
 *   frame.header.set(head, 0);
 *   return device.send(frame);
 * }
 * ```
 */
export class OutgoingFrame {
  readonly header = new Uint8Array(HEADER_BYTES);
  /** The same bytes, for a device that copies headers: four at a time. */
  readonly headerWords = new Uint32Array(this.header.buffer);
  start = TRANSPORT_AT;
  end = TRANSPORT_AT;

  readonly fragments: SummedBytes[] = [];
  readonly fragmentFrom: number[] = [];
  readonly fragmentLength: number[] = [];
  fragmentCount = 0;
  /** The sum of the fragments' lengths, bytes. */
  payloadLength = 0;

  /**
   * Offload. Not 0: the checksum is still to be computed, from the header byte at this index to the end of the frame,
   * into the field `checksumOffset` bytes further on, which now holds the folded pseudo-header sum.
   */
  checksumFrom = 0;
  checksumOffset = 0;
  /** TTL or hop limit; 0: the host's default. */
  hopLimit = 0;
  /** Offload. Not 0: cut the payload into segments of this many bytes (TSO). */
  segmentBytes = 0;

  /**
   * UDP: routers must not cut it, on a route whose path MTU is being found. TCP's segments always go so. Not part of
   * `reset`: only UDP's own frame has it, and sets it for each datagram.
   */
  dontFragment = false;

  /**
   * Not null: `header` has the Ethernet and IP headers of this route in place, from the frame before.
   */
  prefilledFor: object | null = null;

  /** Empties the frame for the next use. */
  reset(): void {
    this.prefilledFor = null;
    this.start = TRANSPORT_AT;
    this.end = TRANSPORT_AT;
    this.fragmentCount = 0;
    this.payloadLength = 0;
    this.checksumFrom = 0;
    this.segmentBytes = 0;
    this.hopLimit = 0;
  }

  /** Adds a piece of payload. There is room for `MAX_FRAGMENTS`. */
  addFragment(bytes: SummedBytes, from: number, length: number): void {
    const index = this.fragmentCount++;
    this.fragments[index] = bytes;
    this.fragmentFrom[index] = from;
    this.fragmentLength[index] = length;
    this.payloadLength += length;
  }

  /** Length of the whole frame from the Ethernet header on, bytes. */
  get length(): number {
    return this.end - this.start + this.payloadLength;
  }

  /** Copies the whole frame into `target` at `at`, for devices that keep frames in memory; returns its length. */
  copyTo(target: Uint8Array, at = 0): number {
    target.set(this.header.subarray(this.start, this.end), at);
    let end = at + this.end - this.start;
    for (let i = 0; i < this.fragmentCount; i++) {
      const from = this.fragmentFrom[i]!;
      target.set(this.fragments[i]!.bytes.subarray(from, from + this.fragmentLength[i]!), end);
      end += this.fragmentLength[i]!;
    }
    return end - at;
  }
}
