/**
 * A request that does not lie whole in one segment: its bytes so far, and the scanner that has read them. It exists
 * only until the request has been answered, so an idle connection holds no buffer.
 */

import type { HttpLimits } from '../limits.js';
import type { BodyReader } from './body.js';
import { INCOMPLETE, type Outcome, RequestScanner } from './scanner.js';

const FIRST_BYTES = 1024;
/**
 * The buffer may be this much longer than the scanner's limits, so the scanner finds a request too long before it is
 * full.
 */
const SPARE_BYTES = 64;

export class Carry {
  readonly scanner: RequestScanner;
  /** The body, once the head is complete and has one. */
  body: BodyReader | null = null;
  /** What the head says, kept while the body comes: the connection may persist after the answer. */
  mayPersist = false;
  /** Bytes of body, or `CHUNKED`; and whether the client waits for a 100 response first. */
  bodyLength = 0;
  expectsContinue = false;
  /** The body is still in TCP: whether it is read past or handed over depends on what the answer comes from. */
  isBodyOpen = false;
  /** When the request began, ms of the clock as an int32. */
  readonly startedMs: number;
  /** More of it is waited for: it counts as unfinished for its client (clients.ts). */
  isUnfinished = false;
  /** Where the stream stood then: the sequence number behind the last byte received. */
  readonly receivedTo: number;
  /** See `append`. */
  taken = 0;

  #buffer: Uint8Array;
  #length = 0;
  readonly #maxBytes: number;

  constructor(limits: HttpLimits, startedMs: number, receivedTo: number) {
    this.scanner = new RequestScanner(limits);
    this.startedMs = startedMs;
    this.receivedTo = receivedTo;
    this.#maxBytes = limits.requestLineBytes + limits.headerBytes + SPARE_BYTES;
    this.#buffer = new Uint8Array(Math.min(FIRST_BYTES, this.#maxBytes));
    this.scanner.begin(this.#buffer, 0);
  }

  /**
   * Copies `bytes[from, to)` behind what is here and scans it. The outcome INCOMPLETE means that all bytes were
   * taken. With any other outcome, `scanner.at` is the end of the request's head, and `taken` is how many of the
   * bytes belong to it.
   */
  append(bytes: Uint8Array, from: number, to: number): Outcome {
    const before = this.#length;
    const take = Math.min(to - from, this.#maxBytes - before);
    this.#reserve(before + take);
    this.#buffer.set(bytes.subarray(from, from + take), before);
    this.#length += take;
    const outcome = this.scanner.scan(this.#length);
    this.taken = outcome === INCOMPLETE ? take : this.scanner.at - before;
    return outcome;
  }

  #reserve(length: number): void {
    if (length <= this.#buffer.length) return;
    let size = this.#buffer.length;
    while (size < length) size *= 2;
    const larger = new Uint8Array(Math.min(size, this.#maxBytes));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
    this.scanner.moveTo(larger);
  }
}
