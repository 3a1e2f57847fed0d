/** Reads of either byte order: capture files are written in that of the machine that captured. */

export function readUint32(bytes: Uint8Array, at: number, littleEndian: boolean): number {
  const first = littleEndian ? bytes[at + 3]! : bytes[at]!;
  const second = littleEndian ? bytes[at + 2]! : bytes[at + 1]!;
  const third = littleEndian ? bytes[at + 1]! : bytes[at + 2]!;
  const last = littleEndian ? bytes[at]! : bytes[at + 3]!;
  return ((first << 24) | (second << 16) | (third << 8) | last) >>> 0;
}

/** An unsigned 16-bit number at `at`, in the byte order that the file has. */
export function readUint16(bytes: Uint8Array, at: number, littleEndian: boolean): number {
  return littleEndian ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!;
}
