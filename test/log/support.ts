/** An HTTP server with an access log whose records a test reads itself. */
import type { HttpLimits } from '../../src/http/index.js';
import { AccessLog } from '../../src/log/access-log.js';
import { createBellMemory, LogBell } from '../../src/log/bell.js';
import { createFormat, type LogFormat, type RecordFormat } from '../../src/log/format/formats.js';
import { Line } from '../../src/log/format/line.js';
import { RecordView } from '../../src/log/format/record-view.js';
import { createRingMemory, RingReader, RingWriter } from '../../src/log/ring.js';
import type { Sink } from '../../src/log/sink/sink.js';
import { LogWriter } from '../../src/log/writer.js';
import { HttpBench, makeExampleStore } from '../support/http-bench.js';

/** A sink in memory, which can be slow, full or broken. */
export class MemorySink implements Sink {
  readonly name = 'memory';
  mostBytes = Number.POSITIVE_INFINITY;
  text = '';
  reopened = 0;
  closed = false;
  /** Bytes that a call takes at most. */
  takes = Number.POSITIVE_INFINITY;
  /** Thrown by every call, if set. */
  failure: string | undefined;
  /** Bytes that are taken before all calls fail; undefined: none fails for that. */
  takesBeforeFailure: number | undefined;
  /** What was written before is not there any more. */
  isCut = false;

  prepare(): boolean {
    return this.text === '';
  }

  write(bytes: Uint8Array, from: number, to: number): number {
    if (this.failure !== undefined || this.takesBeforeFailure === 0) throw new Error(this.failure ?? 'ENOSPC');
    const take = Math.min(this.takes, to - from, this.takesBeforeFailure ?? Number.POSITIVE_INFINITY);
    if (this.takesBeforeFailure !== undefined) this.takesBeforeFailure -= take;
    this.text += Buffer.from(bytes.subarray(from, from + take)).toString('latin1');
    return take;
  }

  reopen(): void {
    if (this.failure !== undefined) throw new Error(this.failure);
    this.reopened++;
  }

  follow(): void {}

  wasCut(): boolean {
    return this.isCut;
  }

  close(): void {
    this.closed = true;
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

/** A line of JSON. Tests name the fields that they look at. */
export interface LogObject {
  readonly transaction: string;
  readonly target?: string;
  readonly line?: string;
  readonly referer?: string;
  readonly agent?: string;
  readonly status: number;
  readonly site: number;
  readonly bytes: number;
}

/** A bench with a log. */
export interface LogBench {
  readonly bench: HttpBench;
  readonly log: AccessLog;
  readonly reader: RingReader;
  /** The records that have come since the last call, as lines. */
  lines(format?: LogFormat): string[];
  /** The same, as objects. */
  objects(): LogObject[];
}

export async function makeLogBench(
  ringRecords = 64,
  pending = 256,
  limits: Partial<HttpLimits> = {},
  batch = 1,
): Promise<LogBench> {
  const memory = createRingMemory(ringRecords, pending);
  const reader = new RingReader(memory);
  const bell = new LogBell(createBellMemory());
  const ring = new RingWriter(memory);
  let log: AccessLog | undefined;
  const bench = new HttpBench(await makeExampleStore(), limits, ({ clock, wallClock }) => {
    log = new AccessLog({ ring, bell, clock, wallClock, batch });
    return log;
  });
  if (log === undefined) throw new Error('a bench makes its log');
  const view = new RecordView(reader, 0);
  const lines = (name: LogFormat = 'json') => {
    const format = createFormat(name);
    const texts: string[] = [];
    for (let i = 0; i < reader.waiting; i++) {
      const line = new Line(8_192);
      view.moveTo(reader.slotAt(i));
      format.write(line, view);
      texts.push(Buffer.from(line.bytes.subarray(0, line.at)).toString('latin1').slice(0, -1));
    }
    reader.release(reader.waiting);
    return texts;
  };
  const objects = () => lines().map((line) => JSON.parse(line) as LogObject);
  return { bench, log, reader, lines, objects };
}

/** A writer of these rings into memory. */
export function makeWriter(
  rings: readonly RingReader[],
  ringRecords: number,
  onFailure: 'drop' | 'wait' = 'drop',
  format: LogFormat | RecordFormat = 'json',
  other?: Sink,
): { writer: LogWriter; sink: MemorySink; warnings: string[] } {
  const sink = new MemorySink();
  const warnings: string[] = [];
  const warn = (text: string) => warnings.push(text);
  const writer = new LogWriter({
    rings,
    ringRecords,
    format: typeof format === 'string' ? createFormat(format) : format,
    sink: other ?? sink,
    onFailure,
    warn,
  });
  return { writer, sink, warnings };
}
