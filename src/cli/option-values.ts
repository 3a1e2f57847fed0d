/**
 * The values of options: text from the command line to numbers, or a sentence that says what would have been right.
 * Commander prints the message of an `InvalidArgumentError` together with the option's name and exits with status 2.
 */
import { InvalidArgumentError } from 'commander';
import { IpAddress, IpNetwork, parseMac } from '../net/wire/address.js';

const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** `4096`, `64k`, `256M`, `1.5GiB` as bytes; a k is 1,024. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?$/i.exec(text);
  const bytes = match === null ? Number.NaN : Number(match[1]) * SIZE_UNITS[match[2]!.toLowerCase()]!;
  if (!Number.isSafeInteger(Math.round(bytes)))
    throw new InvalidArgumentError('Not a size, such as 4096, 64k or 256M.');
  return Math.round(bytes);
}

const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, '': 1_000, m: 60_000, h: 3_600_000 };

/** `500ms`, `15s`, `15` (seconds), `2m`, `1h` as milliseconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|)$/i.exec(text);
  if (match === null) throw new InvalidArgumentError('Not a duration, such as 500ms, 15s or 2m.');
  return Math.round(Number(match[1]) * DURATION_UNITS[match[2]!.toLowerCase()]!);
}

/** A duration, or `forever`, which is Infinity. */
export function parseGrace(text: string): number {
  return text === 'forever' ? Number.POSITIVE_INFINITY : parseDuration(text);
}

/** `10.77.0.1`: an address without a length, of the family that is asked for. */
export function parseRouter(family: 'IPv4' | 'IPv6'): (text: string) => IpAddress {
  return (text) => {
    let address: IpAddress | undefined;
    try {
      address = IpAddress.parse(text);
    } catch {
      // said below
    }
    if (address?.isV4 === (family === 'IPv4')) return address;
    throw new InvalidArgumentError(`Not an ${family} address, such as ${family === 'IPv4' ? '10.77.0.1' : 'fe80::1'}.`);
  };
}

/** A parser of whole numbers from `min` to `max`. */
export function parseCount(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`Not a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** `10.77.0.1/24`; without a length, /24 for IPv4 and /64 for IPv6. */
export function parseNetwork(text: string): IpNetwork {
  try {
    if (text.includes('/')) return IpNetwork.parse(text);
    const address = IpAddress.parse(text);
    return new IpNetwork(address, address.isV4 ? 24 : 64);
  } catch {
    throw new InvalidArgumentError('Not an address, such as 10.77.0.2 or 10.77.0.2/24.');
  }
}

/** The parser of an option that may be given several times, out of the parser of one value. */
export function collect<T>(parse: (text: string) => T): (text: string, before: readonly T[] | undefined) => T[] {
  return (text, before) => [...(before ?? []), parse(text)];
}

export const collectNetworks = collect(parseNetwork);

/** Six bytes of a unicast Ethernet address, `02:00:00:00:00:01`. */
export function parseUnicastMac(text: string): Uint8Array {
  let mac: Uint8Array;
  try {
    mac = parseMac(text);
  } catch {
    throw new InvalidArgumentError('Not an Ethernet address, such as 02:66:70:00:00:01.');
  }
  if ((mac[0]! & 1) === 1) throw new InvalidArgumentError('A group address (its first byte is odd) cannot be a host.');
  return mac;
}

/**
 * An interface name as Linux takes it: 1 to 15 bytes without `/`, `:`, white space, nor `%`, which would be a pattern.
 */
export function parseInterfaceName(text: string): string {
  if (!/^[^\s/:%]{1,15}$/.test(text) || /^\.{1,2}$/.test(text) || Buffer.byteLength(text) > 15) {
    throw new InvalidArgumentError('Not an interface name: 1 to 15 characters without white space, /, : or %.');
  }
  return text;
}

/** The value of a header field: printable ASCII, or nothing. */
export function parseFieldValue(text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new InvalidArgumentError('Not printable ASCII on one line.');
  return text;
}
