/**
 * ICMPv6, received: what differs from ICMP. Errors are checked, neighbour discovery is passed on.
 * RFC 4443; section 2.4 has the rules of processing. See `icmp-input.ts` first.
 */
import { ExtensionHeaders } from '../ip/extension-headers.js';
import type { HostAddresses } from '../ip/host-addresses.js';
import { ICMP_ERROR, type IcmpError, type IcmpErrorKind } from '../ip/icmp-error.js';
import { IpPacket } from '../ip/packet.js';
import { IPV6_MINIMUM_MTU } from '../ip/path-mtu.js';
import type { Route } from '../ip/route.js';
import type { Routes } from '../ip/routes.js';
import { setAddresses } from '../ip/undeliverable.js';
import { IpAddress } from '../wire/address.js';
import * as Icmpv6 from '../wire/icmpv6.js';
import * as Ipv6 from '../wire/ipv6.js';
import type { IcmpFamily } from './icmp-input.js';

/** A transport needs this much of the quote to know its connection: ports and a sequence number. */
const QUOTED_BYTES = 8;

/** Takes the messages of neighbour discovery, whose checksum is right. */
export interface NeighborMessages {
  receive(packet: IpPacket, type: number): void;
}

export class Icmpv6Protocol implements IcmpFamily {
  readonly echoRequest = Icmpv6.ECHO_REQUEST;
  readonly echoReply = Icmpv6.ECHO_REPLY;
  readonly #addresses: HostAddresses;
  readonly #routes: Routes;
  readonly #neighborMessages: NeighborMessages;
  readonly #quote = new IpPacket();
  readonly #walk = new ExtensionHeaders();

  constructor(addresses: HostAddresses, routes: Routes, neighborMessages: NeighborMessages) {
    this.#addresses = addresses;
    this.#routes = routes;
    this.#neighborMessages = neighborMessages;
  }

  isError(type: number): boolean {
    return Icmpv6.isError(type);
  }

  /** "Too big" about an echo reply of ours: the next one goes in fragments. The quote shows that we sent it. */
  ownError(error: IcmpError): void {
    if (error.kind !== ICMP_ERROR.TOO_BIG || error.bytes[error.quoteFrom] !== Icmpv6.ECHO_REPLY) return;
    const local = new IpAddress(error.local0, error.local1, error.local2, error.local3);
    const remote = new IpAddress(error.remote0, error.remote1, error.remote2, error.remote3);
    this.#routes.find(local, remote)?.reducePathMtu(error.mtu);
  }

  /** Section 4.2: from the address asked; if that was a group, from our own unicast address. */
  echoRoute(packet: IpPacket): Route | undefined {
    if (!packet.isMulticast) return this.#routes.routeBack(packet);
    return this.#routes.routeTo(new IpAddress(packet.source0, packet.source1, packet.source2, packet.source3));
  }

  receiveOther(packet: IpPacket, type: number): boolean {
    if (type < Icmpv6.LISTENER_QUERY || type > Icmpv6.REDIRECT) return false;
    this.#neighborMessages.receive(packet, type);
    return true;
  }

  readError(packet: IpPacket, error: IcmpError): boolean {
    error.kind = kindOf(error.type, error.code);
    error.mtu = error.kind === ICMP_ERROR.TOO_BIG ? Icmpv6.rest(packet.bytes, packet.payloadFrom) >>> 0 : 0;
    // RFC 8201 section 4: a report below the minimum MTU is discarded.
    if (error.kind === ICMP_ERROR.TOO_BIG && error.mtu < IPV6_MINIMUM_MTU) return false;
    return this.#readQuote(packet, error);
  }

  /** Reads the quoted packet; false unless it is one of ours and shows enough of its transport header. */
  #readQuote(packet: IpPacket, error: IcmpError): boolean {
    const { bytes, payloadTo } = packet;
    const from = packet.payloadFrom + Icmpv6.HEADER_BYTES;
    if (payloadTo - from < Ipv6.HEADER_BYTES || bytes[from]! >>> 4 !== 6) return false;
    setAddresses(error, bytes, from + Ipv6.SOURCE);
    if (!this.#addresses.isOurV6(error.local0, error.local1, error.local2, error.local3)) return false;
    const quote = this.#quote;
    quote.bytes = bytes;
    quote.protocol = Ipv6.nextHeader(bytes, from);
    quote.payloadFrom = from + Ipv6.HEADER_BYTES;
    quote.payloadTo = payloadTo;
    this.#walk.skipToUpperLayer(quote);
    if (payloadTo - quote.payloadFrom < QUOTED_BYTES) return false;
    error.isV6 = true;
    error.protocol = quote.protocol;
    error.bytes = bytes;
    error.quoteFrom = quote.payloadFrom;
    error.quoteTo = payloadTo;
    error.quotedLength = Ipv6.HEADER_BYTES + Ipv6.payloadLength(bytes, from);
    return true;
  }
}

/** The meaning of an error for a transport. An unknown error counts as one that may pass (section 2.4 a). */
function kindOf(type: number, code: number): IcmpErrorKind {
  if (type === Icmpv6.PACKET_TOO_BIG) return ICMP_ERROR.TOO_BIG;
  const noPort = type === Icmpv6.DESTINATION_UNREACHABLE && code === Icmpv6.PORT_UNREACHABLE;
  const noProtocol = type === Icmpv6.PARAMETER_PROBLEM && code === Icmpv6.UNKNOWN_NEXT_HEADER;
  return noPort || noProtocol ? ICMP_ERROR.HARD : ICMP_ERROR.SOFT;
}
