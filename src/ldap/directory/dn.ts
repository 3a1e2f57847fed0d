/** Distinguished names as strings (RFC 4514): what they are made of. */
import { BerReader } from '../ber/reader.js';

/** One attribute and its value in a name. */
export interface NamePart {
  readonly attribute: string;
  readonly value: Uint8Array;
}

/** From the entry upwards; several parts in one relative name are rare. */
export type ParsedDn = readonly (readonly NamePart[])[];

const MOST_DN_LENGTH = 8_192;
const UTF8 = new TextEncoder();
const ATTRIBUTE = /^(?:oid\.)?([a-z][a-z\d-]*|\d+(?:\.\d+)*)\s*=\s*/i;

/** Parses a DN, or gives undefined for what is none. */
export function parseDn(text: string): ParsedDn | undefined {
  if (text.length > MOST_DN_LENGTH) return undefined;
  const names: NamePart[][] = [];
  let rest = text.trimStart();
  if (rest === '') return names;
  let name: NamePart[] = [];
  for (;;) {
    const head = ATTRIBUTE.exec(rest);
    if (head === null) return undefined;
    const read = readValue(rest, head[0].length);
    if (read === undefined) return undefined;
    name.push({ attribute: head[1] as string, value: read.value });
    const separator = rest[read.end];
    rest = rest.slice(read.end + 1).trimStart();
    if (separator === '+') continue;
    names.push(name);
    name = [];
    if (separator === undefined) return names;
  }
}

/** A value up to `,`, `;`, `+` or the end. */
function readValue(text: string, from: number): { value: Uint8Array; end: number } | undefined {
  if (text[from] === '#') return readHexValue(text, from + 1);
  const quoted = text[from] === '"';
  const bytes: number[] = [];
  let kept = 0; // spaces at the end that are not escaped do not count
  let at = quoted ? from + 1 : from;
  for (; at < text.length; ) {
    const point = text.codePointAt(at) as number; // `at` is within the text
    const character = String.fromCodePoint(point);
    if (character === '\\') {
      const hex = /^[\da-f]{2}/i.exec(text.slice(at + 1, at + 3));
      const next = text[at + 1];
      if (hex !== null) bytes.push(Number.parseInt(hex[0], 16));
      else if (next !== undefined && ' "#+,;<=>\\'.includes(next)) bytes.push(next.charCodeAt(0));
      else return undefined;
      at += hex !== null ? 3 : 2;
      kept = bytes.length;
      continue;
    }
    if (quoted ? character === '"' : ',;+'.includes(character)) break;
    if (!quoted && '"<>'.includes(character)) return undefined;
    if (point < 0x80) bytes.push(point);
    else bytes.push(...UTF8.encode(character));
    if (quoted || character !== ' ') kept = bytes.length;
    at += character.length;
  }
  if (quoted) {
    if (text[at] !== '"') return undefined;
    at++;
    while (text[at] === ' ') at++;
    if (at < text.length && !',;+'.includes(text[at] as string)) return undefined;
  }
  return { value: Uint8Array.from(bytes.slice(0, kept)), end: at };
}

/** `#04024869`: the value in BER. */
function readHexValue(text: string, from: number): { value: Uint8Array; end: number } | undefined {
  const [hex = ''] = /^(?:[\da-f]{2})*/i.exec(text.slice(from)) ?? [];
  let end = from + hex.length;
  while (text[end] === ' ') end++;
  if (hex === '' || (end < text.length && !',;+'.includes(text[end] as string))) return undefined;
  const bytes = Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
  try {
    const reader = new BerReader(bytes, 0, bytes.length);
    return { value: reader.octets(reader.tag), end };
  } catch {
    return undefined;
  }
}
