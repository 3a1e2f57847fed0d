/**
 * The ranges of a request (RFC 9110 section 14).
 *
 *     bytes=0-499     the first 500        bytes=500-    all but those       bytes=-500    the last 500
 *     bytes=0-99, 300-399, -1              three parts, in this order
 *
 * A server may ignore any Range (section 14.2). We ignore other units, malformed values and too many ranges. Ranges
 * that overlap, or have less between them than the head of a part costs, become one (section 15.3.7.2). So no byte is
 * sent twice, and many small or overlapping ranges do not overload us (section 17.15).
 */
import { ascii, COMMA, EQUALS, equalsIgnoringCase, isSpace, readDigits, skipSpace } from './grammar.js';

const BYTES_UNIT = ascii('bytes');
const HYPHEN = 0x2d;

/** What `read` returns. Send the whole object. */
export const WHOLE = 0;
/** Send one part of it, or several: 206. */
export const PART = 1;
/** There is no such part: 416. */
export const UNSATISFIABLE = 2;
/** There are more ranges than the limit: send the whole object. */
export const TOO_MANY = 3;

/** Ranges with fewer bytes between them become one: the fields in front of a part cost more. */
const LEAST_GAP = 128;

/** The ranges of one request. One object is used again for every request. */
export class ByteRanges {
  /** How many parts there are, in the order of the request. */
  count = 0;
  readonly #most: number;
  /** Numbers beyond 2^31 for files that are sent in pieces. */
  readonly #from: Float64Array;
  readonly #to: Float64Array;

  /** `most`: ranges that are read of one request. */
  constructor(most: number) {
    this.#most = most;
    this.#from = new Float64Array(most);
    this.#to = new Float64Array(most);
  }

  /** Part `i` is `[from(i), to(i))` of the payload; `i` is below `count`. */
  from(i: number): number {
    return this.#from[i]!;
  }

  to(i: number): number {
    return this.#to[i]!;
  }

  /** Bytes of all parts together. */
  get totalBytes(): number {
    let bytes = 0;
    for (let i = 0; i < this.count; i++) bytes += this.to(i) - this.from(i);
    return bytes;
  }

  /**
   * Reads the field value `bytes[at, end)` for an object of `length` bytes: WHOLE, PART, UNSATISFIABLE or TOO_MANY. A
   * range that cannot be satisfied is left out beside one that can (section 14.1.1).
   */
  read(bytes: Uint8Array, at: number, end: number, length: number): number {
    this.count = 0;
    let equals = at;
    while (equals < end && bytes[equals] !== EQUALS) equals++;
    if (equals === end || !equalsIgnoringCase(bytes, at, equals, BYTES_UNIT)) return WHOLE;
    let members = 0;
    for (let from = equals + 1; from <= end; from++) {
      const memberFrom = skipSpace(bytes, from, end);
      while (from < end && bytes[from] !== COMMA) from++;
      const memberTo = withoutSpace(bytes, memberFrom, from);
      if (memberTo === memberFrom) continue; // an empty member of a list (section 5.6.1.2)
      if (++members > this.#most) return TOO_MANY;
      if (this.#readMember(bytes, memberFrom, memberTo, length) === WHOLE) return WHOLE;
    }
    if (members === 0) return WHOLE;
    if (this.count === 0) return UNSATISFIABLE;
    this.#coalesce();
    return PART;
  }

  /** Notes the range `bytes[from, to)` if it can be satisfied; WHOLE if Range is to be ignored. */
  #readMember(bytes: Uint8Array, from: number, to: number, length: number): number {
    let hyphen = from;
    while (hyphen < to && bytes[hyphen] !== HYPHEN) hyphen++;
    if (hyphen === to) return WHOLE;
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
    return first >= length ? UNSATISFIABLE : this.#add(first, Math.min(last + 1, length));
  }

  /**
   * suffix-range = "-" suffix-length. Every suffix of an empty object is the whole object, and no Content-Range can
   * say that.
   */
  #readSuffix(bytes: Uint8Array, at: number, end: number, length: number): number {
    const suffix = readDigits(bytes, at, end);
    if (suffix < 0) return WHOLE;
    if (suffix === 0) return UNSATISFIABLE;
    return length === 0 ? WHOLE : this.#add(Math.max(0, length - suffix), length);
  }

  #add(from: number, to: number): number {
    this.#from[this.count] = from;
    this.#to[this.count++] = to;
    return PART;
  }

  /** Joins parts until all have a gap between them. A joined part stands where the first of its ranges stood. */
  #coalesce(): void {
    for (let i = 0; i < this.count; i++) {
      for (let other = i + 1; other < this.count; other++) {
        if (!this.#touch(i, other)) continue;
        this.#from[i] = Math.min(this.from(i), this.from(other));
        this.#to[i] = Math.max(this.to(i), this.to(other));
        this.#remove(other);
        other = i; // the part is longer now, and may touch those in between too
      }
    }
  }

  #touch(a: number, b: number): boolean {
    return this.from(a) < this.to(b) + LEAST_GAP && this.from(b) < this.to(a) + LEAST_GAP;
  }

  #remove(index: number): void {
    this.#from.copyWithin(index, index + 1, this.count);
    this.#to.copyWithin(index, index + 1, this.count);
    this.count--;
  }
}

function withoutSpace(bytes: Uint8Array, from: number, end: number): number {
  let to = end;
  while (to > from && isSpace(bytes[to - 1]!)) to--;
  return to;
}
