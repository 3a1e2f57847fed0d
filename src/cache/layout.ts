/**
 * How one object lies in its block, and how its tables are filled in. Main thread; read entry.ts first.
 *
 *     0              headLength                    tableFrom                                     namesFrom
 *     | fixed head   | payload           | pad     | sums | fixed head of 304 | pad | sums       | names ... |
 *
 * Everything about an object is in its one block, so it is taken and given back as a whole and costs no JavaScript
 * object in the workers. A name is a path's bytes; "/docs/index.html" and "/docs/" are two names of one object.
 */
import { fold } from '../net/wire/checksum.js';
import { BLOCK_BYTES, SummedBytes } from '../net/wire/summed-bytes.js';

/** Offsets within the block. */
export interface Layout {
  readonly headLength: number;
  readonly payloadLength: number;
  readonly tableFrom: number;
  readonly tableBytes: number;
  readonly notModifiedFrom: number;
  readonly notModifiedLength: number;
  readonly notModifiedTableFrom: number;
  readonly namesFrom: number;
  /** Bytes of the whole. */
  readonly length: number;
}

/** Where the parts of an object go. */
export function layoutOf(
  headLength: number,
  payloadLength: number,
  notModifiedLength: number,
  namesLength: number,
): Layout {
  const tableFrom = even(headLength + payloadLength);
  const tableBytes = 2 * SummedBytes.tableLength(headLength + payloadLength);
  const notModifiedFrom = tableFrom + tableBytes;
  const notModifiedTableFrom = even(notModifiedFrom + notModifiedLength);
  const namesFrom = notModifiedTableFrom + 2 * SummedBytes.tableLength(notModifiedLength);
  return {
    headLength,
    payloadLength,
    tableFrom,
    tableBytes,
    notModifiedFrom,
    notModifiedLength,
    notModifiedTableFrom,
    namesFrom,
    length: namesFrom + namesLength,
  };
}

/** Bytes summed without a pause: about 8 ms. Between two such pieces the event loop has its turn. */
const PIECE_BYTES = 8 * 1024 * 1024;

/**
 * Fills `table` with the prefix sums of `bytes`, as `SummedBytes.fillTable` does, a piece at a time, yielding to
 * `pause` between pieces: a table of a 1 GiB file takes a second, and the main thread has other things to do.
 *
 * A piece's own table counts from the piece's start; the sum of all before it is added to each entry.
 */
export async function fillTable(bytes: Uint8Array, table: Uint16Array, pause: () => Promise<void>): Promise<void> {
  let before = 0;
  for (let from = 0; from === 0 || from < bytes.length; from += PIECE_BYTES) {
    if (from > 0) await pause();
    const piece = bytes.subarray(from, from + PIECE_BYTES);
    const first = from / BLOCK_BYTES;
    const part = table.subarray(first, first + SummedBytes.tableLength(piece.length));
    SummedBytes.fillTable(piece, part);
    if (before !== 0) for (let i = 0; i < part.length; i++) part[i] = fold(part[i]! + before);
    before = part[part.length - 1]!;
  }
}

function even(offset: number): number {
  return offset + (offset & 1);
}
