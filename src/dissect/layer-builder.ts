/**
 * Builds a layer field by field. Offsets are counted from the layer's first byte. A field whose bytes are not all there
 * is left out, and the layer says once that it was cut short: so a dissector reads like the header it dissects, without
 * a check at each line.
 */
import { formatMac, IpAddress } from '../net/wire/address.js';
import type { Field, FieldValue, Layer, Protocol } from './field.js';

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

  /** A number of 1 to 4 bytes at `offset`; returns it, or 0 if it is not there. */
  uint(name: string, offset: number, length: number, label: string, meaning: string, display?: string): number {
    if (!this.#has(offset, length)) return 0;
    const value = this.peek(offset, length);
    this.add(name, offset, length, label, value, meaning, display);
    return value;
  }

  /** The same, shown in hexadecimal. */
  hex(name: string, offset: number, length: number, label: string, meaning: string): number {
    const display = `0x${this.peek(offset, length)
      .toString(16)
      .padStart(2 * length, '0')}`;
    return this.uint(name, offset, length, label, meaning, display);
  }

  /** Bits `value >> shift & mask` of the number of `length` bytes at `offset`; a field that counts units of `scale`. */
  bits(
    name: string,
    offset: number,
    length: number,
    shift: number,
    mask: number,
    label: string,
    meaning: string,
    scale = 1,
  ): number {
    if (!this.#has(offset, length)) return 0;
    const value = ((this.peek(offset, length) >>> shift) & mask) * scale;
    this.add(name, offset, length, label, value, meaning);
    return value;
  }

  /** One bit of the number of `length` bytes at `offset`. */
  flag(name: string, offset: number, length: number, bit: number, label: string, meaning: string): boolean {
    if (!this.#has(offset, length)) return false;
    const value = ((this.peek(offset, length) >>> bit) & 1) === 1;
    this.add(name, offset, length, label, value, meaning);
    return value;
  }

  mac(name: string, offset: number, label: string, meaning: string): void {
    if (this.#has(offset, 6)) this.add(name, offset, 6, label, formatMac(this.bytes, this.from + offset), meaning);
  }

  ipv4(name: string, offset: number, label: string, meaning: string): void {
    if (!this.#has(offset, 4)) return;
    this.add(name, offset, 4, label, IpAddress.readV4(this.bytes, this.from + offset).toString(), meaning);
  }

  ipv6(name: string, offset: number, label: string, meaning: string): void {
    if (!this.#has(offset, 16)) return;
    this.add(name, offset, 16, label, IpAddress.readV6(this.bytes, this.from + offset).toString(), meaning);
  }

  /** Bytes as hexadecimal digits. */
  raw(name: string, offset: number, length: number, label: string, meaning: string): void {
    if (!this.#has(offset, length)) return;
    const value = Buffer.from(this.bytes.subarray(this.from + offset, this.from + offset + length)).toString('hex');
    this.add(name, offset, length, label, value, meaning);
  }

  /** Anything else that was read from `[offset, offset + length)`. */
  add(
    name: string,
    offset: number,
    length: number,
    label: string,
    value: FieldValue,
    meaning: string,
    display?: string,
  ): void {
    const from = this.from + offset - this.frameFrom;
    this.fields.push({ name, label, value, display, meaning, section: this.cite, from, to: from + length });
  }

  /** The big-endian number of `length` bytes at `offset` (up to 4), without making a field; bytes not there count as 0. */
  peek(offset: number, length: number): number {
    let value = 0;
    for (let i = 0; i < length; i++) {
      const at = this.from + offset + i;
      value = value * 256 + (at < this.to ? this.bytes[at]! : 0);
    }
    return value;
  }

  #has(offset: number, length: number): boolean {
    if (offset + length <= this.available) return true;
    if (!this.#cut) this.problem(`cut short: ${this.available} bytes are there`);
    this.#cut = true;
    return false;
  }
}
