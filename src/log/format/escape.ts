/** Small things that all formats share. */

/** Words of four such characters. Letters need no escape in any format. */
export const SPACES = 0x20202020;
export const LETTERS = 0x61616161;
export const QUOTES = 0x22222222;
export const BACKSLASHES = 0x5c5c5c5c;

export const HEX_DIGITS = '0123456789abcdef';

/** A text that lines often have, as words, so that four bytes are written at once. */
export interface Text {
  /** In bytes. */
  readonly length: number;
  /** Little-endian; the last word is filled up with zeros. */
  readonly words: Int32Array;
}

/** Packs a text of ASCII alone into words. */
export function ascii(text: string): Text {
  const { length } = text;
  const words = new Int32Array(Math.ceil(length / 4));
  for (let i = 0; i < length; i++) words[i >> 2] = words[i >> 2]! | (text.charCodeAt(i) << (8 * (i & 3)));
  return { length, words };
}

/** The bytes of a text of ASCII alone. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Everything but the printable characters of ASCII: control characters, DEL and bytes above them. */
export function isUnprintable(byte: number): boolean {
  return byte < 0x20 || byte >= 0x7f;
}
