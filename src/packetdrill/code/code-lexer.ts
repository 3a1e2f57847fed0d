/**
 * Cuts the code of a script into statements, and expressions into tokens.
 */

/** The code uses something that is not known here. */
export class CodeError extends Error {
  override readonly name = 'CodeError';
}

export interface CodeToken {
  readonly kind: 'number' | 'name' | 'string' | 'operator';
  readonly text: string;
  readonly value: number;
}

const NUMBER = /(?<number>0[xX][0-9a-fA-F]+|\d+\.\d*(?:[eE][-+]?\d+)?|\.\d+|\d+(?:[eE][-+]?\d+)?)/;
const NAME = /(?<name>[A-Za-z_]\w*)/;
const STRING = /(?<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')/;
const OPERATOR = /(?<operator>==|!=|<=|>=|<<|>>|\/\/|[-+*/%<>()|&^~,])/;
const TOKEN = new RegExp(`\\s*(?:${[NUMBER, NAME, STRING, OPERATOR].map(({ source }) => source).join('|')})`, 'y');

/** The tokens of an expression. @throws {CodeError} at the first character that starts none. */
export function codeTokens(text: string): CodeToken[] {
  const tokens: CodeToken[] = [];
  const source = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(source)?.groups;
    if (groups === undefined) throw new CodeError(`"${source.slice(at).trim().slice(0, 10)}" is not understood`);
    if (groups.number !== undefined) tokens.push({ kind: 'number', text: groups.number, value: Number(groups.number) });
    else if (groups.name !== undefined) tokens.push({ kind: 'name', text: groups.name, value: 0 });
    else if (groups.string !== undefined) tokens.push({ kind: 'string', text: groups.string.slice(1, -1), value: 0 });
    else tokens.push({ kind: 'operator', text: groups.operator ?? '', value: 0 });
  }
  return tokens;
}

/** A statement, and the line of the code (from 0) on which it starts. */
export interface Statement {
  readonly text: string;
  readonly line: number;
}

/** Statements that contain others, on the same line or indented below. */
const COMPOUND = /^(?:if|elif|else|for|while|def|with|try|except|finally|class)\b/;
const PIECE = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|#[^\n]*|\\\n|\n|[\s\S]/g;

/**
 * A statement ends with its line or at a semicolon. `\` and open brackets continue it, and `#` begins a comment. The
 * inside of a compound statement stays with it, because it may not be meant to run.
 */
export function statements(code: string): Statement[] {
  const found: { text: string; line: number; indent: number }[] = [];
  let text = '';
  let blank = true;
  let line = 0;
  let startLine = 0;
  let depth = 0;
  const finish = () => {
    const before = found.at(-1);
    const indent = startLine === 0 ? 0 : startLine === before?.line ? before.indent : text.search(/\S|$/);
    if (before !== undefined && startLine > before.line && indent > before.indent && COMPOUND.test(before.text)) {
      if (!blank) before.text += ` ${text.trim()}`;
    } else if (!blank) found.push({ text: text.trim(), line: startLine, indent });
    text = '';
    blank = true;
  };
  for (const [part] of code.matchAll(PIECE)) {
    if (blank) startLine = line;
    if (part === '\\\n') line++;
    else if (part === '\n') {
      if (depth === 0) finish();
      line++;
    } else if (part === ';' && !COMPOUND.test(text.trimStart())) finish();
    else if (!part.startsWith('#')) {
      if ('([{'.includes(part)) depth++;
      else if (')]}'.includes(part)) depth = Math.max(0, depth - 1);
      text += part;
      if (part.trim() !== '') blank = false;
    }
  }
  finish();
  return found.map(({ text, line }) => ({ text, line }));
}
