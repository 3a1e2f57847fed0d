/**
 * Cuts a zstd stream (RFC 8878 section 3) into units that can be decompressed one by one: a block, with its frame's
 * header in front of the first and the checksum behind the last.
 *
 *     frame:  magic 4 | header 2..14 | block | block | ... | last block | checksum 0 or 4
 *     block:  3 bytes: last 1 bit, type 2 bits, size 21 bits | content
 *
 * The decompressor (fzstd) could find the cuts itself. Doing it here bounds memory whatever the file says: a block
 * gives at most 128 KiB, and a frame that wants a larger window than `MAX_WINDOW_BYTES` is refused before anything is
 * allocated for it.
 */
import { readUint32 } from '../format/byte-order.js';

const ZSTD_MAGIC = 0xfd2fb528;
/** Section 3.1.2: 0x184D2A50 to 0x184D2A5F begin frames to be passed over. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const SKIPPABLE_MASK = 0xfffffff0;

/** The largest window that the reference decompressor allows by default: 128 MiB. */
export const MAX_WINDOW_BYTES = 128 << 20;
/** Section 3.1.1.2.4: no block is larger, compressed or not. */
const MAX_BLOCK_BYTES = 128 << 10;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const RAW_BLOCK = 0;
const RUN_LENGTH_BLOCK = 1;
const RESERVED_BLOCK = 3;

/** True if a file that begins with these four bytes is compressed with zstd. */
export function isZstd(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const magic = readUint32(bytes, 0, true);
  return magic === ZSTD_MAGIC || (magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC;
}

/** One unit. `first`: a frame begins here. `last`: it ends here. */
export interface ZstdUnit {
  readonly bytes: Uint8Array;
  readonly first: boolean;
  readonly last: boolean;
}

export class ZstdUnits {
  #pending: Uint8Array = new Uint8Array(0);
  /** Bytes of a skippable frame still to be passed over. */
  #skip = 0;
  #inFrame = false;
  #hasChecksum = false;
  /** The stream ended where it should not. */
  #ended = false;

  /** Adds compressed bytes. */
  push(chunk: Uint8Array): void {
    const skipped = Math.min(this.#skip, chunk.length);
    this.#skip -= skipped;
    const rest = chunk.subarray(skipped);
    this.#pending = this.#pending.length === 0 ? rest : concat(this.#pending, rest);
  }

  /** No more bytes come. A last block whose checksum is missing is handed out now, without it. */
  end(): void {
    this.#ended = this.#inFrame || this.#pending.length > 0;
  }

  /** True if the stream may end here: between two frames. */
  get complete(): boolean {
    return !this.#inFrame && this.#pending.length === 0 && this.#skip === 0 && !this.#ended;
  }

  /** The next whole unit, or undefined if more bytes are needed. @throws {Error} if the stream is not zstd */
  next(): ZstdUnit | undefined {
    while (!this.#inFrame && this.#skipFrame());
    const first = !this.#inFrame;
    const header = first ? this.#headerBytes() : 0;
    const bytes = this.#pending;
    if (header < 0 || bytes.length < header + BLOCK_HEADER_BYTES) return undefined;
    const block = bytes[header]! | (bytes[header + 1]! << 8) | (bytes[header + 2]! << 16);
    const last = (block & 1) === 1;
    const type = (block >>> 1) & 3;
    const size = block >>> 3;
    if (type === RESERVED_BLOCK || size > MAX_BLOCK_BYTES) throw new Error('a block of no known type or size');
    if (first) this.#hasChecksum = (bytes[4]! & 4) !== 0;
    const content = type === RUN_LENGTH_BLOCK ? 1 : size;
    const checksum = last && this.#hasChecksum && !this.#ended ? CHECKSUM_BYTES : 0;
    const length = header + BLOCK_HEADER_BYTES + content + checksum;
    if (bytes.length < length) return undefined;
    this.#pending = bytes.subarray(length);
    this.#inFrame = !last;
    return { bytes: bytes.subarray(0, length), first, last: last && !this.#ended };
  }

  /** The first part of a block that the end of the file has cut short, if its content is not compressed. */
  rawRest(): Uint8Array | undefined {
    const bytes = this.#pending;
    const header = this.#inFrame ? 0 : this.#headerBytes();
    const content = header + BLOCK_HEADER_BYTES;
    if (header < 0 || bytes.length <= content) return undefined;
    return (((bytes[header] ?? 0) >>> 1) & 3) === RAW_BLOCK ? bytes.subarray(content) : undefined;
  }

  /** Passes over a skippable frame at the front (section 3.1.2); false if there is none, or not all of its header. */
  #skipFrame(): boolean {
    const bytes = this.#pending;
    if (bytes.length < 8 || (readUint32(bytes, 0, true) & SKIPPABLE_MASK) >>> 0 !== SKIPPABLE_MAGIC) return false;
    const length = 8 + readUint32(bytes, 4, true);
    this.#skip = Math.max(0, length - bytes.length);
    this.#pending = bytes.subarray(Math.min(length, bytes.length));
    return true;
  }

  /** Length of the frame header at the front (section 3.1.1.1), -1 if it is not all there. */
  #headerBytes(): number {
    const bytes = this.#pending;
    if (bytes.length < 4) return -1;
    const magic = readUint32(bytes, 0, true);
    if ((magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC) return -1;
    if (magic !== ZSTD_MAGIC) throw new Error('a frame without the magic number');
    if (bytes.length < 6) return -1;
    const descriptor = bytes[4]!;
    const singleSegment = (descriptor >> 5) & 1;
    const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
    const sizeBytes = [singleSegment, 2, 4, 8][descriptor >> 6]!;
    const length = 6 - singleSegment + dictionaryBytes + sizeBytes;
    if (bytes.length < length) return -1;
    checkWindow(bytes, length - sizeBytes, sizeBytes, singleSegment === 1);
    return length;
  }
}

/** Sections 3.1.1.1.2 and 3.1.1.1.4: the window is what the descriptor says, or the whole content. */
function checkWindow(bytes: Uint8Array, sizeAt: number, sizeBytes: number, singleSegment: boolean): void {
  let window = 2 ** (10 + (bytes[5]! >> 3)) * (1 + (bytes[5]! & 7) / 8);
  if (singleSegment) {
    window = sizeBytes === 2 ? 256 : 0;
    for (let i = 0; i < sizeBytes; i++) window += bytes[sizeAt + i]! * 2 ** (8 * i);
  }
  if (window > MAX_WINDOW_BYTES) throw new Error(`a window of ${window} bytes, more than ${MAX_WINDOW_BYTES}`);
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
