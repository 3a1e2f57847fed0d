/** Makes a plain file of a compressed one. Of a damaged one it makes what comes before the damage. */
import { Gunzip } from 'fflate';
import { detectCompression, unsupported } from '../../../src/capture/file/compression.js';
import { unzstd } from '../../../src/capture/file/unzstd.js';

const PIECE_BYTES = 16_384;

export interface Unpacked {
  readonly plain: Blob;
  /** What is wrong with the file; empty: nothing. */
  readonly problem: string;
}

/** The browser keeps the plain file where it likes, on disk if it is large. */
export async function unpack(file: Blob): Promise<Unpacked> {
  const compression = detectCompression(new Uint8Array(await file.slice(0, 4).arrayBuffer()));
  if (compression === 'none') return { plain: file, problem: '' };
  if (compression === 'zstd') return gathered(unzstd(chunksOf(file.stream())));
  return compression === 'gzip' ? gunzip(file) : { plain: new Blob([]), problem: unsupported(compression) };
}

async function gunzip(file: Blob): Promise<Unpacked> {
  const stream = () => file.stream().pipeThrough(new DecompressionStream('gzip'));
  try {
    return { plain: await new Response(stream()).blob(), problem: '' };
  } catch {
    // This error says only that it failed. The one of the stream says why.
    const { problem } = await gathered(chunksOf(stream()));
    return { plain: await salvaged(file), problem: `gzip: ${problem}` };
  }
}

/** What comes before the damage. The browser's decompressor throws much of it away; this library does not. */
async function salvaged(file: Blob): Promise<Blob> {
  const damaged = await inflate(file, file.size, () => {});
  const parts: Blob[] = [];
  await inflate(file, damaged, (chunk) => parts.push(blobOf(chunk)));
  return new Blob(parts);
}

/**
 * Inflates a file by pieces, and from the offset `bytewise` on by bytes: of a piece with damage in it nothing comes.
 * @returns the offset of the piece with the damage; the size of the file if there is none, or if it is cut short
 */
async function inflate(file: Blob, bytewise: number, take: (chunk: Uint8Array) => void): Promise<number> {
  const gunzip = new Gunzip(take);
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    const piece = new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer());
    const step = at < bytewise ? PIECE_BYTES : 1;
    try {
      for (let from = 0; from < piece.length; from += step) gunzip.push(piece.subarray(from, from + step));
    } catch {
      return at;
    }
  }
  return file.size;
}

/** All chunks as one, as far as they come, and the message of the error that ended them. */
async function gathered(chunks: AsyncIterable<Uint8Array>): Promise<Unpacked> {
  const parts: Blob[] = [];
  let problem = '';
  try {
    for await (const chunk of chunks) parts.push(blobOf(chunk));
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  }
  return { plain: new Blob(parts), problem };
}

/** Copies the bytes: most of them stand in a buffer that is used again. */
function blobOf(bytes: Uint8Array): Blob {
  return new Blob([bytes as Uint8Array<ArrayBuffer>]);
}

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    yield value;
  }
}
