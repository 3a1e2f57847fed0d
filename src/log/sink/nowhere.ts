/** A log without lines. Its records are read all the same: by those who watch, and for the histograms (traffic.ts). */
import type { RecordFormat } from '../format/formats.js';
import type { Sink } from './sink.js';

/** Takes nothing, since nothing comes: see `NO_LINES`. */
export class NowhereSink implements Sink {
  readonly name = 'none';
  readonly mostBytes = Number.POSITIVE_INFINITY;

  prepare(): boolean {
    return false;
  }

  write(_bytes: Uint8Array, from: number, to: number): number {
    return to - from;
  }

  reopen(): void {}

  follow(): void {}

  close(): void {}
}

/** The format of such a log: a record makes no line. */
export const NO_LINES: RecordFormat = {
  header() {},
  write() {},
};
