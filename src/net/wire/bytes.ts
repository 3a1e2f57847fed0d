/**
 * Big-endian ("network order") reads and writes on a Uint8Array.
 *
 * All other files read and write headers with these few functions. They do not check bounds: each wire format checks
 * its length once, on entry, and says what that guarantees. They are small enough for V8 to inline; a DataView costs
 * about the same, `Buffer.writeUInt32BE` ten times as much (Node 20).
 *
 * 32-bit values come as *signed* integers (`int32`): V8 keeps those unboxed ("Smi"), while a number above 2^31 - 1 in
 * an object's field becomes a heap object. Use `>>> 0` where a person reads the value.
 */

/** The 16-bit big-endian number at `at`, 0 to 65535. */
export function readUint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** The 32-bit big-endian number at `at`, as a signed integer. */
export function readInt32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** Writes the low 16 bits of `value`, big-endian. */
export function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

/** Writes the low 32 bits of `value`, big-endian; signed or unsigned alike. */
export function writeInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** True if `length` bytes of `a` from `aAt` equal those of `b` from `bAt`. */
export function sameBytes(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[aAt + i] !== b[bAt + i]) return false;
  return true;
}
