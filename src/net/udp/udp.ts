/**
 * UDP as the internet layer and the programs see it: RFC 768, RFC 1122 section 4.1, RFC 8085.
 *
 *     receive ─▶ udpFault ─▶ Ports.find ─▶ handler.received ─▶ port.reply ─▶ sendDatagram
 *
 * There is no queue: a datagram is with its program before the next frame is read, and its answer has left.
 */

import { icmpErrno } from '../ip/icmp-errno.js';
import { ICMP_ERROR, type IcmpError } from '../ip/icmp-error.js';
import type { IpPacket } from '../ip/packet.js';
import { checkPort, chooseEphemeralPort } from '../ip/ports.js';
import type { TransportProtocol } from '../ip/transport.js';
import { UDP_FAULT, udpFault } from '../ip/udp-faults.js';
import { NetworkError } from '../network-error.js';
import { readUint16 } from '../wire/bytes.js';
import { datagramLength, destinationPort, sourcePort, UDP_CHECKSUM, UDP_HEADER_BYTES } from '../wire/udp.js';
import { Datagram } from './datagram.js';
import type { BindOptions, DatagramHandler } from './handler.js';
import { UdpHost, type UdpHostParts } from './host.js';
import { UdpPort } from './udp-port.js';

export class Udp implements TransportProtocol {
  readonly host: UdpHost;
  readonly #datagram = new Datagram();

  constructor(parts: UdpHostParts) {
    this.host = new UdpHost(parts);
  }

  /**
   * Gives datagrams to `port` to a program; 0: a free port, chosen at random (RFC 6056, RFC 8085 section 5.1).
   * @throws {NetworkError} EADDRINUSE if it is bound already with the same ends, EADDRNOTAVAIL if the address is not
   * ours
   *   or no port is free, EINVAL for a value out of range; with `remote` also as `UdpPort.connect`.
   */
  bind(port: number, handler: DatagramHandler, options: BindOptions = {}): UdpPort {
    const { internet, random, ports } = this.host;
    const { address } = options;
    const isGroup = address !== undefined && internet.isGroup(address);
    if (address !== undefined && !address.isUnspecified && !isGroup && !internet.hasAddress(address)) {
      throw new NetworkError('EADDRNOTAVAIL', `${address} is no address of this host`);
    }
    const chosen = port === 0 ? chooseEphemeralPort(random, (number) => !ports.has(number)) : port;
    if (chosen === undefined) throw new NetworkError('EADDRNOTAVAIL', 'no free UDP port');
    checkPort(chosen);
    const bound = new UdpPort(this.host, chosen, handler, options);
    ports.add(bound);
    if (isGroup) bound.join(address);
    if (bound.isUnconfigured) internet.takeUnconfigured(chosen);
    return bound;
  }

  receive(packet: IpPacket): void {
    if (!this.#isSound(packet)) return;
    const { bytes, payloadFrom } = packet;
    const to = destinationPort(bytes, payloadFrom);
    const from = sourcePort(bytes, payloadFrom);
    if (packet.isMulticast) {
      this.#receiveForGroup(packet, to, from);
      return;
    }
    const port = this.host.ports.find(packet, to, from);
    if (port !== null) {
      this.#deliver(packet, port, from);
      return;
    }
    this.host.statistics.noPort++;
    this.host.internet.refusePort(packet);
  }

  /**
   * RFC 1122 section 4.1.3.3: the program hears every error. "Too big" lowers the path MTU first. The quote shows no
   * more than the two ends, so that is all that can be checked (RFC 8085 section 5.2).
   */
  icmpError(error: IcmpError): void {
    const { statistics, ports, internet } = this.host;
    const port = ports.findSender(error);
    if (port === null) {
      statistics.errorsIgnored++;
      return;
    }
    statistics.errorsReceived++;
    const isTooBig = error.kind === ICMP_ERROR.TOO_BIG;
    if (isTooBig) internet.findRoute(error.localAddress, error.remoteAddress)?.reducePathMtu(error.mtu);
    port.handler.icmpError?.(error, isTooBig ? 'EMSGSIZE' : icmpErrno(error), port);
  }

  /** Closes all ports: the stack is shutting down. */
  closeAll(): void {
    for (const port of this.host.ports.values()) {
      port.close();
      port.handler.closed?.(port);
    }
  }

  #isSound(packet: IpPacket): boolean {
    const { statistics } = this.host;
    const fault = udpFault(packet);
    if (fault === UDP_FAULT.NONE) {
      if (packet.source3 !== 0 || packet.source0 !== 0 || packet.source1 !== 0) return true;
      statistics.badSource++;
    } else if (fault === UDP_FAULT.MALFORMED) statistics.malformed++;
    else if (fault === UDP_FAULT.BAD_CHECKSUM) statistics.badChecksum++;
    else statistics.noChecksum++;
    return false;
  }

  /** Every port that is meant gets it. A handler may close ports: the next one is looked up before it is called. */
  #receiveForGroup(packet: IpPacket, to: number, from: number): void {
    let wasTaken = false;
    let port = this.host.ports.first(to);
    while (port !== null) {
      const { next } = port;
      if (port.isOpen && port.takesGroup(packet, from)) {
        this.#deliver(packet, port, from);
        wasTaken = true;
      }
      port = next;
    }
    if (!wasTaken) this.host.statistics.noPort++;
  }

  #deliver(packet: IpPacket, port: UdpPort, from: number): void {
    const { bytes, payloadFrom } = packet;
    if (packet.ttl < port.minimumTimeToLive) {
      this.host.statistics.lowTimeToLive++;
      return;
    }
    if (port.requiresChecksum && readUint16(bytes, payloadFrom + UDP_CHECKSUM) === 0) {
      this.host.statistics.noChecksum++;
      return;
    }
    const datagram = this.#datagram;
    datagram.bytes = bytes;
    datagram.sourcePort = from;
    datagram.destinationPort = port.localPort;
    datagram.packet = packet;
    this.#handOver(port, payloadFrom + UDP_HEADER_BYTES, payloadFrom + datagramLength(bytes, payloadFrom));
    datagram.release();
  }

  /** A super-datagram, which the sender's offload made of several (Linux "UDP GSO"), is handed over one by one. */
  #handOver(port: UdpPort, from: number, to: number): void {
    const datagram = this.#datagram;
    const step = datagram.packet.segmentBytes || to - from;
    let at = from;
    do {
      datagram.from = at;
      datagram.to = Math.min(at + step, to);
      this.host.statistics.delivered++;
      port.handler.received(datagram, port);
      at += step;
    } while (at < to && port.isOpen);
  }
}
