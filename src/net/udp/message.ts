import { HEADER_BYTES, MAX_FRAGMENTS, OutgoingFrame, TRANSPORT_AT } from '../device/frame.js';
import { sum, swap } from '../wire/checksum.js';
import type { PayloadAccount, SummedBytes } from '../wire/summed-bytes.js';
import { UDP_HEADER_BYTES } from '../wire/udp.js';

/** The most bytes that `head` takes in all. */
export const MAX_HEAD_BYTES = HEADER_BYTES - TRANSPORT_AT - UDP_HEADER_BYTES;
/** One piece is left for the headers. */
const MAX_PIECES = MAX_FRAGMENTS - 1;

/**
 * A datagram to be sent: first `head`, a few bytes that are copied, then `add`, payload by reference. The sum of the
 * payload comes from its table (`SummedBytes`), so nothing of it is read.
 *
 * The message can be sent again, also to somebody else. Payload must stay unchanged until `send` returns; a device that
 * reads it later retains it.
 *
 * @example
 * ```ts
 * import type { SummedBytes, UdpPort } from 'fastpath';
 *
 * // Two bytes of our own before an answer whose sums are known.
 * export function answer(port: UdpPort, id: number, body: SummedBytes): void {
 *   const head = Uint8Array.of(id >>> 8, id & 0xff);
 *   port.send(port.compose().head(head).add(body)); // to the remote end of a connected port
 * }
 * ```
 */
export class Message {
  /** For UDP: the frame that it becomes. */
  readonly frame = new OutgoingFrame();

  constructor() {
    this.clear();
  }

  /** Empties it. */
  clear(): this {
    this.frame.reset();
    this.frame.end = TRANSPORT_AT + UDP_HEADER_BYTES;
    return this;
  }

  /**
   * Appends `bytes[from, to)`, copied: 72 bytes in all, and before any `add`.
   * @throws {RangeError} beyond that: a mistake of the program
   */
  head(bytes: Uint8Array, from = 0, to = bytes.length): this {
    const { frame } = this;
    if (frame.fragmentCount > 0 || frame.end + to - from > HEADER_BYTES) {
      throw new RangeError(`the head has ${MAX_HEAD_BYTES} bytes at most, before the rest`);
    }
    for (let i = from; i < to; i++) frame.header[frame.end++] = bytes[i]!;
    return this;
  }

  /**
   * Appends bytes by reference, from `from` on.
   * @throws {RangeError} for more than 63 pieces, or bytes that are not there: a mistake of the program
   */
  add(bytes: SummedBytes, from = 0, length = bytes.length - from): this {
    if (this.frame.fragmentCount >= MAX_PIECES) throw new RangeError(`a message has ${MAX_PIECES} pieces at most`);
    if (from < 0 || length < 0 || from + length > bytes.length) throw new RangeError('no such bytes');
    if (length > 0) this.frame.addFragment(bytes, from, length);
    return this;
  }

  /** Payload bytes. */
  get length(): number {
    return this.frame.end - TRANSPORT_AT - UDP_HEADER_BYTES + this.frame.payloadLength;
  }

  /** For UDP: the partial sum of header, head and payload; each piece at an odd place counts with its bytes swapped. */
  sum(account: PayloadAccount): number {
    const { frame } = this;
    let total = sum(frame.header, TRANSPORT_AT, frame.end);
    let offset = frame.end - TRANSPORT_AT;
    for (let i = 0; i < frame.fragmentCount; i++) {
      const from = frame.fragmentFrom[i]!;
      const length = frame.fragmentLength[i]!;
      const part = frame.fragments[i]!.sum(from, from + length, account);
      total += (offset & 1) === 0 ? part : swap(part);
      offset += length;
    }
    return total;
  }
}
