/**
 * Takes finished records from the rings, writes them as lines, and hands the lines to a sink. Called turn by turn from
 * the log thread (log-thread.ts), or from a test; time is an argument.
 *
 * A slot goes back to its worker when its line is in the buffer, and the buffer is kept until the sink has taken all of
 * it. So while the sink is slow the rings fill, and then the connections wait (ring.ts). While the sink fails it is
 * tried again now and then; when the rings are full, `onFailure` decides: the oldest records are dropped and counted,
 * or the connections wait.
 */
import type { RecordFormat } from './format/formats.js';
import { Line, LONGEST_LINE } from './format/line.js';
import { RecordView } from './format/record-view.js';
import type { RingReader } from './ring.js';
import type { Sink } from './sink/sink.js';

/** Lines gathered before a write: one system call for some hundreds of them. */
const BUFFER_BYTES = 131_072;
const NEWLINE = 0x0a;
/** Between two tries of a sink that fails, ms. */
const RETRY_MS = 250;

/** Buffers written in a turn, so that messages to the thread get theirs. */
const MOST_BATCHES = 16;

/** What to do when the log cannot be written and the rings are full. @see {@link AccessLogOptions} */
export type OnFailure = 'drop' | 'wait';

/** Counters of the log thread. */
export interface WriterStatistics {
  /** Lines (of a log without lines: records) and bytes written. */
  lines: number;
  bytes: number;
  /** Records dropped because the log could not be written. */
  dropped: number;
  /** Failed attempts to write. */
  failures: number;
  /** Failed attempts to move a full file away. */
  failedRotations: number;
}

export interface WriterParts {
  readonly rings: readonly RingReader[];
  /** Records that each ring holds. */
  readonly ringRecords: number;
  readonly format: RecordFormat;
  readonly sink: Sink;
  readonly onFailure: OnFailure;
  /** Something that people should know. */
  warn(text: string): void;
  /** Sees each record before it goes back: for those who watch live. */
  watch?(view: RecordView): void;
}

export class LogWriter {
  readonly statistics: WriterStatistics = { lines: 0, bytes: 0, dropped: 0, failures: 0, failedRotations: 0 };
  readonly #parts: WriterParts;
  readonly #views: RecordView[];
  readonly #line = new Line(BUFFER_BYTES);
  /** A header that comes first. */
  readonly #header = new Line(LONGEST_LINE);
  #headerFrom = 0;
  /** With more than this in the buffer no line is begun. */
  readonly #fullAt: number;
  /** Lines from here on are not written yet; the sink was told of them if `#isPrepared`. */
  #from = 0;
  #isPrepared = false;
  #failing: Failing | undefined;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#fullAt = Math.max(0, Math.min(BUFFER_BYTES, parts.sink.mostBytes) - LONGEST_LINE);
    this.#views = parts.rings.map((ring, worker) => new RecordView(ring, worker));
  }

  /** Whether a turn would find something. */
  get hasWork(): boolean {
    return this.#line.at > this.#from || this.#parts.rings.some((ring) => ring.waiting > 0);
  }

  /** Writes what waits. False: nothing could be done, the caller may sleep. `now`: milliseconds since 1970. */
  turn(now: number): boolean {
    if (this.#failing !== undefined && now < this.#failing.retryAt) {
      if (this.#parts.onFailure === 'drop') this.#dropOldest(this.#failing);
      return false;
    }
    for (let batch = 0; batch < MOST_BATCHES; batch++) {
      const taken = this.#takeRecords();
      if (!this.#flush(now)) return false;
      if (taken === 0) return batch > 0;
    }
    return true;
  }

  /** The file may have been moved away. */
  reopen(): void {
    try {
      this.#parts.sink.reopen();
    } catch (error) {
      this.#parts.warn(`cannot open ${this.#parts.sink.name} again: ${messageOf(error)}; the log goes on where it was`);
    }
  }

  /** Another process has taken over, and signals about the file go there. False: it failed, we are alone again. */
  follow(follows: boolean): void {
    this.#parts.sink.follow(follows);
  }

  /** Counts what could not be written. @returns the number of records and lines that are lost */
  close(): void {
    const lost = this.#parts.rings.reduce((sum, ring) => sum + ring.waiting, 0);
    const unwritten = this.#line.at > this.#from;
    if (lost > 0 || unwritten) {
      const { dropped } = this.statistics;
      const before = dropped === 0 ? '' : `, beside ${dropped} that were dropped before`;
      const least = lost + (unwritten ? 1 : 0);
      this.#parts.warn(`the log ended before all was written: at least ${least} lines are lost${before}`);
      this.statistics.dropped += lost;
    }
    this.#parts.sink.close();
  }

  /** Formats records as long as the buffer has room; returns how many. */
  #takeRecords(): number {
    const { rings, format, watch } = this.#parts;
    const line = this.#line;
    let taken = 0;
    for (const [i, ring] of rings.entries()) {
      const view = this.#views[i]!;
      const { waiting } = ring;
      let count = 0;
      while (count < waiting && line.at <= this.#fullAt) {
        view.moveTo(ring.slotAt(count));
        format.write(line, view);
        watch?.(view);
        count++;
      }
      if (count > 0) ring.release(count);
      taken += count;
    }
    this.statistics.lines += taken;
    return taken;
  }

  /** Writes the buffer; true if it is empty afterwards. */
  #flush(now: number): boolean {
    const { sink } = this.#parts;
    const line = this.#line;
    try {
      if (this.#failing !== undefined && sink.wasCut?.() === true) this.#beginAnew();
      if (line.at > this.#from && !this.#isPrepared) this.#prepare(now);
      if (!this.#writeHeader(sink)) return false;
      while (this.#from < line.at) {
        const taken = sink.write(line.bytes, this.#from, line.at);
        if (taken === 0) return false;
        this.#from += taken;
        this.statistics.bytes += taken;
      }
    } catch (error) {
      this.#fails(error, now);
      return false;
    }
    line.at = this.#from = 0;
    this.#isPrepared = false;
    if (this.#failing !== undefined) this.#worksAgain(this.#failing);
    return true;
  }

  /** The line that was begun is written as a whole: its beginning is not in the file any more. */
  #beginAnew(): void {
    const { bytes } = this.#line;
    if (this.#from > 0) this.#from = bytes.lastIndexOf(NEWLINE, this.#from - 1) + 1;
    this.#isPrepared = false;
  }

  #prepare(now: number): void {
    const { sink } = this.#parts;
    const isEmpty = sink.prepare(this.#line.at);
    this.statistics.failedRotations = sink.failedRotations ?? 0;
    this.#isPrepared = true;
    this.#header.at = this.#headerFrom = 0;
    if (isEmpty) this.#parts.format.header(this.#header, now);
  }

  #writeHeader(sink: Sink): boolean {
    while (this.#headerFrom < this.#header.at) {
      const taken = sink.write(this.#header.bytes, this.#headerFrom, this.#header.at);
      if (taken === 0) return false;
      this.#headerFrom += taken;
    }
    return true;
  }

  #fails(error: unknown, now: number): void {
    this.statistics.failures++;
    if (this.#failing === undefined) {
      const { sink, onFailure, warn } = this.#parts;
      const then = onFailure === 'drop' ? 'then the oldest records are dropped' : 'then connections wait';
      warn(`cannot write to ${sink.name}: ${messageOf(error)}; records are held until the ring is full, ${then}`);
      this.#failing = { retryAt: 0, dropped: 0 };
    }
    this.#failing.retryAt = now + RETRY_MS;
  }

  #worksAgain({ dropped }: Failing): void {
    const { sink, warn } = this.#parts;
    this.#failing = undefined;
    warn(`${sink.name} can be written again${dropped === 0 ? ', nothing was lost' : `; ${dropped} records are lost`}`);
  }

  /** Keeps half of a ring that is nearly full, so that no connection has to wait. */
  #dropOldest(failing: Failing): void {
    const { rings, ringRecords } = this.#parts;
    for (const ring of rings) {
      const { waiting } = ring;
      if (waiting < 0.75 * ringRecords) continue;
      const count = waiting - (ringRecords >> 1);
      ring.release(count);
      failing.dropped += count;
      this.statistics.dropped += count;
    }
  }
}

/** A sink that cannot be written. */
interface Failing {
  /** When to try again, milliseconds since 1970. */
  retryAt: number;
  dropped: number;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
