/**
 * Parses TCP options between `<` and `>`. Those that TCP itself reads have a shape of their own; the others are bytes.
 */
import type { TcpOption } from './ast.js';
import type { TokenStream } from './token-stream.js';

const UINT32 = 0xffff_ffff;
/** RFC 4727: experiments share this kind, and two more bytes tell them apart. */
const EXPERIMENT = 254;
const FAST_OPEN = 34;
const MD5_SIGNATURE = 19;
/** RFC 9768 section 3.2.3. */
const ACCURATE_ECN = [172, 174] as const;
const EXPERIMENTAL_ACCURATE_ECN = [0xacc0, 0xacc1] as const;
const EXPERIMENTAL_FAST_OPEN = 0xf989;
const EXPERIMENTAL_RATE_REQUEST = 0x00ac;
/** A header has room for this many bytes of options: 15 words less the fixed five. */
const MAX_OPTION_BYTES = 40;

/** Parses the options of a segment: an empty list if there are none, `undefined` for `<...>`. */
export function parseTcpOptions(tokens: TokenStream): TcpOption[] | undefined {
  if (!tokens.at('<')) return [];
  const at = tokens.next().at;
  if (tokens.accept('...')) {
    tokens.expect('>');
    return undefined;
  }
  const options = isHexField(tokens) ? [{ kind: 'field' as const, bytes: hexBytes(tokens) }] : parseList(tokens);
  tokens.expect('>');
  const length = options.reduce((sum, option) => sum + optionLength(option), 0);
  if (length > MAX_OPTION_BYTES) tokens.fail(`TCP options of ${length} bytes, there is room for 40`, at);
  return options;
}

/** Bytes that an option takes in the header. */
export function optionLength(option: TcpOption): number {
  switch (option.kind) {
    case 'nop':
    case 'eol':
      return 1;
    case 'sackOK':
      return 2;
    case 'mss':
      return 4;
    case 'wscale':
      return 3;
    case 'sack':
      return 2 + 8 * option.blocks.length;
    case 'TS':
      return 10;
    case 'raw':
      return 2 + option.bytes.length;
    case 'field':
      return option.bytes.length;
  }
}

/** `<0101080a…>` (nplab): the first token is hexadecimal and the second one closes. */
function isHexField(tokens: TokenStream): boolean {
  const { kind, text } = tokens.peek();
  return tokens.at('>', 1) && (kind === 'word' || kind === 'integer') && text.length % 2 === 0 && isHex(text);
}

function isHex(text: string): boolean {
  return /^(?:[0-9a-fA-F]{2})+$/.test(text);
}

function parseList(tokens: TokenStream): TcpOption[] {
  const options: TcpOption[] = [];
  do options.push(parseOption(tokens));
  while (tokens.accept(','));
  return options;
}

function parseOption(tokens: TokenStream): TcpOption {
  const token = tokens.expectKind('word', 'a TCP option');
  switch (token.text) {
    case 'nop':
    case 'eol':
    case 'sackOK':
      return { kind: token.text };
    case 'mss':
      return { kind: 'mss', value: tokens.integer('MSS', 0, 0xffff) };
    case 'wscale':
      return { kind: 'wscale', value: tokens.integer('window scale', 0, 255) };
    case 'sack':
      return { kind: 'sack', blocks: parseSackBlocks(tokens) };
    case 'TS':
      return parseTimestamps(tokens);
    default:
      return parseRareOption(tokens, token.text, token.at);
  }
}

function parseSackBlocks(tokens: TokenStream): [number, number][] {
  const blocks: [number, number][] = [];
  do {
    const left = tokens.integer('left edge of a SACK block', 0, UINT32);
    tokens.expect(':');
    blocks.push([left, tokens.integer('right edge of a SACK block', 0, UINT32)]);
  } while (tokens.peek().kind === 'integer');
  return blocks;
}

function parseTimestamps(tokens: TokenStream): TcpOption {
  tokens.expect('val');
  const anyValue = tokens.accept('...');
  const value = anyValue ? 0 : tokens.integer('timestamp value', 0, UINT32);
  tokens.expect('ecr');
  const echo = tokens.integer('timestamp echo', 0, UINT32);
  return { kind: 'TS', value, echo, anyValue, absoluteEcho: tokens.accept('!') };
}

function parseRareOption(tokens: TokenStream, name: string, at: { line: number; column: number }): TcpOption {
  const raw = (number: number, bytes: Uint8Array): TcpOption => ({ kind: 'raw', number, bytes });
  const experiment = (id: number, bytes: Uint8Array) => raw(EXPERIMENT, Uint8Array.of(id >> 8, id & 255, ...bytes));
  if (name === 'md5') return raw(MD5_SIGNATURE, tokens.accept('valid') ? new Uint8Array(16) : hexBytes(tokens));
  if (name === 'FO') return raw(FAST_OPEN, optionalHexBytes(tokens));
  if (name === 'FOEXP' || name === 'EXP-FO' || name === 'exp-FO') {
    return experiment(EXPERIMENTAL_FAST_OPEN, optionalHexBytes(tokens));
  }
  if (name === 'ECN') return parseAccurateEcn(tokens, (order, bytes) => raw(ACCURATE_ECN[order], bytes));
  const accurate = /^(exp-)?AccECN([01])$/.exec(name);
  if (accurate !== null) {
    const order = Number(accurate[2]) as 0 | 1;
    const bytes = parseCounters(tokens, order, ['ee0b', 'eceb', 'ee1b']);
    return accurate[1] ? experiment(EXPERIMENTAL_ACCURATE_ECN[order], bytes) : raw(ACCURATE_ECN[order], bytes);
  }
  if (name === 'exp-tarr') {
    const rate = tokens.peek().kind === 'integer' ? [tokens.integer('rate', 0, 127) << 1] : [];
    return experiment(EXPERIMENTAL_RATE_REQUEST, Uint8Array.from(rate));
  }
  if (/^gen-\d+$/.test(name) && Number(name.slice(4)) < 256)
    return raw(Number(name.slice(4)), optionalHexBytes(tokens));
  if (/^exp-[0-9a-fA-F]{1,4}$/.test(name))
    return experiment(Number.parseInt(name.slice(4), 16), optionalHexBytes(tokens));
  return tokens.fail(`no TCP option is called "${name}"`, at);
}

/** `ECN e0b 1 ceb 2 e1b 3` or `ECN e1b 1 ceb 2 e0b 3`: the first counter says which of the two options it is. */
function parseAccurateEcn(tokens: TokenStream, make: (order: 0 | 1, bytes: Uint8Array) => TcpOption): TcpOption {
  if (!tokens.at('e0b') && !tokens.at('e1b')) tokens.fail('expected e0b or e1b');
  const order = tokens.at('e0b') ? 0 : 1;
  return make(order, parseCounters(tokens, order, ['e0b', 'ceb', 'e1b']));
}

/** Up to three 24-bit counters; `names` is the order of option 0, option 1 has it reversed. */
function parseCounters(tokens: TokenStream, order: 0 | 1, names: readonly string[]): Uint8Array {
  const bytes: number[] = [];
  for (const name of order === 0 ? names : [...names].reverse()) {
    if (!tokens.accept(name)) break;
    const count = tokens.integer('byte counter', 0, 0xff_ffff);
    bytes.push(count >> 16, (count >> 8) & 255, count & 255);
  }
  return Uint8Array.from(bytes);
}

function optionalHexBytes(tokens: TokenStream): Uint8Array {
  const { kind } = tokens.peek();
  return kind === 'word' || kind === 'integer' ? hexBytes(tokens) : new Uint8Array(0);
}

function hexBytes(tokens: TokenStream): Uint8Array {
  const { text, kind } = tokens.peek();
  if ((kind !== 'word' && kind !== 'integer') || !isHex(text))
    tokens.fail('expected bytes in hexadecimal, two digits each');
  tokens.next();
  return Uint8Array.from(text.match(/../g)!, (pair) => Number.parseInt(pair, 16));
}
