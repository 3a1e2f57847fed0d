/** The right-hand side of a comparison: a word or text, read as a value of the field's kind. */
import { IpAddress, IpNetwork } from '../../net/wire/address.js';
import { type FieldKind, VERDICTS } from '../catalogue.js';
import type { FieldValue } from '../field.js';

/**
 * One value, or a range of them. `order` compares a field's value with it: negative if it is less, 0 if it is the same
 * (or lies in the network or range), positive if it is more.
 */
export interface Literal {
  readonly order: (value: FieldValue) => number;
  /** The value as a number, for `&`. */
  readonly number?: number;
}

/** What a value of each kind looks like, for error messages. */
export const KIND_EXAMPLES: Readonly<Record<FieldKind, string>> = {
  number: 'a number, such as 80 or 0x50',
  flag: 'true or false',
  text: 'text, such as "GET"',
  bytes: 'bytes in hexadecimal, such as 0a4d0001 or 0a:4d:00:01',
  mac: 'an Ethernet address, such as 02:00:00:00:00:01',
  ipv4: 'an IPv4 address or network, such as 10.77.0.2 or 10.0.0.0/8',
  ipv6: 'an IPv6 address or network, such as fe80::1 or 2001:db8::/32',
  time: 'seconds, such as 1.5',
  verdict: `one of ${VERDICTS.map((verdict) => `"${verdict}"`).join(', ')}`,
};

/** Reads `text` as a value of `kind`; undefined if it is none. */
export function parseLiteral(kind: FieldKind, text: string): Literal | undefined {
  switch (kind) {
    case 'number':
      return numberLiteral(text);
    case 'flag':
      return flagLiteral(text);
    case 'text':
      return { order: (value) => compare(String(value), text) };
    case 'bytes':
      return bytesLiteral(text);
    case 'mac':
      return macLiteral(text);
    case 'ipv4':
    case 'ipv6':
      return addressLiteral(kind, text);
    case 'time':
      return timeLiteral(text);
    case 'verdict':
      return verdictLiteral(text);
  }
}

function numberLiteral(text: string): Literal | undefined {
  if (!/^(?:\d+|0x[0-9a-f]+)$/i.test(text)) return undefined;
  const number = Number(text);
  return { order: (value) => Number(value) - number, number };
}

function flagLiteral(text: string): Literal | undefined {
  if (!/^(?:true|false|0|1)$/i.test(text)) return undefined;
  const number = /^(?:true|1)$/i.test(text) ? 1 : 0;
  return { order: (value) => Number(value) - number, number };
}

function bytesLiteral(text: string): Literal | undefined {
  const digits = hexDigits(text);
  return digits === undefined ? undefined : { order: (value) => compare(String(value), digits) };
}

/** `0a:4d`, `0a-4d` or `0a4d` as hexadecimal digits; undefined if it is none of them. */
export function hexDigits(text: string): string | undefined {
  return /^(?:[0-9a-f]{2}[:-]?)+$/i.test(text) ? text.replace(/[:-]/g, '').toLowerCase() : undefined;
}

function macLiteral(text: string): Literal | undefined {
  if (!/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text)) return undefined;
  const mac = text.replaceAll('-', ':').toLowerCase();
  return { order: (value) => compare(String(value), mac) };
}

function addressLiteral(kind: 'ipv4' | 'ipv6', text: string): Literal | undefined {
  const isText4 = !text.includes(':');
  if (isText4 !== (kind === 'ipv4')) return undefined;
  try {
    if (text.includes('/')) {
      const network = networkOf(kind, text);
      return { order: (value) => (network(IpAddress.parse(String(value))) ? 0 : 1) };
    }
    const address = IpAddress.parse(text);
    return { order: (value) => compareAddresses(IpAddress.parse(String(value)), address) };
  } catch {
    return undefined;
  }
}

/** A test for membership. (An IPv4-mapped IPv6 address is of the IPv6 family here.) */
function networkOf(kind: 'ipv4' | 'ipv6', text: string): (address: IpAddress) => boolean {
  if (kind === 'ipv4') {
    const network = IpNetwork.parse(text);
    return (address) => network.contains(address);
  }
  const [prefix = '', bits = ''] = text.split('/');
  const length = Number(bits);
  if (!/^\d{1,3}$/.test(bits) || length > 128) throw new RangeError('not a network');
  const words = wordsOf(IpAddress.parse(prefix));
  return (address) =>
    wordsOf(address).every((word, i) => {
      const kept = Math.min(32, Math.max(0, length - 32 * i));
      const mask = kept === 0 ? 0 : -1 << (32 - kept);
      return ((word ^ (words[i] ?? 0)) & mask) === 0;
    });
}

function wordsOf({ word0, word1, word2, word3 }: IpAddress): number[] {
  return [word0, word1, word2, word3];
}

function compareAddresses(a: IpAddress, b: IpAddress): number {
  const other = wordsOf(b);
  for (const [i, word] of wordsOf(a).entries()) {
    const difference = (word >>> 0) - ((other[i] ?? 0) >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Seconds to nanoseconds: a double would lose the last digits. */
function timeLiteral(text: string): Literal | undefined {
  const wanted = nanoseconds(text);
  if (wanted === undefined) return undefined;
  return {
    order: (value) => {
      const found = nanoseconds(String(value)) ?? 0n;
      return found < wanted ? -1 : found > wanted ? 1 : 0;
    },
  };
}

function nanoseconds(text: string): bigint | undefined {
  const match = /^(-?)(\d{1,20})(?:\.(\d{1,9}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, seconds = '', fraction = ''] = match;
  const value = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
  return sign === '-' ? -value : value;
}

/** A verdict by its name, in any case, or by Wireshark's number for it. */
function verdictLiteral(text: string): Literal | undefined {
  const verdict = /^\d$/.test(text)
    ? VERDICTS[Number(text)]
    : VERDICTS.find((each) => each.toLowerCase() === text.toLowerCase());
  return verdict === undefined ? undefined : { order: (value) => compare(String(value), verdict) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
