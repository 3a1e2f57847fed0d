/**
 * Accept-Encoding (RFC 9110 section 12.5.3), compiled: from the bytes of the field to a table that has the answer for
 * every set of variants that a file can have.
 *
 *     gzip, deflate, br;q=0.9, *;q=0     ->     no variant: none   gzip: gzip   br: br   gzip and br: gzip   ...
 *
 * There are three codings, so eight sets, and five answers of three bits each: the table is one number of 24 bits.
 *
 * - Between codings with the same weight, CODINGS in src/cache/object/variant-bits.ts has the order: br, zstd, gzip.
 *   A higher weight wins over that.
 * - identity is acceptable unless "identity;q=0" or "*;q=0" excludes it. Without a weight of its own it comes last.
 * - "x-gzip" is gzip (section 8.4.1.3). Codings that we do not have are passed over, and so is a member with a
 *   mistake in it.
 *
 * Nothing here allocates. A browser sends the same value again and again, so values are remembered with their tables;
 * see `AcceptEncoding`.
 */
import { Coding } from '../../cache/object/record.js';
import { ascii, COMMA, DOT, EQUALS, equalsIgnoringCase, isDigit, SEMICOLON, skipSpace, TOKEN } from './grammar.js';

/** What a table says: the number of a coding (`Coding`, 0 is identity), or that none is acceptable. */
export const NONE_ACCEPTABLE = 4;

/** Bits of an answer in a table. */
const ANSWER_BITS = 3;
const ANSWER_MASK = 7;
const SETS = 8;

const GZIP = ascii('gzip');
const X_GZIP = ascii('x-gzip');
const BROTLI = ascii('br');
const ZSTD = ascii('zstd');
const IDENTITY = ascii('identity');
const ANY = ascii('*');
const LETTER_Q = 0x71;

/** Weights are counted in thousandths. A coding that is not named has none. */
const NOT_NAMED = -1;
const FULL_WEIGHT = 1000;
const MALFORMED = -2;

/** Weights of the field that is being read, by number of coding; and that of "*". Used again for each field. */
const weights = new Int16Array(4);
let anyWeight = NOT_NAMED;

/** The answer of `table` for a file whose variants are the bits 1 to 3 of `variants`. */
export function choose(table: number, variants: number): number {
  return (table >> (ANSWER_BITS * (variants >> 1))) & ANSWER_MASK;
}

/** Begins a field. `addValue` once for each of its lines, then `finishTable`. */
export function beginTable(): void {
  weights.fill(NOT_NAMED);
  anyWeight = NOT_NAMED;
}

/** Takes in the list `bytes[at, end)`: #( codings [ weight ] ). */
export function addValue(bytes: Uint8Array, at: number, end: number): void {
  let from = at;
  while (from < end) {
    let to = from;
    while (to < end && bytes[to] !== COMMA) to++;
    addMember(bytes, skipSpace(bytes, from, to), to);
    from = to + 1;
  }
}

/** The table of the lines that were added. */
export function finishTable(): number {
  let table = 0;
  for (let set = SETS - 1; set >= 0; set--) table = (table << ANSWER_BITS) | answerFor(set << 1);
  return table;
}

function addMember(bytes: Uint8Array, from: number, to: number): void {
  let end = from;
  while (end < to && TOKEN[bytes[end]!] !== 0) end++;
  const weight = readWeight(bytes, end, to);
  if (end === from || weight === MALFORMED) return;
  if (equalsIgnoringCase(bytes, from, end, BROTLI)) weights[Coding.brotli] = weight;
  else if (equalsIgnoringCase(bytes, from, end, GZIP)) weights[Coding.gzip] = weight;
  else if (equalsIgnoringCase(bytes, from, end, X_GZIP)) weights[Coding.gzip] = weight;
  else if (equalsIgnoringCase(bytes, from, end, ZSTD)) weights[Coding.zstd] = weight;
  else if (equalsIgnoringCase(bytes, from, end, IDENTITY)) weights[Coding.identity] = weight;
  else if (equalsIgnoringCase(bytes, from, end, ANY)) anyWeight = weight;
}

/** weight = OWS ";" OWS "q=" qvalue (RFC 9110 section 12.4.2), in thousandths; nothing at all is 1. */
function readWeight(bytes: Uint8Array, from: number, to: number): number {
  let at = skipSpace(bytes, from, to);
  if (at === to) return FULL_WEIGHT;
  if (bytes[at] !== SEMICOLON) return MALFORMED;
  at = skipSpace(bytes, at + 1, to);
  if (at + 3 > to || (bytes[at]! | 0x20) !== LETTER_Q || bytes[at + 1] !== EQUALS) return MALFORMED;
  return readQvalue(bytes, at + 2, to);
}

/** qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ), with the white space behind it. */
function readQvalue(bytes: Uint8Array, from: number, to: number): number {
  const whole = bytes[from]! - 0x30;
  if (whole !== 0 && whole !== 1) return MALFORMED;
  let weight = whole * FULL_WEIGHT;
  let at = from + 1;
  if (at < to && bytes[at] === DOT) {
    at++;
    for (let unit = 100; at < to && isDigit(bytes[at]!); unit = (unit / 10) | 0) {
      if (unit === 0) return MALFORMED; // a fourth digit
      weight += unit * (bytes[at++]! - 0x30);
    }
  }
  return skipSpace(bytes, at, to) === to && weight <= FULL_WEIGHT ? weight : MALFORMED;
}

/** The best of the variants in `set` (a bit for each coding) and identity. */
function answerFor(set: number): number {
  let best = NONE_ACCEPTABLE;
  let bestWeight = 0;
  // The order of CODINGS, written out: an iterator would be an object.
  for (let i = 0; i < 3; i++) {
    const coding = i === 0 ? Coding.brotli : i === 1 ? Coding.zstd : Coding.gzip;
    const weight = weightOf(coding);
    if ((set & (1 << coding)) === 0 || weight <= bestWeight) continue;
    best = coding;
    bestWeight = weight;
  }
  const named = weightOf(Coding.identity);
  if (named === 0) return best;
  return named > bestWeight || best === NONE_ACCEPTABLE ? Coding.identity : best;
}

function weightOf(coding: number): number {
  const weight = weights[coding]!;
  return weight === NOT_NAMED ? anyWeight : weight;
}
