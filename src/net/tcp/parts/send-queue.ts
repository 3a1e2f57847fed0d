/**
 * The bytes that the program has queued and the peer has not acknowledged: pieces of memory, by reference, in the order
 * of their sequence numbers. RFC 9293 speaks of a send buffer and a retransmission queue; here they are one. Nothing is
 * copied: sending again reads the same memory again.
 *
 *        first piece                                    last piece
 *     |..............|......|...........................|.........|
 *     ^ head         ^ SND.UNA     ^ SND.NXT                      ^ tail
 *
 * The pieces are linked. Like the records of the flight, they come from a pool that all connections share, and go
 * back to it. An idle connection holds none, and a connection that sends touches little memory. With ten thousand
 * connections the cost is in cache misses.
 */
import { MAX_FRAGMENTS, type OutgoingFrame } from '../../device/frame.js';
import { fold, swap } from '../../wire/checksum.js';
import type { PayloadAccount, SummedBytes } from '../../wire/summed-bytes.js';
import { add, distance, type Sequence } from '../sequence.js';

/** A piece of memory in a queue: `bytes[from, from + length)`. */
class Piece {
  bytes: SummedBytes | null = null;
  from = 0;
  length = 0;
  next: Piece | null = null;
}

/** Pieces not in use. */
export class PiecePool {
  #free: Piece | null = null;

  take(): Piece {
    const piece = this.#free;
    if (piece === null) return new Piece();
    this.#free = piece.next;
    piece.next = null;
    return piece;
  }

  give(piece: Piece): void {
    piece.bytes = null;
    piece.next = this.#free;
    this.#free = piece;
  }
}

export class SendQueue {
  /** The sequence number of the first piece's first byte. */
  head: Sequence;
  /** The sequence number after the last byte queued. */
  tail: Sequence;
  /** How many pieces there are. */
  pieces = 0;

  #first: Piece | null = null;
  #last: Piece | null = null;
  readonly #pool: PiecePool;

  /** An empty queue whose first byte will have the number `start`. */
  constructor(start: Sequence, pool = new PiecePool()) {
    this.head = start;
    this.tail = start;
    this.#pool = pool;
  }

  /** Starts again at `start`, for a connection whose first sequence number was not yet known. Only when empty. */
  restartAt(start: Sequence): void {
    this.head = start;
    this.tail = start;
  }

  /** Adds `bytes[from, to)` at the tail. */
  push(bytes: SummedBytes, from: number, to: number): void {
    if (from === to) return;
    const piece = this.#pool.take();
    bytes.retain();
    piece.bytes = bytes;
    piece.from = from;
    piece.length = to - from;
    if (this.#last === null) this.#first = piece;
    else this.#last.next = piece;
    this.#last = piece;
    this.pieces++;
    this.tail = add(this.tail, to - from);
  }

  /** Lets go of all pieces that end at or before `una`. */
  acknowledge(una: Sequence): void {
    for (let first = this.#first; first !== null; first = this.#first) {
      const end = add(this.head, first.length);
      if (distance(end, una) < 0) return;
      this.#dropFirst(first);
      this.head = end;
    }
  }

  /** Lets go of everything. */
  clear(): void {
    for (let first = this.#first; first !== null; first = this.#first) this.#dropFirst(first);
    this.head = this.tail;
  }

  /**
   * Adds the `length` bytes from `start` on to `frame`, as fragments. Returns their folded partial sum if `summed`,
   * else 0. The caller has checked that the bytes are queued, and with `span` that the frame has room for their pieces.
   */
  gather(start: Sequence, length: number, frame: OutgoingFrame, summed: boolean, account: PayloadAccount): number {
    let piece = this.#first!;
    let offset = distance(this.head, start);
    while (offset >= piece.length) {
      offset -= piece.length;
      piece = piece.next!;
    }
    let total = 0;
    let left = length;
    for (;;) {
      const bytes = piece.bytes!;
      const from = piece.from + offset;
      const take = Math.min(left, piece.length - offset);
      if (summed) {
        const part = bytes.sum(from, from + take, account);
        // A piece that starts at an odd place of the segment counts with its bytes swapped (RFC 1071 section 2.B).
        total += frame.payloadLength & 1 ? swap(part) : part;
      }
      frame.addFragment(bytes, from, take);
      left -= take;
      if (left === 0) return fold(total);
      offset = 0;
      piece = piece.next!;
    }
  }

  /**
   * How many of the `length` bytes from `start` on fit one frame. There are two reasons to return fewer than
   * `length`. The bytes are in too many pieces. Or, with `onBlockEdge`, the cut is moved to a place where the last
   * piece's table has an entry, so that no byte of the body must be read for the sum.
   */
  span(start: Sequence, length: number, onBlockEdge: boolean): number {
    let piece = this.#first!;
    let offset = distance(this.head, start);
    while (offset >= piece.length) {
      offset -= piece.length;
      piece = piece.next!;
    }
    let covered = 0;
    for (let fragments = 0; fragments < MAX_FRAGMENTS; fragments++) {
      const left = piece.length - offset;
      if (covered + left >= length) return onBlockEdge ? cutOnEdge(piece, offset, covered, length) : length;
      covered += left;
      offset = 0;
      piece = piece.next!;
    }
    return covered;
  }

  #dropFirst(first: Piece): void {
    const bytes = first.bytes!;
    this.#first = first.next;
    if (this.#first === null) this.#last = null;
    this.#pool.give(first);
    this.pieces--;
    bytes.release();
  }
}

/** Moves a cut inside a piece down to a block edge, unless nothing would be left of the segment. */
function cutOnEdge(piece: Piece, offset: number, covered: number, length: number): number {
  const taken = length - covered;
  if (offset + taken === piece.length) return length;
  const over = (piece.from + offset + taken) % piece.bytes!.blockBytes;
  const cut = taken - over;
  if (cut > 0) return covered + cut;
  return covered > 0 ? covered : length;
}
