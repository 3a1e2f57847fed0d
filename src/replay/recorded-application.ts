/**
 * The recorded server's program, played again over our TCP: it says what the recorded one said, at the same moments,
 * and closes when that closed. So a capture can be replayed without knowing what served it, and our TCP can be compared
 * with the recorded one saying the same things.
 *
 * The recorded segments may be out of order, repeated, or missing in the capture; they are put in order here.
 */
import type { CloseReason, Connection, ConnectionHandler } from '../net/tcp/handler.js';
import { add, isAfter, isBefore, type Sequence } from '../net/tcp/sequence.js';
import { SummedBytes } from '../net/wire/summed-bytes.js';
import { InOrder } from './in-order.js';

/** Bytes are copied from the capture into blocks of this size, so that no segment needs an object of its own. */
const BLOCK_BYTES = 65_536;
/** Bytes that our stack may have queued and unacknowledged. The rest is given up: the recorded client takes no more. */
const MAX_QUEUED_BYTES = 4 << 20;
/** Pieces said before the connection is established. */
const MAX_EARLY_PIECES = 256;

const NO_BLOCK = SummedBytes.plain(new Uint8Array(0));

/** Told by the application what happens to its connection. */
export interface ApplicationEvents {
  /** Called around each callback of TCP, to see its state. */
  happened(): void;
  received(bytes: number): void;
  closed(reason: CloseReason): void;
}

export class RecordedApplication implements ConnectionHandler {
  readonly #events: ApplicationEvents;
  #connection: Connection | null = null;
  #over = false;
  #block = NO_BLOCK;
  #used = 0;
  readonly #stream: InOrder;
  #fin: Sequence | undefined;
  /** Said before our connection was established: it is sent then. */
  #early: [block: SummedBytes, from: number, to: number][] = [];
  /** Bytes that the capture lacks, with zeros in their place; and bytes that were given up (see `MAX_QUEUED_BYTES`). */
  missingBytes = 0;
  givenUpBytes = 0;

  /** @param first the sequence number of the recorded server's first byte */
  constructor(first: Sequence, events: ApplicationEvents) {
    this.#stream = new InOrder(first, (bytes, from, to) => this.#send(bytes, from, to));
    this.#events = events;
  }

  /** Our connection is established. */
  connect(connection: Connection): void {
    this.#connection = connection;
    for (const [block, from, to] of this.#early.splice(0)) connection.send(block, from, to);
    this.#closeIfDone();
    connection.flush();
  }

  /** The recorded server sent `bytes[from, to)` with this sequence number. */
  say(sequence: Sequence, bytes: Uint8Array, from: number, to: number): void {
    this.#stream.take(sequence, bytes, from, to);
    this.#closeIfDone();
    this.#connection?.flush();
  }

  /** It sent bytes that the capture has not kept. Zeros go out in their place. */
  sayUnknown(sequence: Sequence, length: number): void {
    if (sequence !== this.#stream.next) return;
    this.missingBytes += length;
    this.say(sequence, new Uint8Array(length), 0, length);
  }

  /** The recorded server's FIN has this sequence number. */
  finish(sequence: Sequence): void {
    this.#fin = sequence;
    this.#closeIfDone();
  }

  /** The recorded server reset the connection. */
  reset(): void {
    this.#connection?.abort();
  }

  /** The client has acknowledged up to here. Bytes that have not come by now are not in the capture. */
  acknowledgedByClient(sequence: Sequence): void {
    const { next } = this.#stream;
    if (!isAfter(sequence, next) || sequence === add(this.#fin ?? next, 1)) return;
    const gap = this.#stream.missingBefore(sequence);
    if (gap > MAX_QUEUED_BYTES) return; // nonsense, or another connection's number
    this.missingBytes += gap;
    this.#stream.take(next, new Uint8Array(gap), 0, gap);
    this.#closeIfDone();
    this.#connection?.flush();
  }

  #send(bytes: Uint8Array, from: number, to: number): void {
    if (this.#over) return;
    if ((this.#connection?.queuedBytes ?? 0) > MAX_QUEUED_BYTES || this.#early.length > MAX_EARLY_PIECES) {
      this.givenUpBytes += to - from;
      return;
    }
    for (let at = from; at < to; ) {
      if (this.#used === this.#block.length) this.#newBlock();
      const length = Math.min(to - at, this.#block.length - this.#used);
      this.#block.bytes.set(bytes.subarray(at, at + length), this.#used);
      if (this.#connection === null) this.#early.push([this.#block, this.#used, this.#used + length]);
      else this.#connection.send(this.#block, this.#used, this.#used + length);
      this.#used += length;
      at += length;
    }
  }

  /** Blocks begin small: most connections say little. */
  #newBlock(): void {
    const size = Math.min(BLOCK_BYTES, Math.max(2_048, 4 * this.#block.length));
    this.#block = SummedBytes.plain(new Uint8Array(size));
    this.#used = 0;
  }

  #closeIfDone(): void {
    if (this.#fin === undefined || this.#connection === null || isBefore(this.#stream.next, this.#fin)) return;
    this.#connection.close();
    this.#events.happened();
  }

  received(_bytes: Uint8Array, from: number, to: number): number {
    this.#events.received(to - from);
    this.#events.happened();
    return to - from;
  }

  acknowledged(): void {}

  ended(): void {
    this.#events.happened();
  }

  timedOut(): void {}

  closed(reason: CloseReason): void {
    this.#connection = null;
    this.#over = true;
    this.#block = NO_BLOCK; // many conversations are remembered after their end
    this.#used = 0;
    this.#early = [];
    this.#stream.clear();
    this.#events.closed(reason);
  }
}
