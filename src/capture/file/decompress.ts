/**
 * Chunks of a file, decompressed if its first bytes say that it is gzip (RFC 1952) or zstd (RFC 8878).
 *
 * Compressed bytes go in by small pieces, so that what one piece can blow up to is bounded. What comes before a damaged
 * place is handed out before the error is thrown. Of zstd that is all blocks before it: a compressed block is read
 * backwards, so one that is cut short gives nothing.
 */
import { createGunzip, type Gunzip } from 'node:zlib';
import { detectCompression, unsupported } from './compression.js';
import { Salvage } from './salvage.js';
import { unzstd } from './unzstd.js';

const GUNZIP_BUFFER_BYTES = 65_536;
/** gzip makes at most about a thousand bytes of one. */
const COMPRESSED_PIECE_BYTES = 16_384;

/** @throws {Error} at a damaged place, after all before it was handed out; the message names the compression */
export async function* decompress(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = withStart(chunks);
  try {
    const { value: start } = await source.next();
    if (start === undefined) return;
    const compression = detectCompression(start);
    const all = chain(start, source);
    if (compression === 'gzip') yield* gunzip(all);
    else if (compression === 'zstd') yield* unzstd(all);
    else if (compression === 'none') yield* all;
    else throw new Error(`${unsupported(compression)}, \`${compression} -dc FILE | fastpath … -\``);
  } finally {
    // A reader that stops in the first chunk never comes to the rest. The file is closed here.
    await source.return(undefined);
  }
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = createGunzip({ chunkSize: GUNZIP_BUFFER_BYTES });
  const ready: Uint8Array[] = [];
  const salvage = new Salvage();
  let given = 0;
  let failure: Error | undefined;
  stream.on('data', (chunk: Uint8Array) => {
    given += chunk.length;
    ready.push(chunk);
  });
  stream.on('error', (error: Error) => (failure = error));
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length && failure === undefined; at += COMPRESSED_PIECE_BYTES) {
        const piece = chunk.subarray(at, at + COMPRESSED_PIECE_BYTES);
        salvage.keep(piece);
        await write(stream, piece);
        yield* ready.splice(0);
      }
    }
    if (failure === undefined) await end(stream);
    yield* ready.splice(0);
  } finally {
    stream.destroy();
  }
  if (failure === undefined) return;
  yield salvage.rest(given);
  throw new Error(`gzip: ${(failure as Error).message}`);
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
