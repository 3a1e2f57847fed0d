/**
 * How an answer goes to TCP: a mutable head, then the rest as it lies in memory. Nothing is copied. Every answer of the
 * HTTP layer is sent and counted here.
 */

import type { Entry } from '../../cache/object/entry.js';
import type { Connection } from '../../net/tcp/handler.js';
import { latin1Text } from '../../net/wire/latin1.js';
import type { SummedBytes } from '../../net/wire/summed-bytes.js';
import { HEAD } from '../grammar/methods.js';
import { type CannedAnswer, makeCannedAnswers } from '../head/canned.js';
import type { HeadCache, HeadVariant } from '../head/head-cache.js';
import { HeadMemory } from '../head/head-memory.js';
import type { AnswerNote } from './answer-log.js';
import type { StreamPart } from './piece-stream.js';
import { countStatus, type HttpStatistics } from './statistics.js';
import type { Waits } from './waiting.js';

/** Sends answers. One object for all connections of a stack. */
export class AnswerSender {
  /** For heads that are made for one answer. */
  readonly memory = new HeadMemory();
  readonly statistics: HttpStatistics;
  /** Where the facts of each answer go, for a log; null: nowhere. */
  readonly note: AnswerNote | null;
  readonly #heads: HeadCache;
  readonly #waits: Waits;
  readonly #canned: ReadonlyMap<number, CannedAnswer>;

  constructor(heads: HeadCache, statistics: HttpStatistics, note: AnswerNote | null, waits: Waits) {
    this.#waits = waits;
    this.note = note;
    this.#heads = heads;
    this.statistics = statistics;
    this.#canned = makeCannedAnswers(this.memory);
  }

  /**
   * The whole object, or its fixed head alone for HEAD, with its own status. If its payload comes in pieces, only the
   * head is sent here, or nothing: see `Waits.beginBody`.
   */
  sendWhole(connection: Connection, entry: Entry, method: number, variant: HeadVariant): void {
    const isStream = entry.stream !== 0 && method !== HEAD;
    if (isStream && !this.beginBody(entry, [{ head: null, from: 0, to: entry.payloadLength }])) return;
    const mutableHead = this.#heads.get(entry.status, variant);
    this.#count(entry.status);
    if (method === HEAD) {
      this.#sendTwo(connection, mutableHead, entry.head, entry.head.length);
      return;
    }
    this.countPayload(entry.payloadLength);
    this.#sendTwo(connection, mutableHead, entry.bytes, entry.bytes.length);
  }

  /** The short answer of this status, which stands for itself: an error, or 200 to OPTIONS. */
  sendCanned(connection: Connection, status: number, method: number, variant: HeadVariant): void {
    const answer = this.cannedOf(status);
    const rest = method === HEAD ? answer.head : answer.whole;
    if (this.note !== null) this.note.payloadBytes = rest.length - answer.head.length;
    this.send(connection, status, variant, rest);
  }

  /** The same with more lines in its head. */
  sendCannedWith(connection: Connection, status: number, lines: string, method: number, variant: HeadVariant): void {
    const { whole, head } = this.cannedOf(status);
    const text = latin1Text(whole.bytes);
    const at = head.length - 2; // in front of the empty line
    const end = method === HEAD ? head.length : whole.length;
    if (this.note !== null) this.note.payloadBytes = end - head.length;
    this.send(connection, status, variant, this.memory.write(text.slice(0, at) + lines + text.slice(at, end)));
  }

  /** @throws {RangeError} for a status that we never send without an object. */
  cannedOf(status: number): CannedAnswer {
    const answer = this.#canned.get(status);
    if (answer === undefined) throw new RangeError(`there is no canned answer of status ${status}`);
    return answer;
  }

  /** An answer whose fields, and payload if it has one, are `rest`. More pieces may follow. */
  send(connection: Connection, status: number, variant: HeadVariant, rest: SummedBytes): void {
    this.#count(status);
    this.#sendTwo(connection, this.#heads.get(status, variant), rest, rest.length);
  }

  /** Begins a body that comes in pieces; false: nothing may be sent yet. */
  beginBody(entry: Entry, parts: readonly StreamPart[]): boolean {
    return this.#waits.beginBody(entry, parts);
  }

  /** So many bytes of an object's payload are sent. */
  countPayload(length: number): void {
    this.statistics.payloadBytes += length;
    if (this.note !== null) this.note.payloadBytes = length;
  }

  #sendTwo(connection: Connection, mutableHead: SummedBytes, rest: SummedBytes, length: number): void {
    connection.send(mutableHead, 0, mutableHead.length);
    connection.send(rest, 0, length);
  }

  #count(status: number): void {
    if (this.note !== null) this.note.status = status;
    countStatus(this.statistics, status);
  }
}
