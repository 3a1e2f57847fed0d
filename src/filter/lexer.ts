/**
 * Cuts a display filter into tokens. Names, numbers, addresses and networks look alike (`tcp.port`, `10.0.0.0/8`,
 * `fe80::1`), so all of them are words. What a word means depends on where it stands.
 */
import { FilterError } from './error.js';

export interface Token {
  /** `end` stands after the last character. */
  readonly kind: 'word' | 'string' | 'symbol' | 'end';
  /** A string without its quotes and escapes. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const SPACE = /\s*/y;
const WORD = /[\p{L}\p{N}_.:/-]+/uy;
const SYMBOL = /&&|\|\||\^\^|==|!=|>=|<=|[!<>(){},~&]/y;
const STRING = /"((?:[^"\\]|\\.)*)"/y;

/** Cuts a filter into tokens, each with its place. @throws {FilterError} at a character that begins none */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  for (;;) {
    at += match(SPACE)?.[0].length ?? 0;
    if (at === text.length) break;
    const found = match(WORD) ?? match(SYMBOL);
    const string = found === null ? match(STRING) : null;
    const whole = found ?? string;
    if (whole === null) throw unknown(text, at);
    const to = at + whole[0].length;
    if (string !== null) tokens.push({ kind: 'string', text: unescaped(string[1] ?? ''), from: at, to });
    else tokens.push({ kind: match(WORD) === null ? 'symbol' : 'word', text: whole[0], from: at, to });
    at = to;
  }
  tokens.push({ kind: 'end', text: '', from: at, to: at });
  return tokens;
}

function unknown(text: string, at: number): FilterError {
  if (text[at] === '"') return new FilterError('This text has no closing quote.', text, at, text.length);
  if (text[at] === "'") return new FilterError('Text stands between double quotes.', text, at, at + 1);
  if (text[at] === '=') return new FilterError('Write == to compare.', text, at, at + 1);
  if (text[at] === '|') return new FilterError('Write || for or.', text, at, at + 1);
  return new FilterError('This character means nothing in a filter.', text, at, at + 1);
}

function unescaped(text: string): string {
  const named: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
  return text.replace(/\\(.)/gs, (_, character: string) => named[character] ?? character);
}
