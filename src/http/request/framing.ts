/**
 * What a complete head says about the message and the connection. Is Host valid? Does a body follow, and how long is
 * it? Does the connection persist? RFC 9112 sections 3.2, 6 and 9.3; RFC 9110 section 10.1.1 (Expect).
 *
 * This is the defence against request smuggling. If there is any doubt about where the body ends, the request is
 * refused and the connection closed, even where RFC 9112 section 6.3 lets a recipient guess.
 */
import { latin1Text } from '../../net/wire/latin1.js';
import {
  CONNECTION,
  CONTENT_LENGTH,
  EXPECT,
  FRAMING_FIELDS,
  HOST_FIELD,
  TRANSFER_ENCODING,
} from '../grammar/fields.js';
import { ascii, equalsIgnoringCase, isHost, listHas, readDigits } from '../grammar/grammar.js';
import type { RequestScanner } from './scanner.js';

/** `bodyLength` of a body in the chunked coding. */
export const CHUNKED = -1;

const CLOSE_OPTION = ascii('close');
const KEEP_ALIVE_OPTION = ascii('keep-alive');
const CONTINUE = ascii('100-continue');
const CODINGS_WE_HAVE_HEARD_OF = new Set([
  'chunked',
  'gzip',
  'x-gzip',
  'deflate',
  'compress',
  'x-compress',
  'identity',
]);

/** The judgement on one head. One object is used again for every request. */
export class RequestFraming {
  /** Bytes of body, or `CHUNKED`. */
  bodyLength = 0;
  /** The client waits for a 100 response before it sends the body. */
  expectsContinue = false;
  /** The client lets the connection persist. */
  persists = true;

  /** Judges `head`; returns 0, or the status of the error, after which the connection must be closed. */
  judge(head: RequestScanner): number {
    this.bodyLength = 0;
    this.expectsContinue = false;
    this.persists = head.minorVersion > 0;
    if (!hostIsValid(head)) return 400;
    if (head.has(CONNECTION)) this.#readConnection(head);
    return (head.seen & FRAMING_FIELDS) === 0 ? 0 : this.#readFraming(head);
  }

  /** RFC 9112 section 9.3: "close" always wins; HTTP/1.0 persists only where it says keep-alive. */
  #readConnection(head: RequestScanner): void {
    const bytes = head.bytes;
    let close = false;
    for (let row = head.findRow(CONNECTION); row >= 0; row = head.findRow(CONNECTION, row)) {
      const from = head.valueFrom(row);
      const to = head.valueTo(row);
      if (listHas(bytes, from, to, CLOSE_OPTION)) close = true;
      else if (head.minorVersion === 0 && listHas(bytes, from, to, KEEP_ALIVE_OPTION)) this.persists = true;
    }
    if (close) this.persists = false;
  }

  /** RFC 9112 section 6.3. */
  #readFraming(head: RequestScanner): number {
    if (head.has(TRANSFER_ENCODING)) {
      // Together with Content-Length, or from HTTP/1.0, it is faulty framing (RFC 9112 section 6.1).
      if (head.has(CONTENT_LENGTH) || head.minorVersion === 0) return 400;
      const status = transferCodingStatus(head);
      if (status !== 0) return status;
      this.bodyLength = CHUNKED;
    } else if (head.has(CONTENT_LENGTH)) {
      // Several equal ones may be taken for one (RFC 9110 section 8.6). But they are a sign that somebody has changed
      // the message.
      if ((head.repeated & (1 << CONTENT_LENGTH)) !== 0) return 400;
      this.bodyLength = contentLength(head);
      if (this.bodyLength < 0) return 400;
    }
    return head.has(EXPECT) ? this.#readExpect(head) : 0;
  }

  /** RFC 9110 section 10.1.1: 100-continue is the only expectation; HTTP/1.0 cannot have it. */
  #readExpect(head: RequestScanner): number {
    if (head.minorVersion === 0) return 0;
    for (let row = head.findRow(EXPECT); row >= 0; row = head.findRow(EXPECT, row)) {
      if (!equalsIgnoringCase(head.bytes, head.valueFrom(row), head.valueTo(row), CONTINUE)) return 417;
    }
    this.expectsContinue = this.bodyLength !== 0;
    return 0;
  }
}

/** RFC 9112 section 3.2: one Host, valid; HTTP/1.0 may do without. */
function hostIsValid(head: RequestScanner): boolean {
  if (!head.has(HOST_FIELD)) return head.minorVersion === 0;
  if ((head.repeated & (1 << HOST_FIELD)) !== 0) return false;
  if (head.hostIsKnown) return true;
  const row = head.findRow(HOST_FIELD);
  if (!isHost(head.bytes, head.valueFrom(row), head.valueTo(row))) return false;
  head.rememberHost(row);
  return true;
}

/** 1*DIGIT (RFC 9110 section 8.6), or -1. Leading zeros are valid, and the number is decimal with them too. */
function contentLength(head: RequestScanner): number {
  const row = head.findRow(CONTENT_LENGTH);
  return readDigits(head.bytes, head.valueFrom(row), head.valueTo(row));
}

/**
 * 0 if the body is in the chunked coding and no other. 400 if chunked is not the last coding, or applied twice, or if
 * the value is no list of codings; 501 for chunked over a coding that we do not undo (RFC 9112 sections 6.1 and 7).
 */
function transferCodingStatus(head: RequestScanner): number {
  const codings: string[] = [];
  for (let row = head.findRow(TRANSFER_ENCODING); row >= 0; row = head.findRow(TRANSFER_ENCODING, row)) {
    const value = latin1Text(head.bytes, head.valueFrom(row), head.valueTo(row));
    codings.push(...value.split(',').map((coding) => coding.replace(/^[ \t]+|[ \t]+$/g, '').toLowerCase()));
  }
  if (codings.length === 1 && codings[0] === 'chunked') return 0;
  if (codings.indexOf('chunked') !== codings.length - 1) return 400;
  return codings.every((coding) => CODINGS_WE_HAVE_HEARD_OF.has(coding)) ? 501 : 400;
}
