/**
 * What can be wrong with an arriving UDP datagram, whether its port is open or closed: RFC 768, RFC 1122 section
 * 4.1.3.4, RFC 8200 section 8.1. It stands here, since ICMP asks the same questions before it refuses a datagram.
 */
import { readUint16 } from '../wire/bytes.js';
import { fold, sum } from '../wire/checksum.js';
import { datagramLength, UDP_CHECKSUM, UDP_HEADER_BYTES } from '../wire/udp.js';
import type { IpPacket } from './packet.js';

export const UDP_FAULT = {
  NONE: 0,
  /** Shorter than a header, or a length that the packet does not have. */
  MALFORMED: 1,
  BAD_CHECKSUM: 2,
  /** IPv6 without a checksum: it is not optional there (RFC 8200 section 8.1). */
  NO_CHECKSUM: 3,
} as const;

export type UdpFault = (typeof UDP_FAULT)[keyof typeof UDP_FAULT];

/** The first fault of the datagram in `packet`. Bytes behind its own length are ignored, as in Linux. */
export function udpFault(packet: IpPacket): UdpFault {
  const { bytes, payloadFrom, payloadTo } = packet;
  if (payloadTo - payloadFrom < UDP_HEADER_BYTES) return UDP_FAULT.MALFORMED;
  const length = datagramLength(bytes, payloadFrom);
  if (length < UDP_HEADER_BYTES || length > payloadTo - payloadFrom) return UDP_FAULT.MALFORMED;
  if (readUint16(bytes, payloadFrom + UDP_CHECKSUM) === 0) {
    return packet.isV6 ? UDP_FAULT.NO_CHECKSUM : UDP_FAULT.NONE;
  }
  if (packet.checksumGood) return UDP_FAULT.NONE;
  const isGood = fold(packet.pseudoSum(length) + sum(bytes, payloadFrom, payloadFrom + length)) === 0xffff;
  return isGood ? UDP_FAULT.NONE : UDP_FAULT.BAD_CHECKSUM;
}
