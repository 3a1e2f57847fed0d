/**
 * Refuses packets of a protocol that is not registered: RFC 1122 section 3.2.2.1 (protocol and port unreachable), RFC
 * 8200 section 4 and RFC 4443 section 3.1 for IPv6. While UDP is not registered, every UDP port is closed.
 */
import type { IpPacket } from '../ip/packet.js';
import { readUint16 } from '../wire/bytes.js';
import { fold, sum } from '../wire/checksum.js';
import * as Icmp from '../wire/icmp.js';
import * as Icmpv6 from '../wire/icmpv6.js';
import { PROTOCOL } from '../wire/protocol.js';
import type { IcmpErrorSender } from './error-sender.js';

const UDP_HEADER_BYTES = 8;
const UDP_LENGTH = 4;
const UDP_CHECKSUM = 6;

/** Refuses a packet whose protocol is not registered. */
export function refuse(packet: IpPacket, errors: IcmpErrorSender): void {
  if (packet.protocol === PROTOCOL.UDP) {
    if (!isSoundUdp(packet)) return;
    if (packet.isV6) errors.send(packet, Icmpv6.DESTINATION_UNREACHABLE, Icmpv6.PORT_UNREACHABLE);
    else errors.send(packet, Icmp.DESTINATION_UNREACHABLE, Icmp.PORT_UNREACHABLE);
  } else if (packet.isV6) {
    const pointer = packet.protocolFrom - packet.headerFrom;
    errors.send(packet, Icmpv6.PARAMETER_PROBLEM, Icmpv6.UNKNOWN_NEXT_HEADER, pointer);
  } else {
    errors.send(packet, Icmp.DESTINATION_UNREACHABLE, Icmp.PROTOCOL_UNREACHABLE);
  }
}

/**
 * A datagram that an open port would drop is dropped at a closed one too: RFC 1122 section 4.1.3.4 (bad checksums), RFC
 * 8200 section 8.1 (in IPv6 the checksum is not optional).
 */
function isSoundUdp(packet: IpPacket): boolean {
  const { bytes, payloadFrom, payloadTo } = packet;
  if (payloadTo - payloadFrom < UDP_HEADER_BYTES) return false;
  const length = readUint16(bytes, payloadFrom + UDP_LENGTH);
  if (length < UDP_HEADER_BYTES || length > payloadTo - payloadFrom) return false;
  if (readUint16(bytes, payloadFrom + UDP_CHECKSUM) === 0) return !packet.isV6;
  if (packet.checksumGood) return true;
  return fold(packet.pseudoSum(length) + sum(bytes, payloadFrom, payloadFrom + length)) === 0xffff;
}
