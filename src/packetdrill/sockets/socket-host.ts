/**
 * What sockets need of the machine they are on: the stack's listen and connect, with the script's defaults around them.
 */
import type { Connection, ConnectionHandler } from '../../net/tcp/handler.js';
import type { IpAddress } from '../../net/wire/address.js';
import type { TcpSocket } from './tcp-socket.js';

export interface SocketHost {
  /** Listens on the socket's port; returns what ends that. Called again when its options change. `undefined`: another has it. */
  listen(
    socket: TcpSocket,
    backlog: number,
    accept: (connection: Connection) => ConnectionHandler,
  ): (() => void) | undefined;
  /** Sends a SYN; `socket.established` follows, or `socket.closed`. `undefined`: there is no way to that address. */
  connect(socket: TcpSocket, remote: IpAddress, port: number): Connection | undefined;
  /** A socket has begun to listen: the peer's next packet is for it. */
  listening(socket: TcpSocket): void;
  /** A listener has a new connection. */
  accepted(socket: TcpSocket, connection: Connection): void;
}
