/**
 * Cuts the text of a script into tokens. The longest match wins, as in the lexer of google/packetdrill. The words,
 * numbers, quotes, comments and `%{ code }%` blocks are the same, with a few additions of the nplab dialect
 * (`gen-253`, `exp-FO`, `#ifdef`).
 *
 * The lexer knows no keywords: `ack` is a keyword in a packet and a plain word elsewhere, and the parser knows which.
 */
import { type Position, ScriptError } from './script-error.js';

export type TokenKind =
  | 'integer'
  | 'hex'
  | 'float'
  | 'word'
  | 'string'
  | 'backquoted'
  | 'code'
  | 'option'
  | 'ipv4'
  | 'ipv6'
  | 'directive'
  | 'punctuation'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** The text as written, without the quotes of a string, the dashes of an option or the brackets of code. */
  readonly text: string;
  /** The value of a number; 0 for other tokens. */
  readonly value: number;
  readonly at: Position;
  /** The index behind the token's last character. Two tokens touch if one ends where the other starts. */
  readonly end: number;
  readonly start: number;
}

interface Rule {
  readonly kind: TokenKind | 'skip';
  readonly pattern: RegExp;
  /** Characters to strip from the front and from the back of the text. */
  readonly strip?: readonly [number, number];
}

const GROUP = '[0-9a-fA-F]{1,4}';
const V4 = '[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+';
const V6 = [`(?:${GROUP}:){7}${GROUP}`, `(?:(?:${GROUP}:)*${GROUP})?::(?:(?:${GROUP}:)*(?:${V4}|${GROUP}))?`].join('|');

/** If several rules match equally far, the first one counts. */
const RULES: readonly Rule[] = [
  { kind: 'skip', pattern: /[ \t\r\n]+/y },
  { kind: 'skip', pattern: /\/\/[^\n]*/y },
  { kind: 'skip', pattern: /\/\*[\s\S]*?\*\//y },
  { kind: 'directive', pattern: /#(?:ifdef|endif)/y },
  { kind: 'option', pattern: /--[a-zA-Z0-9_]+/y, strip: [2, 0] },
  { kind: 'float', pattern: /-?[0-9]*\.[0-9]+/y },
  { kind: 'integer', pattern: /-?[0-9]+/y },
  { kind: 'hex', pattern: /0x[0-9a-fA-F]+/y },
  { kind: 'word', pattern: /gen-[0-9]+|exp-[a-zA-Z0-9]+|EXP-FO|voice-admit|sequence#/y },
  { kind: 'word', pattern: /[a-zA-Z0-9_]+/y },
  { kind: 'string', pattern: /"(?:\\[\s\S]|[^"\\])*"/y, strip: [1, 1] },
  { kind: 'backquoted', pattern: /`(?:\\[\s\S]|[^`\\])*`/y, strip: [1, 1] },
  { kind: 'code', pattern: /%\{[\s\S]*?\}%/y, strip: [2, 2] },
  { kind: 'ipv4', pattern: new RegExp(V4, 'y') },
  { kind: 'ipv6', pattern: new RegExp(V6, 'y') },
  { kind: 'punctuation', pattern: /\.\.\.|[^ \t\r\n]/y },
];

/** What starts like this and matches no rule has no end. */
const UNCLOSED: readonly (readonly [string, string])[] = [
  ['"', 'a string without its closing quote'],
  ['`', 'a shell command without its closing backquote'],
  ['%{', 'code without its closing }%'],
  ['/*', 'a comment without its closing */'],
];

/** Cuts `source` into tokens, the last one being `end`. @throws {ScriptError} on a quote or comment without end. */
export function tokenize(path: string, source: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let lineStart = 0;
  let index = 0;
  while (index < source.length) {
    const at = { line, column: index - lineStart + 1 };
    const [rule, text] = longestMatch(source, index);
    if (rule.kind === 'punctuation') {
      for (const [start, problem] of UNCLOSED) {
        if (source.startsWith(start, index)) throw new ScriptError(path, at, problem, source);
      }
    }
    const end = index + text.length;
    if (rule.kind !== 'skip') tokens.push(makeToken(rule.kind, text, rule.strip ?? [0, 0], at, index, end));
    for (let newline = text.indexOf('\n'); newline >= 0; newline = text.indexOf('\n', newline + 1)) {
      line++;
      lineStart = index + newline + 1;
    }
    index = end;
  }
  const at = { line, column: index - lineStart + 1 };
  tokens.push({ kind: 'end', text: 'end of script', value: 0, at, start: index, end: index });
  return tokens;
}

function longestMatch(source: string, index: number): [Rule, string] {
  let best: [Rule, string] | undefined;
  for (const rule of RULES) {
    rule.pattern.lastIndex = index;
    const text = rule.pattern.exec(source)?.[0];
    if (text !== undefined && text.length > (best?.[1].length ?? 0)) best = [rule, text];
  }
  return best!; // the last rule matches any character that the first does not
}

function makeToken(
  kind: TokenKind,
  text: string,
  strip: readonly [number, number],
  at: Position,
  start: number,
  end: number,
): Token {
  const numeric = kind === 'integer' || kind === 'hex' || kind === 'float';
  return {
    kind,
    text: text.slice(strip[0], text.length - strip[1]),
    value: numeric ? Number(text) : 0,
    at,
    start,
    end,
  };
}
