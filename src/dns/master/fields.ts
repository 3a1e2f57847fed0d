/**
 * The fields that record data is made of: each one reads tokens of a zone file and writes the bytes of a message.
 * rdata.ts puts them together for each type.
 */
import { IpAddress } from '../../net/wire/address.js';
import { typeNumber } from '../wire/types.js';
import type { Token } from './lexer.js';
import { EntryError } from './problem.js';
import {
  MAX_TTL,
  parseBase32Hex,
  parseBase64,
  parseDuration,
  parseHex,
  parseName,
  parseNumber,
  shortened,
  unescaped,
} from './values.js';

/** The most bytes of record data: its length has 16 bits. */
const MAX_DATA_BYTES = 0xffff;
const MAX_STRING_BYTES = 255;

/** The data of one record: the tokens that are left, and the bytes so far. */
export class Draft {
  /** The type's name, for messages. */
  readonly type: string;
  readonly origin: Uint8Array;
  readonly #tokens: readonly Token[];
  #next: number;
  #bytes = new Uint8Array(64);
  #length = 0;

  constructor(type: string, origin: Uint8Array, tokens: readonly Token[], from: number) {
    this.type = type;
    this.origin = origin;
    this.#tokens = tokens;
    this.#next = from;
  }

  get hasMore(): boolean {
    return this.#next < this.#tokens.length;
  }

  /** The next token. @throws {EntryError} if there is none */
  take(what: string): Token {
    const token = this.#tokens[this.#next++];
    if (token === undefined) throw new EntryError(`${this.type} ends too early: ${what} is missing`);
    return token;
  }

  /** All tokens that are left, put together: base64 and digits may be written in pieces. */
  takeRest(what: string): string {
    let text = this.take(what).text;
    while (this.hasMore) text += this.take(what).text;
    return text;
  }

  /** @throws {EntryError} if something is left */
  end(): void {
    const left = this.#tokens[this.#next];
    if (left !== undefined) throw new EntryError(`${this.type} ends before "${shortened(left.text)}": leave that out`);
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  /** Big-endian. */
  number(value: number, bytes: number): void {
    for (let i = bytes - 1; i >= 0; i--) this.byte(Math.floor(value / 2 ** (8 * i)) % 256);
  }

  bytes(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  get length(): number {
    return this.#length;
  }

  result(): Uint8Array {
    if (this.#length > MAX_DATA_BYTES) throw new EntryError(`${this.type} has more than ${MAX_DATA_BYTES} bytes`);
    return this.#bytes.slice(0, this.#length);
  }

  #grow(by: number): void {
    const larger = new Uint8Array(2 * this.#bytes.length + by);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** Reads one part of record data. */
export type Field = (draft: Draft) => void;

/** A domain name. */
export const name =
  (what = 'a name'): Field =>
  (draft) =>
    draft.bytes(parseName(draft.take(what).text, draft.origin));

const whole =
  (bytes: number) =>
  (what: string): Field =>
  (draft) =>
    draft.number(parseNumber(draft.take(what).text, 256 ** bytes - 1, `${draft.type}: ${what}`), bytes);

export const u8 = whole(1);
export const u16 = whole(2);
export const u32 = whole(4);
export const u48 = whole(6);

/** A number of one byte with names: `RSASHA256`. */
export const named =
  (what: string, bytes: number, names: Readonly<Record<string, number>>): Field =>
  (draft) => {
    const { text } = draft.take(what);
    const value = names[text.toUpperCase()];
    draft.number(value ?? parseNumber(text, 256 ** bytes - 1, `${draft.type}: ${what}`), bytes);
  };

/** A time in seconds, also as `1h30m`. */
export const duration =
  (what: string): Field =>
  (draft) => {
    const { text } = draft.take(what);
    const seconds = parseDuration(text);
    if (seconds === undefined || seconds > 0xffffffff) {
      throw new EntryError(`${draft.type}: ${what} needs seconds, or a time like 1h30m, not "${shortened(text)}"`);
    }
    draft.number(seconds, 4);
  };

export const ipv4: Field = (draft) => {
  const { text } = draft.take('an IPv4 address');
  draft.bytes(addressBytes(text, true, draft.type));
};

export const ipv6: Field = (draft) => {
  const { text } = draft.take('an IPv6 address');
  draft.bytes(addressBytes(text, false, draft.type));
};

/** The bytes of an address. */
export function addressBytes(text: string, isV4: boolean, type: string): Uint8Array {
  const address = parsedAddress(text);
  if (address === undefined || text.includes(':') === isV4) {
    const example = isV4 ? 'an IPv4 address like 192.0.2.1' : 'an IPv6 address like 2001:db8::1';
    throw new EntryError(`${type} needs ${example}, not "${shortened(text)}"`);
  }
  const bytes = new Uint8Array(isV4 ? 4 : 16);
  if (isV4) address.writeV4(bytes, 0);
  else address.writeV6(bytes, 0);
  return bytes;
}

function parsedAddress(text: string): IpAddress | undefined {
  try {
    return IpAddress.parse(text);
  } catch {
    return undefined;
  }
}

/** A string of at most 255 bytes, behind its length. */
export const string: Field = (draft) => writeString(draft, unescaped(draft.take('a string').text));

function writeString(draft: Draft, bytes: Uint8Array): void {
  if (bytes.length > MAX_STRING_BYTES) {
    throw new EntryError(
      `${draft.type}: a string has ${MAX_STRING_BYTES} bytes at most, this one ${bytes.length}: cut it into several`,
    );
  }
  draft.byte(bytes.length);
  draft.bytes(bytes);
}

/** One string or more. */
export const strings: Field = (draft) => {
  do string(draft);
  while (draft.hasMore);
};

/** One more string, if there is one. */
export const optionalString: Field = (draft) => {
  if (draft.hasMore) string(draft);
};

/** Text without a length, to the end. */
export const text: Field = (draft) => draft.bytes(unescaped(draft.take('a string').text));

/** Hexadecimal digits to the end. */
export const hex =
  (what: string): Field =>
  (draft) =>
    draft.bytes(parseHex(draft.takeRest(what), `${draft.type}: ${what}`));

/** Base64 to the end. */
export const base64 =
  (what: string): Field =>
  (draft) =>
    draft.bytes(parseBase64(draft.takeRest(what), `${draft.type}: ${what}`));

/** The same, where nothing at all is allowed too. */
export const optionalBase64 =
  (what: string): Field =>
  (draft) => {
    if (draft.hasMore) base64(what)(draft);
  };

/** Hexadecimal digits in one token behind a byte of length; `-` is none (RFC 5155 section 3.3). */
export const salt: Field = (draft) => {
  const { text: digits } = draft.take('a salt');
  const bytes = digits === '-' ? new Uint8Array(0) : parseHex(digits, `${draft.type}: the salt`);
  writeString(draft, bytes);
};

/** Base32hex behind a byte of length. */
export const hash: Field = (draft) => {
  writeString(draft, parseBase32Hex(draft.take('a hash').text, `${draft.type}: the next hash`));
};

/** A type, as a number of 16 bits. */
export const type: Field = (draft) => draft.number(checkedType(draft, draft.take('a type').text), 2);

function checkedType(draft: Draft, text: string): number {
  const number = typeNumber(text);
  if (number === undefined) {
    throw new EntryError(`${draft.type}: "${shortened(text)}" is no type; one without a name is written TYPE1234`);
  }
  return number;
}

/** A bitmap of types to the end: RFC 4034 section 4.1.2. */
export const types: Field = (draft) => {
  const numbers = new Set<number>();
  while (draft.hasMore) numbers.add(checkedType(draft, draft.take('a type').text));
  draft.bytes(typeBitmap(numbers));
};

/** A bitmap of types: a block for each 256 of them that has some. */
export function typeBitmap(numbers: Iterable<number>): Uint8Array {
  const blocks = new Map<number, Uint8Array>();
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const block = blocks.get(number >>> 8) ?? new Uint8Array(32);
    block[(number & 255) >>> 3]! |= 0x80 >>> (number & 7);
    blocks.set(number >>> 8, block);
  }
  const all = [...blocks].flatMap(([window, bits]) => {
    const used = bits.findLastIndex((byte) => byte !== 0) + 1;
    return [window, used, ...bits.subarray(0, used)];
  });
  return Uint8Array.from(all);
}

/** A point in time: `20260131120000`, or seconds since 1970 (RFC 4034 section 3.2). */
export const time =
  (what: string): Field =>
  (draft) => {
    const { text: digits } = draft.take(what);
    if (!/^\d{14}$/.test(digits)) {
      draft.number(parseNumber(digits, 0xffffffff, `${draft.type}: ${what} (like 20260131120000)`), 4);
      return;
    }
    const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(digits)?.slice(1).map(Number) ?? [];
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
    const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
    if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 60) {
      throw new EntryError(
        `${draft.type}: ${what} "${digits}" is no date: write year, month, day, hour, minute, second`,
      );
    }
    draft.number((date.getTime() / 1000) % 2 ** 32, 4);
  };

/** A time to live in RRSIG: the original one. */
export const ttl: Field = (draft) => {
  const value = parseDuration(draft.take('the original TTL').text);
  if (value === undefined || value > MAX_TTL) throw new EntryError(`${draft.type}: the original TTL is no time`);
  draft.number(value, 4);
};

/** For messages of other files. */
export function wrong(draft: Draft, needs: string, found: string): EntryError {
  return new EntryError(`${draft.type} needs ${needs}, not "${shortened(found)}"`);
}

/** Data in the form of RFC 3597 section 5: `\# 4 c0000201`. The `\#` has been taken. */
export function generic(draft: Draft): void {
  const length = parseNumber(draft.take('a length').text, MAX_DATA_BYTES, `${draft.type}: the length after \\#`);
  const bytes = draft.hasMore ? parseHex(draft.takeRest('data'), draft.type) : new Uint8Array(0);
  if (bytes.length !== length) {
    throw new EntryError(`${draft.type}: ${length} bytes are announced after \\#, but ${bytes.length} follow`);
  }
  draft.bytes(bytes);
}
