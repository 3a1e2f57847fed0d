/**
 * The body of one answer while it comes, read by any number of clients, each at its own speed.
 *
 *     from the origin ──▶ [ chunk | chunk | chunk | ... ]      kept: from the first byte on, to be stored
 *                              ▲ reader        ▲ reader        not kept: from the slowest reader on
 *
 * A kept body is bounded by the size of an object and by a budget for all of them. One that is not kept (any longer)
 * holds `WINDOW_BYTES` at most: then the slowest reader decides how fast the origin may send.
 */

import type { ServerResponse } from 'node:http';
import type { AnswerReason } from '../../http/index.js';
import { noteFault } from '../fault.js';
import { type Fields, linesOf } from '../fields.js';
import type { OriginExchange } from '../origin/origin.js';
import type { Budget } from './budget.js';

/** What a body that is not stored may run ahead of its slowest reader. */
export const WINDOW_BYTES = 256 * 1024;

/** Bytes `[from, to)` of the body for one client. */
interface Reader {
  readonly response: ServerResponse;
  readonly from: number;
  readonly to: number;
  /** Its next chunk, counted from the first that ever came, and the place of that chunk's first byte. */
  chunk: number;
  at: number;
  isBlocked: boolean;
  readonly onDrain: () => void;
  readonly onClose: () => void;
}

export class SharedBody {
  readonly #exchange: Pick<OriginExchange, 'pause' | 'resume'>;
  readonly #budget: Budget;
  readonly #mostBytes: number;
  readonly #onLeft: () => void;
  readonly #readers = new Set<Reader>();
  #chunks: Buffer[] = [];
  /** How many chunks were dropped, and their bytes. */
  #dropped = 0;
  #droppedBytes = 0;
  /** All bytes that have come. */
  length = 0;
  #isKept = false;
  /** Why it is not kept any more, although it was to be; '': it is, or was never to be. */
  refusal: 'too-long' | 'no-room' | '' = '';
  #isEnded = false;
  #isPaused = false;
  #trailers: Fields = [];

  /** A body of up to `mostBytes` can be kept. `onLeft`: the last reader has gone before its end. */
  constructor(
    exchange: Pick<OriginExchange, 'pause' | 'resume'>,
    budget: Budget,
    mostBytes: number,
    onLeft: () => void,
  ) {
    this.#exchange = exchange;
    this.#budget = budget;
    this.#mostBytes = mostBytes;
    this.#onLeft = onLeft;
  }

  /** Whether all of it is still here, so that it can be stored and new readers can begin. */
  get isKept(): boolean {
    return this.#isKept;
  }

  get hasReaders(): boolean {
    return this.#readers.size > 0;
  }

  /** Keeps all of it from now on, if it can be. Before the first chunk. */
  keep(): void {
    this.#isKept = true;
  }

  /** Keeps no more than the readers need. */
  letGo(): void {
    if (!this.#isKept) return;
    this.#isKept = false;
    this.#budget.give(this.length);
    this.#dropRead();
  }

  add(chunk: Buffer): void {
    if (this.#isEnded) return;
    const isTooMuch = this.length + chunk.length > this.#mostBytes;
    if (this.#isKept && (isTooMuch || !this.#budget.take(chunk.length))) {
      this.refusal = isTooMuch ? 'too-long' : 'no-room';
      this.letGo();
    }
    this.#chunks.push(chunk);
    this.length += chunk.length;
    for (const reader of [...this.#readers]) this.#pump(reader);
    this.#dropRead();
  }

  end(trailers: Fields): void {
    this.#isEnded = true;
    this.#trailers = trailers;
    for (const reader of [...this.#readers]) this.#pump(reader);
  }

  /** It broke off: so do the answers to the readers, since they cannot be told otherwise. */
  fail(fault: AnswerReason): void {
    this.#isEnded = true;
    for (const { response } of [...this.#readers]) {
      noteFault(response, fault);
      response.destroy();
    }
  }

  /** All of it. It was kept. */
  whole(): Buffer {
    return Buffer.concat(this.#chunks, this.length);
  }

  /** Sends bytes `[from, to)` to a client whose head has been written, and ends the answer. */
  attach(response: ServerResponse, from = 0, to = Number.POSITIVE_INFINITY): void {
    const reader: Reader = {
      response,
      from,
      to,
      chunk: this.#dropped,
      at: this.#droppedBytes,
      isBlocked: false,
      onDrain: () => {
        reader.isBlocked = false;
        this.#pump(reader);
        this.#dropRead();
      },
      onClose: () => {
        this.#detach(reader);
        this.#dropRead();
        if (!this.#isEnded && this.#readers.size === 0) this.#onLeft();
      },
    };
    this.#readers.add(reader);
    response.on('drain', reader.onDrain);
    response.on('close', reader.onClose);
    this.#pump(reader);
  }

  #pump(reader: Reader): void {
    while (!reader.isBlocked && reader.at < reader.to) {
      const chunk = this.#chunks[reader.chunk - this.#dropped];
      if (chunk === undefined) break;
      const piece = chunk.subarray(Math.max(0, reader.from - reader.at), Math.max(0, reader.to - reader.at));
      reader.chunk++;
      reader.at += chunk.length;
      if (piece.length > 0) reader.isBlocked = !reader.response.write(piece);
    }
    const hasAll = this.#isEnded && reader.chunk === this.#dropped + this.#chunks.length;
    if (hasAll || reader.at >= reader.to) this.#finish(reader);
  }

  #finish(reader: Reader): void {
    this.#detach(reader);
    const { response } = reader;
    const trailers = [...linesOf(this.#trailers)].map(([, value, name]): [string, string] => [name, value]);
    if (trailers.length > 0) response.addTrailers(trailers);
    response.end();
  }

  #detach(reader: Reader): void {
    this.#readers.delete(reader);
    reader.response.off('drain', reader.onDrain);
    reader.response.off('close', reader.onClose);
  }

  /** Drops what every reader has, and lets the origin send as much as fits. */
  #dropRead(): void {
    if (this.#isKept || this.#isEnded) return;
    let least = this.#dropped + this.#chunks.length;
    for (const reader of this.#readers) if (reader.chunk < least) least = reader.chunk;
    for (const chunk of this.#chunks.splice(0, least - this.#dropped)) this.#droppedBytes += chunk.length;
    this.#dropped = least;
    const isFull = this.length - this.#droppedBytes >= WINDOW_BYTES;
    if (isFull === this.#isPaused) return;
    this.#isPaused = isFull; // first, for `resume` may bring the next chunk at once
    if (isFull) this.#exchange.pause();
    else this.#exchange.resume();
  }
}
