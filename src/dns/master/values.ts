/** Reads single values of a zone file: strings with escapes, names, numbers, times, and bytes in digits. */
import { MAX_LABEL_BYTES, MAX_NAME_BYTES, ROOT } from '../wire/name.js';
import { EntryError } from './problem.js';

/** A time to live is a positive number of 31 bits: RFC 2181 section 8. */
export const MAX_TTL = 0x7fff_ffff;
const BACKSLASH = 92;
const DOT = 46;

/** The bytes that a text with escapes stands for: `\DDD` is a byte, `\X` is X (RFC 1035 section 5.1). */
export function unescaped(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== BACKSLASH) bytes[count++] = code;
    else {
      const { byte, length } = escapeAt(text, i);
      bytes[count++] = byte;
      i += length - 1;
    }
  }
  return bytes.subarray(0, count);
}

function escapeAt(text: string, at: number): { byte: number; length: number } {
  const next = text.charCodeAt(at + 1);
  if (Number.isNaN(next)) throw new EntryError('a "\\" at the end escapes nothing: write "\\\\" for the character');
  if (next < 0x30 || next > 0x39) return { byte: next, length: 2 };
  const digits = text.slice(at + 1, at + 4);
  if (!/^\d{3}$/.test(digits) || Number(digits) > 255) {
    throw new EntryError(`"\\${digits}" is no escape: three digits from \\000 to \\255 stand for a byte`);
  }
  return { byte: Number(digits), length: 4 };
}

/**
 * A name, in the form of a message. A name without a dot at the end is relative to `origin`; `@` is the origin itself.
 */
export function parseName(text: string, origin: Uint8Array): Uint8Array {
  if (text === '@') return origin;
  if (text === '.') return ROOT;
  if (text === '') throw new EntryError('a name is empty: write "." for the root, or "@" for the origin');
  const name = new Uint8Array(MAX_NAME_BYTES + 1);
  let start = 0;
  let end = 1;
  let isAbsolute = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    isAbsolute = false;
    if (code === DOT) {
      name[start] = checkedLabel(end - start - 1, text);
      start = end++;
      isAbsolute = true;
    } else if (code === BACKSLASH) {
      const { byte, length } = escapeAt(text, i);
      name[end++] = byte;
      i += length - 1;
    } else name[end++] = code;
    if (end > MAX_NAME_BYTES + 1) throw tooLong(text);
  }
  if (isAbsolute) return sized(name, end, text);
  name[start] = checkedLabel(end - start - 1, text);
  if (end + origin.length > MAX_NAME_BYTES) throw tooLong(text);
  name.set(origin, end);
  return name.slice(0, end + origin.length);
}

/** The last byte is the root's, which is zero already. */
function sized(name: Uint8Array, end: number, text: string): Uint8Array {
  if (end > MAX_NAME_BYTES) throw tooLong(text);
  return name.slice(0, end);
}

function checkedLabel(length: number, text: string): number {
  if (length === 0) throw new EntryError(`"${text}" has an empty label: one dot stands between two labels`);
  if (length > MAX_LABEL_BYTES) {
    throw new EntryError(`"${text}" has a label of ${length} bytes: a label has ${MAX_LABEL_BYTES} at most`);
  }
  return length;
}

function tooLong(text: string): EntryError {
  return new EntryError(`the name "${text}" is too long: a name has ${MAX_NAME_BYTES} bytes at most`);
}

/** A whole number in decimal digits. */
export function parseNumber(text: string, most: number, what: string): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most)) throw new EntryError(`${what} needs a number from 0 to ${most}, not "${text}"`);
  return value;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** A time in seconds: a number, or BIND's form with units, `1h30m`. Undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  if (!/^(\d{1,10}[smhdw])+$/i.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit] of text.toLowerCase().matchAll(/(\d+)([smhdw])/g)) {
    total += Number(count) * (UNITS[unit ?? ''] ?? 0);
  }
  return total;
}

/** Bytes in hexadecimal digits. */
export function parseHex(text: string, what: string): Uint8Array {
  if (text.length % 2 !== 0 || /[^0-9a-f]/i.test(text)) {
    throw new EntryError(`${what} needs pairs of hexadecimal digits, not "${shortened(text)}"`);
  }
  const bytes = new Uint8Array(text.length / 2);
  for (const i of bytes.keys()) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE32HEX = '0123456789ABCDEFGHIJKLMNOPQRSTUV';

/** Bytes in base64 (RFC 4648 section 4). */
export function parseBase64(text: string, what: string): Uint8Array {
  const digits = text.replace(/={1,2}$/, '');
  const isWhole = text.length % 4 === 0 && digits.length % 4 !== 1;
  const bytes = isWhole ? digitsToBytes(digits, BASE64, 6) : undefined;
  if (bytes === undefined) throw new EntryError(`${what} needs base64, not "${shortened(text)}"`);
  return bytes;
}

/** Bytes in base32hex without padding (RFC 4648 section 7, RFC 5155 section 3.3). */
export function parseBase32Hex(text: string, what: string): Uint8Array {
  const bytes = digitsToBytes(text.toUpperCase(), BASE32HEX, 5);
  if (bytes === undefined) throw new EntryError(`${what} needs base32hex digits (0-9, A-V), not "${shortened(text)}"`);
  return bytes;
}

/** Bits that are left over at the end are dropped. Undefined for what is no digit. */
function digitsToBytes(digits: string, alphabet: string, bits: number): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((digits.length * bits) / 8));
  let held = 0;
  let heldBits = 0;
  let count = 0;
  for (const digit of digits) {
    const value = alphabet.indexOf(digit);
    if (value < 0) return undefined;
    held = ((held << bits) | value) & 0xffff;
    heldBits += bits;
    if (heldBits >= 8) bytes[count++] = (held >>> (heldBits -= 8)) & 0xff;
  }
  return bytes;
}

/** For a message: long text is cut. */
export function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
