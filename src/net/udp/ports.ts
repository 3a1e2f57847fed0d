/**
 * Which program has which port. A number may be bound at each of several addresses, for all addresses, and to several
 * remote ends. A datagram goes to the port that names its ends most exactly, as in Linux.
 */
import type { IcmpError } from '../ip/icmp-error.js';
import type { IpPacket } from '../ip/packet.js';
import { NetworkError } from '../network-error.js';
import type { UdpPort } from './udp-port.js';

/** Ports with one number: they are looked through one by one. */
const MAX_WITH_ONE_NUMBER = 64;

export class Ports {
  /** By number: the first of its ports, the most exact first; `next` leads to the others. */
  readonly #first = new Map<number, UdpPort>();

  /** The first of the ports with this number, or null. */
  first(number: number): UdpPort | null {
    return this.#first.get(number) ?? null;
  }

  /** The port that a datagram to one of our addresses is for, or null. */
  find(packet: IpPacket, number: number, sourcePort: number): UdpPort | null {
    let port: UdpPort | null = this.#first.get(number) ?? null;
    while (port !== null && !port.takes(packet, sourcePort)) port = port.next;
    return port;
  }

  /** The port that can have sent the datagram that `error` quotes, or null. */
  findSender(error: IcmpError): UdpPort | null {
    let port: UdpPort | null = this.#first.get(error.localPort) ?? null;
    while (port !== null && !port.canHaveSent(error)) port = port.next;
    return port;
  }

  /** True if a port has this number, whatever its ends. */
  has(number: number): boolean {
    return this.#first.has(number);
  }

  /** Adds a port. @throws {NetworkError} EADDRINUSE if there is one with the same ends, unless both are shared. */
  add(port: UdpPort): void {
    const before = this.#listOf(port.localPort);
    const isTaken = before.some((other) => other.hasEndsOf(port) && !(other.isShared && port.isShared));
    if (isTaken || before.length >= MAX_WITH_ONE_NUMBER) {
      throw new NetworkError('EADDRINUSE', `UDP port ${port.localPort} is bound already`);
    }
    this.#link([...before, port]);
  }

  /** Takes a port out; nothing happens if it is not in. */
  delete(port: UdpPort): void {
    const left = this.#listOf(port.localPort).filter((other) => other !== port);
    this.#first.delete(port.localPort);
    this.#link(left);
  }

  /** A port has another remote end now, so its place may be another. */
  moved(port: UdpPort): void {
    this.#link(this.#listOf(port.localPort));
  }

  /** All of them, in no order. */
  values(): UdpPort[] {
    return [...this.#first.keys()].flatMap((number) => this.#listOf(number));
  }

  #listOf(number: number): UdpPort[] {
    const list: UdpPort[] = [];
    for (let port = this.first(number); port !== null; port = port.next) list.push(port);
    return list;
  }

  #link(list: readonly UdpPort[]): void {
    const sorted = [...list].sort((a, b) => b.exactness - a.exactness);
    for (const [i, port] of sorted.entries()) {
      port.next = sorted[i + 1] ?? null;
      if (i === 0) this.#first.set(port.localPort, port);
    }
  }
}
