/**
 * Values as people write them: `64M`, `30s`, `10.77.0.2/24`. The command line (src/cli/option-values.ts) and the
 * configuration file (src/site/config/) read them with the same functions.
 *
 * Each throws a RangeError whose message says what would have been right, as a sentence that begins with "Not".
 */
import { IpAddress, IpNetwork, parseMac } from '../net/wire/address.js';

const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };
/** The form of a size. The JSON Schema has it too, which knows no flags. */
export const SIZE = /^(\d+(?:\.\d+)?)\s*([kKmMgG]?)(?:[iI]?[bB])?$/;

/** `4096`, `64k`, `256M`, `1.5GiB` as bytes; a k is 1,024. */
export function parseSize(text: string): number {
  const [, digits, unit = ''] = SIZE.exec(text) ?? [];
  const bytes = Math.round(Number(digits) * (SIZE_UNITS[unit.toLowerCase()] ?? Number.NaN));
  if (!Number.isSafeInteger(bytes)) throw new RangeError('Not a size, such as 4096, 64k or 256M.');
  return bytes;
}

const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, '': 1_000, m: 60_000, h: 3_600_000 };
/** The form of a duration. */
export const DURATION = /^(\d+(?:\.\d+)?)\s*([mM][sS]|[sSmMhH]|)$/;

/** `500ms`, `15s`, `15` (seconds), `2m`, `1h` as milliseconds. */
export function parseDuration(text: string): number {
  const [, digits, unit = ''] = DURATION.exec(text) ?? [];
  const milliseconds = Math.round(Number(digits) * (DURATION_UNITS[unit.toLowerCase()] ?? Number.NaN));
  if (Number.isNaN(milliseconds)) throw new RangeError('Not a duration, such as 500ms, 15s or 2m.');
  return milliseconds;
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
    throw new RangeError(`Not an ${family} address, such as ${family === 'IPv4' ? '10.77.0.1' : 'fe80::1'}.`);
  };
}

/** `10.77.0.1/24`; without a length, /24 for IPv4 and /64 for IPv6. */
export function parseNetwork(text: string): IpNetwork {
  try {
    if (text.includes('/')) return IpNetwork.parse(text);
    const address = IpAddress.parse(text);
    return new IpNetwork(address, address.isV4 ? 24 : 64);
  } catch {
    throw new RangeError('Not an address, such as 10.77.0.2 or 10.77.0.2/24.');
  }
}

/** An address of ours: one that the user names, or a word for how to get one. @see {@link NetworkWish} */
export type AddressWish = IpNetwork | DynamicAddress;
/** `dhcp`: IPv4 from a DHCP server; `auto`: IPv6 from a router's advertisements. @see {@link NetworkWish} */
export type DynamicAddress = 'dhcp' | 'auto';

/** `10.77.0.2/24`, `dhcp` or `auto`. */
export function parseAddressWish(text: string): AddressWish {
  return text === 'dhcp' || text === 'auto' ? text : parseNetwork(text);
}

/** A host name as RFC 1123 section 2.1 has it, for the tables of a DHCP server. */
export function parseHostName(text: string): string {
  const label = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
  if (text.length <= 253 && new RegExp(`^${label}(\\.${label})*$`).test(text)) return text;
  throw new RangeError('Not a host name: letters, digits and hyphens, such as web1.');
}

/** Six bytes of a unicast Ethernet address, `02:00:00:00:00:01`. */
export function parseUnicastMac(text: string): Uint8Array {
  let mac: Uint8Array;
  try {
    mac = parseMac(text);
  } catch {
    throw new RangeError('Not an Ethernet address, such as 02:66:70:00:00:01.');
  }
  const [first = 0] = mac;
  if ((first & 1) === 1) throw new RangeError('Not a host: the first byte of a group address is odd.');
  return mac;
}

/**
 * An interface name as Linux takes it: 1 to 15 bytes without `/`, `:`, white space, nor `%`, which would be a pattern.
 */
export function parseInterfaceName(text: string): string {
  if (!/^[^\s/:%]{1,15}$/.test(text) || /^\.{1,2}$/.test(text) || Buffer.byteLength(text) > 15) {
    throw new RangeError('Not an interface name: 1 to 15 characters without white space, /, : or %.');
  }
  return text;
}

/** A path from the root of a site, without a query. The JSON Schema has the form too. */
export const PAGE_PATH = /^\/[^\s?#\\]*$/;
/** An origin as browsers send it (RFC 6454 section 7). */
export const ORIGIN = /^https?:\/\/[^/\s?#@]+$/;

/** Whether the text can be the path of a page: it begins with a slash and has no query. */
export function isPagePath(text: string): boolean {
  return PAGE_PATH.test(text);
}

/** Whether the text is an origin: scheme, host and perhaps a port, and nothing behind. */
export function isOrigin(text: string): boolean {
  return ORIGIN.test(text);
}

/** The value of a header field: printable ASCII, or nothing. */
export function parseFieldValue(text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new RangeError('Not printable ASCII on one line.');
  return text;
}
