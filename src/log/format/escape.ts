/** Small things that all formats share. */
export const HEX_DIGITS = '0123456789abcdef';

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Everything but the printable characters of ASCII: control characters, DEL and bytes above them. */
export function isUnprintable(byte: number): boolean {
  return byte < 0x20 || byte >= 0x7f;
}
