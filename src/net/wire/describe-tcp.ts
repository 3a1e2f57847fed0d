/** A TCP segment as tcpdump prints it (RFC 9293 section 3.1 has the header). See `describe.ts`. */
import { readInt32, readUint16 } from './bytes.js';
import * as tcp from './tcp.js';
import {
  OPTION_END,
  OPTION_MSS,
  OPTION_NOP,
  OPTION_SACK,
  OPTION_SACK_PERMITTED,
  OPTION_TIMESTAMPS,
  OPTION_WINDOW_SCALE,
} from './tcp-options.js';
import type { TransportSpan } from './transport-span.js';

const OPTION_FAST_OPEN = 34;
const RESET_OR_SYN_OR_FIN = tcp.SYN | tcp.FIN | tcp.RST;

/**
 * Subtracted from the numbers of a segment before they are shown: 0 shows them as they are.
 *
 * @example
 * ```ts
 * import { describeFrame, type SequenceBase } from 'fastpath';
 *
 * // Numbers from the start of the connection, as tcpdump shows them.
 * export const relative = (frame: Uint8Array, iss: number, irs: number) => {
 *   const base: SequenceBase = { sequence: iss, acknowledgment: irs };
 *   return describeFrame(frame, 0, frame.length, base);
 * };
 * ```
 */
export interface SequenceBase {
  /** From the sequence number of this segment, and from the number that it acknowledges. */
  readonly sequence: number;
  readonly acknowledgment: number;
  /**
   * The window is shown in bytes: shifted left by this, but for that of a SYN (RFC 7323 section 2.2). `unknown`: the
   * handshake was not seen, and the line says so. Undefined: the window is shown as it stands in the header.
   */
  readonly windowShift?: number | 'unknown';
}

export const ABSOLUTE: SequenceBase = { sequence: 0, acknowledgment: 0 };

/** `10.77.0.1.40000 > 10.77.0.2.80: Flags [.], ack 1, win 502, length 0` */
export function describeTcp(
  bytes: Uint8Array,
  source: string,
  destination: string,
  span: TransportSpan,
  base: SequenceBase,
): string {
  const { from, to } = span;
  if (to - from < 4) return `${source} > ${destination}: [|tcp]`;
  const between = `${source}.${readUint16(bytes, from)} > ${destination}.${readUint16(bytes, from + 2)}:`;
  if (to - from < tcp.TCP_HEADER_BYTES) return `${between} [|tcp]`;
  const header = tcp.headerBytes(bytes, from);
  if (header < tcp.TCP_HEADER_BYTES || header > span.length) return `${between} Flags [bad hdr length ${header}]`;
  const flags = tcp.flags(bytes, from);
  const length = span.length - header;
  const parts = [`Flags [${flagLetters(flags)}]`];
  if (length > 0 || flags & RESET_OR_SYN_OR_FIN) parts.push(sequenceText(bytes, from, length, base));
  if (flags & tcp.ACK) parts.push(`ack ${(tcp.acknowledgmentNumber(bytes, from) - base.acknowledgment) >>> 0}`);
  parts.push(`win ${windowText(tcp.window(bytes, from), flags, base.windowShift)}`);
  if (flags & tcp.URG) parts.push(`urg ${tcp.urgentPointer(bytes, from)}`);
  const options = describeOptions(bytes, from + tcp.TCP_HEADER_BYTES, Math.min(from + header, to), base.acknowledgment);
  if (header > tcp.TCP_HEADER_BYTES) parts.push(`options [${options}]`);
  return `${between} ${parts.join(', ')}, length ${length}`;
}

/** Flags as tcpdump writes them, in the order of their bits: `S.`, `P.`, `SEW`; `none` for none. */
export function flagLetters(flags: number): string {
  let letters = '';
  for (let bit = 0; bit < 8; bit++) if (flags & (1 << bit)) letters += 'FSRP.UEW'[bit];
  return letters === '' ? 'none' : letters;
}

function windowText(window: number, flags: number, shift: SequenceBase['windowShift']): string {
  if (shift === undefined || flags & tcp.SYN) return String(window);
  // Nothing stays nothing, and a RST offers no window.
  if (shift === 'unknown') return window === 0 || flags & tcp.RST ? String(window) : `${window} (scale unknown)`;
  return String(window * 2 ** shift);
}

function sequenceText(bytes: Uint8Array, from: number, length: number, base: SequenceBase): string {
  const first = (tcp.sequenceNumber(bytes, from) - base.sequence) >>> 0;
  return length > 0 ? `seq ${first}:${(first + length) >>> 0}` : `seq ${first}`;
}

/** The options in `bytes[from, to)`; a length that lies ends the list. SACK edges are shown less `sackBase`. */
export function describeOptions(bytes: Uint8Array, from: number, to: number, sackBase = 0): string {
  const texts: string[] = [];
  let at = from;
  while (at < to) {
    const kind = bytes[at]!;
    if (kind === OPTION_NOP || kind === OPTION_END) {
      texts.push(kind === OPTION_NOP ? 'nop' : 'eol');
      if (kind === OPTION_END) break;
      at++;
      continue;
    }
    const length = at + 1 < to ? bytes[at + 1]! : 0;
    if (length < 2 || at + length > to) {
      texts.push(`bad option ${kind}`);
      break;
    }
    texts.push(describeOption(kind, bytes, at, length, sackBase));
    at += length;
  }
  return texts.join(',');
}

function describeOption(kind: number, bytes: Uint8Array, at: number, length: number, sackBase: number): string {
  if (kind === OPTION_MSS && length === 4) return `mss ${readUint16(bytes, at + 2)}`;
  if (kind === OPTION_WINDOW_SCALE && length === 3) return `wscale ${bytes[at + 2]}`;
  if (kind === OPTION_SACK_PERMITTED && length === 2) return 'sackOK';
  if (kind === OPTION_TIMESTAMPS && length === 10) {
    return `TS val ${readInt32(bytes, at + 2) >>> 0} ecr ${readInt32(bytes, at + 6) >>> 0}`;
  }
  if (kind === OPTION_SACK && length >= 10 && (length - 2) % 8 === 0) return describeSack(bytes, at, length, sackBase);
  if (kind === OPTION_FAST_OPEN) return describeFastOpen(bytes, at, length);
  return `unknown-${kind}${length > 2 ? ` 0x${hex(bytes, at + 2, at + length)}` : ''}`;
}

/** RFC 7413 section 4.1.1: a request, or a cookie of 4 to 16 bytes. */
function describeFastOpen(bytes: Uint8Array, at: number, length: number): string {
  const cookieBytes = length - 2;
  if (cookieBytes === 0) return 'tfo  cookiereq';
  if (cookieBytes % 2 !== 0 || cookieBytes < 4 || cookieBytes > 16) return 'tfo  (invalid)';
  return `tfo  cookie ${hex(bytes, at + 2, at + length)}`;
}

function describeSack(bytes: Uint8Array, at: number, length: number, base: number): string {
  let text = `sack ${(length - 2) / 8} `;
  for (let edge = at + 2; edge < at + length; edge += 8) {
    text += `{${(readInt32(bytes, edge) - base) >>> 0}:${(readInt32(bytes, edge + 4) - base) >>> 0}}`;
  }
  return text;
}

function hex(bytes: Uint8Array, from: number, to: number): string {
  return Array.from(bytes.subarray(from, to), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
