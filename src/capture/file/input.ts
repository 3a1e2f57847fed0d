/**
 * A capture file to read: a path or standard input, compressed or not, of any length in bounded memory.
 * The visitor is synchronous: it deals with a record at once. Only between chunks does the reader wait for the file.
 */
import { open, stat } from 'node:fs/promises';
import { CaptureReader } from '../format/capture-reader.js';
import { CaptureRecord } from '../format/record.js';
import { decompress } from './decompress.js';

const CHUNK_BYTES = 262_144;

/** Is shown one record after the other; false: enough. */
export type RecordVisitor = (record: CaptureRecord, reader: CaptureReader) => boolean | undefined;

export interface ReadOptions {
  /** Called now and then with the bytes of the file read so far, and how many it has (0: not known, as of a pipe). */
  readonly onProgress?: (read: number, total: number) => void;
  /** Called when all records of a chunk have been shown: more may be long in coming, from a pipe. */
  readonly onPause?: (() => void) | undefined;
}

/**
 * Reads the capture at `path` (`-`: standard input) to its end, or to the first `false` of `visit`.
 * @returns the reader, whose `problems` say what could not be read
 * @throws the error of open(2) or read(2); never for a damaged file
 */
export async function readCapture(
  path: string,
  visit: RecordVisitor,
  options: ReadOptions = {},
): Promise<CaptureReader> {
  const total = path === '-' ? 0 : (await stat(path)).size;
  const file: AsyncIterable<Uint8Array> = path === '-' ? process.stdin : fileChunks(path);
  let read = 0;
  let ioError: unknown;
  async function* counted(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of file) {
        read += chunk.length;
        options.onProgress?.(read, total);
        yield chunk;
      }
    } catch (error) {
      ioError = error;
      throw error;
    }
  }
  const reader = await readChunks(decompress(counted()), visit, options.onPause);
  if (ioError !== undefined) throw ioError;
  return reader;
}

/**
 * The file's bytes. Two buffers take turns, so that a chunk stays as it is until the next but one is asked for: a
 * stream would make a new buffer for each, which is a hundred megabytes in use before the garbage collector comes
 * round.
 */
async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  const handle = await open(path);
  let current = new Uint8Array(CHUNK_BYTES);
  let other = new Uint8Array(CHUNK_BYTES);
  try {
    for (;;) {
      const { bytesRead } = await handle.read(current, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return;
      yield current.subarray(0, bytesRead);
      [current, other] = [other, current];
    }
  } finally {
    await handle.close();
  }
}

/** The same for bytes that come from anywhere; they are not decompressed. */
export async function readChunks(
  chunks: AsyncIterable<Uint8Array>,
  visit: RecordVisitor,
  onPause?: () => void,
): Promise<CaptureReader> {
  const reader = new CaptureReader();
  const record = new CaptureRecord();
  let wanted = true;
  try {
    for await (const chunk of chunks) {
      reader.push(chunk);
      wanted = drain(reader, record, visit);
      onPause?.();
      if (!wanted || reader.stopped) break;
    }
  } catch (error) {
    reader.fail((error as Error).message);
  }
  reader.end();
  if (wanted) drain(reader, record, visit);
  return reader;
}

/** The same for a file that is in memory as a whole, at once. */
export function readBytes(file: Uint8Array, visit: RecordVisitor): CaptureReader {
  const reader = new CaptureReader();
  reader.push(file);
  reader.end();
  drain(reader, new CaptureRecord(), visit);
  return reader;
}

/** Shows `visit` all records that are there. Gives false if it has seen enough. */
function drain(reader: CaptureReader, record: CaptureRecord, visit: RecordVisitor): boolean {
  while (reader.next(record)) if (visit(record, reader) === false) return false;
  return true;
}
