/**
 * The request fields that this server understands, by number. For all other fields it only checks the syntax and
 * keeps the offsets.
 */
import { ascii } from './grammar.js';

export const HOST_FIELD = 0;
export const CONNECTION = 1;
export const CONTENT_LENGTH = 2;
export const TRANSFER_ENCODING = 3;
export const EXPECT = 4;
export const IF_MATCH = 5;
export const IF_NONE_MATCH = 6;
export const IF_MODIFIED_SINCE = 7;
export const IF_UNMODIFIED_SINCE = 8;
export const IF_RANGE = 9;
export const RANGE = 10;
export const ACCEPT = 11;
export const ACCEPT_ENCODING = 12;
/** The number of a field that is none of these. */
export const OTHER_FIELD = 31;

const NAMES = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'expect',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
  'range',
  'accept',
  'accept-encoding',
];

/** Bits of `RequestScanner.seen`: fields that make an answer depend on more than the path. */
export const CONDITIONAL_FIELDS =
  (1 << IF_MATCH) | (1 << IF_NONE_MATCH) | (1 << IF_MODIFIED_SINCE) | (1 << IF_UNMODIFIED_SINCE) | (1 << RANGE);
/** The same, and the field that chooses between the variants of a file. */
export const SELECTING_FIELDS = CONDITIONAL_FIELDS | (1 << ACCEPT_ENCODING);
/** Bits of the fields that say where the body ends, or whether it comes. */
export const FRAMING_FIELDS = (1 << CONTENT_LENGTH) | (1 << TRANSFER_ENCODING) | (1 << EXPECT);

class KnownName {
  constructor(
    readonly lowerCase: Uint8Array,
    readonly number: number,
  ) {}
}

// At most two of the names have the same length, so length and fourth letter leave one candidate.
const LONGEST = 20;
const BY_LENGTH: readonly (readonly KnownName[])[] = Array.from({ length: LONGEST + 1 }, (_, length) =>
  NAMES.flatMap((name, number) => (name.length === length ? [new KnownName(ascii(name), number)] : [])),
);

/** The number of the field whose name is `bytes[from, to)`, a token in any case; `OTHER_FIELD` if it has none. */
export function fieldNumber(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length > LONGEST) return OTHER_FIELD;
  const candidates = BY_LENGTH[length]!;
  for (let i = 0; i < candidates.length; i++) {
    const { lowerCase, number } = candidates[i]!;
    if ((bytes[from + 3]! | 0x20) !== lowerCase[3]) continue;
    if (isName(bytes, from, lowerCase)) return number;
  }
  return OTHER_FIELD;
}

// Setting bit 5 turns capital letters into small ones. No other character of a token becomes a letter or "-".
function isName(bytes: Uint8Array, from: number, lowerCase: Uint8Array): boolean {
  for (let i = 0; i < lowerCase.length; i++) if ((bytes[from + i]! | 0x20) !== lowerCase[i]) return false;
  return true;
}
