/**
 * 64-bit time stamps of a pcapng interface to microseconds and nanoseconds. The common units are done in doubles, in
 * two halves so that each step is exact; any other unit through BigInt, ten times slower.
 */
import type { CaptureRecord } from './record.js';

const TWO_TO_32 = 0x1_0000_0000;
const MICROSECONDS = 1_000_000n;
const NANOSECONDS = 1_000_000_000n;

export class TimeScale {
  readonly #ticksPerSecond: bigint;
  readonly #offset: number;

  constructor(ticksPerSecond: bigint, offsetSeconds: number) {
    this.#ticksPerSecond = ticksPerSecond;
    this.#offset = offsetSeconds * 1e6;
  }

  /** Sets the record's time from the two halves of its time stamp. */
  read(upper: number, lower: number, record: CaptureRecord): void {
    if (this.#ticksPerSecond === MICROSECONDS) {
      record.microseconds = upper * TWO_TO_32 + lower + this.#offset;
      record.nanoseconds = 0;
    } else if (this.#ticksPerSecond === NANOSECONDS) {
      const thousands = Math.floor(upper / 1000);
      const rest = (upper - thousands * 1000) * TWO_TO_32 + lower; // below 2^42
      const microseconds = Math.floor(rest / 1000);
      record.microseconds = thousands * TWO_TO_32 + microseconds + this.#offset;
      record.nanoseconds = rest - microseconds * 1000;
    } else {
      const ticks = (BigInt(upper) << 32n) | BigInt(lower);
      const nanoseconds = (ticks * NANOSECONDS) / this.#ticksPerSecond;
      record.microseconds = Number(nanoseconds / 1000n) + this.#offset;
      record.nanoseconds = Number(nanoseconds % 1000n);
    }
  }
}
