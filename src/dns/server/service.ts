/**
 * Which answer a query gets, over UDP or TCP: the answer that was made before, or a new one. It writes the parts that
 * differ from client to client: the header with the question, and OPT. Nothing is allocated for a question that was
 * asked before.
 *
 *     header, question (copied from the query)  │  records (prebuilt, with their sums)  │  OPT
 */
import type { Clock } from '../../net/clock.js';
import type { IpPacket } from '../../net/ip/packet.js';
import type { WallClock } from '../../net/wall-clock.js';
import { writeUint16 } from '../../net/wire/bytes.js';
import { type Answer, emptyAnswer, isForAnyName, KIND } from '../answer/answer.js';
import { resolve } from '../answer/resolve.js';
import { lower, MAX_NAME_BYTES } from '../wire/name.js';
import type { Query } from '../wire/query.js';
import { CLASS, FLAG, HEADER_BYTES, OPCODE, RCODE, TYPE } from '../wire/types.js';
import { AnswerTable } from './answer-table.js';
import { chaosAnswer } from './chaos.js';
import { Cookies } from './cookies.js';
import { RateLimiter } from './rate-limit.js';
import type { DnsSettings } from './settings.js';
import type { DnsStatistics } from './statistics.js';
import { Zones } from './zones.js';

/** The header and a question. */
export const MOST_HEAD_BYTES = HEADER_BYTES + MAX_NAME_BYTES + 4;
/** The record itself, a cookie of 24 bytes, a keep-alive, an identity of up to 64 bytes. */
export const MOST_OPT_BYTES = 11 + 4 + 24 + 6 + 4 + 64;
const OPT_BYTES = 11;
const COOKIE_OPTION_BYTES = 28;
const KEEPALIVE_OPTION_BYTES = 6;

const ERRORS = new Map<number, Answer>();
for (const rcode of Object.values(RCODE)) ERRORS.set(rcode, emptyAnswer(rcode & 15));
const NOTHING = emptyAnswer(RCODE.SERVFAIL);

/** An answer without records. */
export function errorAnswer(rcode: number): Answer {
  return ERRORS.get(rcode) ?? NOTHING;
}

export interface ServiceParts {
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly settings: DnsSettings;
  readonly statistics: DnsStatistics;
  readonly seed: number;
}

export class DnsService {
  readonly zones = new Zones();
  readonly table = new AnswerTable();
  readonly statistics: DnsStatistics;
  readonly clock: Clock;
  readonly limiter: RateLimiter;
  readonly settings: DnsSettings;
  readonly #cookies: Cookies;
  readonly #identity: Uint8Array;
  readonly #wallClock: WallClock;

  constructor({ clock, wallClock, settings, statistics, seed }: ServiceParts) {
    this.clock = clock;
    this.#wallClock = wallClock;
    this.settings = settings;
    this.statistics = statistics;
    this.limiter = new RateLimiter(settings.rateLimits, clock, seed);
    this.#cookies = new Cookies(settings.cookieSecret);
    this.#identity = identityBytes(settings);
  }

  /** Zones have changed: answers made before are forgotten. */
  zonesChanged(): void {
    this.table.clear();
    this.statistics.zones = this.zones.all.length;
    this.statistics.tableSize = 0;
  }

  /** The answer to a query that `parse` found sound. */
  answer(query: Query): Answer {
    const { hash, type, wantsDnssec } = query;
    if (query.hasTsig) return errorAnswer(RCODE.NOTAUTH); // RFC 8945 section 5.2.1: we have no keys
    if (!query.isInternet) return query.qclass === CLASS.CH ? chaosAnswer(query, this.settings) : refused();
    const { statistics } = this;
    const known = this.table.find(hash, query.bytes, query.nameAt, query.nameLength, type, wantsDnssec);
    if (known !== null) {
      statistics.tableHits++;
      return known;
    }
    if (isMeta(type)) return errorAnswer(type === TYPE.MAILA || type === TYPE.MAILB ? RCODE.NOTIMP : RCODE.FORMERR);
    const zone = this.zones.find(query.bytes, query.nameAt, query.nameLength, type === TYPE.DS);
    if (zone === undefined) return refused();
    statistics.tableMisses++;
    const name = new Uint8Array(query.nameLength);
    for (let i = 0; i < name.length; i++) name[i] = lower(query.bytes[query.nameAt + i]!);
    const made = resolve(zone, name, type, wantsDnssec);
    this.table.add(hash, name, type, wantsDnssec, made);
    statistics.tableSize = this.table.size;
    return made;
  }

  /** Counts an answer by its result. */
  count(rcode: number): void {
    const { statistics } = this;
    if (rcode === RCODE.NOERROR) statistics.noError++;
    else if (rcode === RCODE.NXDOMAIN) statistics.nameErrors++;
    else if (rcode === RCODE.REFUSED) statistics.refused++;
    else if (rcode === RCODE.FORMERR) statistics.formatErrors++;
    else if (rcode === RCODE.NOTIMP) statistics.notImplemented++;
    else if (rcode === RCODE.SERVFAIL) statistics.serverFailures++;
    else statistics.otherResults++;
  }

  /** True if the query shows that its sender gets what we send to its address: RFC 7873 section 5.2.4. */
  isVerified(query: Query, sender: IpPacket): boolean {
    if (query.serverCookieBytes === 0) return false;
    const { bytes, cookieAt, serverCookieBytes } = query;
    const isOurs = this.#cookies.verify(bytes, cookieAt, serverCookieBytes, sender, this.#wallClock.seconds);
    if (isOurs) this.statistics.cookiesGood++;
    else this.statistics.cookiesBad++;
    return isOurs;
  }

  /** What answers have in common that count against one limit. */
  alike(query: Query, answer: Answer): number {
    if (isForAnyName(answer.kind)) return answer.kind;
    return answer.kind === KIND.ERROR ? KIND.ERROR : query.hash;
  }

  /** Bytes that OPT will have in the answer. `sender` is null over TCP. */
  optLength(query: Query, isStream: boolean): number {
    if (!query.hasEdns) return 0;
    let length = OPT_BYTES;
    if (query.cookieAt !== 0 && !isStream) length += COOKIE_OPTION_BYTES;
    if (query.wantsKeepalive && isStream) length += KEEPALIVE_OPTION_BYTES;
    if (query.wantsNsid && this.#identity.length > 0) length += 4 + this.#identity.length;
    return length;
  }

  /**
   * Writes header and question at `to`, and returns where they end. `sets`: how many sets of the additional section
   * follow; -1: no records at all follow, and the answer says that it is truncated.
   */
  writeHead(into: Uint8Array, to: number, query: Query, answer: Answer, rcode: number, sets: number): number {
    const { id, flags, bytes, from, questionEnd, nameLength } = query;
    const kept = flags & (FLAG.RD | FLAG.CD | 0x7800);
    const own = (answer.flags & ~15) | (rcode & 15);
    writeUint16(into, to, id);
    writeUint16(into, to + 2, FLAG.QR | kept | own | (sets < 0 ? FLAG.TC : 0));
    writeUint16(into, to + 4, nameLength === 0 ? 0 : 1);
    writeUint16(into, to + 6, sets < 0 ? 0 : answer.answers);
    writeUint16(into, to + 8, sets < 0 ? 0 : answer.authorities);
    writeUint16(into, to + 10, (sets < 0 ? 0 : answer.countWith(sets)) + (query.hasEdns ? 1 : 0));
    let at = to + HEADER_BYTES;
    if (nameLength === 0) return at;
    for (let i = from + HEADER_BYTES; i < questionEnd; i++) into[at++] = bytes[i]!;
    return at;
  }

  /**
   * Writes OPT at `to`, and returns where it ends: RFC 6891 section 6.1.2.
   * @param sender null: the query came over TCP, where a cookie proves nothing that is not known
   */
  writeOpt(into: Uint8Array, to: number, query: Query, rcode: number, sender: IpPacket | null): number {
    into[to] = 0;
    writeUint16(into, to + 1, TYPE.OPT);
    writeUint16(into, to + 3, this.settings.payloadBytes);
    into[to + 5] = rcode >>> 4;
    into[to + 6] = 0;
    writeUint16(into, to + 7, query.wantsDnssec ? 0x8000 : 0);
    let at = to + OPT_BYTES;
    if (query.cookieAt !== 0 && sender !== null) {
      writeUint16(into, at, 10);
      writeUint16(into, at + 2, 24);
      this.#cookies.write(into, at + 4, query.bytes, query.cookieAt, sender, this.#wallClock.seconds);
      at += COOKIE_OPTION_BYTES;
    }
    if (query.wantsKeepalive && sender === null) {
      writeUint16(into, at, 11);
      writeUint16(into, at + 2, 2);
      writeUint16(into, at + 4, Math.min(0xffff, this.settings.idleSeconds * 10));
      at += KEEPALIVE_OPTION_BYTES;
    }
    const identity = this.#identity;
    if (query.wantsNsid && identity.length > 0) {
      writeUint16(into, at, 3);
      writeUint16(into, at + 2, identity.length);
      for (let i = 0; i < identity.length; i++) into[at + 4 + i] = identity[i]!;
      at += 4 + identity.length;
    }
    writeUint16(into, to + 9, at - to - OPT_BYTES);
    return at;
  }
}

function refused(): Answer {
  return errorAnswer(RCODE.REFUSED);
}

/** Types that only questions have: RFC 6895 section 3.1. ANY and the transfers are looked at elsewhere. */
function isMeta(type: number): boolean {
  return type === TYPE.OPT || (type >= 128 && type < TYPE.ANY);
}

function identityBytes({ identity = '' }: DnsSettings): Uint8Array {
  return Uint8Array.from([...identity].slice(0, 64), (character) => character.charCodeAt(0) & 0xff);
}

/** True for an answer to one of our own messages: to a NOTIFY. */
export function isNotifyAnswer(bytes: Uint8Array, from: number, to: number): boolean {
  return to - from >= HEADER_BYTES && (bytes[from + 2]! & 0xf8) === (0x80 | (OPCODE.NOTIFY << 3));
}
