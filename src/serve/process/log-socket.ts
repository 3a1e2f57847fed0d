/**
 * How `fastpath log` watches a running server: a Unix socket beside its state file. A visitor gets each request as a
 * line of JSON, until it leaves. It cannot ask anything; it filters for itself. So a watcher costs the server the
 * formatting of lines. One that does not keep up misses some, and is told how many: `{"missed":12}`. When another
 * process has taken over (handover/), a visitor gets `{"moved":true}`: new requests are told at the same path, by that
 * process, and this one goes on with those that it still has.
 *
 * Only the user that the server runs as (and root) may connect, and only a few at a time.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { LiveListener } from '../../log/log-handle.js';
import { listenForOwner, type SocketOwner } from './owner-socket.js';

const MAX_VISITORS = 8;
/** Bytes that may wait for a visitor. Beyond that it misses lines. */
const MAX_WAITING = 1_048_576;
/** At the end, how long a visitor may take for what is under way to it. */
const LAST_WORDS_MS = 1_000;
/** What a visitor is told when another process has taken over. */
export const MOVED = '{"moved":true}';

/** What a log offers to those who watch. */
export interface Watchable {
  watch(listener: LiveListener | undefined): void;
}

export class LogSocket {
  readonly #server: Server;
  /** Visitors, with the lines that each has missed since it was last told. */
  readonly #visitors = new Map<Socket, number>();
  readonly #log: Watchable;
  readonly #path: string;
  readonly #owner: SocketOwner | undefined;

  /** Listens from now on. @param owner the user who owns the socket; undefined: this process's user */
  constructor(path: string, log: Watchable, owner?: SocketOwner) {
    this.#log = log;
    this.#path = path;
    this.#owner = owner;
    this.#server = createServer((socket) => this.#welcome(socket));
    this.#server.maxConnections = MAX_VISITORS;
    this.#server.on('error', () => {}); // no socket, nobody can watch: the log itself is not concerned
    this.open();
  }

  /** Listens again, after `unlisten`. What lies at the path is replaced. */
  open(): void {
    listenForOwner(this.#server, this.#path, this.#owner);
  }

  /** Removes the path at once, and takes no more visitors. Those who are here stay. */
  unlisten(): void {
    this.#server.close();
  }

  /** Tells the visitors that another process listens at the path now. */
  moved(): void {
    for (const socket of this.#visitors.keys()) socket.write(`${MOVED}\n`);
  }

  /** Sends the visitors away, with all that they have been told so far. */
  async close(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#visitors.keys()) {
      socket.end();
      socket.setTimeout(LAST_WORDS_MS, () => socket.destroy());
    }
    await gone;
  }

  #welcome(socket: Socket): void {
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#visitors.delete(socket);
      if (this.#visitors.size === 0) this.#log.watch(undefined);
    });
    socket.resume(); // whatever a visitor says, only its end counts
    this.#visitors.set(socket, 0);
    if (this.#visitors.size === 1) this.#log.watch((lines, missed, passed) => this.#pass(lines, missed, passed));
  }

  #pass(lines: Uint8Array, missed: number, passed: () => void): void {
    for (const [socket, before] of this.#visitors) {
      const count = before + missed;
      if (socket.writableLength > MAX_WAITING) {
        this.#visitors.set(socket, count + countLines(lines));
        continue;
      }
      if (count > 0) socket.write(`{"missed":${count}}\n`);
      this.#visitors.set(socket, 0);
      socket.write(lines);
    }
    passed();
  }
}

function countLines(lines: Uint8Array): number {
  let count = 0;
  for (const byte of lines) if (byte === 0x0a) count++;
  return count;
}
