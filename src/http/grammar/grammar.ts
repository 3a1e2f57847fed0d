/**
 * The productions of RFC 9110 and RFC 9112 that a server needs, as byte constants, character tables and small
 * functions on byte ranges. Read RFC 9110 section 5.6 (common rules) and RFC 9112 section 2 first.
 *
 * Tables: one byte for each octet, 0 meaning "not in this production". A lookup is one load. On Node 20 that is as
 * fast as two comparisons, however irregular the production is.
 */

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const DQUOTE = 0x22;
export const PERCENT = 0x25;
export const ASTERISK = 0x2a;
export const COMMA = 0x2c;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const EQUALS = 0x3d;
export const QUESTION = 0x3f;
export const BACKSLASH = 0x5c;
export const DELETE = 0x7f;

/** Every byte 0x01, 0x20, 0x80. They stand before all functions: see scripts/program.ts. */
const ONES = 0x01010101;
const SPACES = 0x20202020;
const HIGH_BITS = 0x80808080 | 0;

const DIGITS = '0123456789';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function table(characters: string): Uint8Array {
  const classes = new Uint8Array(256);
  for (const character of characters) classes[character.charCodeAt(0)] = 1;
  return classes;
}

/** tchar (RFC 9110 section 5.6.2): what methods and field names are made of. */
export const TOKEN = table(`!#$%&'*+-.^_\`|~${DIGITS}${LETTERS}`);

/**
 * What a reg-name or IPv4address of uri-host is made of (RFC 3986 section 3.2.2): unreserved, "%", sub-delims. The
 * comma is left out, though it is a sub-delim: no host name has one, and two Host fields that were joined look like
 * "a,b".
 */
export const HOST = table(`-._~%!$&'()*+;=${DIGITS}${LETTERS}`);

/** Flags of the characters of a request-target, see `TARGET`. */
export const TARGET_VALID = 1;
export const TARGET_PERCENT = 2;
export const TARGET_QUERY = 4;
export const TARGET_DOT_OR_SLASH = 8;
/** Set by the scanner when two of `TARGET_DOT_OR_SLASH` are neighbours: there may be a dot segment or an empty one. */
export const TARGET_DOTS = 16;

/**
 * What a request-target may be made of: all visible octets but "#" (a fragment is never sent, RFC 9110 section
 * 4.2.5). RFC 3986 wants more of them escaped, but browsers send "|" and "^" as they are, and curl sends UTF-8.
 * Control characters and spaces are refused, because two parsers may differ about where a target with them ends.
 */
export const TARGET = new Uint8Array(256).map((_, octet) => {
  if (octet <= SP || octet === DELETE || octet === 0x23) return 0;
  if (octet === PERCENT) return TARGET_VALID | TARGET_PERCENT;
  if (octet === QUESTION) return TARGET_VALID | TARGET_QUERY;
  return octet === DOT || octet === SLASH ? TARGET_VALID | TARGET_DOT_OR_SLASH : TARGET_VALID;
});

/** The value of a hexadecimal digit, or -1. */
export function hexValue(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const lower = octet | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** DIGIT (RFC 5234 section B.1). */
export function isDigit(octet: number): boolean {
  return octet >= 0x30 && octet <= 0x39;
}

/** OWS (RFC 9110 section 5.6.3). */
export function isSpace(octet: number): boolean {
  return octet === SP || octet === HTAB;
}

/** field-content and OWS: all but control characters; obs-text counts in (RFC 9110 section 5.5). */
export function isFieldOctet(octet: number): boolean {
  return (octet >= SP && octet !== DELETE) || octet === HTAB;
}

/**
 * The bytes of a word that are no visible ASCII and no space: their high bits are set. x - 0x20 borrows into the high
 * bit of a byte below 0x20, and x + 1 carries into that of 0x7f; obs-text has it. A borrow or carry may run on and mark
 * the bytes above a marked one wrongly. So words are read little-endian, and only the lowest mark is believed.
 */
export function oddBytes(word: number): number {
  return ((word - SPACES) | (word + ONES) | word) & HIGH_BITS;
}

/** The bytes of a word that are 0, marked in the same way. */
export function zeroBytes(word: number): number {
  return (word - ONES) & ~word & HIGH_BITS;
}

/** The first place at or behind `from` that is no OWS. */
export function skipSpace(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && isSpace(bytes[at]!)) at++;
  return at;
}

/** The octet; the small letter, if it is a capital one. */
export function lowerCase(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
}

/** Whether `bytes[from, to)` equals `lowerCase`, in any case of letters. */
export function equalsIgnoringCase(bytes: Uint8Array, from: number, to: number, lowerCase: Uint8Array): boolean {
  if (to - from !== lowerCase.length) return false;
  for (let i = 0; i < lowerCase.length; i++) {
    const octet = bytes[from + i]!;
    if (octet !== lowerCase[i] && !(octet >= 0x41 && octet <= 0x5a && (octet | 0x20) === lowerCase[i])) return false;
  }
  return true;
}

/** Whether the comma-separated list `bytes[from, to)` has this member (RFC 9110 section 5.6.1, empty ones allowed). */
export function listHas(bytes: Uint8Array, from: number, to: number, lowerCase: Uint8Array): boolean {
  let at = from;
  while (at < to) {
    at = skipSpace(bytes, at, to);
    const memberFrom = at;
    while (at < to && bytes[at] !== COMMA) at++;
    let memberTo = at;
    while (memberTo > memberFrom && isSpace(bytes[memberTo - 1]!)) memberTo--;
    if (equalsIgnoringCase(bytes, memberFrom, memberTo, lowerCase)) return true;
    at++;
  }
  return false;
}

/** 1*DIGIT as a number (Infinity if it is too large), or -1 if `bytes[from, to)` is anything else. */
export function readDigits(bytes: Uint8Array, from: number, to: number): number {
  if (from >= to) return -1;
  let value = 0;
  for (let at = from; at < to; at++) {
    if (!isDigit(bytes[at]!)) return -1;
    value = value * 10 + bytes[at]! - 0x30;
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : Number.POSITIVE_INFINITY;
}

/**
 * uri-host [ ":" port ] (RFC 9110 section 7.2), not empty: RFC 9110 section 4.2.1 has us reject an http URI without a
 * host. An IP-literal is checked for its brackets and characters only.
 */
export function isHost(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  if (at < to && bytes[at] === 0x5b) {
    at++;
    while (at < to && (hexValue(bytes[at]!) >= 0 || bytes[at] === COLON || bytes[at] === DOT)) at++;
    if (at === from + 1 || at === to || bytes[at] !== 0x5d) return false;
    at++;
  } else {
    while (at < to && HOST[bytes[at]!] !== 0) at++;
    if (at === from) return false;
  }
  if (at === to) return true;
  if (bytes[at] !== COLON) return false;
  for (at++; at < to; at++) if (!isDigit(bytes[at]!)) return false;
  return true;
}

/** The bytes of ASCII text, for constants. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
