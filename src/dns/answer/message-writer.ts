/**
 * Writes the records of a message, with names compressed: RFC 1035 section 4.1.4. What it writes begins behind the
 * question, so that the same records can answer the question in any case of letters and with any identifier.
 */
import { writeUint16 } from '../../net/wire/bytes.js';
import { layoutOf } from '../wire/layout.js';
import { lower, nameHash, nameLength } from '../wire/name.js';
import { HEADER_BYTES } from '../wire/types.js';

const MOST_BYTES = 0xffff;
/** Places that a pointer can name: 14 bits. */
const POINTER_REACH = 0x4000;
const POINTER = 0xc0;
/** A power of two, far more than the names of most answers. When it is three quarters full, no more names are noted. */
const SLOTS = 2048;
const MOST_NOTED = 1536;

export class MessageWriter {
  readonly bytes = new Uint8Array(MOST_BYTES);
  /** Where the next byte goes. */
  end = HEADER_BYTES;
  /** The message is larger than 64 KiB: what was written since is missing. */
  isFull = false;
  readonly #slots = new Uint16Array(SLOTS);
  #noted = 0;

  /** Begins a message with this question; the header is left to others. `qname` is an uncompressed name. */
  begin(qname: Uint8Array, at: number, length: number): void {
    this.#slots.fill(0);
    this.#noted = 0;
    this.isFull = false;
    this.end = HEADER_BYTES;
    this.#note(this.#copy(qname, at, length));
    this.end += 4; // type and class are the query's
  }

  /** Begins a message without question. */
  beginEmpty(): void {
    this.#slots.fill(0);
    this.#noted = 0;
    this.isFull = false;
    this.end = HEADER_BYTES;
  }

  /** Room for type and class of the question that `begin` wrote. */
  question(type: number, qclass: number): void {
    writeUint16(this.bytes, this.end - 4, type);
    writeUint16(this.bytes, this.end - 2, qclass);
  }

  /**
   * Appends a record of class IN. Its owner is the name at `owner[ownerAt]`. False if it does not fit; then nothing of
   * it was written.
   */
  record(
    owner: Uint8Array,
    ownerAt: number,
    type: number,
    ttl: number,
    data: Uint8Array,
    dataAt: number,
    dataLength: number,
  ): boolean {
    const from = this.end;
    if (from + 255 + 10 + dataLength > MOST_BYTES) {
      this.isFull = true;
      return false;
    }
    this.name(owner, ownerAt, true);
    this.#number(type, 2);
    this.#number(1, 2);
    this.#number(ttl, 4);
    const lengthAt = this.end;
    this.end += 2;
    this.#data(type, data, dataAt, dataLength);
    writeUint16(this.bytes, lengthAt, this.end - lengthAt - 2);
    return true;
  }

  /** Appends a name, compressed if another one ended alike and `mayPoint`. */
  name(name: Uint8Array, at: number, mayPoint: boolean): void {
    const length = nameLength(name, at);
    let from = at;
    const { bytes } = this;
    const start = this.end;
    while (name[from] !== 0) {
      const found = mayPoint ? this.#find(name, from, at + length - from) : 0;
      if (found !== 0) {
        bytes[this.end++] = POINTER | (found >>> 8);
        bytes[this.end++] = found & 0xff;
        this.#noteLabels(start, from - at);
        return;
      }
      const size = name[from]! + 1;
      for (let i = 0; i < size; i++) bytes[this.end++] = name[from++]!;
    }
    bytes[this.end++] = 0;
    this.#noteLabels(start, from - at);
  }

  #data(type: number, data: Uint8Array, at: number, length: number): void {
    const layout = layoutOf(type);
    let from = at;
    if (layout?.isCompressed === true && layout.names > 0) {
      this.#copy(data, from, layout.before);
      from += layout.before;
      for (let i = 0; i < layout.names; i++) {
        this.name(data, from, true);
        from += nameLength(data, from);
      }
    }
    this.#copy(data, from, at + length - from);
  }

  #copy(from: Uint8Array, at: number, length: number): number {
    const start = this.end;
    for (let i = 0; i < length; i++) this.bytes[this.end++] = from[at + i]!;
    return start;
  }

  #number(value: number, size: number): void {
    for (let i = size - 1; i >= 0; i--) this.bytes[this.end++] = (value >>> (8 * i)) & 0xff;
  }

  /** Notes a whole name that stands at `at`. */
  #note(at: number): void {
    this.#noteLabels(at, nameLength(this.bytes, at) - 1);
  }

  /** Notes the names that begin with the labels in the first `length` bytes at `at`. */
  #noteLabels(at: number, length: number): void {
    for (let from = at; from < at + length; from += this.bytes[from]! + 1) {
      if (from >= POINTER_REACH || this.#noted >= MOST_NOTED) return;
      let slot = this.#hashInMessage(from) & (SLOTS - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
      this.#slots[slot] = from;
      this.#noted++;
    }
  }

  /** Where a name stands already; 0: nowhere. */
  #find(name: Uint8Array, at: number, length: number): number {
    let slot = nameHash(name, at, length) & (SLOTS - 1);
    for (let found = this.#slots[slot]!; found !== 0; found = this.#slots[slot]!) {
      if (this.#isSame(found, name, at)) return found;
      slot = (slot + 1) & (SLOTS - 1);
    }
    return 0;
  }

  /** The same as `nameHash`, for a name of the message, which may have a pointer. */
  #hashInMessage(at: number): number {
    const { bytes } = this;
    let hash = 0x811c9dc5 | 0;
    let from = at;
    for (;;) {
      const size = bytes[from]!;
      if (size >= POINTER) {
        from = ((size & 0x3f) << 8) | bytes[from + 1]!;
        continue;
      }
      hash = Math.imul(hash ^ lower(size), 0x01000193);
      if (size === 0) return hash ^ (hash >>> 15);
      for (let i = 1; i <= size; i++) hash = Math.imul(hash ^ lower(bytes[from + i]!), 0x01000193);
      from += size + 1;
    }
  }

  #isSame(place: number, name: Uint8Array, at: number): boolean {
    const { bytes } = this;
    let from = place;
    let to = at;
    for (;;) {
      const size = bytes[from]!;
      if (size >= POINTER) {
        from = ((size & 0x3f) << 8) | bytes[from + 1]!;
        continue;
      }
      if (size !== name[to]) return false;
      if (size === 0) return true;
      for (let i = 1; i <= size; i++) if (lower(bytes[from + i]!) !== lower(name[to + i]!)) return false;
      from += size + 1;
      to += size + 1;
    }
  }
}
