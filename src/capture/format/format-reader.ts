/** The common part of the two formats' readers, and the list of a file's problems. */
import type { ChunkBuffer } from './chunk-buffer.js';
import type { CaptureProblem, CaptureRecord, RecordedInterface } from './record.js';

/**
 * The longest record or block that is taken for one: 16 MiB, as libpcap has it. A length beyond it is damage, and
 * bounds what a lying length can make us keep.
 */
export const MAX_RECORD_BYTES = 16 << 20;

/** The number of problems that are kept with their text. The rest are counted. */
const MAX_PROBLEMS = 20;

/** Reads records of one format from a buffer that is filled from outside. */
export interface FormatReader {
  readonly interfaces: readonly RecordedInterface[];
  /** Points `record` at the next frame; false if more bytes are needed, or nothing more can be read. */
  next(record: CaptureRecord): boolean;
}

/** The problems of one file, the first ones in words. */
export class ProblemList {
  readonly list: CaptureProblem[] = [];
  count = 0;
  /** Nothing after this can be read. */
  fatal = false;

  add(offset: number, message: string): void {
    this.count++;
    if (this.list.length < MAX_PROBLEMS) this.list.push({ offset, message });
  }

  /** @returns false, for `return problems.stop(...)` in a reader's `next` */
  stop(offset: number, message: string): false {
    this.add(offset, message);
    this.fatal = true;
    return false;
  }
}

/** True if `length` bytes are there. If the file has ended within `what`, that is a problem. */
export function holds(buffer: ChunkBuffer, length: number, what: string, problems: ProblemList): boolean {
  if (buffer.available >= length) return true;
  if (buffer.ended && buffer.available > 0) {
    problems.stop(buffer.offset, `the file ends within ${what}: ${buffer.available} of ${length} bytes are there`);
  }
  return false;
}
