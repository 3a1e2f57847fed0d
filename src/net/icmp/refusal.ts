/**
 * Refuses packets of a protocol that is not registered: RFC 1122 section 3.2.2.1 (protocol and port unreachable), RFC
 * 8200 section 4 and RFC 4443 section 3.1 for IPv6. While UDP is not registered, every UDP port is closed. A datagram
 * that an open port would drop is dropped at a closed one too.
 */
import type { IpPacket } from '../ip/packet.js';
import { UDP_FAULT, udpFault } from '../ip/udp-faults.js';
import * as Icmp from '../wire/icmp.js';
import * as Icmpv6 from '../wire/icmpv6.js';
import { PROTOCOL } from '../wire/protocol.js';
import type { IcmpErrorSender } from './error-sender.js';

/** Refuses a packet whose protocol is not registered. */
export function refuse(packet: IpPacket, errors: IcmpErrorSender): void {
  if (packet.protocol === PROTOCOL.UDP) {
    if (udpFault(packet) === UDP_FAULT.NONE) refusePort(packet, errors);
  } else if (packet.isV6) {
    const pointer = packet.protocolFrom - packet.headerFrom;
    errors.send(packet, Icmpv6.PARAMETER_PROBLEM, Icmpv6.UNKNOWN_NEXT_HEADER, pointer);
  } else {
    errors.send(packet, Icmp.DESTINATION_UNREACHABLE, Icmp.PROTOCOL_UNREACHABLE);
  }
}

/** Port unreachable: RFC 1122 section 4.1.3.1, RFC 4443 section 3.1. The datagram is sound. */
export function refusePort(packet: IpPacket, errors: IcmpErrorSender): void {
  if (packet.isV6) errors.send(packet, Icmpv6.DESTINATION_UNREACHABLE, Icmpv6.PORT_UNREACHABLE);
  else errors.send(packet, Icmp.DESTINATION_UNREACHABLE, Icmp.PORT_UNREACHABLE);
}
