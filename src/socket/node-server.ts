/**
 * A server of Node's (http, https, http2, tls, net) that listens through a server of ours.
 *
 * Much of what Node's servers do depends on their own listening socket. The http server begins its list of
 * connections at 'listening'; from that list come `headersTimeout`, `requestTimeout`, `closeIdleConnections` and
 * `closeAllConnections`. `close` waits for the connections that were counted, and `address()`, `listening`, `ref` and
 * `maxConnections` ask the handle. So the server gets a handle that stands for our listener, its connections are
 * counted where Node counts them, and 'listening' is emitted. The three names with an underscore are not documented.
 * They have been the same since Node 0.10, and test/socket/node-server.test.ts compares each effect with Node's own
 * listener.
 */
import type { AddressInfo, Server } from 'node:net';
import type { FastSocket } from './socket.js';

/** Our listener, as the handle needs it. */
export interface Owner {
  address(): AddressInfo | null;
  /** Accepts no more connections. */
  close(): unknown;
  ref(): unknown;
  unref(): unknown;
}

/** The fields in which net.Server keeps its listening socket. */
interface ServerState {
  _handle: Handle | null;
  _connections: number;
  _emitCloseIfDrained(): void;
}

/** Stands for our listeners in the place of a listening socket of the kernel. */
class Handle {
  readonly #owners = new Set<Owner>();

  add(owner: Owner): void {
    this.#owners.add(owner);
  }

  /** Returns true if that was the last one. */
  remove(owner: Owner): boolean {
    return this.#owners.delete(owner) && this.#owners.size === 0;
  }

  /** Called by `server.close()`. */
  close(): void {
    const owners = [...this.#owners];
    this.#owners.clear();
    for (const owner of owners) owner.close();
  }

  /** Called by `server.address()`: fills `out`, and gives 0 as a system call would. */
  getsockname(out: object): number {
    const [owner] = this.#owners;
    Object.assign(out, owner?.address());
    return 0;
  }

  ref(): void {
    for (const owner of this.#owners) owner.ref();
  }

  unref(): void {
    for (const owner of this.#owners) owner.unref();
  }
}

/** The server listens from now on. 'listening' follows on the next tick, as Node's own, unless it listened before. */
export function startListening(server: Server, owner: Owner): void {
  const state = server as unknown as ServerState;
  if (state._handle instanceof Handle) {
    state._handle.add(owner);
    return;
  }
  if (state._handle !== null) return; // It has a socket of the kernel as well, and keeps it.
  const handle = new Handle();
  handle.add(owner);
  state._handle = handle;
  process.nextTick(() => state._handle === handle && server.emit('listening'));
}

/**
 * The owner has stopped listening. So has the server, if it has no other owner; http servers then close idle
 * connections.
 */
export function stopListening(server: Server, owner: Owner): void {
  const { _handle: handle } = server as unknown as ServerState;
  if (handle instanceof Handle && handle.remove(owner)) server.close();
}

/** Counts a connection as one of the server's until it is closed. Gives false if that would exceed `maxConnections`. */
export function countConnection(server: Server, socket: FastSocket): boolean {
  const state = server as unknown as ServerState;
  const limit: number | null | undefined = server.maxConnections; // null and undefined: none, as for Node
  if (limit != null && state._connections >= limit) return false;
  state._connections++;
  socket.once('close', () => {
    state._connections--;
    state._emitCloseIfDrained();
  });
  return true;
}
