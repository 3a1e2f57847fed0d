/** Cases: what a judge looks at, and how a case says that something is not so. */

export interface Case {
  /** A sentence: what has to be so. */
  readonly name: string;
  /** Where the rule stands: `RFC 1071 section 1`. */
  readonly section: string;
  /** A push in the right direction, for the first failure. */
  readonly nudge: string;
  /** Nearly the answer, for those who ask. */
  readonly hint: string;
  /**
   * Throws `Mismatch` if it is not so. What else it throws is the student's mistake, too. A case that needs much of the
   * product imports it when it runs, so that the cases before it are quick.
   */
  readonly run: () => void | Promise<void>;
}

/** What came is not what was expected. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';

  constructor(
    readonly what: string,
    readonly came: string,
    readonly expected: string,
    readonly trace: readonly string[] = [],
  ) {
    super(`${what}: came ${came}, expected ${expected}`);
  }
}

/** Compares two plain values; -0 counts as 0. `show` writes one for a person. */
export function same<T>(what: string, came: T, expected: T, show: (value: T) => string = plain): void {
  if (came !== expected && !Object.is(came, expected)) throw new Mismatch(what, show(came), show(expected));
}

/** Compares two lists, one entry after the other, and shows what led to the first difference. */
export function sameList(what: string, came: readonly string[], expected: readonly string[]): void {
  const length = Math.max(came.length, expected.length);
  for (let i = 0; i < length; i++) {
    const [one, other] = [came[i] ?? 'nothing', expected[i] ?? 'nothing'];
    if (one !== other) throw new Mismatch(what, one, other, came.slice(0, i));
  }
}

/** A text as it is, without quotes. */
export const text = (value: string): string => value;

/** A 16-bit number in hexadecimal. */
export function hex16(value: number): string {
  return Number.isInteger(value) && value >= 0 ? `0x${value.toString(16).padStart(4, '0')}` : String(value);
}

/** Bytes as people write them: `01 02 03`. */
export function hexBytes(bytes: Uint8Array, most = 12): string {
  const shown = [...bytes.subarray(0, most)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return bytes.length > most ? `${shown} … (${bytes.length} bytes)` : shown;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : String(value);
}
