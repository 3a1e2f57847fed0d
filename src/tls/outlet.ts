/** Where a `StreamConnection` sends to: the decrypted side of a TLS socket, or the answers of a lane of HTTP/2. */
import type { Writable } from 'node:stream';
import type { SummedBytes } from '../net/wire/summed-bytes.js';

export interface Outlet {
  /** How many bytes it gets between two `flush`es at most. */
  readonly sliceBytes: number;
  /** It takes nothing before what it has is taken. */
  readonly isFull: boolean;
  /** Takes `bytes[from, to)` by reference. */
  write(bytes: SummedBytes, from: number, to: number): void;
  /** What was written since the last `flush` goes out. `taken` is called with its length once the bytes are free. */
  flush(length: number, taken: (length: number) => void): void;
  /** Nothing follows. */
  end(): void;
  /** What was written does not matter any more: the connection is given up. */
  destroy(): void;
}

/** About four TLS records, so no long answer lies encrypted in memory. */
const SLICE_BYTES = 65_536;

/** A stream that takes bytes: what is written between two flushes shares its records (RFC 8446 section 5.1). */
export class SocketOutlet implements Outlet {
  readonly sliceBytes = SLICE_BYTES;
  readonly #socket: Writable;
  /** The last piece, which waits for `flush`: its callback is that of the slice. */
  #last: Uint8Array | null = null;

  constructor(socket: Writable) {
    this.#socket = socket;
  }

  get isFull(): boolean {
    return this.#socket.writableNeedDrain;
  }

  write({ bytes }: SummedBytes, from: number, to: number): void {
    if (this.#last !== null) {
      if (this.#socket.writableCorked === 0) this.#socket.cork();
      this.#socket.write(this.#last);
    }
    this.#last = bytes.subarray(from, to);
  }

  flush(length: number, taken: (length: number) => void): void {
    const last = this.#last;
    if (last === null) return;
    this.#last = null;
    this.#socket.write(last, () => taken(length));
    if (this.#socket.writableCorked > 0) this.#socket.uncork();
  }

  end(): void {
    if (!this.#socket.writableEnded) this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
