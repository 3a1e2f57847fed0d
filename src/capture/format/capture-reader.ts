/**
 * Reads a capture file of either format from chunks of bytes, in bounded memory:
 *
 *     reader.push(chunk);                          // again and again
 *     while (reader.next(record)) use(record);     // all whole records so far
 *     reader.end();                                // the file is over: is something cut short?
 *
 * Knows nothing of files and compression (src/capture/file does), so it runs anywhere. A damaged file gives what can be
 * read; then `problems` says what is wrong, and at which byte.
 */
import { readUint32 } from './byte-order.js';
import { ChunkBuffer } from './chunk-buffer.js';
import { type FormatReader, ProblemList } from './format-reader.js';
import { PcapReader, pcapByteOrder } from './pcap-reader.js';
import { SECTION_HEADER_BLOCK } from './pcapng-format.js';
import { PcapngReader } from './pcapng-reader.js';
import type { CaptureProblem, CaptureRecord, RecordedInterface } from './record.js';

const MAGIC_BYTES = 4;

/**
 * Reads pcap and pcapng from chunks of bytes. A damaged file throws nothing: see `problems`.
 *
 * @example
 * ```ts
 * import { createReadStream } from 'node:fs';
 * import { CaptureReader, CaptureRecord, describeFrame } from 'fastpath';
 *
 * const reader = new CaptureReader(); // pcap and pcapng
 * const record = new CaptureRecord(); // one object for all frames
 * for await (const chunk of createReadStream('capture.pcapng')) {
 *   reader.push(chunk);
 *   while (reader.next(record)) console.log(describeFrame(record.bytes, record.from, record.to));
 * }
 * reader.end();
 * for (const { offset, message } of reader.problems) console.warn(`byte ${offset}: ${message}`);
 * ```
 */
export class CaptureReader {
  readonly #buffer = new ChunkBuffer();
  readonly #problems = new ProblemList();
  #format: FormatReader | undefined;

  /** Adds the next bytes of the file. They must stay unchanged until the next call. */
  push(chunk: Uint8Array): void {
    if (!this.#problems.fatal) this.#buffer.push(chunk);
  }

  /** No more bytes come. Call `next` until it is false again: it then notices what was cut short. */
  end(): void {
    this.#buffer.ended = true;
  }

  /** Points `record` at the next frame; false if there is none in what was pushed. */
  next(record: CaptureRecord): boolean {
    if (this.#problems.fatal) return false;
    this.#format ??= this.#detect();
    return this.#format === undefined ? false : this.#format.next(record);
  }

  /**
   * The source of the bytes gave up (its compression is damaged, say). The problem is noted behind all that was pushed.
   */
  fail(message: string): void {
    this.#problems.stop(this.#buffer.offset, message);
  }

  /** Known so far; a pcapng file may add some at any point. */
  get interfaces(): readonly RecordedInterface[] {
    return this.#format?.interfaces ?? [];
  }

  /** The first problems in words, and how many there were. */
  get problems(): readonly CaptureProblem[] {
    return this.#problems.list;
  }

  get problemCount(): number {
    return this.#problems.count;
  }

  /** Nothing after the last problem can be read. */
  get stopped(): boolean {
    return this.#problems.fatal;
  }

  #detect(): FormatReader | undefined {
    const buffer = this.#buffer;
    if (buffer.available < MAGIC_BYTES) {
      if (buffer.ended) this.#problems.stop(0, buffer.available === 0 ? 'the file is empty' : 'the file is too short');
      return undefined;
    }
    if (readUint32(buffer.bytes, buffer.at, true) === SECTION_HEADER_BLOCK) {
      return new PcapngReader(buffer, this.#problems);
    }
    const order = pcapByteOrder(buffer.bytes, buffer.at);
    if (order !== undefined) return new PcapReader(buffer, order, this.#problems);
    const magic = readUint32(buffer.bytes, buffer.at, false).toString(16).padStart(8, '0');
    this.#problems.stop(0, `neither pcap nor pcapng: it begins with ${magic}`);
    return undefined;
  }
}
