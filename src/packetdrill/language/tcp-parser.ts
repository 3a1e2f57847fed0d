/**
 * Parses a TCP segment of a script: ports, flags, sequence numbers, ACK, window, urgent pointer, options.
 */
import type { Ports, SequenceRange, TcpBody, TcpFlags } from './ast.js';
import { parseTcpOptions } from './option-parser.js';
import type { TokenStream } from './token-stream.js';

const UINT32 = 0xffff_ffff;

/** `99 > 80`, if the next tokens are ports. */
export function parsePorts(tokens: TokenStream): Ports | undefined {
  if (tokens.peek().kind !== 'integer' || !tokens.at('>', 1)) return undefined;
  const source = tokens.integer('source port', 0, 0xffff);
  tokens.expect('>');
  return { source, destination: tokens.integer('destination port', 0, 0xffff) };
}

/** Parses a segment; the next token is a port or its flags. */
export function parseTcp(tokens: TokenStream, inbound: boolean): TcpBody {
  const ports = parsePorts(tokens);
  const flags = parseFlags(tokens);
  const sequence = parseSequence(tokens);
  const acknowledgment = tokens.accept('ack') ? tokens.integer('acknowledgment number', 0, UINT32) : undefined;
  const window = tokens.accept('win') ? tokens.integer('window', 0, 0xffff) : undefined;
  const urgentPointer = tokens.accept('urg') ? tokens.integer('urgent pointer', 0, 0xffff) : undefined;
  const optionsAt = tokens.peek().at;
  const options = parseTcpOptions(tokens);
  if (options === undefined && inbound) tokens.fail('<...> is for outbound packets only', optionsAt);
  const diagnosis = parseDiagnosis(tokens);
  const inUdp = parseUdpCarrier(tokens);
  return { protocol: 'tcp', ports, flags, sequence, acknowledgment, window, urgentPointer, options, diagnosis, inUdp };
}

/** `[code 1, pen 2]`: the nplab dialect's diagnostic payload of a RST. */
function parseDiagnosis(tokens: TokenStream): TcpBody['diagnosis'] {
  if (!tokens.accept('[')) return undefined;
  tokens.expect('code');
  const code = tokens.integer('reason code', 0, 0xffff);
  tokens.expect(',');
  tokens.expect('pen');
  const enterprise = tokens.integer('enterprise number', 0, UINT32);
  tokens.expect(']');
  return { code, enterprise };
}

/** `/udp(9899 > 9899)`: TCP carried in UDP (nplab). */
export function parseUdpCarrier(tokens: TokenStream): Ports | undefined {
  if (!tokens.accept('/')) return undefined;
  tokens.expect('udp');
  tokens.expect('(');
  const ports = parsePorts(tokens) ?? tokens.fail('expected two ports');
  tokens.expect(')');
  return ports;
}

/** What flags are written with: letters, `.` for ACK, and a digit for the ACE count of Accurate ECN (RFC 9768). */
const FLAG_CHARACTERS = 'FSRP.UEWA01234567';

/** `S`, `P.`, `SEW`, `.`, `-` for none, and with an ACE count `P5.`, `.5` or `P.5`. */
function parseFlags(tokens: TokenStream): TcpFlags {
  const { at } = tokens.peek();
  const text = flagText(tokens);
  const wrong = [...text].find((letter) => !FLAG_CHARACTERS.includes(letter));
  if (wrong !== undefined) tokens.fail(`"${text}" are no TCP flags: "${wrong}" is none of F S R P . U E W A 0-7`, at);
  const digits = text.replace(/\D/g, '');
  if (digits.length > 1) tokens.fail(`"${text}" has two ACE counts`, at);
  if (digits !== '' && /[EWA]/.test(text)) tokens.fail(`"${text}": an ACE count is the flags E, W and A`, at);
  return makeFlags(text, digits === '' ? undefined : Number(digits));
}

/** The tokens that make up the flags, joined: `P` and `.5` are two, and so are `P5` and `.`. */
function flagText(tokens: TokenStream): string {
  if (tokens.accept('-')) return '';
  let text = '';
  for (;;) {
    const { kind, text: piece } = tokens.peek();
    const isPiece = kind === 'word' || kind === 'float' || piece === '.' || (kind === 'integer' && tokens.at('.', 1));
    if (!isPiece) break;
    text += tokens.next().text;
  }
  if (text === '') tokens.fail('expected TCP flags (F S R P . U E W A, an ACE count, or - for none)');
  return text;
}

function makeFlags(letters: string, aceCount: number | undefined): TcpFlags {
  const has = (letter: string) => letters.includes(letter);
  const ace = aceCount ?? 0;
  return {
    fin: has('F'),
    syn: has('S'),
    rst: has('R'),
    psh: has('P'),
    ack: has('.'),
    urg: has('U'),
    ece: has('E') || (ace & 1) !== 0,
    cwr: has('W') || (ace & 2) !== 0,
    ae: has('A') || (ace & 4) !== 0,
    aceCount,
  };
}

/** Reads a range of sequence numbers, `0:100(100)`, or `...` for any. @throws {ScriptError} if it is none */
export function parseSequence(tokens: TokenStream): SequenceRange {
  const at = tokens.peek().at;
  const any = tokens.accept('...');
  let first = 0;
  let last: number | undefined;
  if (!any) {
    first = tokens.integer('first sequence number', 0, UINT32);
    tokens.expect(':');
    last = tokens.integer('sequence number after the last', 0, UINT32);
  }
  tokens.expect('(');
  const length = tokens.integer('payload length', 0, 0xffff);
  tokens.expect(')');
  if (last !== undefined && last !== (first + length) % 2 ** 32) {
    tokens.fail(`${first} + ${length} is ${first + length}, not ${last}`, at);
  }
  return { first, length, absolute: tokens.accept('!'), any };
}
