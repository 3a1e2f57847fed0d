/** A connection to a module that is one too many: it is reset at once, from outside of TCP's call that accepted it. */
import type { Connection, ConnectionHandler } from '../net/tcp/handler.js';

export class TurnedAway implements ConnectionHandler {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.setTimeout(1);
  }

  received(_bytes: Uint8Array, from: number, to: number): number {
    this.#connection.abort();
    return to - from;
  }

  acknowledged(): void {}

  ended(): void {
    this.#connection.abort();
  }

  timedOut(): void {
    this.#connection.abort();
  }

  closed(): void {}
}
