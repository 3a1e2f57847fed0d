/**
 * Two devices in memory, joined by a cable: what one sends, the other receives, at once and in order. For tests,
 * virtual networks and learning; nothing of the machine is touched.
 *
 *     end a: send ──> [queue] ──> receive :end b        and the same the other way
 *
 * The choice `offload` says what happens to super-segments. All three exist in the real world:
 * - `none`: the ends offer no offload; the stack cuts and sums everything itself, as on the simplest network card.
 * - `whole`: a super-segment crosses in one piece and its checksum is never computed, as between a TAP and its host.
 * - `cut`: the ends offer offload, and the cable carries segments with real checksums, as behind a card with TSO.
 */
import { parseMac } from '../wire/address.js';
import * as Ethernet from '../wire/ethernet.js';
import { type Device, NO_OFFLOAD, type Offload } from './device.js';
import type { IncomingFrame, OutgoingFrame } from './frame.js';
import { FrameQueue } from './frame-queue.js';
import { completeChecksum, cutSegments } from './segmentation.js';

/** What both ends of a cable have in common. @see {@link createPair} */
export interface PairOptions {
  /** The largest IP packet, bytes; default 1500. A longer frame is dropped and counted. */
  mtu?: number;
  offload?: 'none' | 'whole' | 'cut';
  /** The most payload in one frame, with offload; default 65,455: with all headers it fits 16 bits of length. */
  superSegmentBytes?: number;
  /** Frames that may wait at either end; default 4096. One more is dropped and counted. */
  queueFrames?: number;
  /** The Ethernet addresses of the two ends; default 02:fa:57:00:00:01 and 02:fa:57:00:00:02. */
  macs?: readonly [string, string];
}

/**
 * Counters of one end, by what it sent.
 *
 * @example
 * ```ts
 * import { createPair } from 'fastpath';
 *
 * const [a] = createPair();
 * a.sendBytes(new Uint8Array(60));
 * console.log(a.statistics.sent); // 1
 * ```
 */
export interface PairStatistics {
  sent: number;
  /** The other end's queue was full. */
  overflowed: number;
  /** Longer than the MTU. */
  tooLong: number;
}

/**
 * Makes a cable and returns its two ends.
 *
 * @example
 * ```ts
 * import { createPair } from 'fastpath';
 *
 * const [a, b] = createPair({ mtu: 9_000 }); // a cable in memory
 * a.sendBytes(new Uint8Array(60));
 * console.log(b.waiting, b.takeBytes()?.length); // 1 60
 * ```
 */
export function createPair(options: PairOptions = {}): [PairEnd, PairEnd] {
  const [a, b] = options.macs ?? ['02:fa:57:00:00:01', '02:fa:57:00:00:02'];
  const ends: [PairEnd, PairEnd] = [new PairEnd(parseMac(a), options), new PairEnd(parseMac(b), options)];
  ends[0].connect(ends[1]);
  ends[1].connect(ends[0]);
  return ends;
}

/**
 * One end of a cable: a device whose frames arrive at the other end.
 *
 * @example
 * ```ts
 * import { createPair, type PairEnd } from 'fastpath';
 *
 * // What waits at this end, as bytes.
 * function drain(end: PairEnd): Uint8Array[] {
 *   const frames = Array.from({ length: end.waiting }, () => end.takeBytes());
 *   return frames.filter((frame) => frame !== undefined);
 * }
 * const [near, far] = createPair();
 * near.sendBytes(new Uint8Array(60));
 * near.sendBytes(new Uint8Array(1_514));
 * console.log(
 *   drain(far)
 *     .map(({ length }) => length)
 *     .join(', '),
 * ); // 60, 1514
 * ```
 */
export class PairEnd implements Device {
  readonly mtu: number;
  readonly offload: Offload;
  readonly statistics: PairStatistics = { sent: 0, overflowed: 0, tooLong: 0 };
  onReadable: (() => void) | null = null;

  readonly #cut: boolean;
  readonly #queue: FrameQueue;
  /** The super-segment to be cut, and the segment being made of it. */
  #whole = new Uint8Array(0);
  readonly #segment: Uint8Array;
  #peer: PairEnd | null = null;
  #closed = false;

  constructor(
    readonly mac: Uint8Array,
    options: PairOptions,
  ) {
    this.mtu = options.mtu ?? 1500;
    const superSegmentBytes = options.superSegmentBytes ?? 65_455;
    this.offload = (options.offload ?? 'none') === 'none' ? NO_OFFLOAD : { checksum: true, superSegmentBytes };
    this.#cut = options.offload === 'cut';
    this.#queue = new FrameQueue(options.queueFrames ?? 4096);
    this.#segment = new Uint8Array(Ethernet.HEADER_BYTES + Ethernet.TAG_BYTES + this.mtu);
  }

  /** Plugs the cable into the other end. */
  connect(peer: PairEnd): void {
    this.#peer = peer;
  }

  send(frame: OutgoingFrame): boolean {
    const superSegment = frame.segmentBytes !== 0 && frame.payloadLength > frame.segmentBytes;
    const longest = superSegment ? frame.end - frame.start + frame.segmentBytes : frame.length;
    if (longest > this.mtu + Ethernet.headerLength(frame.header, frame.start)) {
      this.statistics.tooLong++;
      return false;
    }
    if (superSegment && this.#cut) return this.#sendCut(frame);
    const slot = this.#slotAtPeer();
    if (slot === null) return false;
    slot.resize(frame.length);
    frame.copyTo(slot.bytes);
    slot.segmentBytes = superSegment ? frame.segmentBytes : 0;
    slot.checksumGood = frame.checksumFrom !== 0 && !this.#cut;
    if (frame.checksumFrom !== 0 && this.#cut) completeChecksum(slot.bytes, 0, slot.length);
    this.#announce();
    return true;
  }

  receive(frame: IncomingFrame): boolean {
    const stored = this.#queue.shift();
    if (stored === null) return false;
    stored.show(frame);
    return true;
  }

  /** Sends a whole frame as it is: for scripted peers. */
  sendBytes(bytes: Uint8Array): boolean {
    const slot = this.#slotAtPeer();
    if (slot === null) return false;
    slot.resize(bytes.length);
    slot.bytes.set(bytes);
    slot.segmentBytes = 0;
    slot.checksumGood = false;
    this.#announce();
    return true;
  }

  /** Takes the next frame as a copy, or undefined: for scripted peers. */
  takeBytes(): Uint8Array | undefined {
    const stored = this.#queue.shift();
    return stored?.bytes.slice(0, stored.length);
  }

  /** Frames that wait to be received here. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Unplugs this end: frames sent to it are dropped. */
  close(): void {
    this.#closed = true;
  }

  #sendCut(frame: OutgoingFrame): boolean {
    if (this.#whole.length < frame.length) this.#whole = new Uint8Array(frame.length);
    const length = frame.copyTo(this.#whole);
    return cutSegments(this.#whole, 0, length, frame.segmentBytes, this.#segment, (segment, end) =>
      this.sendBytes(segment.subarray(0, end)),
    );
  }

  #slotAtPeer() {
    const peer = this.#peer;
    const slot = peer === null || peer.#closed || this.#closed ? null : peer.#queue.push();
    if (slot === null) this.statistics.overflowed++;
    else this.statistics.sent++;
    return slot;
  }

  #announce(): void {
    const peer = this.#peer!;
    if (peer.onReadable !== null) peer.onReadable();
  }
}
