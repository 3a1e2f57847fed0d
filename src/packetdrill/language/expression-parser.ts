/**
 * Arguments and results of system calls: numbers, words, strings, `a|b`, lists, structures, and `...` for "anything".
 */
import type { Expression, StructField } from './ast.js';
import type { TokenStream } from './token-stream.js';

/** The fields of each structure. A misspelt field is found here, before the script runs. */
const STRUCTURES: readonly (readonly string[])[] = [
  ['sa_family', 'sin_port', 'sin_addr'],
  ['msg_name', 'msg_namelen', 'msg_iov', 'msg_iovlen', 'msg_flags', 'msg_control'],
  ['cmsg_len', 'cmsg_level', 'cmsg_type', 'cmsg_data'],
  ['fd', 'events', 'revents', 'ptr', 'u32', 'u64'],
  ['onoff', 'linger'],
  ['scm_sec', 'scm_nsec'],
  ['ee_errno', 'ee_origin', 'ee_type', 'ee_code', 'ee_info', 'ee_data'],
  // nplab dialect, without SCTP.
  ['iov_base', 'iov_len'],
  ['headers', 'trailers'],
  ['af_name', 'af_arg'],
  ['function_set_name', 'pcbcnt'],
  ['enable', 'psk'],
  ['trr_flags', 'trr_code', 'trr_pen'],
];

/** Fields of SCTP's structures (nplab dialect). */
const SCTP_FIELD = /^(?:sinit|se|srto|sctp|assoc)_/;

/** Parses `a, b, c` and the bracket `close` behind it. */
export function parseExpressionList(tokens: TokenStream, close: string): Expression[] {
  const items: Expression[] = [];
  if (tokens.accept(close)) return items;
  do items.push(parseExpression(tokens));
  while (tokens.accept(','));
  tokens.expect(close);
  return items;
}

/** Parses one expression. `|` joins flags, from the left. */
export function parseExpression(tokens: TokenStream): Expression {
  let left = tokens.nested(() => parsePrimary(tokens));
  while (tokens.at('|')) {
    const at = tokens.next().at;
    left = { kind: 'or', left, right: tokens.nested(() => parsePrimary(tokens)), at };
  }
  return left;
}

function parsePrimary(tokens: TokenStream): Expression {
  const token = tokens.peek();
  const at = token.at;
  switch (token.kind) {
    case 'integer':
    case 'hex':
      return { kind: 'integer', value: tokens.next().value, at };
    case 'string':
      return parseStrings(tokens);
    case 'word':
      return parseWord(tokens);
    case 'punctuation':
      if (tokens.accept('...')) return { kind: 'any', at };
      if (tokens.accept('[')) return { kind: 'list', items: parseExpressionList(tokens, ']'), at };
      if (tokens.accept('{')) return parseBraces(tokens, at);
  }
  return tokens.fail('expected a value');
}

/** `"text"`, `"two" "halves"`, or `"a"...`, which repeats the text as often as needed. */
function parseStrings(tokens: TokenStream): Expression {
  const at = tokens.peek().at;
  let text = unescapeBytes(tokens.next().text);
  while (tokens.peek().kind === 'string') text += unescapeBytes(tokens.next().text);
  return { kind: 'string', text, repeated: tokens.accept('...'), at };
}

/** Replaces C's escapes: `\n`, `\x0a`, `\012`, `\"`. Each character of the result stands for one byte. */
function unescapeBytes(text: string): string {
  const named: Record<string, string> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v' };
  return text.replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S])/g, (_, code: string) => {
    if (code.length > 1 && code.startsWith('x')) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 255);
    return named[code] ?? code;
  });
}

function parseWord(tokens: TokenStream): Expression {
  const { text: name, at } = tokens.next();
  if (tokens.accept('(')) return { kind: 'call', name, arguments: parseExpressionList(tokens, ')'), at };
  if (tokens.accept('=')) return { kind: 'assign', name, value: parseExpression(tokens), at };
  return { kind: 'word', name, at };
}

/** Parses what follows `{`: an I/O vector `..., 100}`, a structure `name=value, …}`, or a list. */
function parseBraces(tokens: TokenStream, at: Expression['at']): Expression {
  if (tokens.at('...') && tokens.at(',', 1)) {
    tokens.next();
    tokens.next();
    const length = tokens.integer('a length', 0);
    tokens.expect('}');
    return { kind: 'iovec', length, at };
  }
  const isField = tokens.peek().kind === 'word' && (tokens.at('=', 1) || tokens.at('(', 1));
  if (!isField) return { kind: 'list', items: parseExpressionList(tokens, '}'), at };
  return { kind: 'struct', fields: parseFields(tokens), at };
}

function parseFields(tokens: TokenStream): StructField[] {
  const first = tokens.peek();
  const known = STRUCTURES.find((names) => names.includes(first.text));
  if (known === undefined && SCTP_FIELD.test(first.text)) tokens.unsupported('structures of SCTP');
  if (known === undefined) tokens.fail(`no structure has a field "${first.text}"`, first.at);
  const fields: StructField[] = [];
  do {
    const { text: name, at } = tokens.expectKind('word', 'the name of a field');
    if (!known.includes(name)) tokens.fail(`no field "${name}" beside "${first.text}" (has ${known.join(', ')})`, at);
    let count: Expression | undefined;
    if (tokens.accept('(')) {
      count = parseExpression(tokens);
      tokens.expect(')');
    }
    tokens.expect('=');
    fields.push({ name, count, value: parseExpression(tokens), at });
  } while (tokens.accept(','));
  tokens.expect('}');
  return fields;
}
