/**
 * TCP, as the internet layer and the programs see it: RFC 9293. Begin reading at segment-arrives.ts.
 */
import type { IcmpError } from '../ip/icmp-error.js';
import type { IpPacket } from '../ip/packet.js';
import type { TransportProtocol } from '../ip/transport.js';
import type { IpAddress } from '../wire/address.js';
import { icmpArrives } from './arrives/icmp-arrives.js';
import { segmentArrives } from './arrives/segment-arrives.js';
import { runTimers } from './arrives/timeouts.js';
import { ControlBlock } from './block/control-block.js';
import { TcpHost, type TcpHostParts } from './block/host.js';
import type { Acceptor, Connection, Opener } from './handler.js';
import { TcpConnection } from './life/connection.js';
import { abortConnection, closeConnection, endConnection } from './life/end.js';
import { openActively } from './life/open.js';
import { Listener, type ListenOptions } from './listener.js';
import { SYN_RECEIVED } from './state.js';

/** The ports that a connection of ours is made from (RFC 6056 section 3.2). */
const FIRST_EPHEMERAL_PORT = 32_768;
const EPHEMERAL_PORTS = 28_232;

/** Where `connect` goes, and from where. */
export interface ConnectOptions {
  readonly address: IpAddress;
  readonly port: number;
  readonly localAddress?: IpAddress;
  readonly localPort?: number;
  /** As for `listen`: what must be known before the SYN. */
  readonly maxSegment?: number;
  readonly receiveBuffer?: number;
  readonly noDelay?: boolean;
}

export class Tcp implements TransportProtocol {
  readonly host: TcpHost;

  constructor(parts: TcpHostParts) {
    this.host = new TcpHost(parts);
  }

  receive(packet: IpPacket): void {
    segmentArrives(this.host, packet);
  }

  icmpError(error: IcmpError): void {
    icmpArrives(this.host, error);
  }

  runTimers(): void {
    runTimers(this.host);
  }

  /** When `runTimers` next has something to do, microseconds; Infinity: never. */
  nextDeadline(): number {
    return Math.min(this.host.timers.next(), this.host.timeWaits.next());
  }

  /**
   * Passive OPEN (RFC 9293 section 3.10.1): accepts connections to `port`.
   * @throws {Error} if the port is taken.
   */
  listen(port: number, accept: Acceptor, options: ListenOptions = {}): Listener {
    if (this.host.listeners.has(port)) throw new Error(`port ${port} is already being listened on`);
    const listener = new Listener(port, accept, options, this.host.settings.backlog);
    this.host.listeners.set(port, listener);
    return listener;
  }

  /** Accepts no more connections there; those that are open stay, those that are half open are forgotten: their ACK gets a RST. */
  unlisten(listener: Listener): void {
    const { listeners, connections } = this.host;
    if (listeners.get(listener.port) === listener) listeners.delete(listener.port);
    if (listener.halfOpen === 0) return;
    for (const tcb of connections.values()) {
      if (tcb.listener === listener && tcb.state === SYN_RECEIVED) endConnection(tcb, 'stopped');
    }
  }

  /**
   * Active OPEN (RFC 9293 section 3.10.1). The opener hears how it ends.
   * @throws {Error} if there is no way to the address, it is not one host's (MUST-46), or no port is free.
   */
  connect(options: ConnectOptions, opener: Opener): Connection {
    const { internet } = this.host;
    const route = internet.routeTo(options.address, options.localAddress);
    if (route === undefined) throw new Error(`no route to ${options.address}`);
    const port = options.localPort ?? this.#choosePort(route.local, options.address, options.port);
    if (this.host.connections.findTuple(route.local, port, route.remote, options.port) !== null) {
      throw new Error(`${route.local}:${port} to ${options.address}:${options.port} is in use`);
    }
    const tcb = new ControlBlock(this.host, route, port, options.port, null);
    const connection = new TcpConnection(tcb);
    tcb.program.connection = connection;
    tcb.program.opener = opener;
    if (options.maxSegment !== undefined) connection.maxSegment = options.maxSegment;
    if (options.receiveBuffer !== undefined) connection.receiveBuffer = options.receiveBuffer;
    if (options.noDelay === true) connection.noDelay = true;
    openActively(tcb);
    return connection;
  }

  /** Ends all connections with a reset. */
  abortAll(): void {
    for (const tcb of this.host.connections.values()) abortConnection(tcb, 'stopped');
  }

  /** Asks all connections to close: those that have nothing queued send their FIN now. */
  closeAll(): void {
    for (const tcb of this.host.connections.values()) {
      if (tcb.program.handler === null) endConnection(tcb, 'stopped');
      else closeConnection(tcb);
    }
  }

  /** RFC 6056 section 3.3.1, algorithm 1: a random start, then the next that is free. */
  #choosePort(local: IpAddress, remote: IpAddress, remotePort: number): number {
    const start = (this.host.random.nextInt32() >>> 0) % EPHEMERAL_PORTS;
    for (let i = 0; i < EPHEMERAL_PORTS; i++) {
      const port = FIRST_EPHEMERAL_PORT + ((start + i) % EPHEMERAL_PORTS);
      if (this.host.listeners.has(port)) continue;
      if (this.host.connections.findTuple(local, port, remote, remotePort) === null) return port;
    }
    throw new Error(`no free port to ${remote}:${remotePort}`);
  }
}
