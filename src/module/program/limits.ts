/** The bounds of a program: every client is somebody else. */
import { refuseUnknownKeys } from '../keys.js';

/**
 * What a program may leave out keeps its default.
 *
 * @example
 * ```ts
 * import type { ProgramLimits } from 'fastpath/module';
 *
 * export const limits: Partial<ProgramLimits> = { inputBytes: 512, silenceMs: 10_000 };
 * ```
 */
export interface ProgramLimits {
  /** Input of a connection that no action takes, bytes; then the state gets `full`. */
  readonly inputBytes: number;
  /** Queued for a connection; then its input waits, bytes. */
  readonly queuedBytes: number;
  /** Time without a byte in either direction, ms; then the state gets `silent`. */
  readonly silenceMs: number;
  /** The most time that the slow path may take, ms; then the state gets `failed`. */
  readonly answerMs: number;
  /**
   * Datagrams answered a second for one client (IPv4 /24, IPv6 /56): a stranger can forge the address of somebody else,
   * whom the answers hit (RFC 8085 section 3.1.11 and 6).
   */
  readonly datagramsPerSecond: number;
}

/**
 * The bounds that hold where a program says nothing else.
 *
 * @example
 * ```ts
 * import { DEFAULT_PROGRAM_LIMITS } from 'fastpath/module';
 *
 * console.log(DEFAULT_PROGRAM_LIMITS.inputBytes > 0); // true
 * ```
 */
export const DEFAULT_PROGRAM_LIMITS: ProgramLimits = {
  inputBytes: 4_096,
  queuedBytes: 262_144,
  silenceMs: 60_000,
  answerMs: 10_000,
  datagramsPerSecond: 50,
};

/**
 * The bounds of a program, the defaults among them. @throws {TypeError} for a bound that does not exist or is no number
 */
export function limitsOf(given: Partial<ProgramLimits> = {}): ProgramLimits {
  refuseUnknownKeys('"limits"', given, Object.keys(DEFAULT_PROGRAM_LIMITS));
  for (const [name, value] of Object.entries(given)) {
    if (!(value > 0)) throw new TypeError(`the limit "${name}" is a number above 0`);
  }
  return { ...DEFAULT_PROGRAM_LIMITS, ...given };
}
