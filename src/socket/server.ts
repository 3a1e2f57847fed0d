/**
 * A listener on a stack's port with the interface of net.Server: the events 'listening', 'connection', 'close' and
 * 'error', and a `close` that waits for the connections.
 *
 *     const server = new FastServer(stack, (socket) => socket.pipe(socket)).listen(7);
 *
 * It can give its connections to a server of Node's: `listen(stack, 443).forward(https.createServer(…))`.
 */
import { EventEmitter } from 'node:events';
import type { AddressInfo, DropArgument, Server } from 'node:net';
import { NetworkError } from '../net/network-error.js';
import type { Stack } from '../net/stack.js';
import type { Connection, ConnectionHandler } from '../net/tcp/handler.js';
import type { Listener } from '../net/tcp/listener.js';
import { IpAddress } from '../net/wire/address.js';
import { socketError } from './errors.js';
import { LoopHold } from './loop-hold.js';
import { countConnection, startListening, stopListening } from './node-server.js';
import { ipChoices, readPort, type SocketOptions } from './options.js';
import { handOver } from './secure.js';
import { FastSocket } from './socket.js';

/** The place to listen at. @see {@link FastServer} */
export interface ServerListenOptions {
  /** 0 or none: a free one is chosen. */
  readonly port?: number | string | undefined;
  /** Only on this address of the stack; default: all of them. */
  readonly host?: string | undefined;
  /** Connections that may be on their way to being established. */
  readonly backlog?: number | undefined;
  /** Closes the server when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** The ports among which `listen(0)` looks for a free one (RFC 6335 section 6: dynamic ports). */
const FIRST_DYNAMIC_PORT = 49_152;
const DYNAMIC_PORTS = 16_384;

/** The events of a `FastServer` and what their listeners get. @see {@link FastServer} */
export interface ServerEvents {
  connection: [socket: FastSocket];
  listening: [];
  close: [];
  drop: [data: DropArgument];
  error: [error: NodeJS.ErrnoException];
}

/**
 * A listener of a stack with the interface of net.Server. Errors come as its 'error' event, with a code.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { FastServer, type Stack } from 'fastpath';
 *
 * // Node's http server, on our stack.
 * export function serve(stack: Stack): FastServer {
 *   const app = createServer((request, response) => response.end(`${request.socket.remoteAddress}\n`));
 *   return new FastServer(stack).listen({ port: 80 }).forward(app);
 * }
 * ```
 */
export class FastServer extends EventEmitter<ServerEvents> {
  /** If there are more connections than this, new ones are closed at once and reported by 'drop'. */
  maxConnections = Infinity;

  readonly #stack: Stack;
  readonly #options: SocketOptions;
  readonly #hold = new LoopHold();
  #listener: Listener | null = null;
  #host: string | undefined;
  #connections = 0;
  readonly #forwarded = new Set<Server>();

  /** A server whose sockets have these options. */
  constructor(stack: Stack, options: SocketOptions | ((socket: FastSocket) => void) = {}, connected?: typeof options) {
    super();
    this.#stack = stack;
    this.#options = typeof options === 'function' ? {} : options;
    const listener = typeof options === 'function' ? options : connected;
    if (typeof listener === 'function') this.on('connection', listener);
  }

  /**
   * Listens; 'listening' follows, or 'error' if the port is taken or the address is not the stack's. @throws
   * {RangeError} for a port or address that is none.
   */
  listen(options: ServerListenOptions, listening?: () => void): this;
  listen(port?: number, host?: string, listening?: () => void): this;
  listen(port: number, listening: () => void): this;
  listen(where: ServerListenOptions | number = {}, host?: string | (() => void), listening?: () => void): this {
    const given =
      typeof where === 'number' ? { port: where, host: typeof host === 'string' ? host : undefined } : where;
    const listener = typeof host === 'function' ? host : listening;
    if (this.#listener !== null)
      throw Object.assign(new Error('already listening'), { code: 'ERR_SERVER_ALREADY_LISTEN' });
    if (listener !== undefined) this.once('listening', listener);
    this.#host = given.host;
    this.#listener = this.#listen(given, readPort(given.port ?? 0, 0));
    if (this.#listener !== null) {
      this.#hold.open();
      this.#closeOn(given.signal);
      process.nextTick(() => this.listening && this.emit('listening'));
      for (const server of this.#forwarded) startListening(server, this);
    }
    return this;
  }

  #closeOn(signal: AbortSignal | undefined): void {
    const close = () => this.close();
    if (signal?.aborted) process.nextTick(close);
    signal?.addEventListener('abort', close, { once: true });
    this.once('close', () => signal?.removeEventListener('abort', close));
  }

  #listen(options: ServerListenOptions, port: number): Listener | null {
    const { backlog, host } = options;
    const listenOptions = {
      ...ipChoices(this.#options),
      ...(backlog !== undefined && { backlog }),
      ...(host !== undefined && { address: IpAddress.parse(host) }),
    };
    try {
      return this.#stack.listen(port || this.#freePort(), (connection) => this.#accept(connection), listenOptions);
    } catch (thrown) {
      if (!(thrown instanceof NetworkError)) throw thrown;
      const error = socketError('listen', thrown.code, { address: host ?? '0.0.0.0', port });
      process.nextTick(() => this.emit('error', error));
      return null;
    }
  }

  /** A port without a listener at any address. @throws {NetworkError} EADDRINUSE if there is none. */
  #freePort(): number {
    const { listeners } = this.#stack.tcp.host;
    const start = Math.floor(Math.random() * DYNAMIC_PORTS);
    for (let n = 0; n < DYNAMIC_PORTS; n++) {
      const port = FIRST_DYNAMIC_PORT + ((start + n) % DYNAMIC_PORTS);
      if (!listeners.has(port)) return port;
    }
    throw new NetworkError('EADDRINUSE', 'no port is free');
  }

  /** Called from inside the stack; the program hears of it on the next tick. */
  #accept(connection: Connection): ConnectionHandler {
    const tooMany = this.#connections >= this.maxConnections;
    const [socket, handler] = FastSocket.accept(this.#stack, connection, this.#options);
    if (!tooMany) {
      this.#connections++;
      socket.once('close', () => {
        this.#connections--;
        this.#closeIfDrained();
      });
    }
    process.nextTick(() => {
      if (tooMany) drop(this, socket);
      else this.emit('connection', socket);
    });
    return handler;
  }

  /**
   * From now on, gives each connection to a server of Node's: http, https, http2, tls or net. That server then
   * listens through this one. Its time-outs, `close`, `address`, `getConnections`, `maxConnections`, `ref` and so on
   * work as if it listened by itself. Closing either closes both.
   */
  forward(server: Server): this {
    const give = handOver(server);
    this.on('connection', (socket) => {
      if (countConnection(server, socket)) give(socket);
      else drop(server, socket);
    });
    this.#forwarded.add(server);
    if (this.listening) startListening(server, this);
    return this;
  }

  /**
   * Stops accepting. 'close' follows when the last connection is gone. `closed` is called then, or with an error if the
   * server does not listen.
   */
  close(closed?: (error?: Error) => void): this {
    if (this.#listener === null) {
      const error = Object.assign(new Error('Server is not running.'), { code: 'ERR_SERVER_NOT_RUNNING' });
      if (closed !== undefined) process.nextTick(closed, error);
      return this;
    }
    if (closed !== undefined) this.once('close', closed);
    this.#stack.unlisten(this.#listener);
    this.#listener = null;
    this.#hold.close();
    for (const server of this.#forwarded) stopListening(server, this);
    this.#closeIfDrained();
    return this;
  }

  #closeIfDrained(): void {
    if (this.#listener === null && this.#connections === 0) process.nextTick(() => this.emit('close'));
  }

  /** Closes, and waits for the connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.listening) await new Promise((resolve) => this.close(resolve));
  }

  /**
   * The address and port; null if it does not listen. The unspecified address stands for all addresses of the stack.
   */
  address(): AddressInfo | null {
    if (this.#listener === null) return null;
    const address = this.#host ?? '0.0.0.0';
    return { address, family: address.includes(':') ? 'IPv6' : 'IPv4', port: this.#listener.port };
  }

  get listening(): boolean {
    return this.#listener !== null;
  }

  /** Gives the number of open connections. */
  getConnections(callback: (error: Error | null, count: number) => void): this {
    process.nextTick(callback, null, this.#connections);
    return this;
  }

  /** Keeps the process alive while it listens; it does so from the start. */
  ref(): this {
    this.#hold.ref();
    return this;
  }

  /** Lets the process end although it listens. */
  unref(): this {
    this.#hold.unref();
    return this;
  }
}

/** Closes a connection beyond `maxConnections`, and emits 'drop'. */
function drop(server: { emit(name: 'drop', data: DropArgument): boolean }, socket: FastSocket): void {
  const { localAddress, localPort, localFamily, remoteAddress, remotePort, remoteFamily } = socket;
  const data = { localAddress, localPort, localFamily, remoteAddress, remotePort, remoteFamily };
  socket.on('error', () => {}).destroy();
  server.emit('drop', data as DropArgument);
}
