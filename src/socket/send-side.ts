/**
 * From a stream's writes to the connection's send queue, with a bound on what waits there: the SO_SNDBUF of a kernel
 * socket.
 *
 *     write(chunk) ──copy──> [ queued in the connection, at most limitBytes ] ──acknowledged──> gone
 *                 the rest of the chunk waits here, uncopied, and so does the stream
 *
 * Each byte is copied once. It must be: TCP keeps what it sends by reference until it is acknowledged, because it may have to
 * send it again; but a chunk is the program's again as soon as its write has called back (a file's read stream reads the
 * next piece into the same memory). A kernel copies for the same reason. (The HTTP fast path copies nothing: a cache's memory
 * does not change.)
 */
import type { Connection } from '../net/tcp/handler.js';
import { SummedBytes } from '../net/wire/summed-bytes.js';
import { SEND_MEMORY_BYTES, takeSendMemory } from './send-memory.js';

/** What may be queued and unacknowledged by default, bytes. It bounds the speed too: this much each round trip. */
export const DEFAULT_SEND_BUFFER = 256 * 1024;

/** More pieces than a frame can carry would make its frames smaller; the stream then waits and hands over many writes as one. */
const MAX_PIECES = 64;
/** The queue lets go of whole pieces: with this many in a full buffer, room comes in steps of an eighth. */
const PIECES_IN_BUFFER = 8;

type Done = (error?: Error | null) => void;

export class SendSide {
  readonly #connection: Connection;
  readonly #limitBytes: number;
  readonly #pieceBytes: number;
  /** What of the current write has not been copied yet: from `#at` in the first chunk. */
  #chunks: readonly Uint8Array[] = [];
  #first = 0;
  #at = 0;
  #left = 0;
  #done: Done | null = null;

  constructor(connection: Connection, limitBytes: number) {
    this.#connection = connection;
    this.#limitBytes = limitBytes;
    this.#pieceBytes = Math.max(1, Math.ceil(limitBytes / PIECES_IN_BUFFER));
  }

  /** Takes over chunks, whose memory is the caller's again when `done` is called. One write at a time, as streams do. */
  write(chunks: readonly Uint8Array[], done: Done): void {
    this.#chunks = chunks;
    this.#first = 0;
    this.#at = 0;
    this.#left = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    this.#done = done;
    this.pump();
  }

  /** Goes on with a write that waits for room. */
  pump(): void {
    const done = this.#done;
    if (done === null) return;
    const length = Math.min(this.#left, this.#room());
    if (length > 0) this.#copyAndSend(length);
    if (this.#left > 0) return;
    this.#forget();
    done();
  }

  /** The connection is gone: what waits is dropped, and its write fails. */
  cancel(error: Error): void {
    const done = this.#done;
    this.#forget();
    done?.(error);
  }

  #forget(): void {
    this.#chunks = [];
    this.#left = 0;
    this.#done = null;
  }

  /** How much may be queued now. Not worth a copy: 0, unless nothing is on its way whose acknowledgment would wake us. */
  #room(): number {
    const { queuedBytes, queuedPieces } = this.#connection;
    if (queuedPieces >= MAX_PIECES) return 0;
    const room = this.#limitBytes - queuedBytes;
    return room < this.#pieceBytes && room < this.#left && queuedBytes > 0 ? 0 : room;
  }

  #copyAndSend(length: number): void {
    for (let left = length; left > 0; ) {
      const part = Math.min(left, SEND_MEMORY_BYTES);
      // A piece that is used again, if we need half of it at least. Less gets memory of its own, from Buffer's pool.
      const memory = part > SEND_MEMORY_BYTES / 2 ? takeSendMemory() : SummedBytes.plain(Buffer.allocUnsafe(part));
      this.#copy(memory.bytes, part);
      for (let from = 0; from < part; from += this.#pieceBytes) {
        this.#connection.send(memory, from, Math.min(part, from + this.#pieceBytes));
      }
      left -= part;
    }
    this.#connection.flush();
  }

  /** Copies the next `length` bytes of the write into `target`. */
  #copy(target: Uint8Array, length: number): void {
    let filled = 0;
    while (filled < length) {
      const chunk = this.#chunks[this.#first]!;
      const take = Math.min(length - filled, chunk.length - this.#at);
      target.set(chunk.subarray(this.#at, this.#at + take), filled);
      filled += take;
      this.#at += take;
      if (this.#at === chunk.length) {
        this.#first++;
        this.#at = 0;
      }
    }
    this.#left -= length;
  }
}
