/**
 * ICMP for IPv4, received: what differs from ICMPv6. Errors are checked, redirects obeyed where allowed.
 * RFC 792; RFC 1122 section 3.2.2 says for each type what a host does with it. See `icmp-input.ts` first.
 */
import type { InternetContext } from '../ip/context.js';
import type { HostAddresses } from '../ip/host-addresses.js';
import { ICMP_ERROR, IcmpError, type IcmpErrorKind } from '../ip/icmp-error.js';
import type { IpPacket } from '../ip/packet.js';
import { nextLowerPlateau } from '../ip/path-mtu.js';
import type { Route } from '../ip/route.js';
import type { Routes } from '../ip/routes.js';
import type { Routing } from '../ip/routing.js';
import { IpAddress } from '../wire/address.js';
import * as Icmp from '../wire/icmp.js';
import * as Ipv4 from '../wire/ipv4.js';
import type { IcmpFamily } from './icmp-input.js';

/** An error must quote the IP header and at least this much behind it (RFC 792). */
const QUOTED_BYTES = 8;

export class IcmpProtocol implements IcmpFamily {
  readonly echoRequest = Icmp.ECHO_REQUEST;
  readonly echoReply = Icmp.ECHO_REPLY;
  readonly #context: InternetContext;
  readonly #addresses: HostAddresses;
  readonly #routes: Routes;
  readonly #routing: Routing;
  readonly #redirected = new IcmpError();

  constructor(context: InternetContext, addresses: HostAddresses, routes: Routes, routing: Routing) {
    this.#context = context;
    this.#addresses = addresses;
    this.#routes = routes;
    this.#routing = routing;
  }

  isError(type: number): boolean {
    return Icmp.isError(type);
  }

  /** An echo reply that did not arrive needs no action. */
  ownError(): void {}

  /**
   * Ignores a ping to a broadcast or multicast address, as RFC 1122 section 3.2.2.6 allows: "smurf" attacks use them.
   */
  echoRoute(packet: IpPacket): Route | undefined {
    return packet.isMulticast || packet.linkBroadcast ? undefined : this.#routes.routeBack(packet);
  }

  receiveOther(packet: IpPacket, type: number): boolean {
    if (type !== Icmp.REDIRECT) return false;
    const { icmp } = this.#context.statistics;
    if (this.#followRedirect(packet)) icmp.redirectsFollowed++;
    else icmp.redirectsIgnored++;
    return true;
  }

  readError(packet: IpPacket, error: IcmpError): boolean {
    // RFC 6633: source quench must be ignored.
    if (error.type === Icmp.SOURCE_QUENCH || !this.#readQuote(packet, error)) return false;
    error.kind = kindOf(error.type, error.code);
    error.mtu = 0;
    if (error.kind === ICMP_ERROR.TOO_BIG) {
      const told = Icmp.mtu(packet.bytes, packet.payloadFrom);
      // RFC 1191 section 5: an old router tells no size. Then the next plateau below the packet's own size counts.
      error.mtu = told !== 0 ? told : nextLowerPlateau(error.quotedLength);
    }
    return true;
  }

  /** Reads the quoted packet; false unless it has a whole IPv4 header and eight bytes more, and comes from us. */
  #readQuote(packet: IpPacket, error: IcmpError): boolean {
    const { bytes, payloadTo } = packet;
    const from = packet.payloadFrom + Icmp.HEADER_BYTES;
    if (payloadTo - from < Ipv4.HEADER_BYTES || bytes[from]! >>> 4 !== 4) return false;
    const headerBytes = Ipv4.headerLength(bytes, from);
    if (headerBytes < Ipv4.HEADER_BYTES || payloadTo - from < headerBytes + QUOTED_BYTES) return false;
    const source = Ipv4.source(bytes, from);
    if (!this.#addresses.isOurV4(source) || Ipv4.fragmentOffset(bytes, from) !== 0) return false;
    error.isV6 = false;
    error.protocol = Ipv4.protocol(bytes, from);
    error.local0 = error.local1 = error.remote0 = error.remote1 = 0;
    error.local2 = error.remote2 = 0xffff;
    error.local3 = source;
    error.remote3 = Ipv4.destination(bytes, from);
    error.bytes = bytes;
    error.quoteFrom = from + headerBytes;
    error.quoteTo = payloadTo;
    error.quotedLength = Ipv4.totalLength(bytes, from);
    return true;
  }

  /**
   * RFC 1122 section 3.2.2.2: a redirect is obeyed only from the first hop in use for that destination, and only
   * towards another neighbour on the link. All four codes count for the one host (section 3.3.1.2).
   */
  #followRedirect(packet: IpPacket): boolean {
    const quote = this.#redirected;
    if (!this.#readQuote(packet, quote)) return false;
    const gateway = IpAddress.v4(Icmp.rest(packet.bytes, packet.payloadFrom));
    const route = this.#routes.find(IpAddress.v4(quote.local3), IpAddress.v4(quote.remote3));
    if (route === undefined || !route.isVia(packet)) return false;
    const isUsable = this.#routing.isOnLink(gateway) && !this.#addresses.isOurs(gateway) && !gateway.isUnspecified;
    if (!isUsable || this.#addresses.isBroadcastV4(gateway.word3)) return false;
    route.redirect = gateway;
    return this.#routes.renew(route);
  }
}

/** The meaning of an error for a transport: RFC 1122 section 4.2.3.9. RFC 5927's caution is left to the transport. */
function kindOf(type: number, code: number): IcmpErrorKind {
  if (type !== Icmp.DESTINATION_UNREACHABLE) return ICMP_ERROR.SOFT;
  if (code === Icmp.FRAGMENTATION_NEEDED) return ICMP_ERROR.TOO_BIG;
  const isHard = code === Icmp.PROTOCOL_UNREACHABLE || code === Icmp.PORT_UNREACHABLE;
  return isHard ? ICMP_ERROR.HARD : ICMP_ERROR.SOFT;
}
