import { IpPacket } from '../ip/packet.js';
import { IpAddress } from '../wire/address.js';
import * as Ipv4 from '../wire/ipv4.js';

const NO_PACKET = new IpPacket();

/**
 * A received datagram, in place: `bytes[from, to)` is its payload in the frame. One object serves all datagrams; it is
 * valid until the handler returns. The getters that give an `IpAddress` make a new one each time.
 *
 * @example
 * ```ts
 * import type { Datagram } from 'fastpath';
 *
 * // A name for the sender; and was it a neighbour (RFC 5082)?
 * export const sender = (datagram: Datagram) =>
 *   `${datagram.sourceAddress}:${datagram.sourcePort}${datagram.packet.ttl === 255 ? ' (near)' : ''}`;
 * ```
 */
export class Datagram {
  bytes: Uint8Array = new Uint8Array(0);
  from = 0;
  to = 0;
  /** 0: the sender wants no answer (RFC 768). */
  sourcePort = 0;
  destinationPort = 0;
  /** The IP packet that it came in: addresses as words, TTL, traffic class. */
  packet: IpPacket = NO_PACKET;

  /** Payload bytes. */
  get length(): number {
    return this.to - this.from;
  }

  /** The sender's address. */
  get sourceAddress(): IpAddress {
    const { source0, source1, source2, source3 } = this.packet;
    return new IpAddress(source0, source1, source2, source3);
  }

  /** The address that it was sent to: one of ours, a group or a broadcast address (RFC 1122 section 4.1.3.5). */
  get destinationAddress(): IpAddress {
    const { destination0, destination1, destination2, destination3 } = this.packet;
    return new IpAddress(destination0, destination1, destination2, destination3);
  }

  /** TTL or hop limit as it arrived. */
  get timeToLive(): number {
    return this.packet.ttl;
  }

  /** TOS byte or traffic class, with ECN in the two low bits. */
  get trafficClass(): number {
    return this.packet.trafficClass;
  }

  /** It was sent to a group or broadcast address. */
  get isToGroup(): boolean {
    return this.packet.isMulticast;
  }

  /** The IPv4 options that it came with, as bytes (RFC 1122 section 4.1.3.2); empty if none, and for IPv6. */
  get ipOptions(): Uint8Array {
    const { bytes, isV6, headerFrom, payloadFrom } = this.packet;
    return isV6 ? NO_PACKET.bytes : bytes.subarray(headerFrom + Ipv4.HEADER_BYTES, payloadFrom);
  }

  /** A copy of the payload. */
  copy(): Uint8Array {
    return this.bytes.slice(this.from, this.to);
  }

  /** True until the handler returns. */
  get isCurrent(): boolean {
    return this.packet !== NO_PACKET;
  }

  /** For UDP: the handler has returned. */
  release(): void {
    this.packet = NO_PACKET;
  }
}
