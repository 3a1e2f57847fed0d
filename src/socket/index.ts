/** A stack's TCP and UDP in the form that Node programs know. */

import type { RemoteInfo } from 'node:dgram';
import type { Stack } from '../net/stack.js';
import type { DatagramSocketOptions } from './datagram-arguments.js';
import { FastDatagramSocket } from './datagram-socket.js';
import type { ConnectOptions, SocketOptions } from './options.js';
import { FastServer, type ServerListenOptions } from './server.js';
import { FastSocket } from './socket.js';

export { type ConnectorCallback, type ConnectorOptions, connector } from './connector.js';
export type { DatagramBindOptions, DatagramPayload, DatagramSocketOptions, SendDone } from './datagram-arguments.js';
export { FastDatagramSocket } from './datagram-socket.js';
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

/**
 * Makes a UDP socket, like `dgram.createSocket`; `received` is called for each 'message'.
 * @throws {TypeError} for another type than udp4 and udp6.
 */
export function createDatagramSocket(
  stack: Stack,
  options: DatagramSocketOptions | 'udp4' | 'udp6',
  received?: (message: Buffer, from: RemoteInfo) => void,
): FastDatagramSocket {
  const socket = new FastDatagramSocket(stack, typeof options === 'string' ? { type: options } : options);
  if (received !== undefined) socket.on('message', received);
  return socket;
}
