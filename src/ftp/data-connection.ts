/**
 * The data connection of one transfer: opened by the client after PASV or EPSV, or by us after PORT or EPRT. It is
 * between the same two hosts as its control connection, and nobody else gets in.
 *
 *     PASV ─▶ listening ──┐
 *                         ├─▶ open ─ content ─▶ queued, FIN ─▶ all acknowledged: transferred
 *     PORT ─▶ connecting ─┘
 */
import type { Waiter } from '../cache/library/asks.js';
import { MILLISECOND } from '../net/clock.js';
import type { Random } from '../net/random.js';
import type { Stack } from '../net/stack.js';
import type { Connection, ConnectionHandler } from '../net/tcp/handler.js';
import type { Listener } from '../net/tcp/listener.js';
import type { Content } from './content.js';
import type { DataEnd } from './ends.js';

/** How a transfer ended. */
export type DataOutcome = 'transferred' | 'unopened' | 'broken';

/** What data connections need of the module. */
export interface DataHost {
  readonly stack: Stack;
  readonly random: Random;
  /** The ports that clients connect to, both included. */
  readonly passivePorts: readonly [number, number];
  /** Those that transfers of this worker listen on. */
  readonly takenPorts: Set<number>;
  /** Of those, this worker has every `stride`th, from `offset` on: another one must not take its clients. */
  readonly stride: number;
  readonly offset: number;
  /** How long a client may take to connect, or to take the next bytes. */
  readonly dataTimeoutMs: number;
}

/** Ports that somebody else may have, one after the other. */
const MOST_FAILURES = 16;

export class DataConnection implements ConnectionHandler, Waiter {
  readonly #host: DataHost;
  /** The client, as its control connection sees it. */
  readonly #control: Connection;
  readonly #ended: (outcome: DataOutcome) => void;
  #listener: Listener | undefined;
  #port = 0;
  #connection: Connection | undefined;
  #content: Content | undefined;
  #isQueued = false;
  #isOver = false;

  /** @param ended is told once how it ended, never before a content was given */
  constructor(host: DataHost, control: Connection, ended: (outcome: DataOutcome) => void) {
    this.#host = host;
    this.#control = control;
    this.#ended = ended;
  }

  /** Bytes that the client has not acknowledged yet. */
  get queuedBytes(): number {
    return this.#connection?.queuedBytes ?? 0;
  }

  /** Waits for the client on a port of the range, which is returned; undefined: none is free. */
  listen(): number | undefined {
    const { random, passivePorts, takenPorts, stride, offset } = this.#host;
    const [first, last] = passivePorts;
    const count = Math.floor((last - first - offset) / stride) + 1;
    const start = count > 0 ? (random.nextInt32() >>> 1) % count : 0;
    for (let i = 0, failures = 0; i < count && failures < MOST_FAILURES; i++) {
      const port = first + offset + stride * ((start + i) % count);
      if (takenPorts.has(port)) continue;
      if (this.#listenOn(port)) return port;
      failures++;
    }
    return undefined;
  }

  /** False: somebody else has the port. */
  #listenOn(port: number): boolean {
    const { stack, takenPorts } = this.#host;
    try {
      const options = { address: this.#control.localAddress, backlog: 4 };
      this.#listener = stack.listen(port, (connection) => this.#accepted(connection), options);
    } catch {
      return false;
    }
    takenPorts.add(port);
    this.#port = port;
    return true;
  }

  /** Connects to the client. False: there is no way to it. */
  connect(end: DataEnd): boolean {
    try {
      this.#host.stack.connect(
        { ...end, localAddress: this.#control.localAddress },
        {
          connected: (connection) => this.#opened(connection),
          failed: () => this.#end('unopened'),
        },
      );
      return true;
    } catch {
      return false;
    }
  }

  /** What is to be sent. It goes out as soon as the connection is open. */
  give(content: Content): void {
    this.#content = content;
    if (this.#isOver) this.#end('unopened');
    else this.#pump();
  }

  /** Gives up: the control connection is gone, or ABOR came. `ended` is not called. */
  cancel(): void {
    if (this.#isOver) return;
    this.#over();
    this.#connection?.abort();
  }

  /** Nobody has connected in time. The session's timer says so. */
  timeOut(): void {
    if (this.#connection === undefined) this.#end('unopened');
  }

  // ── from TCP ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** A client sends nothing here. */
  received(_bytes: Uint8Array, from: number, to: number): number {
    return to - from;
  }

  acknowledged(): void {
    this.#connection?.setTimeout(this.#host.dataTimeoutMs * MILLISECOND);
    this.#pump();
    if (this.#isQueued && this.queuedBytes === 0) this.#end('transferred');
  }

  ended(): void {}

  timedOut(): void {
    this.#connection?.abort();
  }

  closed(): void {
    if (this.#isOver) return;
    this.#end(this.#isQueued && this.queuedBytes === 0 ? 'transferred' : 'broken');
  }

  /** A piece of a large file is there, or its turn has come. */
  settled(): void {
    this.#pump();
    this.#connection?.flush();
  }

  /** Only the host of the control connection is let in (RFC 2577 section 3). */
  #accepted(connection: Connection): ConnectionHandler {
    if (this.#connection !== undefined || !connection.remoteAddress.equals(this.#control.remoteAddress)) {
      connection.abort();
      return REFUSED;
    }
    this.#unlisten();
    return this.#opened(connection);
  }

  #opened(connection: Connection): ConnectionHandler {
    if (this.#isOver) {
      connection.abort();
      return REFUSED;
    }
    this.#connection = connection;
    connection.noDelay = true;
    connection.setTimeout(this.#host.dataTimeoutMs * MILLISECOND);
    this.#pump();
    return this;
  }

  #pump(): void {
    const [connection, content] = [this.#connection, this.#content];
    if (connection === undefined || content === undefined || this.#isQueued || this.#isOver) return;
    this.#isQueued = content.pump(connection, this);
    if (!this.#isQueued) {
      connection.flush();
      return;
    }
    const isEmpty = connection.queuedBytes === 0;
    connection.close();
    connection.flush();
    if (isEmpty) this.#end('transferred');
  }

  #end(outcome: DataOutcome): void {
    if (this.#content === undefined) {
      this.#isOver = true; // it is told when the content comes
      this.#unlisten();
      return;
    }
    this.#over();
    this.#ended(outcome);
  }

  #over(): void {
    this.#isOver = true;
    this.#unlisten();
    this.#content?.close();
    this.#content = undefined;
  }

  #unlisten(): void {
    if (this.#listener === undefined) return;
    this.#host.stack.unlisten(this.#listener);
    this.#host.takenPorts.delete(this.#port);
    this.#listener = undefined;
  }
}

/** The handler of a connection that was reset at once. */
const REFUSED: ConnectionHandler = {
  received: (_bytes, from, to) => to - from,
  acknowledged: () => {},
  ended: () => {},
  timedOut: () => {},
  closed: () => {},
};
