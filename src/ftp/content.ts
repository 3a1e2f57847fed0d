/**
 * What goes over a data connection: a file of the cache, by reference, or a text. `pump` queues as much as may be
 * queued; the data connection calls it again when some of it was acknowledged.
 */
import type { Waiter } from '../cache/library/asks.js';
import type { Store } from '../cache/library/store.js';
import type { Entry } from '../cache/object/entry.js';
import { DONE, PieceStream } from '../http/sending/piece-stream.js';
import { Seat, type StreamRoom } from '../http/sending/stream-room.js';
import type { Connection } from '../net/tcp/handler.js';
import { SummedBytes } from '../net/wire/summed-bytes.js';

/** The body of a transfer. */
export interface Content {
  /** Queues what may be queued. True: all of it is. */
  pump(connection: Connection, waiter: Waiter): boolean;
  /** The transfer is over, or was given up. */
  close(): void;
}

const MOST_QUEUED = 4 * 1024 * 1024;
/** Bytes of a file that are made TYPE A at a time, and queued bytes with which no more of them are. */
const ASCII_PIECE = 32 * 1024;
const MOST_ASCII_QUEUED = 64 * 1024;

const CR = 0x0d;
const LF = 0x0a;

/** Bytes of lists that a worker may have queued: a client that asks for a list and does not read it costs its bytes. */
export class ListRoom {
  readonly #most: number;
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  has(bytes: number): boolean {
    return this.#taken + bytes <= this.#most;
  }

  take(bytes: number): void {
    this.#taken += bytes;
  }

  give(bytes: number): void {
    this.#taken -= bytes;
  }
}

/** A list. */
export class ListContent implements Content {
  readonly #bytes: SummedBytes;
  readonly #room: ListRoom;
  #isQueued = false;

  /** @param text a character for each byte */
  constructor(text: string, room: ListRoom) {
    this.#bytes = SummedBytes.of(Buffer.from(text, 'latin1'));
    this.#room = room;
    room.take(this.#bytes.length);
  }

  pump(connection: Connection): boolean {
    if (!this.#isQueued) connection.send(this.#bytes, 0, this.#bytes.length);
    this.#isQueued = true;
    return true;
  }

  close(): void {
    this.#room.give(this.#bytes.length);
  }
}

/** A file that lies in memory, from an offset on. Its sums were made when it was loaded. */
export class FileContent implements Content {
  readonly #entry: Entry;
  #at: number;

  constructor(entry: Entry, from: number) {
    this.#entry = entry;
    this.#at = entry.payloadFrom + from;
    entry.bytes.retain();
  }

  pump(connection: Connection): boolean {
    const { bytes } = this.#entry;
    if (this.#at < bytes.length) connection.send(bytes, this.#at, bytes.length);
    this.#at = bytes.length;
    return true;
  }

  close(): void {
    this.#entry.bytes.release();
  }
}

/** A large file, piece by piece. */
export class PiecesContent implements Content {
  readonly #stream: PieceStream;
  readonly #room: StreamRoom;
  readonly #seat = new Seat();
  readonly #giveWay: () => void;

  /** @param giveWay ends the transfer, because its client is too slow and others wait */
  constructor(entry: Entry, from: number, store: Store, room: StreamRoom, giveWay: () => void) {
    this.#room = room;
    this.#giveWay = giveWay;
    const rest = { head: null, from, to: entry.payloadLength };
    this.#stream = new PieceStream(store, entry, [rest], room, this.#seat);
  }

  pump(connection: Connection, waiter: Waiter): boolean {
    this.#seat.waiter = waiter;
    this.#seat.giveWay = this.#giveWay;
    return this.#stream.pump(connection, MOST_QUEUED, waiter) === DONE;
  }

  close(): void {
    this.#stream.close();
    this.#room.leave(this.#seat);
  }
}

/** A file that lies in memory, with its line ends as CRLF (TYPE A, RFC 959 section 3.1.1.1), made piece by piece. */
export class AsciiContent implements Content {
  readonly #entry: Entry;
  #at: number;

  constructor(entry: Entry) {
    this.#entry = entry;
    this.#at = entry.payloadFrom;
    entry.bytes.retain();
  }

  pump(connection: Connection): boolean {
    const { bytes } = this.#entry.bytes;
    while (this.#at < bytes.length && connection.queuedBytes < MOST_ASCII_QUEUED) {
      const end = Math.min(bytes.length, this.#at + ASCII_PIECE);
      const piece = SummedBytes.of(withCrLf(bytes, this.#at, end, this.#at > this.#entry.payloadFrom));
      connection.send(piece, 0, piece.length);
      this.#at = end;
    }
    return this.#at >= bytes.length;
  }

  close(): void {
    this.#entry.bytes.release();
  }
}

/** A copy of `bytes[from, to)` with a CR before each LF that has none. `hasBefore`: a byte of the file precedes it. */
function withCrLf(bytes: Uint8Array, from: number, to: number, hasBefore: boolean): Uint8Array {
  const copy = new Uint8Array(2 * (to - from));
  let before = hasBefore ? bytes[from - 1] : 0;
  let length = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === LF && before !== CR) copy[length++] = CR;
    copy[length++] = byte;
    before = byte;
  }
  return copy.slice(0, length);
}
