/**
 * Files that are too large to be one object are kept in pieces, each an object of its own with sums, which comes and
 * goes like any other. The file's head is an object too: a 200 whose record says `STREAM` and has no payload.
 *
 *     /film.mp4     | record | names | heads |        STREAM = 7
 *     piece:7:0     | record | name | 512 KiB | sums |
 *     piece:7:1     | record | name | 512 KiB | sums |
 *
 * The number of the file stands for the file as it was at one moment. When the file has changed, its new head gets a
 * new number, so pieces of two versions never meet in one answer.
 */
import type { Answer } from '../head/heads.js';
import type { Measures } from './layout.js';

/**
 * Bytes of a piece. Large enough that a request to the main thread costs little beside the reading, small enough that
 * a few pieces for each download are not much memory.
 */
export const PIECE_BYTES = 512 * 1024;
/** A file that is asked for is read whole up to this size, and in pieces above it. */
export const LARGEST_READ_WHOLE = PIECE_BYTES;

const PREFIX = 'piece:';

/** The name of a piece: it does not begin with '/', so no request finds it by its path. */
export function pieceName(file: number, piece: number): string {
  return `${PREFIX}${file}:${piece}`;
}

/** The file and the piece that a name means; undefined if it is no piece's. */
export function parsePieceName(name: string): { file: number; piece: number } | undefined {
  const match = /^piece:(\d{1,15}):(\d{1,15})$/.exec(name);
  return match === null ? undefined : { file: Number(match[1]), piece: Number(match[2]) };
}

/** Bytes of this piece of a file of `size` bytes. */
export function pieceLength(size: number, piece: number): number {
  return Math.min(PIECE_BYTES, size - piece * PIECE_BYTES);
}

/** The measures of a piece with this name. */
export function pieceMeasures(name: string, length: number): Measures {
  return { nameCount: 1, namesLength: name.length, headRoom: 0, payloadLength: length, notModifiedLength: 0 };
}

/** A piece has no head of its own. */
export const PIECE_ANSWER: Answer = {
  status: 200,
  contentType: '',
  typeFrom: 0,
  lastModifiedSeconds: -1,
  location: '',
  locationFrom: 0,
  head: '',
  lengthFieldLength: 0,
  etagFrom: 0,
  etagLength: 0,
  notModified: '',
};
