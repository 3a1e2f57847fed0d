/**
 * Makes the tree of a script (`ast.ts`) from its text: options, then events, each with a time and an action.
 *
 * This is a parser by recursive descent, with one function for each rule of the grammar. Packets, TCP options and
 * expressions have files of their own.
 */
import type { Action, EventTime, Script, ScriptEvent, ScriptOption, ShellCommand, SystemCall } from './ast.js';
import { parseExpression, parseExpressionList } from './expression-parser.js';
import { parsePacket } from './packet-parser.js';
import { TokenStream } from './token-stream.js';

/**
 * Reads a script. `definitions` are words and what they stand for, as `--define=name=value` gives them.
 * @throws {ScriptError} with the place of the first thing that is wrong.
 */
export function parseScript(
  path: string,
  source: string,
  definitions: ReadonlyMap<string, string> = new Map(),
): Script {
  const tokens = new TokenStream(path, source, new Map(definitions));
  const options = parseOptions(tokens);
  const init = parseShell(tokens);
  const events: ScriptEvent[] = [];
  while (startsTime(tokens)) events.push(parseEvent(tokens));
  if (events.length === 0)
    tokens.fail('expected an event (a time, then a packet, a system call, `command` or %{ code }%)');
  const cleanup = parseShell(tokens);
  if (tokens.peek().kind !== 'end') tokens.fail('expected the time of the next event');
  return { path, source, options, init, events, cleanup, allSkipped: tokens.allSkipped };
}

function parseOptions(tokens: TokenStream): ScriptOption[] {
  const options: ScriptOption[] = [];
  while (tokens.peek().kind === 'option') {
    const { text: name, at } = tokens.next();
    const value = tokens.accept('=') ? parseOptionValue(tokens) : undefined;
    if (name === 'define') define(tokens, value ?? '', at);
    options.push({ name, value, at });
  }
  return options;
}

/** A number, word, string or address; or `word=value`, as `--define` takes it. */
function parseOptionValue(tokens: TokenStream): string {
  const token = tokens.next();
  if (!['integer', 'word', 'string', 'ipv4', 'ipv6', 'float'].includes(token.kind)) {
    tokens.fail('expected the value of the option', token.at);
  }
  if (token.kind !== 'word') return token.text;
  if (!tokens.accept('=')) {
    // `ipv4-mapped-ipv6` is three words and two dashes.
    let text = token.text;
    while (tokens.at('-')) text += tokens.next().text + tokens.next().text;
    return text;
  }
  const value = tokens.next();
  const quote = value.kind === 'string' ? '"' : value.kind === 'backquoted' ? '`' : '';
  return `${token.text}=${quote}${value.text}${quote}`;
}

function define(tokens: TokenStream, text: string, at: ScriptOption['at']): void {
  const equals = text.indexOf('=');
  if (equals < 1) tokens.fail('--define wants name=value', at);
  tokens.definitions.set(text.slice(0, equals), text.slice(equals + 1));
}

function parseShell(tokens: TokenStream): ShellCommand | undefined {
  if (tokens.peek().kind !== 'backquoted') return undefined;
  const { text, at } = tokens.next();
  return { kind: 'shell', text, at };
}

function startsTime(tokens: TokenStream): boolean {
  const { kind } = tokens.peek();
  return tokens.at('+') || tokens.at('*') || kind === 'integer' || kind === 'float';
}

function parseEvent(tokens: TokenStream): ScriptEvent {
  const at = tokens.peek().at;
  const time = parseEventTime(tokens);
  const action = parseAction(tokens);
  const outbound = action.kind === 'packet' && action.direction === 'out';
  if (time.kind === 'any' && !outbound) tokens.fail('the time * is for outbound packets only', at);
  if ('to' in time) {
    if (!outbound) tokens.fail('a time range is for outbound packets only', at);
    if (time.to < time.from) tokens.fail('the time range is backwards', at);
  }
  return { time, action, at };
}

/** `1.5`, `+.1`, `*`, `1~2`, `+.1~+.2`. */
function parseEventTime(tokens: TokenStream): EventTime {
  if (tokens.accept('*')) return { kind: 'any' };
  const relative = tokens.accept('+');
  const from = parseTime(tokens);
  if (!tokens.accept('~')) return { kind: relative ? 'relative' : 'absolute', from };
  if (relative) tokens.expect('+');
  return { kind: relative ? 'relative range' : 'absolute range', from, to: parseTime(tokens) };
}

/** Seconds, as microseconds. */
function parseTime(tokens: TokenStream): number {
  const token = tokens.peek();
  if (token.kind !== 'integer' && token.kind !== 'float') tokens.fail('expected a time in seconds');
  if (token.value < 0) tokens.fail('a time is not negative');
  return Math.round(tokens.next().value * 1_000_000);
}

function parseAction(tokens: TokenStream): Action {
  const { kind, at } = tokens.peek();
  if (tokens.at('<') || tokens.at('>')) return parsePacket(tokens);
  if (kind === 'backquoted') return parseShell(tokens)!;
  if (kind === 'code') return { kind: 'code', text: tokens.next().text, at };
  if (kind === 'word' || tokens.at('...')) return parseSystemCall(tokens);
  return tokens.fail('expected a packet (< or >), a system call, `command` or %{ code }%');
}

function parseSystemCall(tokens: TokenStream): SystemCall {
  const until = tokens.accept('...') ? parseTime(tokens) : undefined;
  const { text: name, at } = tokens.expectKind('word', 'the name of a system call');
  tokens.expect('(');
  const args = parseExpressionList(tokens, ')');
  tokens.expect('=');
  const result = parseExpression(tokens);
  const errno = tokens.peek().kind === 'word' ? tokens.next().text : undefined;
  if (errno !== undefined && !tokens.at('(')) tokens.fail(`expected what ${errno} means, in parentheses`);
  const note = parseNote(tokens);
  return { kind: 'call', name, arguments: args, result, errno, note, until, at };
}

/** Parses `(Connection refused)`, which is for people. */
function parseNote(tokens: TokenStream): string | undefined {
  if (!tokens.accept('(')) return undefined;
  const words: string[] = [];
  while (!tokens.at(')')) {
    if (tokens.peek().kind === 'end') tokens.fail('expected ")"');
    words.push(tokens.next().text);
  }
  tokens.expect(')');
  return words.join(' ');
}
