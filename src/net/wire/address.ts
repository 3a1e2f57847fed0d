/**
 * Internet addresses, and Ethernet addresses as text.
 *
 * An IP address is four 32-bit words, IPv4 as `::ffff:a.b.c.d` (RFC 4291 section 2.5.5.2), so that everything above
 * IP treats both families alike. In a frame an address stays bytes; this form is for addresses that are kept.
 */
import { readInt32, writeInt32 } from './bytes.js';

const V4_PREFIX = 0xffff;

/**
 * An IPv4 or IPv6 address; immutable. The words are signed 32-bit integers, the first one the most significant.
 *
 * @example
 * ```ts
 * import { IpAddress } from 'fastpath';
 *
 * const address = IpAddress.parse('2001:db8:0:0::1');
 * console.log(`${address}`, address.isV4, address.equals(IpAddress.parse('2001:db8::1'))); // 2001:db8::1 false true
 * ```
 */
export class IpAddress {
  constructor(
    readonly word0: number,
    readonly word1: number,
    readonly word2: number,
    readonly word3: number,
  ) {}

  /** The IPv4 address with this 32-bit value. */
  static v4(value: number): IpAddress {
    return new IpAddress(0, 0, V4_PREFIX, value | 0);
  }

  /** Reads four bytes at `at`. */
  static readV4(bytes: Uint8Array, at: number): IpAddress {
    return IpAddress.v4(readInt32(bytes, at));
  }

  /** Reads sixteen bytes at `at`. */
  static readV6(bytes: Uint8Array, at: number): IpAddress {
    return new IpAddress(
      readInt32(bytes, at),
      readInt32(bytes, at + 4),
      readInt32(bytes, at + 8),
      readInt32(bytes, at + 12),
    );
  }

  /**
   * Reads `192.0.2.1`, `2001:db8::1` or `::ffff:192.0.2.1`.
   * @throws {RangeError} if it is none of these.
   */
  static parse(text: string): IpAddress {
    const v4 = parseV4(text);
    if (v4 !== undefined) return IpAddress.v4(v4);
    const groups = parseV6(text);
    if (groups === undefined) throw new RangeError(`not an IP address: "${text}"`);
    const word = (i: number) => (groups[i]! << 16) | groups[i + 1]!;
    return new IpAddress(word(0), word(2), word(4), word(6));
  }

  get isV4(): boolean {
    return this.word0 === 0 && this.word1 === 0 && this.word2 === V4_PREFIX;
  }

  /** All zero bytes: "no address" in either family. */
  get isUnspecified(): boolean {
    return this.word3 === 0 && this.word0 === 0 && this.word1 === 0 && (this.word2 === 0 || this.word2 === V4_PREFIX);
  }

  equals(other: IpAddress): boolean {
    return (
      this.word3 === other.word3 &&
      this.word2 === other.word2 &&
      this.word1 === other.word1 &&
      this.word0 === other.word0
    );
  }

  /** Writes four bytes at `at`. */
  writeV4(bytes: Uint8Array, at: number): void {
    writeInt32(bytes, at, this.word3);
  }

  /** Writes sixteen bytes at `at`. */
  writeV6(bytes: Uint8Array, at: number): void {
    writeInt32(bytes, at, this.word0);
    writeInt32(bytes, at + 4, this.word1);
    writeInt32(bytes, at + 8, this.word2);
    writeInt32(bytes, at + 12, this.word3);
  }

  /** Dotted decimal, or RFC 5952 text. */
  toString(): string {
    return this.isV4 ? formatV4(this.word3) : formatWords([this.word0, this.word1, this.word2, this.word3]);
  }
}

/**
 * An address and the length of its network's prefix, such as `10.77.0.2/24`.
 *
 * @example
 * ```ts
 * import { IpAddress, IpNetwork } from 'fastpath';
 *
 * const network = IpNetwork.parse('10.77.0.2/24');
 * console.log(network.contains(IpAddress.parse('10.77.0.200'))); // true
 * console.log(network.contains(IpAddress.parse('10.78.0.1'))); // false
 * ```
 */
export class IpNetwork {
  constructor(
    readonly address: IpAddress,
    /** In bits of the address's own family: 0 to 32, or 0 to 128. */
    readonly prefixLength: number,
  ) {}

  /** Reads `address/length`. @throws {RangeError} on anything else. */
  static parse(text: string): IpNetwork {
    const [address, length, ...rest] = text.split('/');
    const ip = IpAddress.parse(address ?? '');
    const max = ip.isV4 ? 32 : 128;
    if (length === undefined || rest.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > max) {
      throw new RangeError(`not an address with a prefix length (like 10.77.0.2/24): "${text}"`);
    }
    return new IpNetwork(ip, Number(length));
  }

  /** True if `address` is of the same family and shares the prefix. */
  contains(address: IpAddress): boolean {
    if (address.isV4 !== this.address.isV4) return false;
    const ours = [this.address.word0, this.address.word1, this.address.word2, this.address.word3];
    const other = [address.word0, address.word1, address.word2, address.word3];
    let bits = this.prefixLength + (this.address.isV4 ? 96 : 0);
    for (let i = 0; i < 4 && bits > 0; i++, bits -= 32) {
      const mask = bits >= 32 ? -1 : -1 << (32 - bits);
      if (((ours[i]! ^ other[i]!) & mask) !== 0) return false;
    }
    return true;
  }

  /** The IPv4 directed broadcast address as a word; only for prefixes up to 30 bits. */
  get broadcastWord(): number {
    return this.address.word3 | (this.prefixLength === 0 ? -1 : ~(-1 << (32 - this.prefixLength)));
  }

  toString(): string {
    return `${this.address}/${this.prefixLength}`;
  }
}

/** `10.77.0.2` from its 32-bit value. */
export function formatV4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/**
 * `02:fa:57:00:00:02` from six bytes at `at`.
 *
 * @example
 * ```ts
 * import { formatMac } from 'fastpath';
 *
 * console.log(formatMac(Uint8Array.of(0x02, 0x66, 0x70, 0, 0, 1))); // 02:66:70:00:00:01
 * ```
 */
export function formatMac(bytes: Uint8Array, at = 0): string {
  return Array.from(bytes.subarray(at, at + 6), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/**
 * Six bytes from `02:fa:57:00:00:02`. @throws {RangeError} on anything else.
 *
 * @example
 * ```ts
 * import { parseMac } from 'fastpath';
 *
 * console.log(parseMac('02:66:70:00:00:01').length); // 6
 * ```
 */
export function parseMac(text: string): Uint8Array {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) throw new RangeError(`not an Ethernet address: "${text}"`);
  return Uint8Array.from(text.split(':'), (pair) => Number.parseInt(pair, 16));
}

function parseV4(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return (parts[0]! << 24) | (parts[1]! << 16) | (parts[2]! << 8) | parts[3]!;
}

/** The eight 16-bit groups of an IPv6 address in text (RFC 4291 section 2.2), or undefined. */
function parseV6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const sides = halves.map((half) => parseGroups(half));
  const [left, right] = sides;
  if (left === undefined || (halves.length === 2 && right === undefined)) return undefined;
  if (right === undefined) return left.length === 8 ? left : undefined;
  const missing = 8 - left.length - right.length;
  return missing >= 1 ? [...left, ...new Array<number>(missing).fill(0), ...right] : undefined;
}

function parseGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    const v4 = i === parts.length - 1 ? parseV4(part) : undefined;
    if (v4 !== undefined) groups.push(v4 >>> 16, v4 & 0xffff);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/**
 * The text of the address field of an IPv6 header, sixteen bytes at `at` (RFC 5952). Section 5: an address that holds
 * an IPv4 address is written `::ffff:192.0.2.1`. `IpAddress` would show the bare IPv4 address, as it takes both for
 * one.
 */
export function formatV6(bytes: Uint8Array, at: number): string {
  const address = IpAddress.readV6(bytes, at);
  if (address.isV4) return `::ffff:${formatV4(address.word3)}`;
  const isCompatible = (address.word0 | address.word1 | address.word2) === 0 && address.word3 >>> 16 !== 0;
  return isCompatible ? `::${formatV4(address.word3)}` : address.toString();
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as `::`. */
function formatWords(words: readonly number[]): string {
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
  let bestFrom = -1;
  let bestLength = 1;
  for (let from = 0; from < 8; from++) {
    let length = 0;
    while (from + length < 8 && groups[from + length] === 0) length++;
    if (length > bestLength) [bestFrom, bestLength] = [from, length];
  }
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  if (bestFrom < 0) return hex(groups);
  return `${hex(groups.slice(0, bestFrom))}::${hex(groups.slice(bestFrom + bestLength))}`;
}
