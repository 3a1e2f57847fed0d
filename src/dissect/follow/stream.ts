/**
 * Puts the byte stream of one side of a TCP connection together: in order, each byte once, with what the capture lacks
 * named. Bytes go out as soon as they continue the stream, so memory is bounded by what waits behind a hole.
 */
import { add, distance, earlier, isAfter, isAtOrBefore, type Sequence, ZERO } from '../../net/tcp/sequence.js';

/** At most this much waits behind a hole. Then the capture is taken to have lost what is missing. */
export const MAX_WAITING_BYTES = 4 << 20;
const MAX_WAITING_PIECES = 4_096;

export interface StreamSink {
  /** The next bytes of the stream; they are used again after the call. */
  bytes(bytes: Uint8Array, offset: number): void;
  /** `count` bytes are not in the capture. */
  missing(count: number, offset: number): void;
}

interface Piece {
  readonly sequence: Sequence;
  readonly bytes: Uint8Array;
  /** Bytes that were sent: more than `bytes` if the capture cut the frame. */
  readonly length: number;
}

export class StreamSide {
  readonly #sink: StreamSink;
  #next: Sequence | undefined;
  #end: Sequence | undefined;
  #offset = 0;
  #waiting: Piece[] = [];
  #waitingBytes = 0;

  constructor(sink: StreamSink) {
    this.#sink = sink;
  }

  /** The stream begins after a SYN with this number. */
  begin(synSequence: Sequence): void {
    this.#next ??= add(synSequence, 1);
  }

  /** The stream ends here. The FIN after its last byte has a number of its own (RFC 9293 section 3.4). */
  finish(sequence: Sequence): void {
    this.#end = sequence;
  }

  /** A segment of this side. `length` bytes were sent, `bytes` are there of them. */
  push(sequence: Sequence, bytes: Uint8Array, length: number): void {
    if (length === 0) return;
    this.#next ??= sequence;
    if (isAfter(sequence, this.#next)) this.#wait({ sequence, bytes: bytes.slice(), length });
    else this.#take({ sequence, bytes, length });
    this.#drain();
  }

  /** The other side has everything before `acknowledged`, so what is missing of it will not come. */
  acknowledge(acknowledged: Sequence): void {
    const sequence = this.#end === undefined ? acknowledged : earlier(acknowledged, this.#end);
    if (this.#next === undefined || !isAfter(sequence, this.#next)) return;
    for (const piece of this.#sorted()) {
      if (isAfter(piece.sequence, sequence)) break;
      this.#skipTo(piece.sequence);
      this.#take(piece);
    }
    this.#waiting = this.#waiting.filter((piece) => isAfter(piece.sequence, this.#next ?? ZERO));
    this.#recount();
    this.#skipTo(sequence);
    this.#drain();
  }

  /** The capture is over. What waits is given out, and its holes are named. */
  end(): void {
    for (const piece of this.#sorted()) {
      this.#skipTo(piece.sequence);
      this.#take(piece);
    }
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #wait(piece: Piece): void {
    this.#waiting.push(piece);
    this.#waitingBytes += piece.bytes.length;
    if (this.#waitingBytes <= MAX_WAITING_BYTES && this.#waiting.length <= MAX_WAITING_PIECES) return;
    const [first] = this.#sorted();
    if (first !== undefined) this.#skipTo(first.sequence);
  }

  /** Gives out the part of the piece that is new. The piece begins at or before the stream's end. */
  #take({ sequence, bytes, length }: Piece): void {
    const next = this.#next ?? sequence;
    const known = distance(sequence, next);
    if (known >= length) return;
    const fresh = bytes.subarray(known);
    if (fresh.length > 0) this.#sink.bytes(fresh, this.#offset);
    this.#offset += fresh.length;
    this.#next = add(next, fresh.length);
    this.#skipTo(add(sequence, length));
  }

  #skipTo(sequence: Sequence): void {
    const count = this.#next === undefined ? 0 : distance(this.#next, sequence);
    if (count <= 0) return;
    this.#sink.missing(count, this.#offset);
    this.#offset += count;
    this.#next = sequence;
  }

  /** Takes the pieces that now continue the stream. */
  #drain(): void {
    if (this.#waiting.length === 0) return;
    const left: Piece[] = [];
    for (const piece of this.#sorted()) {
      if (isAtOrBefore(piece.sequence, this.#next ?? ZERO)) this.#take(piece);
      else left.push(piece);
    }
    this.#waiting = left;
    this.#recount();
  }

  #sorted(): Piece[] {
    const next = this.#next ?? ZERO;
    return this.#waiting.sort((a, b) => distance(next, a.sequence) - distance(next, b.sequence));
  }

  #recount(): void {
    this.#waitingBytes = this.#waiting.reduce((sum, piece) => sum + piece.bytes.length, 0);
  }
}
