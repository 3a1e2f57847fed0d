/** A stack's TCP in the form that Node programs know. */
import type { Stack } from '../net/stack.js';
import type { ConnectOptions, SocketOptions } from './options.js';
import { FastServer, type ServerListenOptions } from './server.js';
import { FastSocket } from './socket.js';

export { type ConnectorCallback, type ConnectorOptions, connector } from './connector.js';
export type { ConnectOptions, SocketOptions } from './options.js';
export { type ConnectTlsOptions, connectTls } from './secure.js';
export { FastServer, type ServerListenOptions } from './server.js';
export { FastSocket } from './socket.js';

/**
 * Opens a connection, like `net.connect`: 'connect' follows, or 'error'. It takes the options that http, https and
 * undici hand to a `createConnection` or `connect` of theirs.
 * @throws {TypeError | RangeError} without a host, or for a port that is none.
 */
export function connect(stack: Stack, options: ConnectOptions, connected?: () => void): FastSocket {
  return new FastSocket(stack, options).connect(options, connected);
}

/** Listens and calls `connected` for each connection, like `net.createServer(…).listen(…)`. */
export function listen(
  stack: Stack,
  options: (ServerListenOptions & SocketOptions) | number,
  connected?: (socket: FastSocket) => void,
): FastServer {
  const where = typeof options === 'number' ? { port: options } : options;
  return new FastServer(stack, where, connected).listen(where);
}
