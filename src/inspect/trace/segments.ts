/** The segments of one connection as columns, in the order of the capture. */
import { bytes, doubles, words } from './columns.js';

/** One segment. Numbers count from each side's SYN; times are microseconds since the capture began. */
export interface SegmentRow {
  /** The number of its frame, from 1. */
  readonly frame: number;
  readonly time: number;
  /** When it arrives at the other end; NaN if that is not known. */
  readonly arrival: number;
  readonly isFromClient: boolean;
  /** The low eight bits of the flags. */
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  /** Bytes of data. */
  readonly length: number;
  /** Scaled, if the factor is known. */
  readonly window: number;
  /** See findings.ts. */
  readonly findings: number;
  /** SACK blocks: left and right edges by turns. */
  readonly sack: readonly number[];
}

/** The segments of one connection. */
export class Segments {
  readonly #frame = words();
  readonly #time = doubles();
  readonly #arrival = doubles();
  readonly #side = bytes();
  readonly #flags = bytes();
  readonly #sequence = words();
  readonly #acknowledgment = words();
  readonly #length = words();
  readonly #window = words();
  readonly #findings = words();
  /** Few segments have SACK blocks. */
  readonly #sack = new Map<number, readonly number[]>();

  get count(): number {
    return this.#frame.length;
  }

  push(row: SegmentRow): void {
    if (row.sack.length > 0) this.#sack.set(this.count, row.sack);
    this.#frame.push(row.frame);
    this.#time.push(row.time);
    this.#arrival.push(row.arrival);
    this.#side.push(row.isFromClient ? 1 : 0);
    this.#flags.push(row.flags);
    this.#sequence.push(row.sequence);
    this.#acknowledgment.push(row.acknowledgment);
    this.#length.push(row.length);
    this.#window.push(row.window);
    this.#findings.push(row.findings);
  }

  /** The frame of row `index` has arrived. */
  arrived(index: number, time: number): void {
    if (Number.isNaN(this.#arrival.at(index))) this.#arrival.set(index, time);
  }

  /** The recorded time of row `index` was damaged. */
  setTime(index: number, time: number): void {
    this.#time.set(index, time);
  }

  /** @throws {RangeError} if there is no such row */
  at(index: number): SegmentRow {
    return {
      frame: this.#frame.at(index),
      time: this.#time.at(index),
      arrival: this.#arrival.at(index),
      isFromClient: this.#side.at(index) === 1,
      flags: this.#flags.at(index),
      sequence: this.#sequence.at(index),
      acknowledgment: this.#acknowledgment.at(index),
      length: this.#length.at(index),
      window: this.#window.at(index),
      findings: this.#findings.at(index),
      sack: this.#sack.get(index) ?? [],
    };
  }

  /** The first row at or after `time`. Times do not go back, but for a capture whose clock did. */
  firstAt(time: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#time.at(middle) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** All rows from `from` up to `to`. */
  *rows(from = 0, to = this.count): Generator<SegmentRow> {
    for (let index = Math.max(0, from); index < Math.min(to, this.count); index++) yield this.at(index);
  }
}
