/**
 * The options at the end of a pcapng block (draft-ietf-opsawg-pcapng section 3.5), written:
 *
 *     | code: 16 | length: 16 | value, padded to 32 bits | code … | 0: 16 | 0: 16 |
 *
 * For what is written once; the writer puts the options of a frame in place by itself.
 */

/** Code and value. */
export type BlockOption = readonly [code: number, value: Uint8Array];

/** The longest value: its length has 16 bits. A longer text is cut. */
const MAX_VALUE_BYTES = 0xffff;

/** A UTF-8 option; none if there is no text. */
export function textOption(code: number, text: string | undefined): BlockOption | undefined {
  return text === undefined ? undefined : [code, new TextEncoder().encode(text).subarray(0, MAX_VALUE_BYTES)];
}

/** A 64-bit count. */
export function numberOption(code: number, value: number): BlockOption {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return [code, bytes];
}

/** A time stamp in the interface's unit: upper 32 bits first, whatever the byte order. */
export function timeOption(code: number, microseconds: number, inNanoseconds: boolean): BlockOption {
  const value = BigInt.asUintN(64, BigInt(Math.floor(microseconds)) * (inNanoseconds ? 1000n : 1n));
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Number(value >> 32n), true);
  view.setUint32(4, Number(value & 0xffff_ffffn), true);
  return [code, bytes];
}

/** All options that are there, then the end of options; no bytes at all if there are none. */
export function concatOptions(options: readonly (BlockOption | undefined)[]): Uint8Array {
  const present = options.filter((option) => option !== undefined);
  if (present.length === 0) return new Uint8Array(0);
  const padded = (length: number) => (length + 3) & ~3;
  const length = present.reduce((total, [, value]) => total + 4 + padded(value.length), 4);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [code, value] of present) {
    view.setUint16(at, code, true);
    view.setUint16(at + 2, value.length, true);
    bytes.set(value, at + 4);
    at += 4 + padded(value.length);
  }
  return bytes;
}
