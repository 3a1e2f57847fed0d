/**
 * Reads the part of BER that LDAP uses (RFC 4511 section 5.1): definite lengths and tags of one byte. It reads in
 * place. Libraries of ASN.1 make an object for each element, which is too slow for the receive path.
 */

/** What was read is no LDAP. */
export class BerError extends Error {
  override readonly name = 'BerError';
}

/** Nothing in LDAP has a length of more bytes than four. */
const MOST_LENGTH_BYTES = 4;
const MOST_INTEGER_BYTES = 4;

export const TAG = { boolean: 0x01, integer: 0x02, octets: 0x04, enumerated: 0x0a, sequence: 0x30, set: 0x31 } as const;

/** The bytes that the element at `bytes[from]` takes; 0: its head is not there in full; -1: it is no BER of LDAP. */
export function elementLength(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < 2) return 0;
  const first = bytes[from + 1]!;
  if (first < 0x80) return 2 + first;
  const count = first & 0x7f;
  if (count === 0 || count > MOST_LENGTH_BYTES) return -1;
  if (to - from < 2 + count) return 0;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + bytes[from + 2 + i]!;
  return 2 + count + length;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Reads the elements of an interval, one behind the other. */
export class BerReader {
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
    readonly end: number,
  ) {}

  get isAtEnd(): boolean {
    return this.at >= this.end;
  }

  /** The tag of the next element, or -1 at the end. */
  get tag(): number {
    return this.isAtEnd ? -1 : this.bytes[this.at]!;
  }

  /** Goes into the next element: a reader of its contents. This reader goes on behind it. @throws {BerError} */
  enter(tag: number): BerReader {
    if (this.tag !== tag) throw new BerError(`tag ${this.tag} where ${tag} belongs`);
    const length = elementLength(this.bytes, this.at, this.end);
    if (length <= 0 || length > this.end - this.at) throw new BerError('an element is longer than what it lies in');
    const lengthByte = this.bytes[this.at + 1]!;
    const head = lengthByte < 0x80 ? 2 : 2 + (lengthByte & 0x7f);
    const inner = new BerReader(this.bytes, this.at + head, this.at + length);
    this.at += length;
    return inner;
  }

  /** A copy of the next element's contents. @throws {BerError} */
  octets(tag: number = TAG.octets): Uint8Array {
    const { at, end } = this.enter(tag);
    return Uint8Array.from(this.bytes.subarray(at, end));
  }

  /** The next element as UTF-8. @throws {BerError} */
  text(tag: number = TAG.octets): string {
    const { at, end } = this.enter(tag);
    try {
      return UTF8.decode(this.bytes.subarray(at, end));
    } catch {
      throw new BerError('text is not UTF-8');
    }
  }

  /** INTEGER and ENUMERATED, of 32 bits. @throws {BerError} */
  integer(tag: number = TAG.integer): number {
    const { at, end } = this.enter(tag);
    if (end === at || end - at > MOST_INTEGER_BYTES) throw new BerError('an integer is too long');
    let value = (this.bytes[at]! << 24) >> 24;
    for (let i = at + 1; i < end; i++) value = (value << 8) | this.bytes[i]!;
    return value;
  }

  /** @throws {BerError} */
  boolean(tag: number = TAG.boolean): boolean {
    const { at, end } = this.enter(tag);
    if (end - at !== 1) throw new BerError('a boolean has one byte');
    return this.bytes[at] !== 0;
  }
}
