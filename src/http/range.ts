/**
 * One byte range (RFC 9110 section 14).
 *
 *     bytes=0-499     the first 500        bytes=500-    all but those       bytes=-500    the last 500
 *
 * A server may ignore any Range (section 14.2). We honour a single range, because resumed downloads and seeks in a
 * video ask for one. Several ranges, unknown units and malformed values get the whole object. Several ranges would
 * need multipart/byteranges, with headers between the pieces of payload, and hardly any client asks for that. Many
 * small or overlapping ranges are also a known way to overload a server (section 17.15).
 */
import { ascii, COMMA, EQUALS, equalsIgnoringCase, isSpace, readDigits, skipSpace } from './grammar.js';

const BYTES_UNIT = ascii('bytes');
const HYPHEN = 0x2d;

/** Send the whole object. */
export const WHOLE = 0;
/** Send `[from, to)` of it: 206. */
export const PART = 1;
/** There is no such part: 416. */
export const UNSATISFIABLE = 2;

/** The range of one request. One object is used again for every request. */
export class ByteRange {
  /** The part is `[from, to)` of the payload. */
  from = 0;
  to = 0;

  /** Reads the field value `bytes[at, end)` for an object of `length` bytes; WHOLE, PART or UNSATISFIABLE. */
  read(bytes: Uint8Array, at: number, end: number, length: number): number {
    let equals = at;
    while (equals < end && bytes[equals] !== EQUALS) equals++;
    if (equals === end || !equalsIgnoringCase(bytes, at, equals, BYTES_UNIT)) return WHOLE;
    const from = skipSpace(bytes, equals + 1, end);
    let hyphen = -1;
    for (let i = from; i < end; i++) {
      if (bytes[i] === COMMA) return WHOLE;
      if (bytes[i] === HYPHEN && hyphen < 0) hyphen = i;
    }
    let to = end;
    while (to > from && isSpace(bytes[to - 1]!)) to--;
    if (hyphen < 0) return WHOLE;
    return hyphen === from
      ? this.#readSuffix(bytes, hyphen + 1, to, length)
      : this.#readInterval(bytes, from, hyphen, to, length);
  }

  /** int-range = first-pos "-" [ last-pos ], both counted from 0, the last one included. */
  #readInterval(bytes: Uint8Array, at: number, hyphen: number, end: number, length: number): number {
    const first = readDigits(bytes, at, hyphen);
    const last = hyphen + 1 === end ? Number.POSITIVE_INFINITY : readDigits(bytes, hyphen + 1, end);
    if (first < 0 || last < first) return WHOLE;
    // An empty object has no first byte, so no Content-Range can name a part of it. "From 0 on" means all of it:
    // a client that resumes a download of an empty file gets 200, as from nginx, and not 416.
    if (first === 0 && length === 0) return WHOLE;
    if (first >= length) return UNSATISFIABLE;
    this.from = first;
    this.to = Math.min(last + 1, length);
    return PART;
  }

  /**
   * suffix-range = "-" suffix-length. Every suffix of an empty object is the whole object, and no Content-Range can
   * say that.
   */
  #readSuffix(bytes: Uint8Array, at: number, end: number, length: number): number {
    const suffix = readDigits(bytes, at, end);
    if (suffix < 0) return WHOLE;
    if (suffix === 0) return UNSATISFIABLE;
    if (length === 0) return WHOLE;
    this.from = Math.max(0, length - suffix);
    this.to = length;
    return PART;
  }
}
