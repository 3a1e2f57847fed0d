/**
 * A request head, from bytes to offsets (RFC 9112 sections 2 to 5).
 *
 *     GET /a.html HTTP/1.1\r\n   method SP request-target SP HTTP-version CRLF
 *     Host: example.com\r\n      field-name ":" OWS field-value OWS CRLF
 *     \r\n
 *
 * The scanner reads every byte once, where it lies. It makes no string and no object: its results are offsets. It can
 * stop at any byte and go on when more have come (`scan` again with a larger `to`).
 *
 * In fixed words ("GET ", "HTTP/1.1") and in field values it looks at four bytes at a time, through a DataView. That
 * made the request of a browser a third faster: 700 instead of 1142 ns for 568 bytes (Node 20).
 *
 * It is strict wherever two parsers might differ about where a message ends (request smuggling). Lines must end in
 * CRLF. There is no obs-fold, no space before the colon, and exactly one space between the parts of the request line.
 * RFC 9112 allows a server to be lenient there and warns against it (sections 2.2, 3, 5.1, 5.2). Only clients that
 * are no longer in use need that.
 */
import { fieldNumber, OTHER_FIELD } from './fields.js';
import {
  COLON,
  CR,
  HTAB,
  isDigit,
  isFieldOctet,
  isSpace,
  LF,
  SLASH,
  SP,
  TARGET,
  TARGET_DOT_OR_SLASH,
  TARGET_DOTS,
  TARGET_PERCENT,
  TARGET_QUERY,
  TOKEN,
} from './grammar.js';
import type { HttpLimits } from './limits.js';
import { GET, methodNumber } from './methods.js';

/** The head goes on in bytes that have not come yet. */
export const INCOMPLETE = 0;
/** The head is complete; `at` is the first byte behind it. */
export const COMPLETE = 1;
/** What `scan` returns: one of the above, or the status of the answer to a request that is wrong (400 and up). */
export type Outcome = number;
/** Within the scanner: this part is done, on to the next. */
const NEXT_PART = 2;

// The parts of a head, in their order.
const START = 0;
const METHOD = 1;
const TARGET_PART = 2;
const VERSION = 3;
const FIELD_NAME = 4;
const FIELD_VALUE = 5;
const FIELD_END = 6;
const LAST_LF = 7;

/** Empty lines taken in front of a request line (RFC 9112 section 2.2 wants at least one). */
const MAX_EMPTY_LINES = 4;
/** "GET ", "HTTP", "/1.1" and CRLF as big-endian words. */
const GET_AND_SPACE = 0x47455420;
const HTTP_WORD = 0x48545450;
const VERSION_1_1 = 0x2f312e31;
const CR_LF = 0x0d0a;
/** HTTP-version and CRLF; 0 stands for a digit. */
const VERSION_LINE = Uint8Array.of(0x48, 0x54, 0x54, 0x50, SLASH, 0, 0x2e, 0, CR, LF);

/** Columns of a row of `fields`. */
const COLUMNS = 5;
const NAME_FROM = 0;
const NAME_TO = 1;
const VALUE_FROM = 2;
const VALUE_TO = 3;
const NUMBER = 4;

/** Every byte 0x01, 0x20, 0x7f, 0x80. */
const ONES = 0x01010101;
const SPACES = 0x20202020;
const DELETES = 0x7f7f7f7f;
const HIGH_BITS = 0x80808080 | 0;

/**
 * The first place in `[from, to)` that is no tchar, or `to`. With four lookups for each branch, the request of a
 * browser takes a tenth less time.
 */
function endOfToken(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (
    at + 4 <= to &&
    (TOKEN[bytes[at]!]! & TOKEN[bytes[at + 1]!]! & TOKEN[bytes[at + 2]!]! & TOKEN[bytes[at + 3]!]!) !== 0
  ) {
    at += 4;
  }
  while (at < to && TOKEN[bytes[at]!] !== 0) at++;
  return at;
}

/**
 * The first place in `[from, to)` with a control character other than HTAB, or `to`: the end of a field value.
 *
 * x - n borrows into the high bit of each byte that is less than n; `& ~x` lets that count only where the high bit was
 * not set before; 0x7f is a zero byte after the XOR. A borrow may run on and mark bytes above a marked one wrongly, so
 * words are read little-endian and only the lowest mark, the earliest byte, is believed.
 */
function endOfValue(bytes: Uint8Array, words: DataView, from: number, to: number): number {
  let at = from;
  while (at + 4 <= to) {
    const word = words.getInt32(at, true);
    const deleted = word ^ DELETES;
    const marks = (((word - SPACES) & ~word) | ((deleted - ONES) & ~deleted)) & HIGH_BITS;
    if (marks === 0) {
      at += 4;
      continue;
    }
    at += (31 - Math.clz32(marks & -marks)) >> 3;
    if (bytes[at] !== HTAB) return at;
    at++;
  }
  while (at < to && isFieldOctet(bytes[at]!)) at++;
  return at;
}

export class RequestScanner {
  /** Where the request lies; all offsets are into this. Set by `begin` and `moveTo`. */
  bytes: Uint8Array = new Uint8Array(0);
  #words = new DataView(this.bytes.buffer);
  /** First byte of the request line. */
  from = 0;
  /** First byte not looked at yet. */
  at = 0;

  /** See methods.ts. */
  method = GET;
  methodTo = 0;
  targetFrom = 0;
  targetTo = 0;
  /** The `TARGET_` flags of all its characters (grammar.ts). */
  targetFlags = 0;
  /** The x of HTTP/1.x. */
  minorVersion = 1;
  /** Bit n: there is a field line with number n (fields.ts); and: there is more than one. */
  seen = 0;
  repeated = 0;
  fieldCount = 0;

  readonly #limits: HttpLimits;
  readonly #fields: Int32Array;
  #part = START;
  #emptyLines = 0;
  #headerFrom = 0;
  #nameFrom = 0;
  #nameTo = 0;
  #valueFrom = 0;

  constructor(limits: HttpLimits) {
    this.#limits = limits;
    this.#fields = new Int32Array(limits.headerFields * COLUMNS);
  }

  /** Makes ready for a request that starts at `from`. */
  begin(bytes: Uint8Array, from: number): void {
    if (bytes !== this.bytes) this.moveTo(bytes);
    this.from = from;
    this.at = from;
    this.targetFlags = 0;
    this.seen = 0;
    this.repeated = 0;
    this.fieldCount = 0;
    this.#part = START;
    this.#emptyLines = 0;
  }

  /** What was scanned so far now lies in `bytes`, at the same offsets. */
  moveTo(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.#words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Looks at the bytes up to `to`, going on where it stopped. */
  scan(to: number): Outcome {
    let outcome: Outcome;
    do {
      switch (this.#part) {
        case START:
          outcome = this.#scanStart(to);
          break;
        case METHOD:
          outcome = this.#scanMethod(to);
          break;
        case TARGET_PART:
          outcome = this.#scanTarget(to);
          break;
        case VERSION:
          outcome = this.#scanVersion(to);
          break;
        case LAST_LF:
          outcome = this.#scanLastLineFeed(to);
          break;
        default:
          outcome = this.#scanFields(to);
      }
    } while (outcome === NEXT_PART);
    return outcome === INCOMPLETE ? this.#checkLength() : outcome;
  }

  /** Whether the target is a path that can be looked up as it is: no escape, no query, no dot segment. */
  get targetIsPlainPath(): boolean {
    const odd = TARGET_PERCENT | TARGET_QUERY | TARGET_DOTS;
    return (this.targetFlags & odd) === 0 && this.bytes[this.targetFrom] === SLASH;
  }

  has(field: number): boolean {
    return (this.seen & (1 << field)) !== 0;
  }

  /** The row of the first line of this field behind row `after` (-1: of all), or -1. */
  findRow(field: number, after = -1): number {
    for (let row = after + 1; row < this.fieldCount; row++) {
      if (this.#fields[row * COLUMNS + NUMBER] === field) return row;
    }
    return -1;
  }

  nameFrom(row: number): number {
    return this.#fields[row * COLUMNS + NAME_FROM]!;
  }

  nameTo(row: number): number {
    return this.#fields[row * COLUMNS + NAME_TO]!;
  }

  /** The field value without the white space around it is `bytes[valueFrom, valueTo)`. */
  valueFrom(row: number): number {
    return this.#fields[row * COLUMNS + VALUE_FROM]!;
  }

  valueTo(row: number): number {
    return this.#fields[row * COLUMNS + VALUE_TO]!;
  }

  /** Empty lines before the request line are skipped (RFC 9112 section 2.2). */
  #scanStart(to: number): Outcome {
    const bytes = this.bytes;
    while (this.from < to && bytes[this.from] === CR) {
      if (this.from + 1 === to) return INCOMPLETE;
      if (bytes[this.from + 1] !== LF || ++this.#emptyLines > MAX_EMPTY_LINES) return 400;
      this.from += 2;
      this.at = this.from;
    }
    if (this.from === to) return INCOMPLETE;
    this.#part = METHOD;
    if (to - this.from >= 4 && this.#words.getInt32(this.from) === GET_AND_SPACE) this.#endMethod(GET, this.from + 3);
    return NEXT_PART;
  }

  /** method = token, then one space (RFC 9112 section 3.1). */
  #scanMethod(to: number): Outcome {
    const bytes = this.bytes;
    const at = endOfToken(bytes, this.at, to);
    this.at = at;
    if (at === to) return INCOMPLETE;
    if (bytes[at] !== SP || at === this.from) return 400;
    this.#endMethod(methodNumber(bytes, this.from, at), at);
    return NEXT_PART;
  }

  #endMethod(method: number, at: number): void {
    this.method = method;
    this.methodTo = at;
    this.targetFrom = this.at = at + 1;
    this.#part = TARGET_PART;
  }

  /** request-target, then one space (RFC 9112 section 3.2). Its form is looked at later, in target.ts. */
  #scanTarget(to: number): Outcome {
    const bytes = this.bytes;
    let at = this.at;
    let flags = this.targetFlags;
    let previous = at === this.targetFrom ? 0 : TARGET[bytes[at - 1]!]!;
    for (; at < to; at++) {
      const current = TARGET[bytes[at]!]!;
      if (current === 0) break;
      flags |= current | ((current & previous & TARGET_DOT_OR_SLASH) << 1);
      previous = current;
    }
    this.at = at;
    this.targetFlags = flags;
    if (at - this.from > this.#limits.requestLineBytes) return 414;
    if (at === to) return INCOMPLETE;
    if (bytes[at] !== SP || at === this.targetFrom) return 400;
    this.targetTo = at;
    this.at = at + 1;
    this.#part = VERSION;
    return NEXT_PART;
  }

  /** "HTTP/" DIGIT "." DIGIT CRLF (RFC 9112 section 2.3). Waits until all of it is there, unless a byte is wrong. */
  #scanVersion(to: number): Outcome {
    const { bytes, at } = this;
    const have = Math.min(to - at, VERSION_LINE.length);
    if (have === VERSION_LINE.length && this.#isVersion11(at)) return this.#endVersion(1);
    for (let i = 0; i < have; i++) {
      const wanted = VERSION_LINE[i];
      if (wanted === 0 ? !isDigit(bytes[at + i]!) : bytes[at + i] !== wanted) return 400;
    }
    if (have < VERSION_LINE.length) return INCOMPLETE;
    if (bytes[at + 5] !== 0x31) return 505;
    return this.#endVersion(bytes[at + 7]! - 0x30);
  }

  #isVersion11(at: number): boolean {
    const words = this.#words;
    return (
      words.getInt32(at) === HTTP_WORD && words.getInt32(at + 4) === VERSION_1_1 && words.getUint16(at + 8) === CR_LF
    );
  }

  #endVersion(minorVersion: number): Outcome {
    this.minorVersion = minorVersion;
    this.at += VERSION_LINE.length;
    this.#headerFrom = this.#nameFrom = this.at;
    if (this.at - this.from > this.#limits.requestLineBytes) return 414;
    this.#part = FIELD_NAME;
    return NEXT_PART;
  }

  /** field-line = field-name ":" OWS field-value OWS CRLF, any number of them (RFC 9112 section 5). */
  #scanFields(to: number): Outcome {
    const bytes = this.bytes;
    const words = this.#words;
    let at = this.at;
    for (;;) {
      if (this.#part === FIELD_NAME) {
        at = endOfToken(bytes, at, to);
        if (at === to) return this.#stopAt(at);
        if (bytes[at] !== COLON || at === this.#nameFrom) return this.#endOfFields(at);
        this.#nameTo = at++;
        this.#valueFrom = at;
        this.#part = FIELD_VALUE;
      }
      if (this.#part === FIELD_VALUE) {
        at = endOfValue(bytes, words, at, to);
        if (at === to) return this.#stopAt(at);
        if (bytes[at] !== CR) return 400;
        at++;
        this.#part = FIELD_END;
      }
      if (at === to) return this.#stopAt(at);
      if (bytes[at] !== LF) return 400;
      at++;
      if (!this.#addField(at - 2) || at - this.#headerFrom > this.#limits.headerBytes) return 431;
      this.#nameFrom = at;
      this.#part = FIELD_NAME;
    }
  }

  #stopAt(at: number): Outcome {
    this.at = at;
    return INCOMPLETE;
  }

  /** There is no field name with a colon at `at`. So it is the empty line that ends the head, or a mistake. */
  #endOfFields(at: number): Outcome {
    if (this.bytes[at] !== CR || at !== this.#nameFrom) return 400;
    this.at = at + 1;
    this.#part = LAST_LF;
    return NEXT_PART;
  }

  #scanLastLineFeed(to: number): Outcome {
    if (this.at === to) return INCOMPLETE;
    if (this.bytes[this.at] !== LF) return 400;
    this.at++;
    return COMPLETE;
  }

  /** Notes the field line whose value ends before `end`; false if there are too many. */
  #addField(end: number): boolean {
    if (this.fieldCount === this.#limits.headerFields) return false;
    const bytes = this.bytes;
    let valueFrom = this.#valueFrom;
    let valueTo = end;
    while (valueFrom < valueTo && isSpace(bytes[valueFrom]!)) valueFrom++;
    while (valueFrom < valueTo && isSpace(bytes[valueTo - 1]!)) valueTo--;
    const number = fieldNumber(bytes, this.#nameFrom, this.#nameTo);
    if (number !== OTHER_FIELD) {
      this.repeated |= this.seen & (1 << number);
      this.seen |= 1 << number;
    }
    const fields = this.#fields;
    const row = this.fieldCount++ * COLUMNS;
    fields[row + NAME_FROM] = this.#nameFrom;
    fields[row + NAME_TO] = this.#nameTo;
    fields[row + VALUE_FROM] = valueFrom;
    fields[row + VALUE_TO] = valueTo;
    fields[row + NUMBER] = number;
    return true;
  }

  /** Whether a head that goes on is still within its limits. A long method is unknown: 501 (RFC 9112 section 3). */
  #checkLength(): Outcome {
    const { requestLineBytes, headerBytes } = this.#limits;
    if (this.#part === LAST_LF) return INCOMPLETE;
    if (this.#part >= FIELD_NAME) return this.at - this.#headerFrom > headerBytes ? 431 : INCOMPLETE;
    if (this.at - this.from <= requestLineBytes) return INCOMPLETE;
    return this.#part === METHOD ? 501 : 414;
  }
}
