/**
 * TCP as the internet layer and the programs see it: RFC 9293. Begin reading at arrives/segment-arrives.ts.
 */
import type { IcmpError } from '../ip/icmp-error.js';
import { checkIpChoices, type IpChoices } from '../ip/ip-choices.js';
import type { IpPacket } from '../ip/packet.js';
import { checkPort, chooseEphemeralPort } from '../ip/ports.js';
import type { Route } from '../ip/route.js';
import type { TransportProtocol } from '../ip/transport.js';
import { NetworkError } from '../network-error.js';
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
import { checkPlan, type PacedTraffic, type PacingPlan } from './pacing-plan.js';
import { output } from './send/output.js';
import { ABORT_CALL, SYN_RECEIVED } from './state.js';

/**
 * The two ends of a connection that `connect` opens.
 *
 * @example
 * ```ts
 * import { IpAddress, type OpenOptions } from 'fastpath';
 *
 * export const where: OpenOptions = { address: IpAddress.parse('10.77.0.1'), port: 80, localPort: 40_000 };
 * ```
 */
export interface ConnectOptions extends IpChoices {
  readonly address: IpAddress;
  readonly port: number;
  readonly localAddress?: IpAddress;
  readonly localPort?: number;
  /** As for `listen`: these must be known before the SYN. */
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
    const { timers, timeWaits, pacer } = this.host;
    const next = Math.min(timers.next(), timeWaits.next());
    return pacer === null ? next : Math.min(next, pacer.nextTurn());
  }

  /**
   * Passive OPEN (RFC 9293 section 3.10.1): accepts connections to `port`.
   * @throws {NetworkError} EADDRINUSE if the port is taken at that address, EADDRNOTAVAIL if the address is not ours,
   *   EINVAL for a number that is no port.
   */
  listen(port: number, accept: Acceptor, options: ListenOptions = {}): Listener {
    checkPort(port);
    checkIpChoices(options);
    const { address } = options;
    if (address !== undefined && !address.isUnspecified && !this.host.internet.hasAddress(address)) {
      throw new NetworkError('EADDRNOTAVAIL', `${address} is no address of this host`);
    }
    const listener = new Listener(port, accept, options, this.host.settings);
    this.host.listeners.add(listener);
    return listener;
  }

  /** Accepts no more connections there. Open connections stay. Half-open ones are forgotten: their ACK gets a RST. */
  unlisten(listener: Listener): void {
    const { listeners, connections } = this.host;
    listeners.delete(listener);
    if (listener.halfOpen === 0) return;
    for (const tcb of connections.values()) {
      if (tcb.listener === listener && tcb.state === SYN_RECEIVED) endConnection(tcb, ABORT_CALL, 'stopped');
    }
  }

  /**
   * Active OPEN (RFC 9293 section 3.10.1). The opener hears how it ends.
   * @throws {NetworkError} ENETUNREACH if there is no way to the address or it is not one host's (MUST-46),
   *   EADDRNOTAVAIL if the local address is not ours or no port is free, EADDRINUSE if the local port is in use for a
   *   connection (or one in TIME-WAIT) to the same end, EINVAL for a number that is no port.
   */
  connect(options: ConnectOptions, opener: Opener): Connection {
    const { address, localAddress } = options;
    checkPort(options.port);
    checkIpChoices(options);
    const route = this.#routeFor(address, localAddress);
    const port = options.localPort ?? this.#choosePort(route.local, address, options.port);
    checkPort(port);
    if (this.#isInUse(route.local, port, address, options.port)) {
      throw new NetworkError('EADDRINUSE', `${route.local}:${port} to ${address}:${options.port} is in use`);
    }
    const tcb = new ControlBlock(this.host, route, port, options.port, null);
    const connection = new TcpConnection(tcb);
    tcb.connection = connection;
    tcb.opener = opener;
    if (options.maxSegment !== undefined) connection.maxSegment = options.maxSegment;
    if (options.receiveBuffer !== undefined) connection.receiveBuffer = options.receiveBuffer;
    if (options.noDelay === true) connection.noDelay = true;
    if (options.trafficClass !== undefined) connection.trafficClass = options.trafficClass;
    if (options.timeToLive !== undefined) connection.timeToLive = options.timeToLive;
    if (options.minimumTimeToLive !== undefined) connection.minimumTimeToLive = options.minimumTimeToLive;
    openActively(tcb);
    return connection;
  }

  /**
   * Paces all connections by `plan` from now on. Their own rates (`Connection.pacingRate`) and their groups stay.
   * @throws {RangeError} for a rate below `LEAST_RATE`, or a weight that is not positive.
   */
  pace(plan: PacingPlan): void {
    checkPlan(plan);
    const { host } = this;
    const pacer = host.pacing;
    const { pacesAll, connectionRate } = pacer;
    pacer.use(plan);
    if (pacesAll === pacer.pacesAll && connectionRate === plan.connection) return;
    for (const tcb of host.connections.values()) {
      if (tcb.congestion === undefined) continue; // its handshake is not over
      if (tcb.pacing === null && pacer.pacesAll) tcb.pacing = pacer.join(tcb);
      else if (tcb.pacing !== null) pacer.limit(tcb.pacing, tcb.pacing.ownRate);
      if (tcb.pacing !== null) output(tcb);
    }
  }

  /** The groups of the plan, that of connections in no group first, with what they have sent; empty without a plan. */
  get pacedGroups(): readonly PacedTraffic[] {
    return this.host.pacer?.groups ?? [];
  }

  /**
   * Ends all connections from this address, which is no longer ours: nothing may be sent from it, so the other ends
   * hear nothing and time out. Programs hear that they are closed, with EADDRNOTAVAIL.
   */
  forgetAddress(address: IpAddress): void {
    for (const tcb of this.host.connections.values()) {
      if (tcb.route.local.equals(address)) endConnection(tcb, ABORT_CALL, 'stopped', 'EADDRNOTAVAIL');
    }
  }

  /** Ends all connections with a reset. */
  abortAll(): void {
    for (const tcb of this.host.connections.values()) abortConnection(tcb, ABORT_CALL, 'stopped');
  }

  /** The number of connections with queued bytes that the peer has not acknowledged. It looks at every connection. */
  get unfinishedCount(): number {
    let count = 0;
    for (const { queue } of this.host.connections.values()) if (queue.head !== queue.tail) count++;
    return count;
  }

  /**
   * Asks all connections to close: those that have nothing under way send their FIN now. With patience those are left
   * alone whose handshake is not over; ask again until none is left.
   */
  closeAll(isPatient: boolean): void {
    for (const tcb of this.host.connections.values()) {
      const { handler } = tcb;
      if (handler === null && isPatient) continue;
      if (handler === null) endConnection(tcb, ABORT_CALL, 'stopped');
      else if (handler.stopping !== undefined) handler.stopping(isPatient);
      else closeConnection(tcb);
    }
  }

  #routeFor(address: IpAddress, localAddress: IpAddress | undefined): Route {
    const { internet } = this.host;
    if (localAddress !== undefined && !internet.hasAddress(localAddress)) {
      throw new NetworkError('EADDRNOTAVAIL', `${localAddress} is no address of this host`);
    }
    const route = internet.routeTo(address, localAddress);
    if (route === undefined) throw new NetworkError('ENETUNREACH', `no route to ${address}`);
    return route;
  }

  #isInUse(local: IpAddress, port: number, remote: IpAddress, remotePort: number): boolean {
    const { connections, timeWaits } = this.host;
    if (connections.findTuple(local, port, remote, remotePort) !== null) return true;
    return timeWaits.findTuple(local, port, remote, remotePort) !== null;
  }

  #choosePort(local: IpAddress, remote: IpAddress, remotePort: number): number {
    const { random, listeners } = this.host;
    const port = chooseEphemeralPort(
      random,
      (candidate) => !listeners.has(candidate) && !this.#isInUse(local, candidate, remote, remotePort),
    );
    if (port === undefined) throw new NetworkError('EADDRNOTAVAIL', `no free port to ${remote}:${remotePort}`);
    return port;
  }
}
