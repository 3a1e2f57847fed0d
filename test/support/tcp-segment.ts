/**
 * TCP segments for tests: built, taken apart and written as text, independently of `src/net/wire`. Sequence numbers
 * here are those of the wire; scripted-peer.ts makes them relative.
 */
import { addressBytes, concat, plainChecksum, word16, word32 } from './packets.js';

/** Flags by their letters in traces: `S.` is SYN with ACK. E is ECE, W is CWR. */
const FLAG_BITS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, '.': 16, U: 32, E: 64, W: 128 };

export interface TcpFields {
  sourcePort: number;
  destinationPort: number;
  /** As in a trace: `S`, `S.`, `P.`, `F.`, `R`; `-` for none. */
  flags: string;
  sequence: number;
  acknowledgment?: number;
  window?: number;
  urgent?: number;
  data?: Uint8Array;
  /** Raw bytes of options; padded with zeros to a multiple of four. */
  options?: readonly number[];
  /** Reserved bits, and a data offset (in words) and checksum in place of the right ones. */
  reserved?: number;
  dataOffset?: number;
  checksum?: number;
}

/** Options that a test names; `tcpOptions` makes bytes of them, in this order. */
export interface OptionFields {
  mss?: number;
  sackOk?: boolean;
  ts?: readonly [value: number, echo: number];
  wscale?: number;
  sack?: readonly (readonly [left: number, right: number])[];
}

export function flagBits(letters: string): number {
  let bits = 0;
  for (const letter of letters) if (letter !== '-') bits |= FLAG_BITS[letter]!;
  return bits;
}

/** The letters of these flag bits, the dot last: `S.`, `FP.`; `-` for none. */
export function flagLetters(bits: number): string {
  const letters = ['S', 'F', 'R', 'P', 'U', 'E', 'W', '.'].filter((letter) => bits & FLAG_BITS[letter]!);
  return letters.length === 0 ? '-' : letters.join('');
}

export function tcpOptions(fields: OptionFields): number[] {
  const bytes: number[] = [];
  if (fields.mss !== undefined) bytes.push(2, 4, ...word16(fields.mss));
  if (fields.sackOk) bytes.push(4, 2);
  if (fields.ts !== undefined) bytes.push(1, 1, 8, 10, ...word32(fields.ts[0]), ...word32(fields.ts[1]));
  if (fields.wscale !== undefined) bytes.push(3, 3, fields.wscale);
  if (fields.sack !== undefined && fields.sack.length > 0) {
    bytes.push(1, 1, 5, 2 + 8 * fields.sack.length);
    for (const [left, right] of fields.sack) bytes.push(...word32(left), ...word32(right));
  }
  return bytes;
}

/** A segment with a right checksum over `pseudo` (the pseudo-header without its length; see `pseudoHeader`). */
export function tcpSegment(fields: TcpFields, pseudo: (length: number) => Uint8Array): Uint8Array {
  const options = fields.options ?? [];
  const padding = new Array<number>((4 - (options.length % 4)) % 4).fill(0);
  const words = fields.dataOffset ?? 5 + (options.length + padding.length) / 4;
  const segment = concat(
    word16(fields.sourcePort),
    word16(fields.destinationPort),
    word32(fields.sequence),
    word32(fields.acknowledgment ?? 0),
    [(words << 4) | (fields.reserved ?? 0), flagBits(fields.flags)],
    word16(fields.window ?? 65_535),
    word16(0),
    word16(fields.urgent ?? 0),
    [...options],
    padding,
    fields.data ?? [],
  );
  segment.set(word16(fields.checksum ?? plainChecksum(pseudo(segment.length), segment)), 16);
  return segment;
}

/** A segment that the stack has sent, taken apart. */
export interface SentTcp extends OptionFields {
  sourcePort: number;
  destinationPort: number;
  flags: string;
  sequence: number;
  acknowledgment: number;
  window: number;
  urgent: number;
  data: Uint8Array;
  headerBytes: number;
}

/** Takes a segment apart, whatever it is like. */
export function parseTcp(segment: Uint8Array): SentTcp {
  const view = new DataView(segment.buffer, segment.byteOffset);
  const headerBytes = (segment[12]! >> 4) * 4;
  return {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    flags: flagLetters(segment[13]!),
    sequence: view.getUint32(4),
    acknowledgment: view.getUint32(8),
    window: view.getUint16(14),
    urgent: view.getUint16(18),
    data: segment.slice(headerBytes),
    headerBytes,
    ...readOptions(segment.slice(20, headerBytes)).found,
  };
}

/**
 * Takes a segment apart that the stack has sent. @throws {Error} if it is not as every segment must be that is sent.
 */
export function readTcp(segment: Uint8Array, pseudo: (length: number) => Uint8Array): SentTcp {
  const read = parseTcp(segment);
  const complain = (what: string) => {
    throw new Error(`the stack sent ${what}: ${segmentText(read, 0, 0)}`);
  };
  // RFC 9293: MUST-2, section 3.1 (reserved bits), SHLD-13, MUST-7 and MUST-69, MUST-65; RFC 2018 section 3.
  if (plainChecksum(pseudo(segment.length), segment) !== 0) complain('a wrong checksum');
  if ((segment[12]! & 0x0f) !== 0) complain('reserved bits');
  if (read.flags.includes('U') || read.urgent !== 0) complain('urgent data');
  const { problem } = readOptions(segment.slice(20, read.headerBytes));
  if (problem !== undefined) complain(problem);
  const isSyn = read.flags.includes('S');
  if (!isSyn && (read.mss ?? read.wscale ?? read.sackOk) !== undefined) complain('an option that only a SYN may have');
  if (isSyn && read.sack !== undefined) complain('SACK blocks on a SYN');
  return read;
}

function readOptions(bytes: Uint8Array): { found: OptionFields; problem?: string } {
  const found: OptionFields = {};
  for (let at = 0; at < bytes.length; ) {
    const kind = bytes[at]!;
    if (kind === 0) {
      const dirty = bytes.subarray(at).some((byte) => byte !== 0);
      return dirty ? { found, problem: 'padding that is not zero' } : { found };
    }
    const length = kind === 1 ? 1 : (bytes[at + 1] ?? 0);
    if (length < 1 || at + length > bytes.length) return { found, problem: `option ${kind} of length ${length}` };
    if (!readOption(found, kind, bytes.slice(at + 2, at + length))) return { found, problem: `unknown option ${kind}` };
    at += length;
  }
  return { found };
}

/** False if it is none that our stack sends. */
function readOption(found: OptionFields, kind: number, value: Uint8Array): boolean {
  const view = new DataView(value.buffer);
  if (kind === 1) return true;
  if (kind === 2 && value.length === 2) found.mss = view.getUint16(0);
  else if (kind === 3 && value.length === 1) found.wscale = value[0]!;
  else if (kind === 4 && value.length === 0) found.sackOk = true;
  else if (kind === 8 && value.length === 8) found.ts = [view.getUint32(0), view.getUint32(4)];
  else if (kind === 5 && value.length % 8 === 0) {
    found.sack = Array.from({ length: value.length / 8 }, (_, i) => [view.getUint32(8 * i), view.getUint32(8 * i + 4)]);
  } else return false;
  return true;
}

/** RFC 9293 section 3.1: the pseudo-header of IPv4, or RFC 8200 section 8.1's. */
export function pseudoHeader(source: string, destination: string): (length: number) => Uint8Array {
  const addresses = concat(addressBytes(source), addressBytes(destination));
  const isV6 = addresses.length > 8;
  return (length) => concat(addresses, isV6 ? [...word32(length), 0, 0, 0, 6] : [0, 6, ...word16(length)]);
}

/**
 * `P. 1:101(100) ack 1 win 502 <ts 5 ecr 7>`, less the numbers at which both sides began: as in packetdrill's language.
 */
export function segmentText(segment: SentTcp, sequenceBase: number, acknowledgmentBase: number): string {
  const from = (segment.sequence - sequenceBase) | 0;
  const { flags, data, window, mss, sackOk, ts, wscale, sack, urgent } = segment;
  const parts = [flags, `${from}:${from + data.length}(${data.length})`];
  if (flags.includes('.')) parts.push(`ack ${(segment.acknowledgment - acknowledgmentBase) | 0}`);
  parts.push(`win ${window}`);
  if (urgent !== 0) parts.push(`urg ${urgent}`);
  const options: string[] = [];
  if (mss !== undefined) options.push(`mss ${mss}`);
  if (sackOk) options.push('sackOK');
  if (ts !== undefined) options.push(`TS val ${ts[0]} ecr ${ts[1]}`);
  if (wscale !== undefined) options.push(`wscale ${wscale}`);
  const edge = (number: number) => (number - acknowledgmentBase) | 0;
  if (sack !== undefined) options.push(`sack ${sack.map(([left, right]) => `${edge(left)}:${edge(right)}`).join(' ')}`);
  if (options.length > 0) parts.push(`<${options.join(', ')}>`);
  return parts.join(' ');
}
