/**
 * A query, read where it lies: RFC 1035 section 4.1, RFC 6891 (EDNS), RFC 7873 (cookies), RFC 7828 (keep-alive), RFC
 * 5001 (NSID). One object serves all queries, and reading allocates nothing.
 */
import { readInt32, readUint16 } from '../../net/wire/bytes.js';
import { lower, MAX_LABEL_BYTES, MAX_NAME_BYTES } from './name.js';
import { CLASS, FLAG, HEADER_BYTES, OPCODE, RCODE, TYPE } from './types.js';

/** `parse` says so for what deserves no answer: no header, or an answer itself. */
export const NO_QUERY = -1;

/** Options of EDNS that we know. */
export const OPTION = { NSID: 3, COOKIE: 10, KEEPALIVE: 11 } as const;
const CLIENT_COOKIE_BYTES = 8;
const SHORTEST_SERVER_COOKIE = 8;
const LONGEST_SERVER_COOKIE = 32;
/** A query with more records than this is none. */
const MOST_RECORDS = 32;

export class Query {
  bytes: Uint8Array = new Uint8Array(0);
  from = 0;
  to = 0;
  id = 0;
  flags = 0;
  opcode = 0;
  /**
   * The question: where its name stands, the bytes of the name, and where the question ends. 0 bytes: there is
   * none.
   */
  nameAt = 0;
  nameLength = 0;
  questionEnd = 0;
  type = 0;
  qclass = 0;
  /** Of the name in lower case. */
  hash = 0;
  hasEdns = false;
  /** The largest answer that the client takes over UDP, bytes; 512 without EDNS. */
  payloadSize = 512;
  version = 0;
  /** DO: the client wants signatures. */
  wantsDnssec = false;
  /** Where the client's cookie stands; 0: it sent none. The server's follows. */
  cookieAt = 0;
  serverCookieBytes = 0;
  wantsKeepalive = false;
  wantsNsid = false;
  hasTsig = false;
  /** The serial number in a question for IXFR, as a signed number. */
  ixfrSerial = 0;

  /** Reads a message. Returns `NO_QUERY`, or the result that it deserves; `NOERROR`: the question can be answered. */
  parse(bytes: Uint8Array, from: number, to: number): number {
    this.#reset(bytes, from, to);
    if (to - from < HEADER_BYTES) return NO_QUERY;
    this.id = readUint16(bytes, from);
    this.flags = readUint16(bytes, from + 2);
    this.opcode = (this.flags >>> 11) & 15;
    if ((this.flags & FLAG.QR) !== 0) return NO_QUERY;
    if (this.opcode !== OPCODE.QUERY) return RCODE.NOTIMP;
    if (readUint16(bytes, from + 4) !== 1 || !this.#readQuestion(from + HEADER_BYTES)) return RCODE.FORMERR;
    if (!this.#readRecords()) {
      this.hasEdns = false;
      return RCODE.FORMERR;
    }
    return this.hasEdns && this.version !== 0 ? RCODE.BADVERS : RCODE.NOERROR;
  }

  #reset(bytes: Uint8Array, from: number, to: number): void {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.nameLength = 0;
    this.questionEnd = from + HEADER_BYTES;
    this.hasEdns = false;
    this.payloadSize = 512;
    this.version = 0;
    this.wantsDnssec = false;
    this.cookieAt = 0;
    this.serverCookieBytes = 0;
    this.wantsKeepalive = false;
    this.wantsNsid = false;
    this.hasTsig = false;
    this.ixfrSerial = 0;
  }

  /** The name has no pointer: nothing stands before it. */
  #readQuestion(at: number): boolean {
    const { bytes, to } = this;
    let hash = 0x811c9dc5 | 0;
    let end = at;
    for (;;) {
      if (end >= to) return false;
      const size = bytes[end]!;
      hash = Math.imul(hash ^ size, 0x01000193);
      end++;
      if (size === 0) break;
      if (size > MAX_LABEL_BYTES || end + size > to || end + size - at >= MAX_NAME_BYTES) return false;
      for (const last = end + size; end < last; end++) hash = Math.imul(hash ^ lower(bytes[end]!), 0x01000193);
    }
    if (end + 4 > to) return false;
    this.hash = hash ^ (hash >>> 15);
    this.nameAt = at;
    this.nameLength = end - at;
    this.type = readUint16(bytes, end);
    this.qclass = readUint16(bytes, end + 2);
    this.questionEnd = end + 4;
    return true;
  }

  /** The records behind the question: OPT may be among the last ones, once, and a SOA in a question for IXFR. */
  #readRecords(): boolean {
    const { bytes, from, to } = this;
    const inAnswer = readUint16(bytes, from + 6);
    const before = inAnswer + readUint16(bytes, from + 8);
    const count = before + readUint16(bytes, from + 10);
    if (count === 0) return true;
    if (count > MOST_RECORDS) return false;
    let at = this.questionEnd;
    for (let i = 0; i < count; i++) {
      const head = skipName(bytes, at, to);
      if (head < 0 || head + 10 > to) return false;
      const type = readUint16(bytes, head);
      const data = head + 10;
      const end = data + readUint16(bytes, head + 8);
      if (end > to) return false;
      if (type === TYPE.OPT) {
        if (i < before || this.hasEdns || head !== at + 1 || !this.#readEdns(head, data, end)) return false;
      } else if (type === TYPE.TSIG) this.hasTsig = true;
      else if (type === TYPE.SOA && i >= inAnswer && i < before) this.#readSerial(data, end);
      at = end;
    }
    return true;
  }

  #readSerial(data: number, end: number): void {
    const first = skipName(this.bytes, data, end);
    const second = first < 0 ? -1 : skipName(this.bytes, first, end);
    if (second >= 0 && second + 20 <= end) this.ixfrSerial = readInt32(this.bytes, second);
  }

  /** RFC 6891 section 6.1.2: class is the payload size; the TTL has the version and DO. */
  #readEdns(head: number, data: number, end: number): boolean {
    const { bytes } = this;
    this.hasEdns = true;
    this.payloadSize = Math.max(512, readUint16(bytes, head + 2));
    this.version = bytes[head + 5]!;
    this.wantsDnssec = (bytes[head + 6]! & 0x80) !== 0;
    let at = data;
    while (at < end) {
      if (at + 4 > end) return false;
      const option = readUint16(bytes, at);
      const length = readUint16(bytes, at + 2);
      at += 4;
      if (at + length > end) return false;
      if (option === OPTION.COOKIE) {
        if (!this.#readCookie(at, length)) return false;
      } else if (option === OPTION.KEEPALIVE) this.wantsKeepalive = true;
      else if (option === OPTION.NSID) this.wantsNsid = true;
      at += length;
    }
    return true;
  }

  /** RFC 7873 section 5.2.2: 8 bytes, or 16 to 40. The first cookie counts. */
  #readCookie(at: number, length: number): boolean {
    const server = length - CLIENT_COOKIE_BYTES;
    if (server !== 0 && (server < SHORTEST_SERVER_COOKIE || server > LONGEST_SERVER_COOKIE)) return false;
    if (this.cookieAt !== 0) return true;
    this.cookieAt = at;
    this.serverCookieBytes = server;
    return true;
  }

  /** True for class IN, which zones have. */
  get isInternet(): boolean {
    return this.qclass === CLASS.IN;
  }
}

/** Where a name of a message ends that may have a pointer; -1: it does not, before `to`. */
function skipName(bytes: Uint8Array, at: number, to: number): number {
  let end = at;
  while (end < to && end - at < MAX_NAME_BYTES) {
    const size = bytes[end]!;
    if (size === 0) return end + 1;
    if (size >= 0xc0) return end + 2 <= to ? end + 2 : -1;
    if (size > MAX_LABEL_BYTES) return -1;
    end += size + 1;
  }
  return -1;
}
