/**
 * `--trace`: every frame as a line on standard error, as tcpdump prints it. It is for people who want to watch a
 * stack at work. The data path waits until a line is written, so that no line is ever missing.
 *
 *     02:16:47.123456 fp0 in  10.77.0.1.40112 > 10.77.0.2.80: Flags [S], seq 1:1 …
 */
import { writeSync } from 'node:fs';
import type { TracedFrame } from '../../net/device/trace.js';
import { describeFrame } from '../../net/wire/describe.js';

const STANDARD_ERROR = 2;

export class FramePrinter {
  readonly #name: string;
  readonly #clockStart: number;
  readonly #write: (line: string) => void;

  /** @param clockStart microseconds since 1970 at the clock's 0 */
  constructor(name: string, clockStart: number, write: (line: string) => void = writeLine) {
    this.#name = name;
    this.#clockStart = clockStart;
    this.#write = write;
  }

  print({ direction, time, bytes, from, to, dropped }: TracedFrame): void {
    const microseconds = this.#clockStart + time;
    // A Date has milliseconds: 2026-01-01T02:16:47.123Z, and the last three digits behind them.
    const clock = new Date(microseconds / 1_000).toISOString().slice(11, 23);
    const rest = String(Math.floor(microseconds % 1_000)).padStart(3, '0');
    const mark = dropped ? ' (dropped)' : '';
    this.#write(`${clock}${rest} ${this.#name} ${direction.padEnd(3)} ${describeFrame(bytes, from, to)}${mark}\n`);
  }
}

/** A line that cannot be written (a closed pipe, a full disk) is no reason to end the data path. */
function writeLine(line: string): void {
  try {
    writeSync(STANDARD_ERROR, line);
  } catch {
    // the reader is gone
  }
}
