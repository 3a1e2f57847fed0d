/**
 * What sockets need from their host: the stack's `listen` and `connect`, with the script's defaults around them.
 */
import type { ErrorCode } from '../../net/network-error.js';
import type { Connection, ConnectionHandler } from '../../net/tcp/handler.js';
import type { IpAddress } from '../../net/wire/address.js';
import type { TcpSocket } from './tcp-socket.js';

/** The stack does not do what it was asked. */
export class Refusal {
  constructor(readonly code: ErrorCode) {}
}

/** A port on which a socket listens. */
export interface ListeningPort {
  /** Takes the backlog and the options of the socket as they are now; handshakes that have begun go on. */
  change(backlog: number): void;
  close(): void;
}

export interface SocketHost {
  /** Listens on the socket's port, unless another has it. */
  listen(
    socket: TcpSocket,
    backlog: number,
    accept: (connection: Connection) => ConnectionHandler,
  ): ListeningPort | Refusal;
  /** Sends a SYN; `socket.established` follows, or `socket.closed`, unless there is no way to that address. */
  connect(socket: TcpSocket, remote: IpAddress, port: number): Connection | Refusal;
  /** A socket has begun to listen: the peer's next packet is for it. */
  listening(socket: TcpSocket): void;
  /** A listener has a new connection. */
  accepted(socket: TcpSocket, connection: Connection): void;
}
