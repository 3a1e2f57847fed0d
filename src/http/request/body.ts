/**
 * A request body that this server has no use for: read, checked for its framing, thrown away (RFC 9112 sections 6.3
 * and 7.1).
 *
 *     chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF, the last one of size 0, then trailer fields and CRLF
 *
 * GET with a body has no defined meaning (RFC 9110 section 9.3.1), but the body has to be taken out of the stream
 * before the next request can be found. A body that is longer than a bound ends the connection.
 */

import {
  BACKSLASH,
  COLON,
  CR,
  DQUOTE,
  EQUALS,
  hexValue,
  isFieldOctet,
  isSpace,
  LF,
  SEMICOLON,
  TOKEN,
} from '../grammar/grammar.js';
import { CHUNKED } from './framing.js';
import { COMPLETE, INCOMPLETE, type Outcome } from './scanner.js';

// What the next byte of a chunked body belongs to.
const SIZE = 0;
const EXTENSION_START = 1;
const EXTENSION = 2;
const QUOTED = 3;
const QUOTED_PAIR = 4;
const SIZE_LF = 5;
const DATA = 6;
const DATA_CR = 7;
const DATA_LF = 8;
const LINE_START = 9;
const TRAILER_NAME = 10;
const TRAILER_VALUE = 11;
const TRAILER_LF = 12;
const LAST_LF = 13;
const DONE = 14;
const WRONG = 15;

/**
 * Chunk sizes are cut to this: a larger one is over every limit anyway, and a number above 2^53 would lose precision.
 */
const MAX_SIZE = 2 ** 40;

/** Reads past one body. It is made only when a request has a body, which is rare. */
export class BodyReader {
  /** First byte behind what was read. */
  at = 0;

  readonly #isChunked: boolean;
  /** Bytes of body that may still come, framing included. */
  #room: number;
  /** Bytes left of the body or chunk. */
  #left: number;
  #part = SIZE;
  /** The chunk size has a digit. Leading zeros are digits (RFC 9112 section 7.1); `limit` bounds how many. */
  #hasDigits = false;

  /** `length` in bytes, or `CHUNKED`; `limit` for all bytes of the body. */
  constructor(length: number, limit: number) {
    this.#isChunked = length === CHUNKED;
    this.#left = this.#isChunked ? 0 : length;
    this.#room = limit;
  }

  /** Reads on in `bytes[from, to)`; COMPLETE, INCOMPLETE, 400 for bad framing, 413 for too much. */
  read(bytes: Uint8Array, from: number, to: number): Outcome {
    if (!this.#isChunked) return this.#readLength(from, to);
    let at = from;
    while (at < to && this.#part < DONE) {
      if (this.#part === DATA) {
        const part = Math.min(this.#left, to - at);
        this.#left -= part;
        at += part;
        if (this.#left === 0) this.#part = DATA_CR;
      } else {
        this.#part = this.#next(bytes[at]!);
        at++;
      }
    }
    this.#room -= at - from;
    this.at = at;
    if (this.#part === WRONG) return 400;
    // A chunk is refused as soon as its announced size is too large, before its data comes.
    if (this.#left > this.#room) return 413;
    return this.#part === DONE ? COMPLETE : INCOMPLETE;
  }

  #readLength(from: number, to: number): Outcome {
    if (this.#left > this.#room) return 413;
    const part = Math.min(this.#left, to - from);
    this.#left -= part;
    this.#room -= part;
    this.at = from + part;
    return this.#left === 0 ? COMPLETE : INCOMPLETE;
  }

  /** The part that follows `octet`. */
  #next(octet: number): number {
    switch (this.#part) {
      case SIZE:
        return this.#nextInSize(octet);
      case SIZE_LF:
        if (octet !== LF) return WRONG;
        return this.#left > 0 ? DATA : LINE_START;
      case DATA_CR:
        return octet === CR ? DATA_LF : WRONG;
      case DATA_LF:
        this.#hasDigits = false;
        return octet === LF ? SIZE : WRONG;
      default:
        return this.#part < SIZE_LF ? nextInExtension(this.#part, octet) : nextInTrailers(this.#part, octet);
    }
  }

  #nextInSize(octet: number): number {
    const value = hexValue(octet);
    if (value >= 0) {
      this.#hasDigits = true;
      this.#left = Math.min(this.#left * 16 + value, MAX_SIZE);
      return SIZE;
    }
    if (!this.#hasDigits) return WRONG;
    return octet === CR ? SIZE_LF : octet === SEMICOLON ? EXTENSION_START : WRONG;
  }
}

/**
 * chunk-ext = ";" BWS name [ "=" ( token / quoted-string ) ], any number of them (RFC 9112 section 7.1.1). White space
 * elsewhere is refused. No extension means anything here.
 */
function nextInExtension(part: number, octet: number): number {
  switch (part) {
    case EXTENSION_START:
      return isSpace(octet) ? EXTENSION_START : TOKEN[octet] !== 0 ? EXTENSION : WRONG;
    case EXTENSION:
      if (octet === CR) return SIZE_LF;
      if (octet === SEMICOLON) return EXTENSION_START;
      return octet === DQUOTE ? QUOTED : TOKEN[octet] !== 0 || octet === EQUALS ? EXTENSION : WRONG;
    case QUOTED:
      if (octet === DQUOTE) return EXTENSION;
      return octet === BACKSLASH ? QUOTED_PAIR : isFieldOctet(octet) ? QUOTED : WRONG;
    default:
      return isFieldOctet(octet) ? QUOTED : WRONG; // QUOTED_PAIR
  }
}

/** trailer-section CRLF: field lines as in a head, which mean nothing here (RFC 9110 section 6.5.1). */
function nextInTrailers(part: number, octet: number): number {
  switch (part) {
    case LINE_START:
      return octet === CR ? LAST_LF : TOKEN[octet] !== 0 ? TRAILER_NAME : WRONG;
    case TRAILER_NAME:
      return octet === COLON ? TRAILER_VALUE : TOKEN[octet] !== 0 ? TRAILER_NAME : WRONG;
    case TRAILER_VALUE:
      return octet === CR ? TRAILER_LF : isFieldOctet(octet) ? TRAILER_VALUE : WRONG;
    case TRAILER_LF:
      return octet === LF ? LINE_START : WRONG;
    default:
      return octet === LF ? DONE : WRONG; // LAST_LF
  }
}
