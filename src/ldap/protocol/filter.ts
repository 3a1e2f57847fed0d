/** Filters of a search (RFC 4511 section 4.5.1), from BER to a tree. */
import { BerError, type BerReader, TAG } from '../ber/reader.js';

export type Filter =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | { readonly kind: 'equal' | 'atLeast' | 'atMost' | 'approx'; readonly attribute: string; readonly value: Uint8Array }
  | { readonly kind: 'present'; readonly attribute: string }
  | {
      readonly kind: 'substrings';
      readonly attribute: string;
      readonly initial: Uint8Array | undefined;
      readonly any: readonly Uint8Array[];
      readonly final: Uint8Array | undefined;
    }
  | {
      readonly kind: 'extensible';
      readonly rule: string | undefined;
      readonly attribute: string | undefined;
      readonly value: Uint8Array;
      readonly dnAttributes: boolean;
    };

/** How deep a filter may be, and how many parts it may have: what a person writes has ten. */
const MOST_DEPTH = 32;
const MOST_PARTS = 1_024;

const FILTER = { and: 0xa0, or: 0xa1, not: 0xa2, substrings: 0xa4, present: 0x87, extensible: 0xa9 } as const;
const ASSERTIONS: Readonly<Record<number, 'equal' | 'atLeast' | 'atMost' | 'approx'>> = {
  163: 'equal',
  165: 'atLeast',
  166: 'atMost',
  168: 'approx',
};

/** Reads a filter. @throws {BerError} */
export function readFilter(reader: BerReader): Filter {
  return read(reader, { parts: 0 }, 0);
}

function read(reader: BerReader, count: { parts: number }, depth: number): Filter {
  if (depth > MOST_DEPTH || ++count.parts > MOST_PARTS) throw new BerError('a filter is too deep or too large');
  const { tag } = reader;
  if (tag === FILTER.and || tag === FILTER.or) {
    const inner = reader.enter(tag);
    const parts: Filter[] = [];
    while (!inner.isAtEnd) parts.push(read(inner, count, depth + 1));
    return { kind: tag === FILTER.and ? 'and' : 'or', parts };
  }
  if (tag === FILTER.not) {
    const inner = reader.enter(tag);
    const part = read(inner, count, depth + 1);
    if (!inner.isAtEnd) throw new BerError('"not" has one part');
    return { kind: 'not', part };
  }
  if (tag === FILTER.present) return { kind: 'present', attribute: reader.text(tag) };
  if (tag === FILTER.substrings) return readSubstrings(reader.enter(tag), count);
  if (tag === FILTER.extensible) return readExtensible(reader.enter(tag));
  const kind = ASSERTIONS[tag];
  if (kind === undefined) throw new BerError(`no filter has the tag ${tag}`);
  const inner = reader.enter(tag);
  return { kind, attribute: inner.text(), value: inner.octets() };
}

function readSubstrings(reader: BerReader, count: { parts: number }): Filter {
  const attribute = reader.text();
  const parts = reader.enter(TAG.sequence);
  let initial: Uint8Array | undefined;
  let final: Uint8Array | undefined;
  const any: Uint8Array[] = [];
  if (parts.isAtEnd) throw new BerError('substrings without a part');
  while (!parts.isAtEnd) {
    if (++count.parts > MOST_PARTS) throw new BerError('a filter is too large');
    const { tag } = parts;
    if (final !== undefined) throw new BerError('a part behind the final one');
    if (tag === 0x80 && initial === undefined && any.length === 0) initial = parts.octets(tag);
    else if (tag === 0x82) final = parts.octets(tag);
    else any.push(parts.octets(0x81));
  }
  return { kind: 'substrings', attribute, initial, any, final };
}

function readExtensible(reader: BerReader): Filter {
  const rule = reader.tag === 0x81 ? reader.text(0x81) : undefined;
  const attribute = reader.tag === 0x82 ? reader.text(0x82) : undefined;
  const value = reader.octets(0x83);
  const dnAttributes = reader.tag === 0x84 && reader.boolean(0x84);
  if (rule === undefined && attribute === undefined) throw new BerError('a match without a rule or an attribute');
  return { kind: 'extensible', rule, attribute, value, dnAttributes };
}
