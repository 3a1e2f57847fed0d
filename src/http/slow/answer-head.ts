/**
 * What a worker looks at in an answer of the other thread: where its interim answers end, its status, the length of its
 * head, and whether a field may be added. It looks at heads alone, and only at their first piece.
 */
import { sameBytes } from '../../net/wire/bytes.js';
import { ascii, COLON, CR, equalsIgnoringCase, LF, SP } from '../grammar/grammar.js';

/** "HTTP/1.1 1", the two other digits of a status, and what ends a head. */
const INTERIM = ascii('HTTP/1.1 1');
const STATUS_LINE = ascii('HTTP/1.1 ');
const SWITCHING = (0x30 << 8) | 0x31;
const END_OF_HEAD = ascii('\r\n\r\n');
const ZERO = 0x30;
const SHORTEST = INTERIM.length + 2 + END_OF_HEAD.length;

/** Bytes of the interim answers at the start of `bytes[from, to)` (RFC 9110 section 15.2). 101 is final. */
export function interimLength(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (beginsInterim(bytes, at, to)) {
    const end = endOfHead(bytes, at, to);
    if (end < 0) break;
    at = end;
  }
  return at - from;
}

function beginsInterim(bytes: Uint8Array, at: number, to: number): boolean {
  if (to - at < SHORTEST || !sameBytes(bytes, at, INTERIM, 0, INTERIM.length)) return false;
  const digits = at + INTERIM.length;
  return ((bytes[digits]! << 8) | bytes[digits + 1]!) !== SWITCHING;
}

/** The status of the answer that begins at `from`; 0: its first line is not all here. */
export function statusAt(bytes: Uint8Array, from: number, to: number): number {
  const digits = from + STATUS_LINE.length;
  if (to - digits < 3) return 0;
  return 100 * (bytes[digits]! - ZERO) + 10 * (bytes[digits + 1]! - ZERO) + (bytes[digits + 2]! - ZERO);
}

/** The length of the head that begins at `from`, as far as it is here. */
export function headLength(bytes: Uint8Array, from: number, to: number): number {
  const end = endOfHead(bytes, from, to);
  return (end < 0 ? to : end) - from;
}

/** The place behind the empty line; -1: the head goes on in other bytes. */
function endOfHead(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at + END_OF_HEAD.length <= to; at++) {
    if (bytes[at] === CR && sameBytes(bytes, at, END_OF_HEAD, 0, END_OF_HEAD.length)) return at + END_OF_HEAD.length;
  }
  return -1;
}

/**
 * Where a field line may stand in the head that begins at `from`: behind the status line. -1: no head of a final answer
 * begins there, or it has the field already (as far as it lies in these bytes), or the connection changes its protocol.
 */
export function placeForField(bytes: Uint8Array, from: number, to: number, name: Uint8Array): number {
  if (to - from < SHORTEST || !sameBytes(bytes, from, STATUS_LINE, 0, STATUS_LINE.length)) return -1;
  if (sameBytes(bytes, from, INTERIM, 0, INTERIM.length)) return -1;
  const place = nextLine(bytes, from, to);
  if (place < 0) return -1;
  for (let at = place; at >= 0 && at < to && bytes[at] !== CR; at = nextLine(bytes, at, to)) {
    if (nameEnd(bytes, at, to) - at === name.length && equalsIgnoringCase(bytes, at, at + name.length, name)) return -1;
  }
  return place;
}

function nextLine(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at + 1 < to; at++) if (bytes[at] === CR && bytes[at + 1] === LF) return at + 2;
  return -1;
}

function nameEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== COLON && bytes[at] !== SP && bytes[at] !== CR) at++;
  return at;
}
