/**
 * Chunks of a file, decompressed if its first bytes say that it is gzip (RFC 1952) or zstd (RFC 8878).
 *
 * Compressed bytes go in by small pieces, so that what one piece can blow up to is bounded. What was decompressed before a
 * damaged place is handed out before the error is thrown, but for the last buffer (zlib's, at most 64 KiB; fzstd's, a block).
 */
import { createGunzip, type Gunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { isZstd, ZstdUnits } from './zstd-units.js';

/** Node forgets what zlib had put into a buffer when it came upon the damage. */
const GUNZIP_BUFFER_BYTES = 65_536;
/** gzip makes at most about a thousand bytes of one. */
const COMPRESSED_PIECE_BYTES = 16_384;

export type Compression = 'none' | 'gzip' | 'zstd';

/** What the first bytes of a file say. */
export function detectCompression(start: Uint8Array): Compression {
  if (start.length >= 2 && start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  return isZstd(start) ? 'zstd' : 'none';
}

/** @throws {Error} at a damaged place, after all before it was handed out; the message names the compression */
export async function* decompress(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = withStart(chunks);
  const { value: start } = await source.next();
  if (start === undefined) return;
  const compression = detectCompression(start);
  const all = chain(start, source);
  if (compression === 'gzip') yield* gunzip(all);
  else if (compression === 'zstd') yield* unzstd(all);
  else yield* all;
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = createGunzip({ chunkSize: GUNZIP_BUFFER_BYTES });
  const ready: Uint8Array[] = [];
  let failure: Error | undefined;
  stream.on('data', (chunk: Uint8Array) => ready.push(chunk));
  stream.on('error', (error: Error) => (failure = error));
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length && failure === undefined; at += COMPRESSED_PIECE_BYTES) {
        await write(stream, chunk.subarray(at, at + COMPRESSED_PIECE_BYTES));
        yield* ready.splice(0);
      }
    }
    if (failure === undefined) await end(stream);
    yield* ready.splice(0);
  } finally {
    stream.destroy();
  }
  if (failure !== undefined) throw new Error(`gzip: ${failure.message}`);
}

/** Settles when the piece is done with, or the stream has failed (which its 'error' listener keeps). */
function write(stream: Gunzip, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', resolve);
    stream.write(piece, () => {
      stream.off('close', resolve);
      resolve();
    });
  });
}

function end(stream: Gunzip): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', resolve);
    stream.once('end', resolve);
    stream.end();
  });
}

async function* unzstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const units = new ZstdUnits();
  let output: Uint8Array | undefined;
  let frame = new Decompress((chunk) => (output = chunk));
  try {
    for await (const chunk of chunks) {
      units.push(chunk);
      for (let unit = units.next(); unit !== undefined; unit = units.next()) {
        if (unit.first) frame = new Decompress((bytes) => bytes.length > 0 && (output = bytes));
        frame.push(unit.bytes.slice(), unit.last); // it may keep what it is given; ours is used again
        if (output !== undefined) yield output;
        output = undefined;
      }
    }
  } catch (error) {
    throw new Error(`zstd: ${(error as Error).message}`);
  }
  if (!units.complete) throw new Error('zstd: unexpected end of file');
}

/** The chunks, the first one being at least four bytes long if so many come at all. */
async function* withStart(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let start: Uint8Array | undefined = new Uint8Array(0);
  for await (const chunk of chunks) {
    if (start === undefined) {
      yield chunk;
    } else {
      const joined: Uint8Array = start.length === 0 ? chunk : new Uint8Array(Buffer.concat([start, chunk]));
      start = joined.length < 4 ? joined : undefined;
      if (start === undefined) yield joined;
    }
  }
  if (start !== undefined && start.length > 0) yield start;
}

async function* chain(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}
