/** Fields as the lines of a message (RFC 9112 section 5). */
import { STATUS_CODES } from 'node:http';
import type { RawFields } from './hop-by-hop.js';

/** A line for each field, in latin1. */
export function linesOf(fields: RawFields): string {
  let lines = '';
  for (let i = 0; i + 1 < fields.length; i += 2) lines += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return lines;
}

/** The whole of an interim answer: RFC 9110 section 15.2. */
export function interimHead(status: number, fields: RawFields): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Interim'}\r\n${linesOf(fields)}\r\n`;
}
