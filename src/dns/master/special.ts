/** Fields that only one type has: places on Earth, address lists, gateways and service parameters. */
import type { Draft, Field } from './fields.js';
import { addressBytes, wrong } from './fields.js';
import { EntryError } from './problem.js';
import { parseBase64, parseHex, parseName, parseNumber, shortened, unescaped } from './values.js';

const EQUATOR = 2 ** 31;
/** Altitudes are counted from 100 km below the reference, in centimetres. */
const ALTITUDE_BASE_CM = 10_000_000;

/** RFC 1876: `52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m`. */
export const location: Field = (draft) => {
  const latitude = angle(draft, 'NS', 90);
  const longitude = angle(draft, 'EW', 180);
  const altitude = metres(draft, draft.take('an altitude').text, true) + ALTITUDE_BASE_CM;
  if (altitude < 0 || altitude > 0xffffffff) throw new EntryError('LOC: the altitude is from -100000m to 42849672.95m');
  const size = draft.hasMore ? precision(draft) : 0x12;
  const horizontal = draft.hasMore ? precision(draft) : 0x16;
  const vertical = draft.hasMore ? precision(draft) : 0x13;
  for (const byte of [0, size, horizontal, vertical]) draft.byte(byte);
  for (const word of [latitude, longitude, altitude]) draft.number(word, 4);
};

/** Degrees, then minutes and seconds or not, then a letter: thousandths of a second of arc from 2^31 on. */
function angle(draft: Draft, letters: string, most: number): number {
  const parts: string[] = [];
  for (;;) {
    const { text } = draft.take(`a letter of ${letters}`);
    const side = letters.indexOf(text.toUpperCase());
    if (side >= 0 && text.length === 1 && parts.length > 0) {
      const thousandths = arc(parts, most);
      return side === 0 ? EQUATOR + thousandths : EQUATOR - thousandths;
    }
    parts.push(text);
    if (parts.length > 3) throw wrong(draft, `degrees, minutes, seconds and one of ${letters}`, parts.join(' '));
  }
}

function arc(parts: readonly string[], most: number): number {
  const [degrees = '', minutes = '0', seconds = '0'] = parts;
  const isSound = /^\d{1,3}$/.test(degrees) && /^\d{1,2}$/.test(minutes) && /^\d{1,2}(\.\d{1,3})?$/.test(seconds);
  const value = isSound
    ? Math.round(3_600_000 * Number(degrees) + 60_000 * Number(minutes) + 1000 * Number(seconds))
    : -1;
  if (value < 0 || Number(minutes) > 59 || Number(seconds) >= 60 || value > most * 3_600_000) {
    throw new EntryError(`LOC needs degrees up to ${most}, minutes and seconds below 60, not "${parts.join(' ')}"`);
  }
  return value;
}

/** Centimetres. */
function metres(draft: Draft, text: string, maySink = false): number {
  const found = /^(-?)(\d{1,8})(?:\.(\d{0,2}))?m?$/i.exec(text);
  if (found === null || (found[1] === '-' && !maySink)) throw wrong(draft, 'metres like 10.00m', text);
  const centimetres = Number(found[2]) * 100 + Number((found[3] ?? '').padEnd(2, '0'));
  return found[1] === '-' ? -centimetres : centimetres;
}

/** Four bits of mantissa and four of exponent, in centimetres. */
function precision(draft: Draft): number {
  let mantissa = metres(draft, draft.take('a precision').text);
  let exponent = 0;
  while (mantissa > 9) {
    mantissa = Math.floor(mantissa / 10);
    exponent++;
  }
  if (exponent > 9) throw new EntryError('LOC: a precision is 90000000m at most');
  return (mantissa << 4) | exponent;
}

/** RFC 3123: `1:192.0.2.0/24 !2:2001:db8::/32`. */
export const addressPrefixes: Field = (draft) => {
  while (draft.hasMore) {
    const { text } = draft.take('a prefix');
    const found = /^(!?)(\d{1,5}):([^/]+)\/(\d{1,3})$/.exec(text);
    const family = Number(found?.[2]);
    if (found === null || (family !== 1 && family !== 2)) {
      throw wrong(draft, 'prefixes like 1:192.0.2.0/24 or !2:2001:db8::/32', text);
    }
    const bytes = addressBytes(found[3] ?? '', family === 1, draft.type);
    const length = parseNumber(found[4] ?? '', bytes.length * 8, 'APL: the prefix length');
    const used = bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1);
    draft.number(family, 2);
    draft.byte(length);
    draft.byte((found[1] === '!' ? 0x80 : 0) | used.length);
    draft.bytes(used);
  }
};

/** RFC 1183 and 1348: `0x47.0005.80…`, dots mean nothing. */
export const networkService: Field = (draft) => {
  const { text } = draft.take('an address');
  if (!/^0x/i.test(text)) throw wrong(draft, 'an address that begins with 0x', text);
  draft.bytes(parseHex(text.slice(2).replaceAll('.', ''), draft.type));
};

/** RFC 1035 section 3.4.2: an address, a protocol and the ports of its services. */
export const wellKnownServices: Field = (draft) => {
  const protocols: Readonly<Record<string, number>> = { TCP: 6, UDP: 17 };
  const protocol = draft.take('a protocol').text;
  draft.byte(protocols[protocol.toUpperCase()] ?? parseNumber(protocol, 255, 'WKS: the protocol'));
  const bits = new Uint8Array(8192);
  while (draft.hasMore) {
    const port = parseNumber(draft.take('a port').text, 0xffff, 'WKS: a port, as a number,');
    bits[port >>> 3]! |= 0x80 >>> (port & 7);
  }
  draft.bytes(bits.subarray(0, bits.findLastIndex((byte) => byte !== 0) + 1));
};

/** RFC 6742 section 2.1.2: 64 bits as four groups, `2001:0db8:1140:1000`. */
export const identifier: Field = (draft) => {
  const { text } = draft.take('an identifier');
  const groups = text.split(':');
  if (groups.length !== 4 || groups.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) {
    throw wrong(draft, 'four groups of digits like 2001:0db8:1140:1000', text);
  }
  for (const group of groups) draft.number(Number.parseInt(group, 16), 2);
};

/** RFC 7043: `00-00-5e-00-53-2a`. */
export const hardware =
  (bytes: number): Field =>
  (draft) => {
    const { text } = draft.take('an address');
    const groups = text.split('-');
    if (groups.length !== bytes || groups.some((group) => !/^[0-9a-f]{2}$/i.test(group))) {
      throw wrong(draft, `${bytes} pairs of digits like 00-00-5e-00-53-2a`, text);
    }
    for (const group of groups) draft.byte(Number.parseInt(group, 16));
  };

/** RFC 4025 section 2: precedence, type of gateway, algorithm, the gateway, a key. */
export const ipsecKey: Field = (draft) => {
  draft.byte(parseNumber(draft.take('a precedence').text, 255, 'IPSECKEY: the precedence'));
  const kind = parseNumber(draft.take('a gateway type').text, 3, 'IPSECKEY: the gateway type');
  draft.byte(kind);
  draft.byte(parseNumber(draft.take('an algorithm').text, 255, 'IPSECKEY: the algorithm'));
  gateway(draft, kind);
  if (draft.hasMore) draft.bytes(parseBase64(draft.takeRest('a key'), 'IPSECKEY: the key'));
};

/** RFC 8777 section 4: precedence, discovery bit, type of relay, the relay. */
export const multicastRelay: Field = (draft) => {
  draft.byte(parseNumber(draft.take('a precedence').text, 255, 'AMTRELAY: the precedence'));
  const discovery = parseNumber(draft.take('a discovery bit').text, 1, 'AMTRELAY: the discovery bit');
  const kind = parseNumber(draft.take('a relay type').text, 3, 'AMTRELAY: the relay type');
  draft.byte((discovery << 7) | kind);
  gateway(draft, kind);
};

function gateway(draft: Draft, kind: number): void {
  const { text } = draft.take('a gateway');
  if (kind === 0 && text !== '.') throw wrong(draft, '"." in place of a gateway, since its type is 0', text);
  if (kind === 1) draft.bytes(addressBytes(text, true, draft.type));
  if (kind === 2) draft.bytes(addressBytes(text, false, draft.type));
  if (kind === 3) draft.bytes(parseName(text, draft.origin));
}

/** RFC 8005 section 5: an algorithm, a tag, a key, and names of servers. */
export const hostIdentity: Field = (draft) => {
  const algorithm = parseNumber(draft.take('an algorithm').text, 255, 'HIP: the algorithm');
  const tag = parseHex(draft.take('a tag').text, 'HIP: the tag');
  const key = parseBase64(draft.take('a key').text, 'HIP: the key');
  if (tag.length > 255) throw new EntryError('HIP: the tag has 255 bytes at most');
  draft.byte(tag.length);
  draft.byte(algorithm);
  draft.number(key.length, 2);
  draft.bytes(tag);
  draft.bytes(key);
  while (draft.hasMore) draft.bytes(parseName(draft.take('a server').text, draft.origin));
};

/** Keys of service parameters: RFC 9460 section 14.3.2, RFC 9461, RFC 9540. */
const PARAMETERS: Readonly<Record<string, number>> = {
  mandatory: 0,
  alpn: 1,
  'no-default-alpn': 2,
  port: 3,
  ipv4hint: 4,
  ech: 5,
  ipv6hint: 6,
  dohpath: 7,
  ohttp: 8,
  'tls-supported-groups': 9,
};

/** RFC 9460 section 2.1: `alpn=h2,h3 port=8443`, written in the order of the keys' numbers. */
export const serviceParameters: Field = (draft) => {
  const found = new Map<number, Uint8Array>();
  while (draft.hasMore) {
    const { text } = draft.take('a parameter');
    const at = text.indexOf('=');
    const key = parameterKey(draft, at < 0 ? text : text.slice(0, at));
    if (found.has(key)) throw new EntryError(`${draft.type}: the key in "${shortened(text)}" is there twice`);
    found.set(key, parameterValue(draft, key, at < 0 ? undefined : unquoted(text.slice(at + 1))));
  }
  checkMandatory(draft, found);
  for (const key of [...found.keys()].sort((a, b) => a - b)) {
    const value = found.get(key) ?? new Uint8Array(0);
    draft.number(key, 2);
    draft.number(value.length, 2);
    draft.bytes(value);
  }
};

/** RFC 9460 section 8: the keys that are mandatory are there, and `mandatory` itself is not among them. */
function checkMandatory(draft: Draft, found: ReadonlyMap<number, Uint8Array>): void {
  const list = found.get(0) ?? new Uint8Array(0);
  for (let i = 0; i + 1 < list.length; i += 2) {
    const key = (list[i]! << 8) | list[i + 1]!;
    if (key === 0 || !found.has(key)) throw new EntryError(`${draft.type}: the mandatory key ${key} is not there`);
  }
  if (found.has(2) && !found.has(1)) throw new EntryError(`${draft.type}: no-default-alpn needs alpn beside it`);
}

function parameterKey(draft: Draft, text: string): number {
  const key = PARAMETERS[text.toLowerCase()];
  if (key !== undefined) return key;
  const digits = /^key(\d{1,5})$/i.exec(text)?.[1];
  if (digits === undefined || Number(digits) > 65_534) {
    throw wrong(draft, `parameters like alpn=h2 or key667=value (${Object.keys(PARAMETERS).join(', ')})`, text);
  }
  return Number(digits);
}

function unquoted(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

function parameterValue(draft: Draft, key: number, text: string | undefined): Uint8Array {
  if (key === 2 || key === 8) {
    if (text !== undefined) throw new EntryError(`${draft.type}: that parameter has no value: leave out "=${text}"`);
    return new Uint8Array(0);
  }
  if (text === undefined) {
    if (key <= 9) throw new EntryError(`${draft.type}: a parameter has no value: write it after "="`);
    return new Uint8Array(0);
  }
  switch (key) {
    case 0: {
      const keys = text.split(',').map((part) => parameterKey(draft, part));
      if (new Set(keys).size < keys.length) throw new EntryError(`${draft.type}: a mandatory key is there twice`);
      return words(keys.sort((a, b) => a - b));
    }
    case 1:
      return protocols(draft, text);
    case 3:
      return words([parseNumber(text, 0xffff, `${draft.type}: port`)]);
    case 4:
    case 6:
      return Uint8Array.from(text.split(',').flatMap((part) => [...addressBytes(part, key === 4, draft.type)]));
    case 5:
      return parseBase64(text, `${draft.type}: ech`);
    case 9:
      return words(text.split(',').map((part) => parseNumber(part, 0xffff, `${draft.type}: a group`)));
    default:
      return unescaped(text);
  }
}

function words(values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value >>> 8, value & 255]));
}

/**
 * RFC 9460 appendix A.1: the text is unescaped as any string, and then a comma separates names unless a backslash
 * stands before it.
 */
function protocols(draft: Draft, text: string): Uint8Array {
  const names: number[][] = [[]];
  const bytes = unescaped(text);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === 0x2c) names.push([]);
    else if (byte === 0x5c && i + 1 < bytes.length) names.at(-1)?.push(bytes[++i]!);
    else names.at(-1)?.push(byte);
  }
  if (names.some((each) => each.length === 0 || each.length > 255)) {
    throw wrong(draft, 'names of 1 to 255 bytes with commas between, like alpn=h2,h3', text);
  }
  return Uint8Array.from(names.flatMap((each) => [each.length, ...each]));
}
