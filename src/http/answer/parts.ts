/**
 * Answers with parts of an object: 206 (RFC 9110 section 15.3.7), and 416 where there is no such part (section
 * 15.5.17). The bytes of a part lie in the cache, with their sums; only the fields in front of them are made.
 *
 *     one part        head with Content-Range | rest of the fixed head | part
 *     several parts   head with the boundary | part head | part | part head | part … | end      multipart/byteranges
 *
 * The boundary is the entity-tag, which is a hash of the content: no content contains its own hash. The same ranges of
 * the same object have the same answer.
 */
import type { Entry } from '../../cache/object/entry.js';
import type { Connection } from '../../net/tcp/handler.js';
import { latin1Text } from '../../net/wire/latin1.js';
import type { SummedBytes } from '../../net/wire/summed-bytes.js';
import { RANGE } from '../grammar/fields.js';
import { GET } from '../grammar/methods.js';
import { ByteRanges, PART, TOO_MANY, UNSATISFIABLE, WHOLE } from '../grammar/range.js';
import type { HeadVariant } from '../head/head-cache.js';
import type { RequestScanner } from '../request/scanner.js';
import type { AnswerSender } from '../sending/sender.js';

/** Answers requests that have a Range. One object for all connections of a stack. */
export class PartAnswers {
  readonly #sender: AnswerSender;
  readonly #ranges: ByteRanges;

  /** `mostRanges`: a request for more gets the whole object. */
  constructor(sender: AnswerSender, mostRanges: number) {
    this.#sender = sender;
    this.#ranges = new ByteRanges(mostRanges);
  }

  /** Answers a GET whose Range is to be honoured: no precondition has failed, and If-Range holds. */
  answer(connection: Connection, head: RequestScanner, entry: Entry, variant: HeadVariant): void {
    const row = head.findRow(RANGE);
    const isSingle = (head.repeated & (1 << RANGE)) === 0;
    const outcome = isSingle
      ? this.#ranges.read(head.bytes, head.valueFrom(row), head.valueTo(row), entry.payloadLength)
      : WHOLE;
    if (outcome === PART && this.#ranges.count === 1) this.#sendPart(connection, entry, variant);
    else if (outcome === PART) this.#sendParts(connection, entry, variant);
    else if (outcome === UNSATISFIABLE) this.#sendUnsatisfiable(connection, entry, variant);
    else this.#sendWhole(connection, entry, variant, outcome === TOO_MANY);
  }

  #sendWhole(connection: Connection, entry: Entry, variant: HeadVariant, areTooMany: boolean): void {
    if (areTooMany) this.#sender.statistics.rangesTooMany++;
    this.#sender.sendWhole(connection, entry, GET, variant);
  }

  /** Content-Range, a Content-Length of its own, the other fields of a 200, and the part. */
  #sendPart(connection: Connection, entry: Entry, variant: HeadVariant): void {
    const sender = this.#sender;
    const from = this.#ranges.from(0);
    const to = this.#ranges.to(0);
    const { payloadFrom, payloadLength, partialHead, stream } = entry;
    if (stream !== 0 && !sender.beginBody(entry, [{ head: null, from, to }])) return;
    const fields = sender.memory.write(
      `Content-Range: bytes ${from}-${to - 1}/${payloadLength}\r\nContent-Length: ${to - from}\r\n`,
    );
    sender.countPayload(to - from);
    sender.send(connection, 206, variant, fields);
    connection.send(partialHead, 0, partialHead.length);
    if (stream === 0) connection.send(entry.bytes, payloadFrom + from, payloadFrom + to);
  }

  /** Several parts, unless the whole object is no longer than they with their heads. */
  #sendParts(connection: Connection, entry: Entry, variant: HeadVariant): void {
    const sender = this.#sender;
    const ranges = this.#ranges;
    const { statistics } = sender;
    const boundary = boundaryOf(entry);
    const heads = this.#partHeads(entry, boundary);
    const end = sender.memory.write(`\r\n--${boundary}--\r\n`);
    const length = ranges.totalBytes + heads.reduce((sum, head) => sum + head.length, end.length);
    if (length >= entry.payloadLength) {
      statistics.rangesTooLong++;
      sender.sendWhole(connection, entry, GET, variant);
      return;
    }
    const parts = heads.map((head, i) => ({ head, from: ranges.from(i), to: ranges.to(i) }));
    if (entry.stream !== 0 && !sender.beginBody(entry, [...parts, { head: end, from: 0, to: 0 }])) return;
    statistics.multipart++;
    sender.countPayload(length);
    sender.send(connection, 206, variant, sender.memory.write(multipartHead(entry, boundary, length)));
    if (entry.stream !== 0) return;
    for (const { head, from, to } of parts) {
      connection.send(head, 0, head.length);
      connection.send(entry.bytes, entry.payloadFrom + from, entry.payloadFrom + to);
    }
    connection.send(end, 0, end.length);
  }

  /** What stands in front of each part. The line end in front of a boundary belongs to it (RFC 2046 section 5.1.1). */
  #partHeads(entry: Entry, boundary: string): SummedBytes[] {
    const ranges = this.#ranges;
    const fields = linesOf(entry).filter(isOfPart).join('');
    return Array.from({ length: ranges.count }, (_, i) => {
      const range = `Content-Range: bytes ${ranges.from(i)}-${ranges.to(i) - 1}/${entry.payloadLength}\r\n`;
      return this.#sender.memory.write(`${i === 0 ? '' : '\r\n'}--${boundary}\r\n${fields}${range}\r\n`);
    });
  }

  #sendUnsatisfiable(connection: Connection, entry: Entry, variant: HeadVariant): void {
    const sender = this.#sender;
    const answer = sender.cannedOf(416);
    sender.send(connection, 416, variant, sender.memory.write(`Content-Range: bytes */${entry.payloadLength}\r\n`));
    connection.send(answer.whole, 0, answer.whole.length);
    if (sender.note !== null) sender.note.payloadBytes = answer.whole.length - answer.head.length;
  }
}

/** The characters of an entity-tag without its quotes, if a boundary may have them (RFC 2046 section 5.1.1). */
const TAG = /^"([\w-]{1,60})"$/;

function boundaryOf({ etag, id }: Entry): string {
  const tag = TAG.exec(latin1Text(etag))?.[1];
  return tag ?? `fastpath-${id}-${'-'.repeat(24)}`;
}

/** The fixed head with the type and length of the multipart. */
function multipartHead(entry: Entry, boundary: string, length: number): string {
  const fields = linesOf(entry).filter((line) => !isOfPart(line));
  return `Content-Type: multipart/byteranges; boundary=${boundary}\r\nContent-Length: ${length}\r\n${fields.join('')}`;
}

/** The lines of the fixed head but Content-Length, each with its CRLF; the last one is empty. */
function linesOf({ partialHead }: Entry): string[] {
  return latin1Text(partialHead.bytes).split(/(?<=\r\n)/);
}

/** What the bytes of a part are is said in each part: the multipart itself has another type, and no coding. */
function isOfPart(line: string): boolean {
  return /^Content-(Type|Encoding):/i.test(line);
}
