/**
 * Queries over TCP: RFC 7766. Each message has its length in front. Queries may come one behind the other, and each is
 * answered at once, so answers come in the order of the queries.
 */

import type { Connection, ConnectionHandler } from '../../net/tcp/handler.js';
import { IpNetwork } from '../../net/wire/address.js';
import { readUint16, writeUint16 } from '../../net/wire/bytes.js';
import { SummedBytes } from '../../net/wire/summed-bytes.js';
import type { Answer } from '../answer/answer.js';
import { equalNames } from '../wire/name.js';
import { NO_QUERY, Query } from '../wire/query.js';
import { HEADER_BYTES, RCODE, TYPE } from '../wire/types.js';
import type { Zone } from '../zone/zone.js';
import { type DnsService, errorAnswer, MOST_HEAD_BYTES, MOST_OPT_BYTES } from './service.js';
import { Transfer } from './transfer.js';

/** While more than this is queued, no query is read: a client that does not read its answers gets no more. */
const MOST_QUEUED_BYTES = 256 * 1024;
/** No query is that long. What comes in a longer message is skipped, and it is answered FORMERR. */
const MOST_QUERY_BYTES = 4096;
const SECOND = 1_000_000;

export class DnsStream implements ConnectionHandler {
  readonly #service: DnsService;
  readonly #connection: Connection;
  readonly #closed: () => void;
  readonly #query = new Query();
  #transfer: Transfer | null = null;
  /** Bytes of a message that is too long, still to be skipped. */
  #skip = 0;
  #hasEnded = false;
  #isClosing = false;

  /** @param closed told when the connection is gone */
  constructor(service: DnsService, connection: Connection, closed: () => void) {
    this.#service = service;
    this.#connection = connection;
    this.#closed = closed;
    connection.noDelay = true;
    this.#restartTimer();
  }

  received(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to && this.#transfer === null && !this.#isClosing && this.#connection.queuedBytes < MOST_QUEUED_BYTES) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, to - at);
        this.#skip -= skipped;
        at += skipped;
        continue;
      }
      if (to - at < 2) break;
      const length = readUint16(bytes, at);
      const isLong = length > MOST_QUERY_BYTES;
      if (to - at < 2 + (isLong ? HEADER_BYTES : length)) break;
      this.#restartTimer();
      at += 2;
      if (isLong) {
        this.#answerTooLong(bytes, at);
        this.#skip = length;
      } else {
        this.#message(bytes, at, at + length);
        at += length;
      }
    }
    return at - from;
  }

  acknowledged(): void {
    if (this.#transfer !== null) this.#goOn();
    this.#connection.resume();
    this.#closeIfDone();
  }

  ended(): void {
    this.#hasEnded = true;
    this.#closeIfDone();
  }

  /** What was asked before is answered; the client may ask another server. */
  stopping(): void {
    if (this.#transfer === null) this.#close();
    else this.#hasEnded = true;
  }

  timedOut(): void {
    if (this.#connection.queuedBytes > 0 || this.#transfer !== null) this.#connection.abort();
    else this.#close();
  }

  closed(): void {
    this.#transfer = null;
    this.#closed();
  }

  #closeIfDone(): void {
    if (this.#hasEnded && this.#transfer === null) this.#close();
  }

  #close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#connection.close();
  }

  #restartTimer(): void {
    this.#connection.setTimeout(this.#service.settings.idleSeconds * SECOND);
  }

  #message(bytes: Uint8Array, from: number, to: number): void {
    const service = this.#service;
    const query = this.#query;
    const result = query.parse(bytes, from, to);
    if (result === NO_QUERY) {
      service.statistics.ignored++;
      this.#connection.abort();
      return;
    }
    service.statistics.queriesTcp++;
    if (result !== RCODE.NOERROR) this.#send(errorAnswer(result), result);
    else if (query.type === TYPE.AXFR || query.type === TYPE.IXFR) this.#beginTransfer();
    else {
      const answer = service.answer(query);
      this.#send(answer, answer.flags & 15);
    }
  }

  /** Only the header is looked at. */
  #answerTooLong(bytes: Uint8Array, from: number): void {
    const result = this.#query.parse(bytes, from, from + HEADER_BYTES);
    if (result === NO_QUERY) this.#connection.abort();
    else this.#send(errorAnswer(RCODE.FORMERR), result === RCODE.NOTIMP ? result : RCODE.FORMERR);
  }

  #send(answer: Answer, rcode: number): void {
    const service = this.#service;
    const query = this.#query;
    const head = new Uint8Array(2 + MOST_HEAD_BYTES + MOST_OPT_BYTES);
    const fixed = query.questionEnd - query.from + service.optLength(query, true);
    const sets = answer.setsWithin(0xffff - fixed);
    const headEnd = service.writeHead(head, 2, query, answer, rcode, sets);
    const end = query.hasEdns ? service.writeOpt(head, headEnd, query, rcode, null) : headEnd;
    const length = sets < 0 ? 0 : answer.lengthWith(sets);
    writeUint16(head, 0, end - 2 + length);
    const own = SummedBytes.plain(head);
    this.#connection.send(own, 0, headEnd, length > 0 || end > headEnd);
    if (length > 0) this.#connection.send(answer.records, 0, length, end > headEnd);
    if (end > headEnd) this.#connection.send(own, headEnd, end);
    service.count(rcode);
  }

  #beginTransfer(): void {
    const service = this.#service;
    const { statistics } = service;
    const query = this.#query;
    const zone = query.isInternet ? service.zones.exact(query.bytes, query.nameAt, query.nameLength) : undefined;
    if (zone === undefined || !this.#mayTransfer(zone)) {
      statistics.transfersRefused++;
      const rcode = zone === undefined ? RCODE.NOTAUTH : RCODE.REFUSED;
      this.#send(errorAnswer(rcode), rcode);
      return;
    }
    statistics.transfers++;
    const isCurrent = query.type === TYPE.IXFR && query.ixfrSerial === (zone.serial | 0);
    this.#transfer = new Transfer(zone, query, isCurrent);
    service.count(RCODE.NOERROR);
    this.#goOn();
  }

  #mayTransfer(zone: Zone): boolean {
    const { remoteAddress } = this.#connection;
    return this.#service.settings.transfers.some(
      (rule) =>
        equalNames(rule.zone, zone.name) &&
        rule.networks.some((network) => IpNetwork.parse(network).contains(remoteAddress)),
    );
  }

  /** Messages of a transfer are made as the client takes them. */
  #goOn(): void {
    const transfer = this.#transfer;
    if (transfer === null) return;
    this.#restartTimer();
    while (this.#connection.queuedBytes < MOST_QUEUED_BYTES) {
      const message = transfer.next();
      if (message === undefined) {
        this.#transfer = null;
        return;
      }
      this.#connection.send(SummedBytes.plain(message), 0, message.length);
    }
  }
}
