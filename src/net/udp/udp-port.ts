/**
 * A bound port, as `Stack.bind` gives it: what the program sends with, and which datagrams are for it. RFC 768, RFC
 * 1122 sections 4.1.3.5 and 4.1.4.
 */
import type { IcmpError } from '../ip/icmp-error.js';
import { checkedHops } from '../ip/ip-choices.js';
import type { IpPacket } from '../ip/packet.js';
import { checkPort } from '../ip/ports.js';
import type { Route } from '../ip/route.js';
import { type ErrorCode, NetworkError } from '../network-error.js';
import type { IpAddress } from '../wire/address.js';
import * as Ipv4 from '../wire/ipv4.js';
import type { SummedBytes } from '../wire/summed-bytes.js';
import type { Datagram } from './datagram.js';
import type { BindOptions, DatagramHandler, Endpoint } from './handler.js';
import type { UdpHost } from './host.js';
import { Message } from './message.js';
import { largestWhole, sendDatagram } from './send.js';

/** The groups that all hosts of a link are in: 224.0.0.1 and ff02::1. */
const ALL_HOSTS_V4 = 0xe0000001 | 0;
const ALL_NODES_WORD0 = 0xff020000 | 0;

/**
 * A bound port. `send` and `reply` return the name of what went wrong, and undefined if nothing did.
 *
 * @example
 * ```ts
 * import { IpAddress, type Stack, SummedBytes } from 'fastpath';
 *
 * // Sends one datagram from any free port.
 * export function sendOnce(stack: Stack, text: string): void {
 *   const port = stack.bind(0, { received() {} });
 *   const failure = port.send(SummedBytes.of(new TextEncoder().encode(text)), IpAddress.parse('10.77.0.1'), 514);
 *   if (failure !== undefined) console.error(failure);
 *   port.close();
 * }
 * ```
 */
export class UdpPort {
  /** For UDP: the next port with this number, no more exact than this one. */
  next: UdpPort | null = null;
  readonly localPort: number;
  /** The address that it is bound to; undefined: all. */
  readonly localAddress: IpAddress | undefined;
  /** 0: both families. */
  readonly family: 0 | 4 | 6;
  readonly isShared: boolean;
  /** It works while the host has no address. */
  readonly isUnconfigured: boolean;
  handler: DatagramHandler;
  allowsBroadcast: boolean;
  neverFragments: boolean;
  omitsChecksum: boolean;
  requiresChecksum: boolean;

  readonly #host: UdpHost;
  readonly #groups: IpAddress[] = [];
  #trafficClass: number;
  #timeToLive: number;
  #multicastTimeToLive: number;
  #minimumTimeToLive: number;
  #remote: Endpoint | null = null;
  #route: Route | null = null;
  #isOpen = true;

  /** For UDP: `Stack.bind` makes ports. The options have not been checked. @internal */
  constructor(host: UdpHost, localPort: number, handler: DatagramHandler, options: BindOptions) {
    const { address } = options;
    this.#host = host;
    this.localPort = localPort;
    this.handler = handler;
    this.localAddress = address?.isUnspecified ? undefined : address;
    this.family =
      options.family ?? (address === undefined || (address.isUnspecified && !address.isV4) ? 0 : familyOf(address));
    this.isShared = options.isShared ?? false;
    this.isUnconfigured = options.isUnconfigured ?? false;
    this.allowsBroadcast = options.allowsBroadcast ?? false;
    this.neverFragments = options.neverFragments ?? false;
    this.omitsChecksum = options.omitsChecksum ?? false;
    this.requiresChecksum = options.requiresChecksum ?? false;
    this.#trafficClass = checkedHops(options.trafficClass ?? 0, 'trafficClass');
    this.#timeToLive = checkedHops(options.timeToLive ?? 0, 'timeToLive');
    this.#multicastTimeToLive = checkedHops(options.multicastTimeToLive ?? 1, 'multicastTimeToLive');
    this.#minimumTimeToLive = checkedHops(options.minimumTimeToLive ?? 0, 'minimumTimeToLive');
    if (options.remote !== undefined) this.#setRemote(options.remote);
  }

  /** TOS byte or traffic class of what is sent, with its ECN bits. */
  get trafficClass(): number {
    return this.#trafficClass;
  }

  set trafficClass(value: number) {
    this.#trafficClass = checkedHops(value, 'trafficClass');
  }

  /** TTL or hop limit of what is sent to one host; 0: the host's default. */
  get timeToLive(): number {
    return this.#timeToLive;
  }

  set timeToLive(hops: number) {
    this.#timeToLive = checkedHops(hops, 'timeToLive');
  }

  /** TTL or hop limit of what is sent to groups; 0: the host's default. */
  get multicastTimeToLive(): number {
    return this.#multicastTimeToLive;
  }

  set multicastTimeToLive(hops: number) {
    this.#multicastTimeToLive = checkedHops(hops, 'multicastTimeToLive');
  }

  /** What comes with a smaller TTL or hop limit is dropped (RFC 5082). */
  get minimumTimeToLive(): number {
    return this.#minimumTimeToLive;
  }

  set minimumTimeToLive(hops: number) {
    this.#minimumTimeToLive = checkedHops(hops, 'minimumTimeToLive');
  }

  /** The remote end of a connected port; null: it is not connected. */
  get remote(): Endpoint | null {
    return this.#remote;
  }

  /** Our address as the remote end of a connected port sees it; else the one that it is bound to. */
  get usedAddress(): IpAddress | undefined {
    return this.#route?.local ?? this.localAddress;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Takes datagrams from this end only, and sends to it.
   * @throws {NetworkError} ENETUNREACH without a way there, EACCES for a broadcast address that is not allowed, EINVAL
   */
  connect(address: IpAddress, port: number): void {
    this.#setRemote({ address, port });
    if (this.#isOpen) this.#host.ports.moved(this);
  }

  /** Takes datagrams from everybody again. */
  disconnect(): void {
    this.#remote = null;
    this.#route = null;
    if (this.#isOpen) this.#host.ports.moved(this);
  }

  /** An empty message of the stack's, to be filled and sent before the next one is composed. */
  compose(): Message {
    return this.#host.composed.clear();
  }

  /**
   * Sends one datagram to `address` and `port`, or to the remote end of a connected port. Returns undefined, or why it
   * did not leave: EMSGSIZE (larger than a datagram or, with `neverFragments`, than the path takes; see `maxPayload`),
   * ENETUNREACH (no way there), EACCES (broadcast is not allowed), EDESTADDRREQ (no remote end), EINVAL (no port),
   * ENOBUFS (the device is full), EBADF (closed), EADDRNOTAVAIL (`local` is not ours).
   * @param local our address to send from: an answer that leaves later comes from the address that was asked (RFC 1122
   *   section 4.1.3.5). Default: the bound one, else the one that fits the way. A port of a host without an address
   *   may name 0.0.0.0 for a broadcast.
   */
  send(payload: Message | SummedBytes, address?: IpAddress, port?: number, local?: IpAddress): ErrorCode | undefined {
    if (!this.#isOpen) return 'EBADF';
    const message = this.#messageOf(payload);
    if (address === undefined) {
      if (this.#route === null) return 'EDESTADDRREQ';
      return sendDatagram(this.#host, this, message, this.#route, this.#remote!.port);
    }
    if (!isPort(port)) return 'EINVAL';
    if (!this.#maySendTo(address)) return 'EACCES';
    if (local !== undefined && !this.#maySendFrom(local)) return 'EADDRNOTAVAIL';
    const route = this.#routeTo(address, local);
    return route === undefined ? 'ENETUNREACH' : sendDatagram(this.#host, this, message, route, port);
  }

  /**
   * Answers a datagram from inside the handler: from the address that it was sent to (RFC 1122 section 4.1.3.5), or
   * from one of ours if that was a group. Allocates nothing once the route is known. Returns as `send` does; EINVAL
   * also for a sender with port 0, and for a datagram whose handler has returned.
   */
  reply(payload: Message | SummedBytes, to: Datagram): ErrorCode | undefined {
    if (!this.#isOpen) return 'EBADF';
    if (to.sourcePort === 0 || !to.isCurrent) return 'EINVAL';
    const message = this.#messageOf(payload);
    const { internet } = this.#host;
    const route = to.isToGroup ? this.#routeTo(to.sourceAddress) : internet.routeBack(to.packet);
    return route === undefined ? 'ENETUNREACH' : sendDatagram(this.#host, this, message, route, to.sourcePort);
  }

  /**
   * The most payload, bytes, that reaches `address` (or the remote end) without fragments, as far as is known now (RFC
   * 8085 section 3.2); 0: there is no way.
   */
  maxPayload(address?: IpAddress): number {
    const route = address === undefined ? this.#route : this.#routeTo(address);
    return route === null || route === undefined ? 0 : largestWhole(route);
  }

  /** Joins a group: datagrams to it come to this port. @throws {NetworkError} EINVAL for no group, ENOBUFS, EBADF. */
  join(group: IpAddress): void {
    if (!this.#isOpen) throw new NetworkError('EBADF', 'the port is closed');
    if (!isMulticast(group)) throw new NetworkError('EINVAL', `${group} is no multicast address`);
    if (this.#groups.some((other) => other.equals(group))) return;
    this.#host.internet.joinGroup(group);
    this.#groups.push(group);
  }

  /** Leaves a group. @throws {NetworkError} EADDRNOTAVAIL if the port is not in it. */
  leave(group: IpAddress): void {
    const index = this.#groups.findIndex((other) => other.equals(group));
    if (index < 0) throw new NetworkError('EADDRNOTAVAIL', `the port is not in ${group}`);
    this.#groups.splice(index, 1);
    this.#host.internet.leaveGroup(group);
  }

  /** Closes the port and leaves its groups. Nothing is received or sent any more. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.isUnconfigured) this.#host.internet.takeUnconfigured(0);
    this.#host.ports.delete(this);
    for (const group of this.#groups.splice(0)) this.#host.internet.leaveGroup(group);
  }

  /** For UDP: how exactly it names its ends: 3 a remote end, 2 one address, 1 a family, 0 nothing. */
  get exactness(): number {
    if (this.#remote !== null) return 3;
    if (this.localAddress !== undefined) return 2;
    return this.family === 0 ? 0 : 1;
  }

  /** For UDP: true if a datagram to one of our addresses is for this port. @internal */
  takes(packet: IpPacket, sourcePort: number): boolean {
    if (this.family !== 0 && (this.family === 6) !== packet.isV6) return false;
    if (this.localAddress !== undefined && !packet.isTo(this.localAddress)) return false;
    return this.#isFromRemote(packet, sourcePort);
  }

  /**
   * For UDP: true if a datagram to a group or broadcast address is for this port: it has joined the group, or is bound
   * to no address of ours and the datagram is for all hosts.
   * @internal
   */
  takesGroup(packet: IpPacket, sourcePort: number): boolean {
    if (this.family !== 0 && (this.family === 6) !== packet.isV6) return false;
    if (!this.#isFromRemote(packet, sourcePort)) return false;
    if (this.localAddress !== undefined && isMulticast(this.localAddress) && !packet.isTo(this.localAddress))
      return false;
    for (let i = 0; i < this.#groups.length; i++) if (packet.isTo(this.#groups[i]!)) return true;
    return this.localAddress === undefined && isForAllHosts(packet);
  }

  /** For UDP: true if the datagram that an ICMP error quotes can be this port's. */
  canHaveSent(error: IcmpError): boolean {
    if (this.family !== 0 && (this.family === 6) !== error.isV6) return false;
    const local = this.#route?.local ?? this.localAddress;
    if (local !== undefined && !isMulticast(local) && !error.isFrom(local)) return false;
    const remote = this.#remote;
    return remote === null || (remote.port === error.remotePort && error.isTo(remote.address));
  }

  /** For UDP: true if `other` names the same ends. */
  hasEndsOf(other: UdpPort): boolean {
    if (this.family !== other.family || !isSame(this.localAddress, other.localAddress)) return false;
    return this.#remote?.port === other.remote?.port && isSame(this.#remote?.address, other.remote?.address);
  }

  #isFromRemote(packet: IpPacket, sourcePort: number): boolean {
    const remote = this.#remote;
    return remote === null || (remote.port === sourcePort && packet.isFrom(remote.address));
  }

  #setRemote({ address, port }: Endpoint): void {
    checkPort(port);
    if (!this.#maySendTo(address)) throw new NetworkError('EACCES', `${address} is a broadcast address`);
    const route = this.#routeTo(address);
    if (route === undefined) throw new NetworkError('ENETUNREACH', `no route to ${address}`);
    this.#remote = { address, port };
    this.#route = route;
  }

  #messageOf(payload: Message | SummedBytes): Message {
    return payload instanceof Message ? payload : this.#host.plain.clear().add(payload);
  }

  #maySendFrom(local: IpAddress): boolean {
    return (this.isUnconfigured && local.isUnspecified) || this.#host.internet.hasAddress(local);
  }

  #maySendTo(address: IpAddress): boolean {
    return this.allowsBroadcast || isMulticast(address) || !this.#host.internet.isGroup(address);
  }

  #routeTo(address: IpAddress, from = this.localAddress): Route | undefined {
    const { internet } = this.#host;
    if (this.family !== 0 && this.family !== familyOf(address)) return undefined;
    const local = from !== undefined && isMulticast(from) ? undefined : from;
    return internet.isGroup(address) ? internet.routeToGroup(address, local) : internet.routeTo(address, local);
  }
}

function familyOf(address: IpAddress): 4 | 6 {
  return address.isV4 ? 4 : 6;
}

function isPort(port: number | undefined): port is number {
  return port !== undefined && Number.isInteger(port) && port > 0 && port <= 0xffff;
}

/** True for a group, of either family; a broadcast address is none. */
function isMulticast(address: IpAddress): boolean {
  return address.isV4 ? Ipv4.isMulticast(address.word3) : address.word0 >>> 24 === 0xff;
}

function isSame(a: IpAddress | undefined, b: IpAddress | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.equals(b));
}

/** A broadcast address, 224.0.0.1 or ff02::1: every host of the link is meant. */
function isForAllHosts(packet: IpPacket): boolean {
  const { destination0, destination1, destination2, destination3 } = packet;
  if (!packet.isV6) return !Ipv4.isMulticast(destination3) || destination3 === ALL_HOSTS_V4;
  return destination0 === ALL_NODES_WORD0 && destination1 === 0 && destination2 === 0 && destination3 === 1;
}
