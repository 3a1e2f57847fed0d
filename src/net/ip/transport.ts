/**
 * The line between IP and what runs over it: TCP, and whatever else registers for a protocol number.
 */
import type { IcmpError } from './icmp-error.js';
import type { IpPacket } from './packet.js';

export interface TransportProtocol {
  /** A whole datagram for us; `packet` is valid until this returns. The transport checksum has not been looked at. */
  receive(packet: IpPacket): void;
  /** An ICMP error about something this protocol sent; `error` is valid until this returns. */
  icmpError(error: IcmpError): void;
}

/** Numbers of the protocols that the stack knows, from the IANA registry. */
export const PROTOCOL = {
  HOP_BY_HOP: 0,
  ICMP: 1,
  TCP: 6,
  UDP: 17,
  ROUTING: 43,
  FRAGMENT: 44,
  ESP: 50,
  AUTHENTICATION: 51,
  ICMPV6: 58,
  NO_NEXT_HEADER: 59,
  DESTINATION_OPTIONS: 60,
} as const;
