/**
 * Stands in front of a worker's TCP when there are several workers: a segment for which this stack has no connection
 * is offered to the siblings (steering.ts) before TCP would answer it with RST.
 *
 * It looks the connection up a second time, some 30 ns a segment; a single worker has no guard and pays nothing.
 */
import type { IcmpError } from '../../net/ip/icmp-error.js';
import type { IpPacket } from '../../net/ip/packet.js';
import type { TransportProtocol } from '../../net/ip/transport.js';
import type { Tcp } from '../../net/tcp/tcp.js';
import { readUint16 } from '../../net/wire/bytes.js';

const SMALLEST_HEADER_BYTES = 20;
const FLAGS = 13;
const SYN = 0x02;
const ACK = 0x10;

export class StrayGuard implements TransportProtocol {
  readonly #tcp: Tcp;
  readonly #strayed: (packet: IpPacket) => boolean;

  /** @param strayed offers a segment to the siblings; true: it is theirs now */
  constructor(tcp: Tcp, strayed: (packet: IpPacket) => boolean) {
    this.#tcp = tcp;
    this.#strayed = strayed;
  }

  receive(packet: IpPacket): void {
    if (!this.#isOurs(packet) && this.#strayed(packet)) return;
    this.#tcp.receive(packet);
  }

  icmpError(error: IcmpError): void {
    this.#tcp.icmpError(error);
  }

  /**
   * A new connection (SYN) belongs to the worker that gets it, if that listens there. A port that comes and goes, as
   * for FTP's data, may be another worker's. TCP itself counts and drops what is no segment.
   */
  #isOurs(packet: IpPacket): boolean {
    const { bytes, payloadFrom, payloadTo } = packet;
    if (payloadTo - payloadFrom < SMALLEST_HEADER_BYTES) return true;
    const source = readUint16(bytes, payloadFrom);
    const destination = readUint16(bytes, payloadFrom + 2);
    const { connections, timeWaits, listeners } = this.#tcp.host;
    if ((bytes[payloadFrom + FLAGS]! & (SYN | ACK)) === SYN && listeners.has(destination)) return true;
    return (
      connections.find(packet, source, destination) !== null || timeWaits.find(packet, source, destination) !== null
    );
  }
}
