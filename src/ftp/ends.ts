/** The arguments of PORT and EPRT, and the replies of PASV and EPSV (RFC 959, RFC 2428). */
import { IpAddress } from '../net/wire/address.js';

/** Where a client wants its data. */
export interface DataEnd {
  readonly address: IpAddress;
  readonly port: number;
}

/** `192,0,2,1,156,64`; undefined if it is wrong. */
export function parsePort(argument: string): DataEnd | undefined {
  const match = /^(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})$/.exec(argument.trim());
  if (match === null) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, high = 0, low = 0] = match.slice(1).map(Number);
  if ([a, b, c, d, high, low].some((part) => part > 255)) return undefined;
  return { address: IpAddress.v4((a << 24) | (b << 16) | (c << 8) | d), port: 256 * high + low };
}

/** What EPRT says: an end, a family that we do not know, or nothing of sense. */
export function parseExtendedPort(argument: string): DataEnd | 'family' | undefined {
  const delimiter = argument[0] ?? '';
  const code = delimiter.charCodeAt(0);
  if (!(code >= 33 && code <= 126)) return undefined;
  const [before, family, address = '', port = '', after, ...rest] = argument.split(delimiter);
  if (before !== '' || after !== '' || rest.length > 0 || !/^\d{1,5}$/.test(port)) return undefined;
  if (family !== '1' && family !== '2') return 'family';
  try {
    const parsed = IpAddress.parse(address);
    if (parsed.isV4 !== (family === '1') || Number(port) > 65_535) return undefined;
    return { address: parsed, port: Number(port) };
  } catch {
    return undefined;
  }
}

/** `(192,0,2,1,156,64)`. */
export function formatPassive(address: IpAddress, port: number): string {
  const word = address.word3;
  return `(${[word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255, port >> 8, port & 255].join(',')})`;
}
