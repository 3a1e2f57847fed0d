/**
 * Two byte streams, compared as they come, whichever is ahead: what the recorded server said and what ours says. The
 * one that is ahead waits in memory, up to a bound.
 *
 * The value of a Date line is expected to differ and is passed over (RFC 9110 section 6.6.1).
 */

import type { Sequence } from '../net/tcp/sequence.js';
import { InOrder } from './in-order.js';

/** Bytes that are kept of the stream that is ahead. */
const MAX_LEAD_BYTES = 1 << 20;
const CONTEXT_BYTES = 40;
const DATE = 'date: ';
const CARRIAGE_RETURN = 13;
const LINE_FEED = 10;
const MASK = 0x78;

/** Replaces the values of Date lines in a stream, byte by byte: it remembers where in a line it is. */
class DateMask {
  #column = 0;
  #matched = true;

  apply(byte: number): number {
    if (byte === LINE_FEED) {
      this.#column = 0;
      this.#matched = true;
      return byte;
    }
    const column = this.#column++;
    if (column < DATE.length) {
      if ((byte | 0x20) !== DATE.charCodeAt(column)) this.#matched = false;
      return byte;
    }
    return this.#matched && byte !== CARRIAGE_RETURN ? MASK : byte;
  }
}

export class StreamComparison {
  readonly #masks = [new DateMask(), new DateMask()] as const;
  readonly #lengths = [0, 0];
  #recorded: InOrder | undefined;
  /** Bytes of the side that is ahead. */
  #lead = new Uint8Array(0);
  #leadLength = 0;
  /** The last bytes that were the same, for the message. */
  #common: number[] = [];
  /** The place where they first differ, in words. */
  difference: string | undefined;
  /** The reason why the comparison ended early, if it did. */
  gaveUp: string | undefined;

  /** Bytes of the recorded server, in whatever order the capture has them. `first` is the number of its first byte. */
  recorded(first: Sequence, sequence: Sequence, bytes: Uint8Array, from: number, to: number): void {
    this.#recorded ??= new InOrder(first, (part, start, end) => this.push(0, part, start, end));
    this.#recorded.take(sequence, bytes, from, to);
  }

  /**
   * The client has acknowledged up to here. Bytes of the recorded server that have not come by now are not in the
   * capture.
   */
  acknowledgedByClient(sequence: Sequence, fin: boolean): void {
    const missing = this.#recorded?.missingBefore(sequence) ?? 0;
    if (missing > (fin ? 1 : 0)) this.giveUp('the capture has a hole');
  }

  /** The next bytes of one side: 0 the recorded server, 1 ours. */
  push(side: 0 | 1, bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at++) {
      if (this.difference !== undefined || this.gaveUp !== undefined) return;
      this.#pushByte(side, this.#masks[side].apply(bytes[at]!));
    }
  }

  /** The capture has a hole in the recorded stream. */
  giveUp(why: string): void {
    this.gaveUp ??= `after byte ${Math.min(this.#lengths[0]!, this.#lengths[1]!)}: ${why}`;
  }

  /** Bytes that were the same on both sides. */
  get same(): number {
    return Math.min(this.#lengths[0]!, this.#lengths[1]!);
  }

  #pushByte(side: 0 | 1, byte: number): void {
    const ahead = this.#lengths[side]! - this.#lengths[1 - side]!;
    if (ahead >= 0) {
      if (this.#leadLength === MAX_LEAD_BYTES) {
        this.giveUp(`one side is ${MAX_LEAD_BYTES} bytes ahead`);
        return;
      }
      if (this.#leadLength === this.#lead.length) this.#grow();
      this.#lead[this.#leadLength++] = byte;
    } else {
      const expected = this.#lead[this.#leadLength + ahead]!;
      if (expected !== byte) this.#differ(side, expected, byte);
      this.#remember(byte);
      if (ahead === -1) this.#leadLength = 0;
    }
    this.#lengths[side]!++;
  }

  #differ(side: 0 | 1, expected: number, byte: number): void {
    const [recorded, ours] = side === 1 ? [expected, byte] : [byte, expected];
    const before = JSON.stringify(String.fromCharCode(...this.#common));
    const show = (value: number) => JSON.stringify(String.fromCharCode(value));
    const at = this.#lengths[side];
    this.difference = `byte ${at}: recorded ${show(recorded)}, ours ${show(ours)}, after ${before}`;
  }

  #remember(byte: number): void {
    this.#common.push(byte);
    if (this.#common.length > CONTEXT_BYTES) this.#common.shift();
  }

  #grow(): void {
    const larger = new Uint8Array(Math.max(4_096, 2 * this.#lead.length));
    larger.set(this.#lead);
    this.#lead = larger;
  }
}
