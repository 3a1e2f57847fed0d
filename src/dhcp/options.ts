/**
 * Reads the options of a DHCP message: RFC 2131 section 4.1, RFC 2132, RFC 3396.
 *
 *     | code | length | value … |      0 is padding and 255 the end; neither has a length
 *
 * The options go on in `file` and `sname` if option 52 says so ("overload"). An option that occurs several times is one
 * long option, cut into pieces (RFC 3396 section 7): the pieces are joined in the order options, file, sname.
 *
 * Nothing in here believes a length: a field that ends in the middle of an option makes the whole message malformed.
 */
import { IpAddress } from '../net/wire/address.js';
import { readInt32, readUint16 } from '../net/wire/bytes.js';
import { FIELD, FILE_BYTES, OPTION, SERVER_NAME_BYTES } from './option-codes.js';

const OVERLOADS_FILE = 1;
const OVERLOADS_SERVER_NAME = 2;
/** Addresses in one list that are kept: a list of routers or DNS servers has a few. */
const MAX_ADDRESSES = 8;

/** The options of one message, each joined from its pieces. */
export class Options {
  readonly #values: ReadonlyMap<number, Uint8Array>;

  private constructor(values: ReadonlyMap<number, Uint8Array>) {
    this.#values = values;
  }

  /**
   * The options of the message in `bytes[from, to)`, which has `FIELD.OPTIONS` bytes at least. Undefined if one of them
   * does not fit its field. A missing end is forgiven, as other clients do.
   */
  static read(bytes: Uint8Array, from: number, to: number): Options | undefined {
    const pieces = new Map<number, Uint8Array[]>();
    if (!collect(bytes, from + FIELD.OPTIONS, to, pieces)) return undefined;
    const overload = pieces.get(OPTION.OVERLOAD)?.[0]?.[0] ?? 0;
    const file = from + FIELD.FILE;
    const serverName = from + FIELD.SERVER_NAME;
    if ((overload & OVERLOADS_FILE) !== 0 && !collect(bytes, file, file + FILE_BYTES, pieces)) return undefined;
    if ((overload & OVERLOADS_SERVER_NAME) !== 0) {
      if (!collect(bytes, serverName, serverName + SERVER_NAME_BYTES, pieces)) return undefined;
    }
    return new Options(new Map([...pieces].map(([code, parts]) => [code, join(parts)])));
  }

  /** The value; undefined: the option is not there. */
  bytes(code: number): Uint8Array | undefined {
    return this.#values.get(code);
  }

  /** A value of one byte; undefined for any other length. */
  uint8(code: number): number | undefined {
    const value = this.#values.get(code);
    return value?.length === 1 ? value[0] : undefined;
  }

  /** A value of two bytes. */
  uint16(code: number): number | undefined {
    const value = this.#values.get(code);
    return value?.length === 2 ? readUint16(value, 0) : undefined;
  }

  /** A value of four bytes, unsigned. */
  uint32(code: number): number | undefined {
    const value = this.#values.get(code);
    return value?.length === 4 ? readInt32(value, 0) >>> 0 : undefined;
  }

  /** A value that is one IPv4 address. */
  address(code: number): IpAddress | undefined {
    const value = this.#values.get(code);
    return value?.length === 4 ? IpAddress.readV4(value, 0) : undefined;
  }

  /** A value that is a list of IPv4 addresses, without "no address"; empty if its length is no multiple of four. */
  addresses(code: number): IpAddress[] {
    const value = this.#values.get(code);
    if (value === undefined || value.length % 4 !== 0) return [];
    const found: IpAddress[] = [];
    for (let at = 0; at < value.length && found.length < MAX_ADDRESSES; at += 4) {
      const address = IpAddress.readV4(value, at);
      if (!address.isUnspecified) found.push(address);
    }
    return found;
  }

  /**
   * A value that is text for people. It comes from the network and ends on terminals, so anything but printable ASCII
   * becomes a question mark.
   */
  text(code: number): string | undefined {
    const value = this.#values.get(code);
    if (value === undefined) return undefined;
    const end = value.indexOf(0);
    const shown = end < 0 ? value : value.subarray(0, end);
    return Array.from(shown, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?')).join('');
  }
}

/** Adds the options in `bytes[from, to)`. False if one does not fit. */
function collect(bytes: Uint8Array, from: number, to: number, pieces: Map<number, Uint8Array[]>): boolean {
  let at = from;
  while (at < to) {
    const code = bytes[at++];
    if (code === undefined || code === OPTION.END) return true;
    if (code === OPTION.PAD) continue;
    const length = at < to ? bytes[at++] : undefined;
    if (length === undefined || at + length > to) return false;
    const value = bytes.slice(at, at + length);
    const before = pieces.get(code);
    if (before === undefined) pieces.set(code, [value]);
    else before.push(value);
    at += length;
  }
  return true;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
