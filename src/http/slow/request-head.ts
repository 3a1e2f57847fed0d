/**
 * The head of a request as it is handed over: written anew from what our scanner and framing have judged. So the parser
 * of the other thread comes to the same opinion on where the request ends, whom it is for, and whether the connection
 * persists. There is nothing left for it to see in another way (request smuggling, RFC 9112 section 11.2).
 *
 *     GET http://example.org/a?b HTTP/1.1     GET /a?b HTTP/1.1
 *     host: other.example                     Host: example.org
 *     content-length: 007              ──▶    Content-Length: 7
 *     connection: close, upgrade              Connection: close, upgrade
 *     x-any: thing                            x-any: thing
 */
import { latin1Bytes, latin1Text } from '../../net/wire/latin1.js';
import { CONNECTION, CONTENT_LENGTH, EXPECT, HOST_FIELD, TRANSFER_ENCODING } from '../grammar/fields.js';
import { CHUNKED } from '../request/framing.js';
import type { RequestScanner } from '../request/scanner.js';
import { Target } from '../request/target.js';

/** What was judged of the request. */
export interface JudgedRequest {
  /** Bytes of body, or `CHUNKED`. */
  readonly bodyLength: number;
  /** The client waits for a 100 response. */
  readonly expectsContinue: boolean;
  /** The connection may go on after the answer. */
  readonly mayPersist: boolean;
}

/** Fields that are written anew, or not at all. */
const OURS = (1 << HOST_FIELD) | (1 << CONNECTION) | (1 << CONTENT_LENGTH) | (1 << TRANSFER_ENCODING) | (1 << EXPECT);

/** The head of the request that `head` has scanned, with its empty line. */
export function headToHandOver(head: RequestScanner, request: JudgedRequest): Uint8Array<ArrayBuffer> {
  const { target, host } = targetOf(head);
  const version = head.minorVersion === 0 ? '1.0' : '1.1';
  const lines = [`${text(head, head.from, head.methodTo)} ${target} HTTP/${version}`];
  if (host !== undefined) lines.push(`Host: ${host}`);
  lines.push(...framingLines(head, request));
  for (let row = 0; row < head.fieldCount; row++) {
    if (!isOurs(head, row)) lines.push(`${text(head, head.nameFrom(row), head.nameTo(row))}: ${fieldValue(head, row)}`);
  }
  return latin1Bytes(`${lines.join('\r\n')}\r\n\r\n`);
}

/** Origin-form, or the authority of CONNECT; and the host, which an absolute-form target replaces (section 3.2.2). */
function targetOf(head: RequestScanner): { target: string; host: string | undefined } {
  const row = head.findRow(HOST_FIELD);
  const host = row < 0 ? undefined : fieldValue(head, row);
  const raw = text(head, head.targetFrom, head.targetTo);
  if (head.targetIsPlainPath) return { target: raw, host };
  const target = new Target(raw.length);
  target.read(head);
  if (target.hostFrom === target.hostTo) return { target: raw, host };
  const path = text(head, target.rawFrom, head.targetTo);
  return {
    target: path.startsWith('/') ? path : `/${path}`,
    host: text(head, target.hostFrom, target.hostTo),
  };
}

function framingLines(head: RequestScanner, { bodyLength, expectsContinue, mayPersist }: JudgedRequest): string[] {
  const lines: string[] = [];
  const connection = connectionOptions(head, mayPersist);
  if (connection !== '') lines.push(`Connection: ${connection}`);
  if (bodyLength === CHUNKED) lines.push('Transfer-Encoding: chunked');
  else if (head.has(CONTENT_LENGTH)) lines.push(`Content-Length: ${bodyLength}`);
  if (expectsContinue) lines.push('Expect: 100-continue');
  return lines;
}

/** The client's options of Connection without its word on persistence, and ours. */
function connectionOptions(head: RequestScanner, mayPersist: boolean): string {
  const options: string[] = [];
  if (!mayPersist) options.push('close');
  else if (head.minorVersion === 0) options.push('keep-alive');
  for (let row = head.findRow(CONNECTION); row >= 0; row = head.findRow(CONNECTION, row)) {
    const members = fieldValue(head, row).split(',');
    options.push(...members.map((member) => member.trim()).filter((member) => !/^(close|keep-alive|)$/i.test(member)));
  }
  return options.join(', ');
}

function isOurs(head: RequestScanner, row: number): boolean {
  const number = head.fieldNumber(row);
  return number < 31 && (OURS & (1 << number)) !== 0;
}

function fieldValue(head: RequestScanner, row: number): string {
  return text(head, head.valueFrom(row), head.valueTo(row));
}

function text(head: RequestScanner, from: number, to: number): string {
  return latin1Text(head.bytes, from, to);
}
