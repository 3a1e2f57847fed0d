/**
 * A request head, from bytes to offsets (RFC 9112 sections 2 to 5).
 *
 *     GET /a.html HTTP/1.1\r\n   method SP request-target SP HTTP-version CRLF
 *     Host: example.com\r\n      field-name ":" OWS field-value OWS CRLF
 *     \r\n
 *
 * The scanner reads every byte once, where it lies. It makes no string and no object: its results are offsets, the hash
 * of the target, and which of the fields that we know are there. It can stop at any byte and go on when more have come
 * (`scan` again with a larger `to`).
 *
 * Each part of the head has a function, which ends by calling that of the next part. In fixed words ("GET ",
 * "HTTP/1.1") and in field values it looks at four or eight bytes at a time, through a DataView. A Host line that is
 * the one of the request before is recognised as a whole (known-host.ts).
 *
 * It is strict wherever two parsers might differ about where a message ends (request smuggling). Lines must end in
 * CRLF. There is no obs-fold, no space before the colon, and exactly one space between the parts of the request line.
 * RFC 9112 allows a server to be lenient there and warns against it (sections 2.2, 3, 5.1, 5.2). Only clients that
 * are no longer in use need that.
 */
import { HASH_SEED, hashOctet } from '../../cache/object/record.js';
import { fieldNumber, HOST_FIELD, OTHER_FIELD } from '../grammar/fields.js';
import {
  COLON,
  CR,
  isDigit,
  isFieldOctet,
  isSpace,
  LF,
  oddBytes,
  SLASH,
  SP,
  TARGET,
  TARGET_DOT_OR_SLASH,
  TARGET_DOTS,
  TARGET_PERCENT,
  TARGET_QUERY,
  TOKEN,
} from '../grammar/grammar.js';
import { GET, methodNumber } from '../grammar/methods.js';
import type { HttpLimits } from '../limits.js';
import type { KnownHost } from '../sites/known-host.js';

/** The head goes on in bytes that have not come yet. */
export const INCOMPLETE = 0;
/** The head is complete; `at` is the first byte behind it. */
export const COMPLETE = 1;
/** What `scan` returns: one of the above, or the status of the answer to a request that is wrong (400 and up). */
export type Outcome = number;

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

/** Buffers whose views are kept: an io_uring reads into eight. */
const VIEWS = 16;

/** Columns of a row of `fields`. */
const COLUMNS = 5;
const NAME_FROM = 0;
const NAME_TO = 1;
const VALUE_FROM = 2;
const VALUE_TO = 3;
const NUMBER = 4;

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
 * The first place in `[from, to)` with a control character other than HTAB, or `to`: the end of a field value. Eight
 * bytes a step instead of four save another twelfth of the time for the request of a browser.
 */
function endOfValue(bytes: Uint8Array, words: DataView, from: number, to: number): number {
  let at = from;
  for (;;) {
    while (at + 8 <= to && (oddBytes(words.getInt32(at, true)) | oddBytes(words.getInt32(at + 4, true))) === 0) at += 8;
    if (at + 4 > to) break;
    const odd = oddBytes(words.getInt32(at, true));
    if (odd === 0) {
      at += 4;
      continue;
    }
    at += (31 - Math.clz32(odd & -odd)) >> 3;
    if (!isFieldOctet(bytes[at]!)) return at;
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
  /** `hashPath` of the target as it stands: what the cache needs to find a plain path. */
  targetHash = HASH_SEED;
  /** The x of HTTP/1.x. */
  minorVersion = 1;
  /** Bit n: there is a field line with number n (fields.ts); and: there is more than one. */
  seen = 0;
  repeated = 0;
  fieldCount = 0;
  /** The first field line is the Host line that `known` has: it is valid. */
  hostIsKnown = false;

  readonly #limits: HttpLimits;
  readonly #fields: Int32Array;
  #part = START;
  #emptyLines = 0;
  #headerFrom = 0;
  #nameFrom = 0;
  #nameTo = 0;
  #valueFrom = 0;
  readonly #known: KnownHost | null;
  /** Buffers that requests came in, and their views. */
  readonly #buffers: Uint8Array[] = [];
  readonly #views: DataView[] = [];
  #nextView = 0;

  /** `known`: the Host line of earlier requests; null: none is recognised. */
  constructor(limits: HttpLimits, known: KnownHost | null = null) {
    this.#limits = limits;
    this.#known = known;
    this.#fields = new Int32Array(limits.headerFields * COLUMNS);
  }

  /** Makes ready for a request that starts at `from`. */
  begin(bytes: Uint8Array, from: number): void {
    if (bytes !== this.bytes) this.moveTo(bytes);
    this.from = from;
    this.at = from;
    this.targetFlags = 0;
    this.targetHash = HASH_SEED;
    this.hostIsKnown = false;
    this.seen = 0;
    this.repeated = 0;
    this.fieldCount = 0;
    this.#part = START;
    this.#emptyLines = 0;
  }

  /** What was scanned so far now lies in `bytes`, at the same offsets. */
  moveTo(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.#words = this.#viewOf(bytes);
  }

  /** The same bytes as `bytes`, at the same offsets, for those who copy words. */
  get view(): DataView {
    return this.#words;
  }

  /** The view of these bytes. A device receives into a few buffers in turn, so it is made once for each of them. */
  #viewOf(bytes: Uint8Array): DataView {
    for (let i = 0; i < this.#buffers.length; i++) if (this.#buffers[i] === bytes) return this.#views[i]!;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const at = this.#nextView;
    this.#nextView = (at + 1) % VIEWS;
    this.#buffers[at] = bytes;
    this.#views[at] = view;
    return view;
  }

  /** Looks at the bytes up to `to`, going on where it stopped. */
  scan(to: number): Outcome {
    const outcome = this.#scanFrom(this.#part, to);
    return outcome === INCOMPLETE ? this.#checkLength() : outcome;
  }

  #scanFrom(part: number, to: number): Outcome {
    switch (part) {
      case START:
        return this.#scanStart(to);
      case METHOD:
        return this.#scanMethod(to);
      case TARGET_PART:
        return this.#scanTarget(to);
      case VERSION:
        return this.#scanVersion(to);
      case LAST_LF:
        return this.#scanLastLineFeed(to);
      default:
        return this.#scanFields(to);
    }
  }

  /** Whether the target is a path that can be looked up as it is: no escape, no query, no dot segment. */
  get targetIsPlainPath(): boolean {
    const odd = TARGET_PERCENT | TARGET_QUERY | TARGET_DOTS;
    return (this.targetFlags & odd) === 0 && this.bytes[this.targetFrom] === SLASH;
  }

  /** The Host line, which is valid, is recognised from now on where it comes first. */
  rememberHost(row: number): void {
    if (this.#known === null || row !== 0) return;
    const from = this.nameFrom(row);
    // The line ends behind the first CRLF after its value: there is nothing but white space in between.
    let end = this.valueTo(row);
    while (this.bytes[end] !== CR) end++;
    this.#known.remember(this.bytes, from, end + 2, this.nameTo(row), this.valueFrom(row), this.valueTo(row));
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

  /** The number of the field in this row (fields.ts). */
  fieldNumber(row: number): number {
    return this.#fields[row * COLUMNS + NUMBER]!;
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
    if (to - this.from >= 4 && this.#words.getInt32(this.from) === GET_AND_SPACE) {
      return this.#endMethod(GET, this.from + 3, to);
    }
    this.#part = METHOD;
    return this.#scanMethod(to);
  }

  /** method = token, then one space (RFC 9112 section 3.1). */
  #scanMethod(to: number): Outcome {
    const bytes = this.bytes;
    const at = endOfToken(bytes, this.at, to);
    this.at = at;
    if (at === to) return INCOMPLETE;
    if (bytes[at] !== SP || at === this.from) return 400;
    return this.#endMethod(methodNumber(bytes, this.from, at), at, to);
  }

  #endMethod(method: number, at: number, to: number): Outcome {
    this.method = method;
    this.methodTo = at;
    this.targetFrom = this.at = at + 1;
    this.#part = TARGET_PART;
    return this.#scanTarget(to);
  }

  /** request-target, then one space (RFC 9112 section 3.2). Its form is looked at later, in target.ts. */
  #scanTarget(to: number): Outcome {
    const bytes = this.bytes;
    let at = this.at;
    let flags = this.targetFlags;
    let hash = this.targetHash;
    let previous = at === this.targetFrom ? 0 : TARGET[bytes[at - 1]!]!;
    for (; at < to; at++) {
      const octet = bytes[at]!;
      const current = TARGET[octet]!;
      if (current === 0) break;
      hash = hashOctet(hash, octet);
      flags |= current | ((current & previous & TARGET_DOT_OR_SLASH) << 1);
      previous = current;
    }
    this.at = at;
    this.targetFlags = flags;
    this.targetHash = hash;
    if (at - this.from > this.#limits.requestLineBytes) return 414;
    if (at === to) return INCOMPLETE;
    if (bytes[at] !== SP || at === this.targetFrom) return 400;
    this.targetTo = at;
    this.at = at + 1;
    this.#part = VERSION;
    return this.#scanVersion(to);
  }

  /** "HTTP/" DIGIT "." DIGIT CRLF (RFC 9112 section 2.3). Waits until all of it is there, unless a byte is wrong. */
  #scanVersion(to: number): Outcome {
    const { bytes, at } = this;
    const have = Math.min(to - at, VERSION_LINE.length);
    if (have === VERSION_LINE.length && this.#isVersion11(at)) return this.#endVersion(1, to);
    for (let i = 0; i < have; i++) {
      const wanted = VERSION_LINE[i];
      if (wanted === 0 ? !isDigit(bytes[at + i]!) : bytes[at + i] !== wanted) return 400;
    }
    if (have < VERSION_LINE.length) return INCOMPLETE;
    if (bytes[at + 5] !== 0x31) return 505;
    return this.#endVersion(bytes[at + 7]! - 0x30, to);
  }

  #isVersion11(at: number): boolean {
    const words = this.#words;
    return (
      words.getInt32(at) === HTTP_WORD && words.getInt32(at + 4) === VERSION_1_1 && words.getUint16(at + 8) === CR_LF
    );
  }

  #endVersion(minorVersion: number, to: number): Outcome {
    this.minorVersion = minorVersion;
    this.at += VERSION_LINE.length;
    this.#headerFrom = this.#nameFrom = this.at;
    if (this.at - this.from > this.#limits.requestLineBytes) return 414;
    this.#part = FIELD_NAME;
    const known = this.#known;
    if (known?.isAt(this.#words, this.at, to) === true) this.#takeKnownHost(known);
    return this.#scanFields(to);
  }

  /** Notes the field line that begins here as Host, without a look at it. */
  #takeKnownHost({ length, nameLength, valueFrom, valueTo }: KnownHost): void {
    const from = this.at;
    this.#setRow(0, from, from + nameLength, from + valueFrom, from + valueTo, HOST_FIELD);
    this.fieldCount = 1;
    this.seen = 1 << HOST_FIELD;
    this.hostIsKnown = true;
    this.#nameFrom = this.at = from + length;
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
        if (bytes[at] !== COLON || at === this.#nameFrom) return this.#endOfFields(at, to);
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
  #endOfFields(at: number, to: number): Outcome {
    if (this.bytes[at] !== CR || at !== this.#nameFrom) return 400;
    this.at = at + 1;
    this.#part = LAST_LF;
    return this.#scanLastLineFeed(to);
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
    this.#setRow(this.fieldCount++, this.#nameFrom, this.#nameTo, valueFrom, valueTo, number);
    return true;
  }

  #setRow(row: number, nameFrom: number, nameTo: number, valueFrom: number, valueTo: number, number: number): void {
    const fields = this.#fields;
    const at = row * COLUMNS;
    fields[at + NAME_FROM] = nameFrom;
    fields[at + NAME_TO] = nameTo;
    fields[at + VALUE_FROM] = valueFrom;
    fields[at + VALUE_TO] = valueTo;
    fields[at + NUMBER] = number;
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
