/**
 * Saves the bytes that zlib had put into its last buffer when it came upon damage. Node throws that buffer away. So
 * another library inflates the file once more from its start, and the last piece byte by byte. This works as long as
 * all compressed bytes have been kept.
 */
import { Gunzip } from 'fflate';

/** Compressed bytes kept at most. Beyond them the last buffer is lost. */
const MAX_KEPT_BYTES = 32 << 20;

export class Salvage {
  #pieces: Uint8Array[] = [];
  #length = 0;

  /** Keeps a copy of the next compressed bytes. */
  keep(piece: Uint8Array): void {
    if (this.#length > MAX_KEPT_BYTES) return;
    this.#length += piece.length;
    if (this.#length > MAX_KEPT_BYTES) this.#pieces = [];
    else this.#pieces.push(piece.slice());
  }

  /** Everything up to the damage that comes after the first `skip` bytes. */
  rest(skip: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let position = 0;
    const gunzip = new Gunzip((chunk) => {
      if (position + chunk.length > skip) parts.push(chunk.slice(Math.max(0, skip - position)));
      position += chunk.length;
    });
    const last = this.#pieces.at(-1) ?? new Uint8Array(0);
    try {
      for (const piece of this.#pieces.slice(0, -1)) gunzip.push(piece);
      for (let at = 0; at < last.length; at++) gunzip.push(last.subarray(at, at + 1));
    } catch {
      // This is the damage. What came before it has been kept.
    }
    return new Uint8Array(Buffer.concat(parts));
  }
}
