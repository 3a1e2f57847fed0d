/** One record as the formats see it: its fields, and where its texts lie. One object is moved from record to record. */
import { IpAddress } from '../../net/wire/address.js';
import * as record from '../record.js';
import type { RingReader } from '../ring.js';
import { aligned } from '../texts.js';

const V4_PREFIX = 0xffff;

export class RecordView {
  /** The texts are `bytes[from, to)`. */
  readonly bytes: Uint8Array;
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
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  #word = 0;
  #double = 0;

  constructor(ring: RingReader, worker: number) {
    this.bytes = ring.bytes;
    this.worker = worker;
    this.#words = ring.words;
    this.#doubles = ring.doubles;
  }

  moveTo(slot: number): void {
    this.#word = slot * record.SLOT_WORDS;
    this.#double = slot * record.SLOT_DOUBLES;
    this.lineFrom = slot * record.SLOT_BYTES + record.TAIL_FROM;
    const line = this.word(record.LINE_LENGTH);
    this.methodTo = this.lineFrom + this.word(record.METHOD_LENGTH);
    this.lineTo = this.lineFrom + line;
    this.hostFrom = this.lineFrom + aligned(line);
    this.hostTo = this.hostFrom + this.word(record.HOST_LENGTH);
    this.refererFrom = this.hostFrom + aligned(this.word(record.HOST_LENGTH));
    this.refererTo = this.refererFrom + this.word(record.REFERER_LENGTH);
    this.agentFrom = this.refererFrom + aligned(this.word(record.REFERER_LENGTH));
    this.agentTo = this.agentFrom + this.word(record.AGENT_LENGTH);
  }

  /** A word of the record, by its index (record.ts). */
  word(index: number): number {
    return this.#words[this.#word + index]!;
  }

  double(index: number): number {
    return this.#doubles[this.#double + index]!;
  }

  /** The request line could not be read. */
  get isRaw(): boolean {
    return (this.word(record.FLAGS) & record.RAW) !== 0;
  }

  has(flag: number): boolean {
    return (this.word(record.FLAGS) & flag) !== 0;
  }

  /** The status; 499 if there was no answer: what nginx writes for a client that went away. */
  get status(): number {
    return this.word(record.STATUS) || NO_ANSWER;
  }

  /** Bytes of the payload that were acknowledged: those behind the head of the answer. */
  get acknowledgedPayload(): number {
    const head = this.double(record.ANSWER_BYTES) - this.double(record.PAYLOAD_BYTES);
    return Math.max(0, this.word(record.ACKNOWLEDGED) - head);
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
