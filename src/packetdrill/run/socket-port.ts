/**
 * The host of a script's sockets: `SocketHost` on `Stack.listen` and `Stack.connect`.
 */
import { type ErrorCode, NetworkError } from '../../net/network-error.js';
import type { CloseReason, Connection, ConnectionHandler } from '../../net/tcp/handler.js';
import type { IpAddress } from '../../net/wire/address.js';
import { type ListeningPort, Refusal, type SocketHost } from '../sockets/socket-host.js';
import type { TcpSocket } from '../sockets/tcp-socket.js';
import type { Conversations } from './conversation.js';
import type { World } from './world.js';

export class SocketPort implements SocketHost {
  readonly #world: World;
  readonly #conversations: Conversations;

  constructor(world: World, conversations: Conversations) {
    this.#world = world;
    this.#conversations = conversations;
  }

  listen(
    socket: TcpSocket,
    backlog: number,
    accept: (connection: Connection) => ConnectionHandler,
  ): ListeningPort | Refusal {
    const { stack } = this.#world;
    const bound = socket.localAddress === undefined ? {} : { address: socket.localAddress };
    const options = { backlog: linuxBacklog(backlog), ...bound, ...socket.options.beforeSyn() };
    const listener = orRefusal(() => stack.listen(socket.localPort, accept, options));
    if (listener instanceof Refusal) return listener;
    return {
      change: (length) => {
        const { maxSegment, receiveBuffer, noDelay, trafficClass, timeToLive } = socket.options.beforeSyn();
        listener.backlog = linuxBacklog(length);
        listener.maxSegment = maxSegment;
        listener.receiveBuffer = receiveBuffer;
        listener.noDelay = noDelay ?? false;
        listener.trafficClass = trafficClass ?? 0;
        listener.timeToLive = timeToLive ?? 0;
      },
      close: () => stack.unlisten(listener),
    };
  }

  listening(socket: TcpSocket): void {
    this.#conversations.listens(socket);
  }

  connect(socket: TcpSocket, remote: IpAddress, port: number): Connection | Refusal {
    const { localPort, localAddress } = socket;
    const local = {
      ...(localPort === 0 ? {} : { localPort }),
      ...(localAddress === undefined ? {} : { localAddress }),
    };
    // The stack chooses the port and sends the SYN before it returns, so the connection must be announced first.
    this.#conversations.willConnect(remote, port, socket);
    const options = { address: remote, port, ...local, ...socket.options.beforeSyn() };
    return orRefusal(() => this.#world.stack.connect(options, opener(socket)));
  }

  accepted(socket: TcpSocket, connection: Connection): void {
    this.#conversations.accepted(connection.localPort, connection.remotePort, socket);
  }
}

/** Linux lets one connection more wait than was asked for (`sk_acceptq_is_full`). */
function linuxBacklog(asked: number): number {
  return asked + 1;
}

/** What the stack gives, or the code of the error with which it refuses. */
function orRefusal<T>(make: () => T): T | Refusal {
  try {
    return make();
  } catch (error) {
    if (error instanceof NetworkError) return new Refusal(error.code);
    throw error;
  }
}

/** Lets the stack tell a socket what becomes of its connection attempt. */
function opener(socket: TcpSocket) {
  return {
    connected: (connection: Connection) => {
      socket.established(connection);
      return socket;
    },
    failed: (reason: CloseReason, code?: ErrorCode) => socket.closed(reason, code),
  };
}
