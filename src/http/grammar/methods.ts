/** Request methods (RFC 9110 section 9), by number. */
import { sameBytes } from '../../net/wire/bytes.js';
import { ascii } from './grammar.js';

export const GET = 0;
export const HEAD = 1;
export const OPTIONS = 2;
/** A method that we know and do not serve: 405. */
export const NOT_ALLOWED = 3;
/** CONNECT is not served either, but its target has a form of its own (RFC 9112 section 3.2.3). */
export const CONNECT = 4;
/** A method that we do not know: 501. */
export const UNKNOWN_METHOD = 5;

/** Value of the Allow field. */
export const ALLOWED_METHODS = 'GET, HEAD, OPTIONS';

const OTHERS: readonly (readonly [Uint8Array, number])[] = [
  [ascii('HEAD'), HEAD],
  [ascii('OPTIONS'), OPTIONS],
  [ascii('POST'), NOT_ALLOWED],
  [ascii('PUT'), NOT_ALLOWED],
  [ascii('DELETE'), NOT_ALLOWED],
  [ascii('PATCH'), NOT_ALLOWED],
  [ascii('TRACE'), NOT_ALLOWED],
  [ascii('CONNECT'), CONNECT],
];

/** The number of the method `bytes[from, to)`. Methods are case-sensitive. */
export function methodNumber(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length === 3 && bytes[from] === 0x47 && bytes[from + 1] === 0x45 && bytes[from + 2] === 0x54) return GET;
  for (let i = 0; i < OTHERS.length; i++) {
    const [name, number] = OTHERS[i]!;
    if (name.length === length && sameBytes(bytes, from, name, 0, length)) return number;
  }
  return UNKNOWN_METHOD;
}

/**
 * Methods that we do not know and the parser of node:http does (the registry of methods, and those of UPnP and
 * Subversion). A handler may get them. test/http/slow compares the list with Node's own.
 */
const KNOWN_TO_NODE: ReadonlySet<string> = new Set(
  (
    'ACL BIND CHECKOUT COPY LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY PROPFIND PROPPATCH ' +
    'PURGE QUERY REBIND REPORT SEARCH SOURCE SUBSCRIBE UNBIND UNLINK UNLOCK UNSUBSCRIBE'
  ).split(' '),
);

/** Whether node:http understands a request of this method, which has the number `UNKNOWN_METHOD`. */
export function isKnownToNode(method: string): boolean {
  return KNOWN_TO_NODE.has(method);
}
