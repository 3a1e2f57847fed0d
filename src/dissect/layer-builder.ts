/**
 * Builds a layer field by field. Offsets are counted from the layer's first byte. A field whose bytes are not all there
 * is left out, and the layer says once that it was cut short. So a dissector reads like the header it dissects, without
 * a check at each line.
 */
import { formatMac, formatV4, formatV6 } from '../net/wire/address.js';
import { readInt32 } from '../net/wire/bytes.js';
import { latin1Text } from '../net/wire/latin1.js';
import type { FieldName, Protocol } from './catalogue.js';
import type { Field, FieldValue, Layer } from './field.js';

export class LayerBuilder implements Layer {
  readonly fields: Field[] = [];
  readonly problems: string[] = [];
  /** The section given to the fields that follow; the layer's own to begin with. */
  cite: string;
  #cut = false;

  constructor(
    readonly protocol: Protocol,
    readonly label: string,
    readonly section: string,
    readonly bytes: Uint8Array,
    readonly from: number,
    readonly to: number,
    /** Where the frame begins in `bytes`. */
    readonly frameFrom: number,
    /** Where in the frame all fields are said to be, if `bytes` were put together from several frames. */
    readonly origin?: { readonly from: number; readonly to: number },
  ) {
    this.cite = section;
  }

  /** Bytes that are there. */
  get available(): number {
    return this.to - this.from;
  }

  problem(text: string): void {
    this.problems.push(text);
  }

  /** True if `[offset, offset + length)` is there; if not, the layer says that it was cut short. */
  has(offset: number, length: number): boolean {
    if (offset + length <= this.available) return true;
    if (!this.#cut) this.problem(`cut short: ${this.available} bytes are there`);
    this.#cut = true;
    return false;
  }

  /** A number of 1 to 4 bytes at `offset`; returns it, or 0 if it is not there. */
  uint(name: FieldName, offset: number, length: number, label: string, meaning: string, display?: string): number {
    const value = this.peek(offset, length);
    return this.add(name, offset, length, label, value, meaning, display) ? value : 0;
  }

  /** The same, shown in hexadecimal. */
  hex(name: FieldName, offset: number, length: number, label: string, meaning: string): number {
    const digits = this.peek(offset, length).toString(16);
    return this.uint(name, offset, length, label, meaning, `0x${digits.padStart(2 * length, '0')}`);
  }

  /** Bits `value >> shift & mask` of the number of `length` bytes at `offset`; a field that counts units of `scale`. */
  bits(
    name: FieldName,
    offset: number,
    length: number,
    shift: number,
    mask: number,
    label: string,
    meaning: string,
    scale = 1,
  ): number {
    const value = ((this.peek(offset, length) >>> shift) & mask) * scale;
    return this.add(name, offset, length, label, value, meaning) ? value : 0;
  }

  /** One bit of the number of `length` bytes at `offset`. */
  flag(name: FieldName, offset: number, length: number, bit: number, label: string, meaning: string): boolean {
    const value = ((this.peek(offset, length) >>> bit) & 1) === 1;
    return this.add(name, offset, length, label, value, meaning) && value;
  }

  mac(name: FieldName, offset: number, label: string, meaning: string): void {
    if (this.has(offset, 6)) this.add(name, offset, 6, label, formatMac(this.bytes, this.from + offset), meaning);
  }

  ipv4(name: FieldName, offset: number, label: string, meaning: string): void {
    if (this.has(offset, 4)) this.add(name, offset, 4, label, this.ipv4Text(offset), meaning);
  }

  ipv6(name: FieldName, offset: number, label: string, meaning: string): void {
    if (this.has(offset, 16)) this.add(name, offset, 16, label, this.ipv6Text(offset), meaning);
  }

  /** The IPv4 address at `offset`, whose bytes are there. */
  ipv4Text(offset: number): string {
    return formatV4(readInt32(this.bytes, this.from + offset));
  }

  /** The IPv6 address at `offset`, whose bytes are there. */
  ipv6Text(offset: number): string {
    return formatV6(this.bytes, this.from + offset);
  }

  /** Bytes as hexadecimal digits. */
  raw(name: FieldName, offset: number, length: number, label: string, meaning: string, display?: string): void {
    if (!this.has(offset, length)) return;
    const value = hexText(this.bytes.subarray(this.from + offset, this.from + offset + length));
    this.add(name, offset, length, label, value, meaning, display);
  }

  /** Bytes as text, one character a byte. */
  text(name: FieldName, offset: number, length: number, label: string, meaning: string): string {
    if (!this.has(offset, length)) return '';
    const value = this.characters(offset, length);
    this.add(name, offset, length, label, value, meaning);
    return value;
  }

  /** The bytes of `[offset, offset + length)` that are there, one character each. */
  characters(offset: number, length: number): string {
    const from = this.from + offset;
    return latin1Text(this.bytes.subarray(from, Math.min(from + length, this.to)));
  }

  /**
   * A field of any kind that was read from `[offset, offset + length)`.
   * @returns false if these bytes are not all there; then the field is left out
   */
  add(
    name: FieldName,
    offset: number,
    length: number,
    label: string,
    value: FieldValue,
    meaning: string,
    display?: string,
  ): boolean {
    if (!this.has(offset, length)) return false;
    const start = this.from + offset - this.frameFrom;
    const { from, to } = this.origin ?? { from: start, to: start + length };
    this.fields.push({ name, label, value, display, meaning, section: this.cite, from, to });
    return true;
  }

  /** The big-endian number of up to 4 bytes at `offset`, without making a field; bytes not there count as 0. */
  peek(offset: number, length: number): number {
    let value = 0;
    for (let at = this.from + offset; at < this.from + offset + length; at++) {
      value = value * 256 + (at < this.to ? (this.bytes[at] ?? 0) : 0);
    }
    return value;
  }
}

/** Hexadecimal digits, two a byte. */
export function hexText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}
