/**
 * Queries over UDP, answered inside the receive path: RFC 1035 section 4.2.1, RFC 6891 section 6.2.5. An answer goes
 * out by reference to records that were summed when they were made. Only header, question and OPT are written.
 */
import type { Datagram } from '../../net/udp/datagram.js';
import type { DatagramHandler } from '../../net/udp/handler.js';
import { MAX_HEAD_BYTES } from '../../net/udp/message.js';
import type { UdpPort } from '../../net/udp/udp-port.js';
import type { Answer } from '../answer/answer.js';
import { NO_QUERY, Query } from '../wire/query.js';
import { RCODE, TYPE } from '../wire/types.js';
import { VERDICT } from './rate-limit.js';
import { Room } from './room.js';
import { type DnsService, errorAnswer, isNotifyAnswer, MOST_HEAD_BYTES, MOST_OPT_BYTES } from './service.js';

export class DnsDatagrams implements DatagramHandler {
  readonly #service: DnsService;
  readonly #notifyAnswered: (datagram: Datagram) => void;
  readonly #query = new Query();
  readonly #head = new Uint8Array(MOST_HEAD_BYTES);
  readonly #room = new Room(MOST_HEAD_BYTES + MOST_OPT_BYTES);

  /** @param notifyAnswered told of an answer to a NOTIFY that was sent from this port */
  constructor(service: DnsService, notifyAnswered: (datagram: Datagram) => void) {
    this.#service = service;
    this.#notifyAnswered = notifyAnswered;
  }

  received(datagram: Datagram, port: UdpPort): void {
    const service = this.#service;
    const query = this.#query;
    if (isNotifyAnswer(datagram.bytes, datagram.from, datagram.to)) {
      this.#notifyAnswered(datagram);
      return;
    }
    const result = query.parse(datagram.bytes, datagram.from, datagram.to);
    if (result === NO_QUERY || datagram.isToGroup) {
      service.statistics.ignored++;
      return;
    }
    service.statistics.queries++;
    if (result !== RCODE.NOERROR) this.#send(datagram, port, errorAnswer(result), result);
    else if (query.type === TYPE.AXFR || query.type === TYPE.IXFR) this.#transfer(datagram, port);
    else {
      const answer = service.answer(query);
      this.#send(datagram, port, answer, answer.flags & 15);
    }
  }

  /** RFC 5936 section 4.2 and RFC 1995 section 2: a transfer needs TCP; "truncated" says so. */
  #transfer(datagram: Datagram, port: UdpPort): void {
    const isWhole = this.#query.type === TYPE.AXFR;
    const rcode = isWhole ? RCODE.FORMERR : RCODE.NOERROR;
    const isOurs = this.#service.zones.exact(datagram.bytes, this.#query.nameAt, this.#query.nameLength) !== undefined;
    if (!isOurs) this.#send(datagram, port, errorAnswer(RCODE.REFUSED), RCODE.REFUSED);
    else this.#put(datagram, port, errorAnswer(rcode), rcode, isWhole ? 0 : -1);
  }

  #send(datagram: Datagram, port: UdpPort, answer: Answer, rcode: number): void {
    const service = this.#service;
    const query = this.#query;
    const fixed = query.questionEnd - query.from + service.optLength(query, false);
    const limit = Math.min(query.payloadSize, Math.max(512, service.settings.payloadBytes));
    let sets = answer.setsWithin(limit - fixed);
    const { packet } = datagram;
    if (!service.isVerified(query, packet)) {
      const length = fixed + (sets < 0 ? 0 : answer.lengthWith(sets));
      const verdict = service.limiter.check(packet, service.alike(query, answer), query.to - query.from, length);
      if (verdict === VERDICT.DROP) {
        service.statistics.limitDropped++;
        return;
      }
      if (verdict === VERDICT.TRUNCATE) {
        service.statistics.limitSlipped++;
        sets = -1;
      }
    }
    this.#put(datagram, port, answer, rcode, sets);
  }

  #put(datagram: Datagram, port: UdpPort, answer: Answer, rcode: number, sets: number): void {
    const service = this.#service;
    const query = this.#query;
    const message = port.compose();
    const headLength = service.writeHead(this.#head, 0, query, answer, rcode, sets);
    if (headLength <= MAX_HEAD_BYTES) message.head(this.#head, 0, headLength);
    else {
      const piece = this.#room.take();
      if (piece === null) {
        service.statistics.noRoom++;
        return;
      }
      for (let i = 0; i < headLength; i++) piece.bytes[i] = this.#head[i]!;
      message.add(piece, 0, headLength);
    }
    const length = sets < 0 ? 0 : answer.lengthWith(sets);
    if (length > 0) message.add(answer.records, 0, length);
    if (query.hasEdns) {
      const piece = this.#room.take();
      if (piece === null) {
        service.statistics.noRoom++;
        return;
      }
      message.add(piece, 0, service.writeOpt(piece.bytes, 0, query, rcode, datagram.packet));
    }
    service.count(rcode);
    if (sets < 0) service.statistics.truncated++;
    port.reply(message, datagram);
  }
}
