/** Writes BER as LDAP wants it: definite lengths, the shortest that fit. */
import { TAG } from './reader.js';

const UTF8 = new TextEncoder();
/** The largest head of an element: its tag, and a length of four bytes. */
const MOST_HEAD_BYTES = 6;

/** Writes elements into a buffer that grows. */
export class BerWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(expected = 256) {
    this.#bytes = new Uint8Array(expected);
  }

  /** An element that holds what `write` writes. */
  within(tag: number, write: () => void): void {
    const from = this.#length;
    this.#room(MOST_HEAD_BYTES);
    this.#length += 2;
    write();
    const length = this.#length - from - 2;
    const head = headLength(length);
    if (head > 2) {
      this.#room(head);
      this.#bytes.copyWithin(from + head, from + 2, this.#length);
      this.#length += head - 2;
    }
    writeHead(this.#bytes, from, tag, length);
  }

  octets(content: Uint8Array | string, tag: number = TAG.octets): void {
    const bytes = typeof content === 'string' ? UTF8.encode(content) : content;
    this.#room(MOST_HEAD_BYTES + bytes.length);
    this.#length += writeHead(this.#bytes, this.#length, tag, bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** 32 bits, as two's complement of as few bytes as hold it. */
  integer(value: number, tag: number = TAG.integer): void {
    let count = 1;
    while (count < 4 && value >> (8 * count - 1) !== 0 && value >> (8 * count - 1) !== -1) count++;
    this.#room(MOST_HEAD_BYTES);
    this.#length += writeHead(this.#bytes, this.#length, tag, count);
    for (let i = count - 1; i >= 0; i--) this.#bytes[this.#length++] = value >> (8 * i);
  }

  boolean(value: boolean, tag: number = TAG.boolean): void {
    this.octets(Uint8Array.of(value ? 0xff : 0), tag);
  }

  /** What was written, in bytes of its own. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #room(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * (this.#length + count));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** The bytes of a tag and the length `length`. */
export function headLength(length: number): number {
  if (length < 0x80) return 2;
  if (length < 0x100) return 3;
  if (length < 0x1_0000) return 4;
  return length < 0x100_0000 ? 5 : 6;
}

/** Writes a tag and a length; returns how many bytes they took. */
export function writeHead(bytes: Uint8Array, at: number, tag: number, length: number): number {
  const head = headLength(length);
  bytes[at] = tag;
  if (head === 2) {
    bytes[at + 1] = length;
    return head;
  }
  bytes[at + 1] = 0x80 | (head - 2);
  for (let i = 0; i < head - 2; i++) bytes[at + 2 + i] = length >>> (8 * (head - 3 - i));
  return head;
}
