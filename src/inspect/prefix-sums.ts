/**
 * The sum of an interval, step by step: what `SummedBytes.sum` computes, laid out for a reader. RFC 1071.
 *
 *     sum[from, to) = prefix(to) - prefix(from)      in ones' complement; swapped if `from` is odd
 */
import { fold, subtract, sum, swap } from '../net/wire/checksum.js';
import { BLOCK_BYTES, SummedBytes } from '../net/wire/summed-bytes.js';

/** One of the two prefixes of a subtraction. @see {@link explainSum} */
export interface PrefixStep {
  /** The sum of `bytes[0, at)` is wanted. */
  readonly at: number;
  /** The entry of the table below it, what it holds, and where its block begins. */
  readonly entry: number;
  readonly entryAt: number;
  readonly known: number;
  /** Bytes between that edge and `at`, which have to be read, and their sum. */
  readonly read: number;
  readonly readSum: number;
  /** The whole prefix. */
  readonly prefix: number;
}

/** How the sum of an interval comes about. @see {@link explainSum} */
export interface Subtraction {
  readonly upper: PrefixStep;
  readonly lower: PrefixStep;
  /** prefix(to) - prefix(from). */
  readonly difference: number;
  /** `from` is odd: the interval's bytes change their places within their words. */
  readonly swapped: boolean;
  /** The folded sum of the interval. */
  readonly sum: number;
  /** Bytes that were read, of `to - from`. */
  readonly bytesRead: number;
}

/**
 * The prefix-sum table of `bytes`, as the cache makes it at load: an entry every 32 bytes, then the whole.
 *
 * @example
 * ```ts
 * import { pattern, prefixTable } from 'fastpath/browser';
 *
 * console.log(prefixTable(pattern(3_200)).length); // 102
 * ```
 */
export function prefixTable(bytes: Uint8Array): Uint16Array {
  const table = new Uint16Array(SummedBytes.tableLength(bytes.length));
  SummedBytes.fillTable(bytes, table);
  return table;
}

/**
 * Explains the sum of `bytes[from, to)`. @throws {RangeError} if that is no interval of the bytes.
 *
 * @example
 * ```ts
 * import { explainSum, pattern, prefixTable } from 'fastpath/browser';
 *
 * const file = pattern(100_000);
 * const { upper, lower, bytesRead } = explainSum(file, prefixTable(file), 1_448, 2_896);
 * console.log(upper.entry - lower.entry, bytesRead < 64); // 45 true
 * ```
 */
export function explainSum(bytes: Uint8Array, table: Uint16Array, from: number, to: number): Subtraction {
  if (!(from >= 0 && from <= to && to <= bytes.length)) {
    throw new RangeError(`[${from}, ${to}) is no interval of ${bytes.length} bytes`);
  }
  const upper = stepAt(bytes, table, to);
  const lower = stepAt(bytes, table, from);
  const difference = subtract(upper.prefix, lower.prefix);
  const swapped = from % 2 === 1;
  const result = swapped ? swap(difference) : difference;
  return { upper, lower, difference, swapped, sum: result, bytesRead: upper.read + lower.read };
}

function stepAt(bytes: Uint8Array, table: Uint16Array, at: number): PrefixStep {
  const isWhole = at === bytes.length;
  const entry = isWhole ? table.length - 1 : Math.floor(at / BLOCK_BYTES);
  const entryAt = isWhole ? at : entry * BLOCK_BYTES;
  const known = table[entry] ?? 0;
  const readSum = fold(sum(bytes, entryAt, at));
  return { at, entry, entryAt, known, read: at - entryAt, readSum, prefix: fold(known + readSum) };
}
