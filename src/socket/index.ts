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
export { type DatagramSocketEvents, FastDatagramSocket } from './datagram-socket.js';
export type { ConnectOptions, SocketOptions } from './options.js';
export { type ConnectTlsOptions, connectTls } from './secure.js';
export { FastServer, type ServerEvents, type ServerListenOptions } from './server.js';
export { FastSocket, type WriteDone } from './socket.js';

/**
 * Opens a connection, like `net.connect`: 'connect' follows, or 'error'. It takes the options that http, https and
 * undici hand to a `createConnection` or `connect` of theirs.
 * @throws {TypeError | RangeError} without a host, or for a port that is none.
 *
 * @example
 * ```ts
 * import { connect, type Stack } from 'fastpath';
 *
 * export function ask(stack: Stack): void {
 *   const socket = connect(stack, { host: '10.77.0.1', port: 7 }, () => socket.end('hello'));
 *   socket.setEncoding('utf8').on('data', console.log).on('error', console.error);
 * }
 * ```
 */
export function connect(stack: Stack, options: ConnectOptions, connected?: () => void): FastSocket {
  return new FastSocket(stack, options).connect(options, connected);
}

/**
 * Listens and calls `connected` for each connection, like `net.createServer(…).listen(…)`.
 *
 * @example
 * ```ts
 * import { listen, type Stack } from 'fastpath';
 *
 * export const echo = (stack: Stack) => listen(stack, 7, (socket) => socket.pipe(socket));
 * ```
 */
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
 *
 * @example
 * ```ts
 * import { createDatagramSocket, type Stack } from 'fastpath';
 *
 * export function echo(stack: Stack): void {
 *   const socket = createDatagramSocket(stack, 'udp4', (message, { address, port }) => {
 *     socket.send(message, port, address);
 *   });
 *   socket.bind(7);
 * }
 * ```
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
