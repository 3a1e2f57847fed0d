/**
 * The body of a large file on its way to one client, piece by piece (cache/object/pieces.ts). A piece is sent by
 * reference, as all of the cache is. What is queued in TCP is bounded: the next piece is queued when enough of those
 * before it has been acknowledged. So a slow client holds a few pieces, and 32-bit sequence numbers are no bound of a
 * file.
 *
 *     acknowledged | queued in TCP   | wanted ahead | not wanted yet
 *     ─────────────┴─────────────────┴──────────────┴───────────────
 *                                    ^ at
 *
 * A body may be several parts of the file, each behind a few bytes of its own (multipart/byteranges).
 */
import type { Ask, Waiter } from '../../cache/library/asks.js';
import type { Store } from '../../cache/library/store.js';
import type { Entry } from '../../cache/object/entry.js';
import { PIECE_BYTES, pieceName } from '../../cache/object/pieces.js';
import type { Connection } from '../../net/tcp/handler.js';
import type { SummedBytes } from '../../net/wire/summed-bytes.js';
import type { Seat, StreamRoom } from './stream-room.js';

/** What `pump` did. */
/** All is queued. */
export const DONE = 0;
/** As much is queued as may be; go on when some of it is acknowledged. */
export const FULL = 1;
/** The next piece is not in memory; go on when `ask` is settled. */
export const WAITS_FOR_PIECE = 2;
/** There is no place for the next piece (stream-room.ts); go on when its turn comes. */
export const WAITS_FOR_TURN = 3;

/** Pieces behind those that are queued that are asked for before they can be sent. */
const PIECES_AHEAD = 2;
/** So much may be queued, whatever the congestion window: two pieces, so that the next one can be read meanwhile. */
const LEAST_QUEUED = 2 * PIECE_BYTES;

/** The bytes `[from, to)` of a payload, behind a head of their own. */
export interface StreamPart {
  readonly head: SummedBytes | null;
  readonly from: number;
  readonly to: number;
}

export class PieceStream {
  /** The ask for the next piece, while `pump` waits for it. */
  ask: Ask | null = null;
  readonly #store: Store;
  readonly #entry: Entry;
  readonly #room: StreamRoom;
  readonly #seat: Seat;
  readonly #parts: readonly StreamPart[];
  /** The part under way; behind the last one: all is queued. */
  #index = -1;
  #isHeadQueued = false;
  #at = 0;
  #to = 0;
  /** Pieces of this part below this one have been asked for. */
  #askedTo = 0;

  /** These parts of the payload of `entry`. Its memory is held until `close`, and so its file's number. */
  constructor(store: Store, entry: Entry, parts: readonly StreamPart[], room: StreamRoom, seat: Seat) {
    this.#store = store;
    this.#room = room;
    this.#seat = seat;
    this.#entry = entry;
    this.#parts = parts;
    this.#nextPart();
    entry.bytes.retain();
  }

  /** The name of the next piece if it is not in memory, else null. */
  missing(): string | null {
    return this.#at < this.#to && this.#find() === undefined ? this.#name(this.#piece) : null;
  }

  /**
   * Queues what may be queued, `mostBytes` in all at most. `waiter` is told when a piece is there. It is done when all
   * is acknowledged: until then the pieces take their places in the memory for bodies.
   */
  pump(connection: Connection, mostBytes: number, waiter: Waiter): number {
    const window = Math.min(Math.max(LEAST_QUEUED, 2 * connection.congestionWindow), mostBytes);
    const [room, seat] = [this.#room, this.#seat];
    this.ask = null;
    let unacknowledged = this.#unacknowledged(connection);
    const isTurnOver = unacknowledged === 0 && room.isTurnOver(seat);
    if (!this.#isOver) room.keep(seat, isTurnOver ? 0 : unacknowledged + 1);
    while (!this.#isOver) {
      if (connection.queuedBytes >= window) break;
      this.#queueHead(connection);
      if (this.#at === this.#to) {
        this.#nextPart();
        continue;
      }
      if (seat.held <= unacknowledged && !room.take(seat)) {
        return unacknowledged > 0 ? FULL : WAITS_FOR_TURN;
      }
      const piece = this.#find();
      if (piece === undefined) {
        this.ask = this.#store.asks.want(this.#entry.site, this.#name(this.#piece), waiter);
        this.#readAhead();
        return WAITS_FOR_PIECE;
      }
      const base = this.#piece * PIECE_BYTES;
      const end = Math.min(base + piece.payloadLength, this.#to);
      connection.send(piece.bytes, this.#at - base, end - base);
      this.#at = end;
      unacknowledged++;
      seat.sent++;
      this.#readAhead();
      if (this.#at === this.#to) this.#nextPart();
    }
    room.keep(seat, unacknowledged);
    return unacknowledged === 0 && this.#isOver ? DONE : FULL;
  }

  /** The stream is over, or its client has gone. */
  close(): void {
    this.#entry.bytes.release();
  }

  get #isOver(): boolean {
    return this.#index === this.#parts.length;
  }

  #nextPart(): void {
    this.#index++;
    this.#isHeadQueued = false;
    const part = this.#parts[this.#index];
    this.#at = part?.from ?? 0;
    this.#to = part?.to ?? 0;
    this.#askedTo = this.#piece;
  }

  #queueHead(connection: Connection): void {
    const head = this.#parts[this.#index]?.head ?? null;
    if (head !== null && !this.#isHeadQueued) connection.send(head, 0, head.length);
    this.#isHeadQueued = true;
  }

  /** Pieces of which TCP still holds something: those of the last bytes that were queued. */
  #unacknowledged({ queuedBytes }: Connection): number {
    let pieces = 0;
    let left = queuedBytes;
    for (let i = this.#index; i >= 0 && left > 0; i--) {
      const part = this.#parts[i];
      if (part === undefined) continue; // behind the last one
      const isUnderWay = i === this.#index;
      const end = isUnderWay ? this.#at : part.to;
      const from = Math.max(part.from, end - left);
      if (from < end) pieces += Math.ceil(end / PIECE_BYTES) - Math.floor(from / PIECE_BYTES);
      left -= end - part.from;
      if (part.head !== null && (!isUnderWay || this.#isHeadQueued)) left -= part.head.length;
    }
    return pieces;
  }

  get #piece(): number {
    return Math.floor(this.#at / PIECE_BYTES);
  }

  #find(): Entry | undefined {
    return this.#store.findPiece(this.#entry.site, this.#name(this.#piece));
  }

  #name(piece: number): string {
    return pieceName(this.#entry.stream, piece);
  }

  #readAhead(): void {
    const { asks } = this.#store;
    const { site } = this.#entry;
    if (this.#room.isShort) return;
    const end = Math.min(this.#piece + PIECES_AHEAD, Math.ceil(this.#to / PIECE_BYTES));
    for (let piece = Math.max(this.#askedTo, this.#piece); piece < end; piece++) {
      const name = this.#name(piece);
      if (this.#store.findPiece(site, name) === undefined) asks.want(site, name, null);
    }
    this.#askedTo = Math.max(this.#askedTo, end);
  }
}
