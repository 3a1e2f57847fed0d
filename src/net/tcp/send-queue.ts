/**
 * What the program has queued and the peer has not acknowledged: pieces of memory, by reference, in the order of their
 * sequence numbers (RFC 9293 calls it the retransmission queue and the send buffer; here they are one). Nothing is
 * copied: sending again reads the same memory again.
 *
 *        first piece                                    last piece
 *     |..............|......|...........................|.........|
 *     ^ head         ^ SND.UNA     ^ SND.NXT                      ^ tail
 *
 * A ring of three parallel arrays; it grows to the bound that the program keeps (`Connection.queuedPieces`).
 */
import { MAX_FRAGMENTS, type OutgoingFrame } from '../device/frame.js';
import { fold, swap } from '../wire/checksum.js';
import type { PayloadAccount, SummedBytes } from '../wire/summed-bytes.js';
import { add, distance, type Sequence } from './sequence.js';

const FIRST_CAPACITY = 4;

export class SendQueue {
  /** The sequence number of the first piece's first byte. */
  head: Sequence;
  /** The sequence number after the last byte queued. */
  tail: Sequence;
  /** Pieces in the ring. */
  pieces = 0;

  #capacity = FIRST_CAPACITY;
  #first = 0;
  #bytes: (SummedBytes | null)[] = new Array(FIRST_CAPACITY).fill(null);
  #from: number[] = new Array(FIRST_CAPACITY).fill(0);
  #length: number[] = new Array(FIRST_CAPACITY).fill(0);

  /** An empty queue whose first byte will have the number `start`. */
  constructor(start: Sequence) {
    this.head = start;
    this.tail = start;
  }

  /** Starts again at `start`, for a connection whose first sequence number was not yet known. Only when empty. */
  restartAt(start: Sequence): void {
    this.head = start;
    this.tail = start;
  }

  /** Adds `bytes[from, to)` at the tail. */
  push(bytes: SummedBytes, from: number, to: number): void {
    if (from === to) return;
    if (this.pieces === this.#capacity) this.#grow();
    const place = (this.#first + this.pieces) & (this.#capacity - 1);
    bytes.retain();
    this.#bytes[place] = bytes;
    this.#from[place] = from;
    this.#length[place] = to - from;
    this.pieces++;
    this.tail = add(this.tail, to - from);
  }

  /** Lets go of all pieces that end at or before `una`. */
  acknowledge(una: Sequence): void {
    while (this.pieces > 0) {
      const end = add(this.head, this.#length[this.#first]!);
      if (distance(end, una) < 0) return;
      this.#dropFirst();
      this.head = end;
    }
  }

  /** Lets go of everything. */
  clear(): void {
    while (this.pieces > 0) this.#dropFirst();
    this.head = this.tail;
  }

  /**
   * Hangs the `length` bytes from `start` on into `frame`, as fragments. Returns their folded partial sum if `summed`,
   * else 0. The caller has checked that they are queued, and with `span` that the frame has room for their pieces.
   */
  gather(start: Sequence, length: number, frame: OutgoingFrame, summed: boolean, account: PayloadAccount): number {
    let place = this.#first;
    let offset = distance(this.head, start);
    while (offset >= this.#length[place]!) {
      offset -= this.#length[place]!;
      place = (place + 1) & (this.#capacity - 1);
    }
    let total = 0;
    let left = length;
    while (left > 0) {
      const bytes = this.#bytes[place]!;
      const from = this.#from[place]! + offset;
      const take = Math.min(left, this.#length[place]! - offset);
      if (summed) {
        const part = bytes.sum(from, from + take, account);
        // A piece that starts at an odd place of the segment counts with its bytes swapped (RFC 1071 section 2.B).
        total += frame.payloadLength & 1 ? swap(part) : part;
      }
      frame.addFragment(bytes, from, take);
      left -= take;
      offset = 0;
      place = (place + 1) & (this.#capacity - 1);
    }
    return fold(total);
  }

  /**
   * How many of the `length` bytes from `start` on fit one frame: fewer only if they are in too many pieces, or, with
   * `onBlockEdge`, to end where the last piece's table has an entry, so that no body byte need be read for the sum.
   */
  span(start: Sequence, length: number, onBlockEdge: boolean): number {
    let place = this.#first;
    let offset = distance(this.head, start);
    while (offset >= this.#length[place]!) {
      offset -= this.#length[place]!;
      place = (place + 1) & (this.#capacity - 1);
    }
    let covered = 0;
    for (let fragments = 0; fragments < MAX_FRAGMENTS; fragments++) {
      const left = this.#length[place]! - offset;
      if (covered + left >= length) {
        return onBlockEdge ? this.#cutOnEdge(place, offset, covered, length) : length;
      }
      covered += left;
      offset = 0;
      place = (place + 1) & (this.#capacity - 1);
    }
    return covered;
  }

  /** Moves a cut inside a piece down to a block edge, unless nothing would be left of the segment. */
  #cutOnEdge(place: number, offset: number, covered: number, length: number): number {
    const taken = length - covered;
    if (offset + taken === this.#length[place]!) return length;
    const over = (this.#from[place]! + offset + taken) % this.#bytes[place]!.blockBytes;
    const cut = taken - over;
    if (cut > 0) return covered + cut;
    return covered > 0 ? covered : length;
  }

  #dropFirst(): void {
    const bytes = this.#bytes[this.#first]!;
    this.#bytes[this.#first] = null;
    this.#first = (this.#first + 1) & (this.#capacity - 1);
    this.pieces--;
    bytes.release();
  }

  #grow(): void {
    const turn = <V>(ring: V[], filler: V): V[] => {
      const straight = [...ring.slice(this.#first), ...ring.slice(0, this.#first)];
      return straight.concat(new Array<V>(this.#capacity).fill(filler));
    };
    this.#bytes = turn<SummedBytes | null>(this.#bytes, null);
    this.#from = turn(this.#from, 0);
    this.#length = turn(this.#length, 0);
    this.#first = 0;
    this.#capacity *= 2;
  }
}
