/**
 * Answers with a part of an object: 206 (RFC 9110 section 15.3.7), and 416 where there is no such part (section
 * 15.5.17). The bytes of a part lie in the cache, with their sums; only the fields in front of them are made.
 */
import type { Entry } from '../cache/entry.js';
import type { Connection } from '../net/tcp/handler.js';
import { RANGE } from './fields.js';
import type { ConnectionVariant } from './head-cache.js';
import { GET } from './methods.js';
import { ByteRange, PART, UNSATISFIABLE, WHOLE } from './range.js';
import type { RequestScanner } from './scanner.js';
import type { AnswerSender } from './sender.js';

/** Answers requests that have a Range. One object for all connections of a stack. */
export class PartAnswers {
  readonly #sender: AnswerSender;
  readonly #range = new ByteRange();

  constructor(sender: AnswerSender) {
    this.#sender = sender;
  }

  /** Answers a GET whose Range is to be honoured: no precondition has failed, and If-Range holds. */
  answer(connection: Connection, head: RequestScanner, entry: Entry, variant: ConnectionVariant): void {
    const row = head.findRow(RANGE);
    const isSingle = (head.repeated & (1 << RANGE)) === 0;
    const part = isSingle
      ? this.#range.read(head.bytes, head.valueFrom(row), head.valueTo(row), entry.payloadLength)
      : WHOLE;
    if (part === PART) this.#sendPart(connection, entry, variant);
    else if (part === UNSATISFIABLE) this.#sendUnsatisfiable(connection, entry, variant);
    else this.#sender.sendWhole(connection, entry, GET, variant);
  }

  /** Content-Range, a Content-Length of its own, the other fields of a 200, and the part. */
  #sendPart(connection: Connection, entry: Entry, variant: ConnectionVariant): void {
    const sender = this.#sender;
    const { from, to } = this.#range;
    const { payloadFrom, payloadLength, partialHead, stream } = entry;
    if (stream !== 0 && !sender.beginBody(entry, from, to)) return;
    const fields = sender.memory.write(
      `Content-Range: bytes ${from}-${to - 1}/${payloadLength}\r\nContent-Length: ${to - from}\r\n`,
    );
    sender.countPayload(to - from);
    sender.send(connection, 206, variant, fields);
    connection.send(partialHead, 0, partialHead.length);
    if (stream === 0) connection.send(entry.bytes, payloadFrom + from, payloadFrom + to);
  }

  #sendUnsatisfiable(connection: Connection, entry: Entry, variant: ConnectionVariant): void {
    const sender = this.#sender;
    const answer = sender.cannedOf(416);
    sender.send(connection, 416, variant, sender.memory.write(`Content-Range: bytes */${entry.payloadLength}\r\n`));
    connection.send(answer.whole, 0, answer.whole.length);
    if (sender.note !== null) sender.note.payloadBytes = answer.whole.length - answer.head.length;
  }
}
