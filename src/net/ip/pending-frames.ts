/**
 * Frames that wait for a neighbour's Ethernet address (RFC 1122 section 2.3.2.2, RFC 4861 section 7.2.2: keep at least
 * the latest). They are copies: the sender uses its frame again at once.
 *
 * Bounded in number and bytes; when full the oldest go, so the latest is always kept.
 */
import { OutgoingFrame } from '../device/frame.js';
import { SummedBytes } from '../wire/summed-bytes.js';

/** Enough for the largest datagram in fragments of 1,432 bytes; a new connection has one SYN or SYN-ACK here. */
export const MAX_PENDING_FRAMES = 48;
/** Enough for one super-segment; it bounds the memory that a silent neighbour can make us hold. */
export const MAX_PENDING_BYTES = 128 * 1024;

export class PendingFrames {
  readonly #frames: OutgoingFrame[] = [];
  #bytes = 0;

  /** Keeps a copy of `frame` with its headers. Returns how many frames were dropped: older ones, or this one. */
  keep(frame: OutgoingFrame): number {
    if (frame.length > MAX_PENDING_BYTES) return 1;
    let dropped = 0;
    while (this.#frames.length >= MAX_PENDING_FRAMES || this.#bytes + frame.length > MAX_PENDING_BYTES) {
      this.take();
      dropped++;
    }
    this.#frames.push(copyOf(frame));
    this.#bytes += frame.length;
    return dropped;
  }

  /** Takes out the oldest frame; undefined when there is none. */
  take(): OutgoingFrame | undefined {
    const frame = this.#frames.shift();
    if (frame !== undefined) this.#bytes -= frame.length;
    return frame;
  }

  get count(): number {
    return this.#frames.length;
  }
}

function copyOf(frame: OutgoingFrame): OutgoingFrame {
  const copy = new OutgoingFrame();
  copy.header.set(frame.header);
  copy.start = frame.start;
  copy.end = frame.end;
  copy.checksumFrom = frame.checksumFrom;
  copy.checksumOffset = frame.checksumOffset;
  copy.segmentBytes = frame.segmentBytes;
  if (frame.payloadLength > 0) {
    const payload = new Uint8Array(frame.payloadLength);
    let at = 0;
    for (let i = 0; i < frame.fragmentCount; i++) {
      const from = frame.fragmentFrom[i]!;
      payload.set(frame.fragments[i]!.bytes.subarray(from, from + frame.fragmentLength[i]!), at);
      at += frame.fragmentLength[i]!;
    }
    copy.addFragment(SummedBytes.plain(payload), 0, at);
  }
  return copy;
}
