/**
 * What FTP's control connections say of their data connections: where the next one will be, and what it is for. A data
 * connection has no port of its own, so nothing else tells it from any other connection.
 */
import type { Connection, Endpoint } from './connections.js';

/** Ends that are waited for. The oldest is forgotten first. */
const MAX_EXPECTED = 4_096;

/** A data connection that a control connection has spoken of. */
export interface Transfer {
  readonly method: 'PASV' | 'EPSV' | 'PORT' | 'EPRT';
  /** The frame that says where it is. */
  readonly setupFrame: number;
  /** The command that it is for, with its frame; undefined: not given yet. */
  command: string | undefined;
  commandFrame: number;
}

export class FtpTransfers {
  readonly #expected = new Map<string, Transfer>();
  /** By control connection. */
  readonly #next = new WeakMap<Connection, Transfer>();
  /** By data connection. */
  readonly #found = new WeakMap<Connection, Transfer>();

  /** `control` says that its next data connection has this end. */
  expect(control: Connection, end: Endpoint, method: Transfer['method'], setupFrame: number): void {
    const transfer = { method, setupFrame, command: undefined, commandFrame: 0 };
    const key = keyOf(end);
    this.#expected.delete(key);
    this.#expected.set(key, transfer);
    this.#next.set(control, transfer);
    if (this.#expected.size <= MAX_EXPECTED) return;
    for (const oldest of this.#expected.keys()) {
      this.#expected.delete(oldest);
      return;
    }
  }

  /** `control` says what its next data connection is for. */
  begin(control: Connection, command: string, frame: number): void {
    const transfer = this.#next.get(control);
    if (transfer === undefined) return;
    transfer.command = command;
    transfer.commandFrame = frame;
    this.#next.delete(control);
  }

  /** What this connection carries, if it is the data connection of a control connection. */
  of(connection: Connection): Transfer | undefined {
    const known = this.#found.get(connection);
    if (known !== undefined) return known;
    if (this.#expected.size === 0) return undefined;
    for (const end of [connection.server, connection.client]) {
      const key = keyOf(end);
      const transfer = this.#expected.get(key);
      if (transfer === undefined) continue;
      this.#expected.delete(key);
      this.#found.set(connection, transfer);
      return transfer;
    }
    return undefined;
  }
}

function keyOf({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}
