/** Reads elements of BER from a layer, one behind the other, and makes fields of them. */
import { BerReader, TAG } from '../../../ldap/ber/reader.js';
import type { FieldName } from '../../catalogue.js';
import { hexText, type LayerBuilder } from '../../layer-builder.js';

const UTF8 = new TextDecoder();

/** Contents of an element, and where they lie in the layer. */
export interface Contents {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** Each method takes the next element; what is none throws `BerError`. */
export class Elements {
  readonly layer: LayerBuilder;
  readonly #reader: BerReader;

  constructor(layer: LayerBuilder, reader: BerReader = new BerReader(layer.bytes, layer.from, layer.to)) {
    this.layer = layer;
    this.#reader = reader;
  }

  get isAtEnd(): boolean {
    return this.#reader.isAtEnd;
  }

  /** The tag of the next element, or -1 at the end. */
  get tag(): number {
    return this.#reader.tag;
  }

  /** The elements within the next one. */
  enter(tag: number): Elements {
    return new Elements(this.layer, this.#reader.enter(tag));
  }

  /** Where the next element begins in the layer. */
  get at(): number {
    return this.#reader.at - this.layer.from;
  }

  /** A field of the number in the tag of the next element, which says what it is. The element stays. */
  choice(name: FieldName, label: string, meaning: string): void {
    this.layer.add(name, this.at, 1, label, this.tag & 0x1f, meaning);
  }

  contents(tag: number = TAG.octets): Contents {
    const { at, end } = this.#reader.enter(tag);
    return { at: at - this.layer.from, bytes: this.#reader.bytes.subarray(at, end) };
  }

  /** A field of text. @returns the text */
  text(name: FieldName, label: string, meaning: string | ((text: string) => string), tag: number = TAG.octets): string {
    const contents = this.contents(tag);
    const text = UTF8.decode(contents.bytes);
    this.add(name, contents, label, text, typeof meaning === 'string' ? meaning : meaning(text));
    return text;
  }

  /** A field of a number of up to 32 bits. @returns the number */
  number(
    name: FieldName,
    label: string,
    meaning: string | ((value: number) => string),
    tag: number = TAG.integer,
  ): number {
    const element = this.#reader.enter(tag);
    const { at, end } = element;
    const from = at - this.layer.from;
    const value = integerOf(element);
    const said = typeof meaning === 'string' ? meaning : meaning(value);
    this.layer.add(name, from, end - at, label, value, said);
    return value;
  }

  flag(name: FieldName, label: string, meaning: string, tag: number = TAG.boolean): boolean {
    const contents = this.contents(tag);
    const value = (contents.bytes[0] ?? 0) !== 0;
    this.add(name, contents, label, value, meaning);
    return value;
  }

  /** A field with hexadecimal digits, which a person reads as text where it is text. @returns the contents */
  octets(name: FieldName, label: string, meaning: string, tag: number = TAG.octets): Contents {
    const contents = this.contents(tag);
    this.add(name, contents, label, hexText(contents.bytes), meaning, readable(contents.bytes));
    return contents;
  }

  add(
    name: FieldName,
    { at, bytes }: Contents,
    label: string,
    value: string | number | boolean,
    meaning: string,
    display?: string,
  ): void {
    this.layer.add(name, at, bytes.length, label, value, meaning, display);
  }
}

/** Unsigned, as no number of LDAP is below 0. */
function integerOf({ bytes, at, end }: BerReader): number {
  let value = 0;
  for (let i = at; i < Math.min(end, at + 6); i++) value = value * 256 + (bytes[i] ?? 0);
  return value;
}

/** The bytes as text, or undefined if a person cannot read them so. */
function readable(bytes: Uint8Array): string | undefined {
  const text = UTF8.decode(bytes);
  return /[\p{Cc}\ufffd]/u.test(text) ? undefined : text;
}
