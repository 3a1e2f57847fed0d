/**
 * The encoders and decoders of the content codings. Called in compressing threads (variant-worker.ts).
 *
 * Effort follows the amount of work, so that a large site is ready in seconds or a few minutes, and a small one gets
 * the shortest answers. MB/s of one core of a shared virtual machine, Node 20, JavaScript source of 64 KiB to 1 MiB:
 *
 *     br 11   0.5, to 13.5 %      br 9    9 to 14, to 15.1 %      br 5   27 to 35, to 15.9 %
 *     gzip 9   17, to 16.6 %      gzip 6  34 to 42, to 16.6 %
 */
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { Coding } from '../object/record.js';

/** How much time a byte may take. */
export type Effort = 'most' | 'much' | 'little' | 'least';

/** Bytes of all files to compress, and of each: br 11 takes 4 s of CPU for the first, half a second for the second. */
const MOST = { total: 2 * 1024 * 1024, file: 256 * 1024 };
/** br 9 and gzip 9 take 10 s, and half a second. */
const MUCH = { total: 64 * 1024 * 1024, file: 4 * 1024 * 1024 };
/** A call of zlib cannot be interrupted, not even when the server ends. So a large file takes half a second too. */
const LITTLE = { file: 8 * 1024 * 1024 };

/** The effort for a file of `size` bytes among files of `total` bytes. */
export function effortFor(total: number, size: number): Effort {
  if (total <= MOST.total && size <= MOST.file) return 'most';
  if (total <= MUCH.total && size <= MUCH.file) return 'much';
  return size <= LITTLE.file ? 'little' : 'least';
}

const BROTLI_QUALITY: Readonly<Record<Effort, number>> = { most: 11, much: 9, little: 5, least: 4 };
const GZIP_LEVEL: Readonly<Record<Effort, number>> = { most: 9, much: 9, little: 6, least: 5 };
const ZSTD_LEVEL: Readonly<Record<Effort, number>> = { most: 19, much: 12, little: 6, least: 3 };

/** zstd came to Node's zlib with 22.15 and 23.8; the types are those of Node 20. */
interface MaybeZstd {
  readonly zstdCompressSync?: (bytes: Uint8Array, options: { params: Record<number, number> }) => Buffer;
  readonly constants: { readonly ZSTD_c_compressionLevel?: number };
}
const { zstdCompressSync, constants: zstdConstants } = zlib as unknown as MaybeZstd;

/** The codings that this Node can make, in the order in which they are made: the one that browsers take comes first. */
export const MADE_CODINGS: readonly number[] =
  zstdCompressSync === undefined ? [Coding.brotli, Coding.gzip] : [Coding.brotli, Coding.gzip, Coding.zstd];

/** `bytes` in a coding of `MADE_CODINGS`. @throws {RangeError} for any other. */
export function encode(coding: number, bytes: Uint8Array, effort: Effort, isText: boolean): Uint8Array {
  if (coding === Coding.gzip) return zlib.gzipSync(bytes, { level: GZIP_LEVEL[effort] });
  if (coding === Coding.brotli) return encodeBrotli(bytes, BROTLI_QUALITY[effort], isText);
  const level = zstdConstants.ZSTD_c_compressionLevel;
  if (coding !== Coding.zstd || zstdCompressSync === undefined || level === undefined) {
    throw new RangeError(`this Node cannot make the coding ${coding}`);
  }
  return zstdCompressSync(bytes, { params: { [level]: ZSTD_LEVEL[effort] } });
}

function encodeBrotli(bytes: Uint8Array, quality: number, isText: boolean): Uint8Array {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT, BROTLI_PARAM_MODE, BROTLI_MODE_TEXT, BROTLI_MODE_GENERIC } =
    zlib.constants;
  return zlib.brotliCompressSync(bytes, {
    params: {
      [BROTLI_PARAM_QUALITY]: quality,
      [BROTLI_PARAM_SIZE_HINT]: bytes.length,
      [BROTLI_PARAM_MODE]: isText ? BROTLI_MODE_TEXT : BROTLI_MODE_GENERIC,
    },
  });
}

/**
 * Whether `coded`, decoded, is `content`, byte for byte. A coded file that is cut off or damaged is not. No more is
 * decoded than `content` has, whatever the file claims.
 */
export function holds(coding: number, coded: Uint8Array, content: Uint8Array): boolean {
  try {
    if (coding === Coding.zstd) return zstdHolds(coded, content);
    const options = { maxOutputLength: content.length + 1 };
    const decoded =
      coding === Coding.gzip ? zlib.gunzipSync(coded, options) : zlib.brotliDecompressSync(coded, options);
    return Buffer.compare(decoded, content) === 0;
  } catch {
    return false; // damaged, or longer than the file
  }
}

/** Frame by frame as it comes, since zstd says nothing reliable about its length. */
function zstdHolds(coded: Uint8Array, content: Uint8Array): boolean {
  let at = 0;
  let isFinal = false;
  const decoder = new Decompress((chunk, last) => {
    if (Buffer.compare(chunk, content.subarray(at, at + chunk.length)) !== 0) throw new RangeError('another content');
    at += chunk.length;
    isFinal = last === true;
  });
  decoder.push(coded, true);
  return isFinal && at === content.length;
}
