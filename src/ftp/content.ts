/**
 * What goes over a data connection: a file of the cache, by reference, or a text. `pump` queues as much as may be
 * queued; the data connection calls it again when some of it was acknowledged.
 */
import type { Waiter } from '../cache/asks.js';
import type { Entry } from '../cache/entry.js';
import type { Store } from '../cache/store.js';
import { DONE, PieceStream } from '../http/piece-stream.js';
import { Seat, type StreamRoom } from '../http/stream-room.js';
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

/** A text: a list. */
export class TextContent implements Content {
  readonly #bytes: SummedBytes;
  #isQueued = false;

  /** @param text a character for each byte */
  constructor(text: string) {
    this.#bytes = SummedBytes.of(Buffer.from(text, 'latin1'));
  }

  pump(connection: Connection): boolean {
    if (!this.#isQueued) connection.send(this.#bytes, 0, this.#bytes.length);
    this.#isQueued = true;
    return true;
  }

  close(): void {}
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
    this.#stream = new PieceStream(store, entry, from, entry.payloadLength, room, this.#seat);
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

/** A file with its line ends as CRLF (TYPE A, RFC 959 section 3.1.1.1). It is copied, so it must be small. */
export function asciiText(entry: Entry): string {
  const payload = entry.bytes.bytes.subarray(entry.payloadFrom);
  return Buffer.from(payload).toString('latin1').replace(/\r?\n/g, '\r\n');
}
