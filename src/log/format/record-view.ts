/** One record as the formats see it: its fields, and where its texts lie. One object is moved from record to record. */
import { IpAddress } from '../../net/wire/address.js';
import * as record from '../record.js';
import type { RingReader } from '../ring.js';
import { aligned } from '../texts.js';

const V4_PREFIX = 0xffff;

export class RecordView {
  /** The texts are `bytes[from, to)`; `view` has the same bytes. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The first line: method and target, or whatever came if it `isRaw`. */
  lineFrom = 0;
  methodTo = 0;
  lineTo = 0;
  hostFrom = 0;
  hostTo = 0;
  refererFrom = 0;
  refererTo = 0;
  agentFrom = 0;
  agentTo = 0;
  /** The worker that wrote it. */
  readonly worker: number;
  readonly #ring: RingReader;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  #word = 0;
  #double = 0;
  #answer = 0;

  constructor(ring: RingReader, worker: number) {
    const { buffer, byteOffset, byteLength } = ring.bytes;
    this.#ring = ring;
    this.bytes = ring.bytes;
    this.view = new DataView(buffer, byteOffset, byteLength);
    this.worker = worker;
    this.#words = ring.words;
    this.#doubles = ring.doubles;
  }

  moveTo(slot: number): void {
    this.#word = slot * record.SLOT_WORDS;
    this.#double = slot * record.SLOT_DOUBLES;
    this.#answer = this.word(record.ANSWER);
    const lengths = this.word(record.LINE_LENGTHS);
    const fields = this.word(record.FIELD_LENGTHS);
    const line = record.lineLengthOf(lengths);
    const host = record.hostLengthOf(lengths);
    const referer = record.refererLengthOf(fields);
    const agent = record.agentLengthOf(fields);
    const all = aligned(line) + aligned(host) + aligned(referer) + aligned(agent);
    this.lineFrom = this.#ring.textsFrom(slot, all);
    this.methodTo = this.lineFrom + record.methodLengthOf(lengths);
    this.lineTo = this.lineFrom + line;
    this.hostFrom = this.lineFrom + aligned(line);
    this.hostTo = this.hostFrom + host;
    this.refererFrom = this.hostFrom + aligned(host);
    this.refererTo = this.refererFrom + referer;
    this.agentFrom = this.refererFrom + aligned(referer);
    this.agentTo = this.agentFrom + agent;
  }

  /** A word of the record, by its index (record.ts). */
  word(index: number): number {
    return this.#words[this.#word + index]!;
  }

  double(index: number): number {
    return this.#doubles[this.#double + index]!;
  }

  /** When the request began, microseconds since 1970. */
  get started(): number {
    return this.#ring.timeOfDay + this.double(record.STARTED_TICK);
  }

  /** Microseconds from there until the first byte of the answer was acknowledged; -1: never. */
  get firstAfter(): number {
    const first = this.double(record.FIRST_AFTER);
    return first < 0 ? this.lastAfter : first;
  }

  /** The same for its last byte. */
  get lastAfter(): number {
    return this.double(record.LAST_AFTER);
  }

  /** Until the record was finished: the last acknowledgment, or the end of the connection. */
  get endedAfter(): number {
    return this.isBrokenOff ? this.double(record.ENDED_AFTER) : this.lastAfter;
  }

  /** The connection ended before the answer was acknowledged whole. */
  get isBrokenOff(): boolean {
    return this.word(record.CLOSE_REASON) !== 0;
  }

  /** The request line could not be read. */
  get isRaw(): boolean {
    return this.has(record.RAW);
  }

  has(flag: number): boolean {
    return (record.flagsOf(this.#answer) & flag) !== 0;
  }

  /** 0: the request got no answer. */
  get answeredStatus(): number {
    return record.statusOf(this.#answer);
  }

  /** The status; 499 if there was no answer: what nginx writes for a client that went away. */
  get status(): number {
    return this.answeredStatus || NO_ANSWER;
  }

  /** A CacheResult, an AnswerReason, a content-coding, by their numbers. */
  get cache(): number {
    return record.cacheOf(this.#answer);
  }

  get reason(): number {
    return record.reasonOf(this.#answer);
  }

  get coding(): number {
    return record.codingOf(this.#answer);
  }

  /** The x of HTTP/1.x. */
  get minorVersion(): number {
    return record.minorVersionOf(this.#answer);
  }

  /** Bytes of the whole answer, its head included, that were queued. */
  get answerBytes(): number {
    return this.word(record.HEAD_BYTES) + this.double(record.PAYLOAD_BYTES);
  }

  /** How many of those were acknowledged. */
  get acknowledged(): number {
    return this.answerBytes - this.word(record.UNACKNOWLEDGED);
  }

  /** Bytes of the payload that were acknowledged: those behind the head of the answer. */
  get acknowledgedPayload(): number {
    return Math.max(0, this.double(record.PAYLOAD_BYTES) - this.word(record.UNACKNOWLEDGED));
  }

  /** The sequence number of the first byte of the answer. */
  get sequenceFrom(): number {
    return (this.word(record.SEQUENCE_TO) - this.answerBytes) >>> 0;
  }

  get isV4(): boolean {
    return (
      this.word(record.REMOTE) === 0 && this.word(record.REMOTE + 1) === 0 && this.word(record.REMOTE + 2) === V4_PREFIX
    );
  }

  /** The client's address. */
  get address(): IpAddress {
    const word = (i: number) => this.word(record.REMOTE + i);
    return new IpAddress(word(0), word(1), word(2), word(3));
  }
}

/** What stands for the status of a request that got no answer. */
export const NO_ANSWER = 499;
