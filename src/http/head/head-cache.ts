/**
 * The mutable head of a response: status line, Date, Server, Connection. AFPA calls this head mutable, but here no
 * head is ever changed: TCP may have to send it again, with the same sums. Each second has a head of its own, which
 * is made when it is first needed. The old one lives until its last segment is acknowledged.
 *
 *     HTTP/1.1 200 OK\r\n
 *     Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n
 *     Server: fastpath\r\n
 *     Connection: close\r\n                       one of three variants, see below
 *     Server-Timing: cache;desc=hit\r\n           for a site that says so
 *
 * The head of an answer that was kept (src/shared-cache) has the Age of the answer in place of Date, for Date is the
 * origin's and stands in the fixed head. Such a head says the same in every second, so it is made once for each age,
 * and all objects of that age share it (aged-heads.ts).
 */

import type { WallClock } from '../../net/wall-clock.js';
import type { SummedBytes } from '../../net/wire/summed-bytes.js';
import { formatHttpDate } from '../grammar/date.js';
import type { RequestScanner } from '../request/scanner.js';
import { AgedHeads } from './aged-heads.js';
import { HeadMemory } from './head-memory.js';
import { REASONS } from './reasons.js';

/** HTTP/1.1 persists without a Connection field (RFC 9112 section 9.3). */
export const PERSISTENT = 0;
/** HTTP/1.0 persists only where both say so (RFC 9112 section C.2.2). */
export const KEEP_ALIVE = 1;
export const CLOSE = 2;
/**
 * One of these three, and for a site with Server-Timing one of the three below added to it, and for an answer with an
 * age what `aged` adds.
 */
export type HeadVariant = number;

/** The answer was in memory; it was read from the disk for this request; or no object has the path. */
export const TIMED_HIT = 3;
export const TIMED_READ = 6;
const TIMED_MISS = 9;

const VARIANT_LINES = ['', 'Connection: keep-alive\r\n', 'Connection: close\r\n'];
const TIMING_LINES = ['', ...['hit', 'read', 'miss'].map((result) => `Server-Timing: cache;desc=${result}\r\n`)];
const KINDS = VARIANT_LINES.length;
const VARIANTS = KINDS * TIMING_LINES.length;

/** The variant with an Age: `seconds` of a kept answer. */
export function aged(variant: HeadVariant, seconds: number): HeadVariant {
  return variant + VARIANTS * (1 + Math.min(seconds, MOST_AGE));
}

/** RFC 9111 section 1.2.2 lets ages end at 2^31; here at four years, so that a variant is a small integer. */
const MOST_AGE = 2 ** 27;

/** The mutable head of an answer: `persists` says whether the connection may go on after it. */
export function variantOf(head: RequestScanner, persists: boolean): HeadVariant {
  if (!persists) return CLOSE;
  return head.minorVersion === 0 ? KEEP_ALIVE : PERSISTENT;
}

/** Whether the connection ends after an answer with this head. */
export function isClosing(variant: HeadVariant): boolean {
  return variant % KINDS === CLOSE;
}

/** The variant of an answer that comes from no object. */
export function missed(variant: HeadVariant): HeadVariant {
  return variant % VARIANTS < KINDS ? variant % KINDS : TIMED_MISS + (variant % KINDS);
}

const FIRST_STATUS = 200;
const LAST_STATUS = 505;

export class HeadCache {
  readonly #wallClock: WallClock;
  readonly #serverLine: string;
  readonly #memory: HeadMemory;
  readonly #heads: (SummedBytes | null)[] = new Array(VARIANTS * (LAST_STATUS - FIRST_STATUS + 1)).fill(null);
  readonly #aged: AgedHeads;
  #second = -1;
  #dateLine = '';

  /**
   * `serverHeader`: value of the Server field; '' sends none. `moreLines`: other fields of all answers, each with its
   * CRLF. @throws {RangeError} if it cannot be a field value.
   */
  constructor(wallClock: WallClock, serverHeader: string, memory = new HeadMemory(), moreLines = '') {
    if (!/^[\x20-\x7e]*$/.test(serverHeader)) throw new RangeError('the Server header must be printable ASCII');
    this.#wallClock = wallClock;
    this.#serverLine = (serverHeader === '' ? '' : `Server: ${serverHeader}\r\n`) + moreLines;
    this.#memory = memory;
    this.#aged = new AgedHeads(memory);
  }

  /** The head for this second: one of `REASONS`, one of the variants. Immutable. */
  get(status: number, variant: HeadVariant): SummedBytes {
    if (variant >= VARIANTS) return this.#getAged(status, variant);
    const second = this.#wallClock.seconds;
    if (second !== this.#second) this.#startSecond(second);
    const index = (status - FIRST_STATUS) * VARIANTS + variant;
    const head = this.#heads[index]!;
    return head === null ? this.#make(status, variant, index) : head;
  }

  /** The head with an Age; it is made if none of that age is at hand. */
  #getAged(status: number, variant: HeadVariant): SummedBytes {
    const kind = variant % VARIANTS;
    const age = (variant - kind) / VARIANTS - 1;
    return this.#aged.get(status, kind, age) ?? this.#aged.make(status, kind, age, this.#linesOf(status, kind, ''));
  }

  #startSecond(second: number): void {
    this.#second = second;
    this.#dateLine = `Date: ${formatHttpDate(second)}\r\n`;
    this.#heads.fill(null);
  }

  #make(status: number, variant: HeadVariant, index: number): SummedBytes {
    const head = this.#memory.write(this.#linesOf(status, variant, this.#dateLine));
    this.#heads[index] = head;
    return head;
  }

  #linesOf(status: number, variant: HeadVariant, dateLine: string): string {
    const statusLine = `HTTP/1.1 ${status} ${REASONS.get(status)}\r\n`;
    const lines = `${VARIANT_LINES[variant % KINDS]}${TIMING_LINES[Math.floor(variant / KINDS)]}`;
    return statusLine + dateLine + this.#serverLine + lines;
  }
}
