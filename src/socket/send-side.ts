/**
 * From a stream's writes to the connection's send queue, with a bound on what waits there: the SO_SNDBUF of a kernel
 * socket. As there, the bound grows with the congestion window unless the program sets it. The queued bytes must last
 * for a round trip, and for another one in which the stream learns that there is room.
 *
 *     write(chunk) ──copy──> [ queued in the connection, at most the bound ] ──acknowledged──> gone
 *                 the rest of the chunk waits here, uncopied, and so does the stream
 *
 * Each byte is copied once. This copy is necessary. TCP keeps references to the bytes that it sends until they are
 * acknowledged, because it may have to send them again. But a chunk belongs to the program again as soon as its write
 * has called back (a file's read stream reads the next piece into the same memory). A kernel copies for the same
 * reason. (The HTTP fast path copies nothing: a cache's memory does not change.)
 */
import type { Connection } from '../net/tcp/handler.js';
import { SummedBytes } from '../net/wire/summed-bytes.js';
import { SEND_MEMORY_BYTES, takeSendMemory } from './send-memory.js';

/** Bytes that may be queued and unacknowledged by default: at first, and at most (Linux: tcp_wmem). */
const FIRST_BUFFER = 256 * 1024;
const LARGEST_BUFFER = 4 * 1024 * 1024;
/** So many congestion windows are queued (Linux: tcp_sndbuf_expand). */
const WINDOWS_IN_BUFFER = 2;

/**
 * More pieces than a frame can carry would make its frames smaller; the stream then waits and hands over many writes as
 * one.
 */
const MAX_PIECES = 64;
/** The queue lets go of whole pieces: with this many in a full buffer, room comes in steps of an eighth. */
const PIECES_IN_BUFFER = 8;

type Done = (error?: Error | null) => void;

export class SendSide {
  readonly #connection: Connection;
  /** The bound that the program has set. */
  readonly #fixedBytes: number | undefined;
  /** The part of the current write that has not been copied yet: from `#at` in the first chunk on. */
  #chunks: readonly Uint8Array[] = [];
  #first = 0;
  #at = 0;
  #left = 0;
  #done: Done | null = null;

  /** @param fixedBytes what may be queued, bytes; none: by the congestion window */
  constructor(connection: Connection, fixedBytes?: number) {
    this.#connection = connection;
    this.#fixedBytes = fixedBytes;
  }

  /** What may be queued now, bytes. */
  get #limitBytes(): number {
    if (this.#fixedBytes !== undefined) return this.#fixedBytes;
    const wanted = WINDOWS_IN_BUFFER * this.#connection.congestionWindow;
    return Math.min(LARGEST_BUFFER, Math.max(FIRST_BUFFER, wanted));
  }

  /**
   * Takes over chunks, whose memory is the caller's again when `done` is called. One write at a time, as streams do.
   */
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
    const limit = this.#limitBytes;
    const pieceBytes = Math.max(1, Math.min(SEND_MEMORY_BYTES, Math.ceil(limit / PIECES_IN_BUFFER)));
    const length = Math.min(this.#left, this.#room(limit, pieceBytes));
    if (length > 0) this.#copyAndSend(length, pieceBytes);
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

  /**
   * How much may be queued now. If that is too little to be worth a copy, it returns 0, as long as an acknowledgment
   * is still to come that will wake us.
   */
  #room(limit: number, pieceBytes: number): number {
    const { queuedBytes, queuedPieces } = this.#connection;
    if (queuedPieces >= MAX_PIECES) return 0;
    const room = limit - queuedBytes;
    return room < pieceBytes && room < this.#left && queuedBytes > 0 ? 0 : room;
  }

  #copyAndSend(length: number, pieceBytes: number): void {
    for (let left = length; left > 0; ) {
      const part = Math.min(left, SEND_MEMORY_BYTES);
      // A piece of `SendMemory`, if we need at least half of it. Fewer bytes get memory of their own, from Buffer's
      // pool.
      const memory = part > SEND_MEMORY_BYTES / 2 ? takeSendMemory() : SummedBytes.plain(Buffer.allocUnsafe(part));
      this.#copy(memory.bytes, part);
      for (let from = 0; from < part; from += pieceBytes) {
        this.#connection.send(memory, from, Math.min(part, from + pieceBytes));
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
