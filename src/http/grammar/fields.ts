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
/** Bits of the fields that say where the body ends, or whether it comes. */
export const FRAMING_FIELDS = (1 << CONTENT_LENGTH) | (1 << TRANSFER_ENCODING) | (1 << EXPECT);

const LOWER_CASE = NAMES.map(ascii);
const LONGEST = 31;

/**
 * By length and the first and the fourth octet: the only number that a name can have. The fourth octet of a shorter
 * name is not its own, but then no number fits.
 */
const CANDIDATES = new Uint8Array(32 * 32).fill(OTHER_FIELD);
for (const [number, { length, 0: first = 0, 3: fourth = 0 }] of LOWER_CASE.entries()) {
  const index = candidateIndex(length, first, fourth);
  if (CANDIDATES[index] !== OTHER_FIELD) throw new Error(`fields: ${NAMES[number]} needs a candidate of its own`);
  CANDIDATES[index] = number;
}

function candidateIndex(length: number, first: number, fourth: number): number {
  return (length << 5) | ((first + fourth) & 31);
}

/** The number of the field whose name is `bytes[from, to)`, a token in any case; `OTHER_FIELD` if it has none. */
export function fieldNumber(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length > LONGEST) return OTHER_FIELD;
  const number = CANDIDATES[candidateIndex(length, bytes[from]!, bytes[from + 3]!)]!;
  if (number === OTHER_FIELD) return OTHER_FIELD;
  return isName(bytes, from, LOWER_CASE[number]!) ? number : OTHER_FIELD;
}

// Setting bit 5 turns capital letters into small ones. No other character of a token becomes a letter or "-".
function isName(bytes: Uint8Array, from: number, lowerCase: Uint8Array): boolean {
  for (let i = 0; i < lowerCase.length; i++) if ((bytes[from + i]! | 0x20) !== lowerCase[i]) return false;
  return true;
}
