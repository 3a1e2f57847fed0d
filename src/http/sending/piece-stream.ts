/**
 * The body of a large file on its way to one client, piece by piece (cache/object/pieces.ts). A piece is sent by
 * reference, as all of the cache is. What is queued in TCP is bounded: the next piece is queued when enough of those
 * before it has been acknowledged. So a slow client holds a few pieces, and 32-bit sequence numbers are no bound of a
 * file.
 *
 *     acknowledged | queued in TCP   | wanted ahead | not wanted yet
 *     ─────────────┴─────────────────┴──────────────┴───────────────
 *                                    ^ at
 */
import type { Ask, Waiter } from '../../cache/library/asks.js';
import type { Store } from '../../cache/library/store.js';
import type { Entry } from '../../cache/object/entry.js';
import { PIECE_BYTES, pieceName } from '../../cache/object/pieces.js';
import type { Connection } from '../../net/tcp/handler.js';
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

export class PieceStream {
  /** The ask for the next piece, while `pump` waits for it. */
  ask: Ask | null = null;
  readonly #store: Store;
  readonly #entry: Entry;
  readonly #room: StreamRoom;
  readonly #seat: Seat;
  readonly #from: number;
  #at: number;
  readonly #to: number;
  /** Pieces below this one have been asked for. */
  #askedTo: number;

  /** The bytes `[from, to)` of the payload of `entry`. Its memory is held until `close`, and so its file's number. */
  constructor(store: Store, entry: Entry, from: number, to: number, room: StreamRoom, seat: Seat) {
    this.#store = store;
    this.#room = room;
    this.#seat = seat;
    this.#from = from;
    this.#entry = entry;
    this.#at = from;
    this.#to = to;
    this.#askedTo = Math.floor(from / PIECE_BYTES);
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
    if (this.#at < this.#to) room.keep(seat, isTurnOver ? 0 : unacknowledged + 1);
    while (this.#at < this.#to) {
      if (connection.queuedBytes >= window) break;
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
    }
    room.keep(seat, unacknowledged);
    return unacknowledged === 0 && this.#at >= this.#to ? DONE : FULL;
  }

  /** The stream is over, or its client has gone. */
  close(): void {
    this.#entry.bytes.release();
  }

  /** Pieces of which TCP still holds something. */
  #unacknowledged({ queuedBytes }: Connection): number {
    const from = Math.max(this.#from, this.#at - queuedBytes);
    if (from >= this.#at) return 0;
    return Math.ceil(this.#at / PIECE_BYTES) - Math.floor(from / PIECE_BYTES);
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
