/**
 * The body of a large file on its way to one client, piece by piece (cache/pieces.ts). A piece is sent by reference, as
 * all of the cache is. What is queued in TCP is bounded: the next piece is queued when enough of those before it has
 * been acknowledged. So a slow client holds a few pieces, and 32-bit sequence numbers are no bound of a file.
 *
 *     acknowledged | queued in TCP   | wanted ahead | not wanted yet
 *     ─────────────┴─────────────────┴──────────────┴───────────────
 *                                    ^ at
 */
import type { Ask, Waiter } from '../cache/asks.js';
import type { Entry } from '../cache/entry.js';
import { PIECE_BYTES, pieceName } from '../cache/pieces.js';
import type { Store } from '../cache/store.js';
import type { Connection } from '../net/tcp/handler.js';

/** What `pump` did. */
/** All is queued. */
export const DONE = 0;
/** As much is queued as may be; go on when some of it is acknowledged. */
export const FULL = 1;
/** The next piece is not in memory; go on when `ask` is settled. */
export const WAITS_FOR_PIECE = 2;

/** Pieces behind those that are queued that are asked for before they can be sent. */
const PIECES_AHEAD = 2;
/** So much may be queued, whatever the congestion window: two pieces, so that the next one can be read meanwhile. */
const LEAST_QUEUED = 2 * PIECE_BYTES;

export class PieceStream {
  /** The ask for the next piece, while `pump` waits for it. */
  ask: Ask | null = null;
  readonly #store: Store;
  readonly #entry: Entry;
  #at: number;
  readonly #to: number;
  /** Pieces below this one have been asked for. */
  #askedTo: number;

  /** The bytes `[from, to)` of the payload of `entry`. Its memory is held until `close`, and so its file's number. */
  constructor(store: Store, entry: Entry, from: number, to: number) {
    this.#store = store;
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

  /** Queues what may be queued, `mostBytes` in all at most. `waiter` is told when a piece is there. */
  pump(connection: Connection, mostBytes: number, waiter: Waiter): number {
    const window = Math.min(Math.max(LEAST_QUEUED, 2 * connection.congestionWindow), mostBytes);
    this.ask = null;
    while (this.#at < this.#to) {
      if (connection.queuedBytes >= window) return FULL;
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
      this.#readAhead();
    }
    return DONE;
  }

  /** The stream is over, or its client has gone. */
  close(): void {
    this.#entry.bytes.release();
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
    const end = Math.min(this.#piece + PIECES_AHEAD, Math.ceil(this.#to / PIECE_BYTES));
    for (let piece = Math.max(this.#askedTo, this.#piece); piece < end; piece++) {
      const name = this.#name(piece);
      if (this.#store.findPiece(site, name) === undefined) asks.want(site, name, null);
    }
    this.#askedTo = Math.max(this.#askedTo, end);
  }
}
