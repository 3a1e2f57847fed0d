/** The envelope of a message (RFC 4511 section 4.1.1), read and written in place. */
import { BerReader, TAG } from '../ber/reader.js';
import { headLength, writeHead } from '../ber/writer.js';
import { OP } from './codes.js';

/** Where the operation of a message begins, or -1. */
export function operationAt(bytes: Uint8Array, from: number, to: number): number {
  const lengthByte = bytes[from + 1] ?? 0;
  const idAt = from + (lengthByte < 0x80 ? 2 : 2 + (lengthByte & 0x7f));
  const idLength = bytes[idAt + 1] ?? 0;
  if (bytes[idAt] !== TAG.integer || idLength < 1 || idLength > 4 || idAt + 2 + idLength >= to) return -1;
  return bytes[idAt + 2]! < 0x80 ? idAt + 2 + idLength : -1;
}

/** The number of a message in which `operationAt` found an operation. */
export function messageNumber(bytes: Uint8Array, from: number): number {
  const lengthByte = bytes[from + 1]!;
  const idAt = from + (lengthByte < 0x80 ? 2 : 2 + (lengthByte & 0x7f));
  let id = 0;
  for (let i = 0; i < bytes[idAt + 1]!; i++) id = (id << 8) | bytes[idAt + 2 + i]!;
  return id;
}

/** Writes SEQUENCE and a message's number before `length` bytes more; returns where the head ends. */
export function writeMessageHead(bytes: Uint8Array, at: number, id: number, length: number): number {
  const idBytes = id < 0x80 ? 1 : id < 0x8000 ? 2 : id < 0x80_0000 ? 3 : 4;
  let end = at + headLength(2 + idBytes + length);
  writeHead(bytes, at, TAG.sequence, 2 + idBytes + length);
  bytes[end++] = TAG.integer;
  bytes[end++] = idBytes;
  for (let i = idBytes - 1; i >= 0; i--) bytes[end++] = id >>> (8 * i);
  return end;
}

/** FNV-1a of the search itself, without its controls. */
export function digestOf(message: Uint8Array, op: number): number {
  const { end } = new BerReader(message, op, message.length).enter(OP.searchRequest);
  let hash = 0x811c9dc5;
  for (let i = op; i < end; i++) hash = Math.imul(hash ^ message[i]!, 0x01000193);
  return hash | 0;
}
