/**
 * A connection of which all bytes cross: TCP in the worker, everything else in the other thread. TLS is an example. The
 * worker looks at none of the bytes.
 */

import type { AnswerReason, SlowFailure } from '../http/index.js';
import type { CloseReason, Connection, ConnectionHandler } from '../net/tcp/handler.js';
import type { SummedBytes } from '../net/wire/summed-bytes.js';
import { Purpose } from './records.js';
import type { ChannelUser, WorkerConnection, WorkerEnd } from './worker-end.js';

/** What TCP calls for a connection that belongs to another thread. */
export class WholeConnection implements ConnectionHandler, ChannelUser {
  readonly #connection: Connection;
  readonly #socket: WorkerConnection | null;

  /** If the other thread takes no more connections, this one is reset. */
  constructor(connection: Connection, end: WorkerEnd, purpose: number = Purpose.whole) {
    this.#connection = connection;
    connection.noDelay = true; // what the thread writes comes in whole pieces
    this.#socket = end.open(connection, purpose);
    this.#socket?.use(this);
    if (this.#socket === null) connection.abort();
  }

  // ── from TCP ─────────────────────────────────────────────────────────────────────────────────────────────────

  received(bytes: Uint8Array, from: number, to: number): number {
    const socket = this.#socket;
    if (socket === null) return to - from;
    const most = Math.min(socket.room, to - from);
    if (most > 0) socket.write(bytes, from, from + most);
    return most;
  }

  acknowledged(): void {}

  ended(): void {
    this.#socket?.end();
  }

  timedOut(): void {}

  closed(reason: CloseReason): void {
    this.#socket?.destroy(reason !== 'closed');
  }

  // ── from the thread ──────────────────────────────────────────────────────────────────────────────────────────

  writable(): void {
    this.#connection.resume();
  }

  data(bytes: SummedBytes, from: number, to: number): void {
    this.#connection.send(bytes, from, to);
  }

  finished(): void {
    this.#connection.close();
  }

  failed(_failure: SlowFailure, _fault: AnswerReason, isReset: boolean): void {
    if (isReset) this.#connection.abort();
    else this.#connection.detach();
  }

  answered(): void {}

  tunneled(): void {}

  flush(): void {
    this.#connection.flush();
  }
}
