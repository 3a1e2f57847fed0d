/**
 * A zone as a row of messages: AXFR, RFC 5936. The SOA comes first and last. The zone's image does not change while it
 * is sent, whatever is served meanwhile. A question for IXFR gets the whole zone too, which RFC 1995 section 4 allows,
 * or the SOA alone if the client has this zone already.
 */
import { readUint16, writeUint16 } from '../../net/wire/bytes.js';
import { MessageWriter } from '../answer/message-writer.js';
import type { Query } from '../wire/query.js';
import { FLAG, HEADER_BYTES, TYPE } from '../wire/types.js';
import { HEAD, NODE, SET } from '../zone/image.js';
import type { Zone } from '../zone/zone.js';

/** A message is ended when it has so many bytes. Pointers reach 16 KiB, so a longer one compresses no better. */
const ENOUGH_BYTES = 16 * 1024;

/** One for all transfers: each message is copied. */
const WRITER = new MessageWriter();

export class Transfer {
  readonly #zone: Zone;
  readonly #id: number;
  readonly #recursion: number;
  readonly #question: Uint8Array;
  readonly #type: number;
  readonly #isCurrent: boolean;
  /** The next record: its node, its set within the node, its place in the set; signatures follow the data. */
  #node = 0;
  #set = 0;
  #record = 0;
  #from = 0;
  #isFirst = true;
  #isOver = false;

  constructor(zone: Zone, query: Query, isCurrent: boolean) {
    this.#zone = zone;
    this.#id = query.id;
    this.#recursion = query.flags & FLAG.RD;
    this.#question = query.bytes.slice(query.nameAt, query.nameAt + query.nameLength);
    this.#type = query.type;
    this.#isCurrent = isCurrent;
  }

  /** The next message, its length in front; undefined: that was all. */
  next(): Uint8Array | undefined {
    if (this.#isOver) return undefined;
    const hasQuestion = this.#isFirst;
    if (hasQuestion) {
      WRITER.begin(this.#question, 0, this.#question.length);
      WRITER.question(this.#type, 1);
    } else WRITER.beginEmpty();
    let count = 0;
    if (this.#isFirst) {
      count += this.#soa();
      this.#isFirst = false;
    }
    if (!this.#isCurrent) count += this.#records();
    else this.#isOver = true;
    return this.#finished(count, hasQuestion);
  }

  #soa(): number {
    const { words, bytes, apex } = this.#zone;
    const set = this.#zone.set(apex, TYPE.SOA);
    const at = words[set + SET.DATA]!;
    const ttl = words[set + SET.TTL]!;
    WRITER.record(bytes, words[apex + NODE.NAME]!, TYPE.SOA, ttl, bytes, at + 2, readUint16(bytes, at));
    return 1;
  }

  /** Writes records until the message is long enough; returns how many. */
  #records(): number {
    const { words } = this.#zone;
    const nodes = words[HEAD.NODES]!;
    let count = 0;
    for (; this.#node < words[HEAD.NODE_COUNT]!; this.#node++, this.#set = 0) {
      const node = nodes + this.#node * NODE.WORDS;
      for (; this.#set < words[node + NODE.SET_COUNT]!; this.#set++, this.#record = 0) {
        const set = words[node + NODE.SETS]! + this.#set * SET.WORDS;
        const total = words[set + SET.COUNT]! + words[set + SET.SIGNATURE_COUNT]!;
        for (; this.#record < total; this.#record++) {
          if (WRITER.end >= ENOUGH_BYTES) return count;
          const written = this.#writeRecord(node, set);
          if (written < 0) return count;
          count += written;
        }
      }
    }
    if (WRITER.end >= ENOUGH_BYTES) return count;
    this.#isOver = true;
    return count + this.#soa();
  }

  /** 1, or 0 for the SOA in its place, or -1 if the message is full. */
  #writeRecord(node: number, set: number): number {
    const { words, bytes, apex } = this.#zone;
    const count = words[set + SET.COUNT]!;
    const isSignature = this.#record >= count;
    if (this.#record === 0) this.#from = words[set + SET.DATA]!;
    if (this.#record === count) this.#from = words[set + SET.SIGNATURES]!;
    const length = readUint16(bytes, this.#from);
    const type = words[set + SET.TYPE]!;
    const isTop = node === apex && type === TYPE.SOA && !isSignature;
    if (!isTop) {
      const ttl = words[set + (isSignature ? SET.SIGNATURE_TTL : SET.TTL)]!;
      const owner = words[node + NODE.NAME]!;
      if (!WRITER.record(bytes, owner, isSignature ? TYPE.RRSIG : type, ttl, bytes, this.#from + 2, length)) return -1;
    }
    this.#from += 2 + length;
    return isTop ? 0 : 1;
  }

  #finished(count: number, hasQuestion: boolean): Uint8Array {
    const message = new Uint8Array(2 + WRITER.end);
    message.set(WRITER.bytes.subarray(HEADER_BYTES, WRITER.end), 2 + HEADER_BYTES);
    writeUint16(message, 0, WRITER.end);
    writeUint16(message, 2, this.#id);
    writeUint16(message, 4, FLAG.QR | FLAG.AA | this.#recursion);
    writeUint16(message, 6, hasQuestion ? 1 : 0);
    writeUint16(message, 8, count);
    return message;
  }
}
