/**
 * ICMP for IPv4, received: echo answered, errors checked and handed to the transport, redirects obeyed where allowed.
 * RFC 792; RFC 1122 section 3.2.2 says for each type what a host does with it.
 */
import type { InternetContext } from '../ip/context.js';
import type { HostAddresses } from '../ip/host-addresses.js';
import { ICMP_ERROR, IcmpError, type IcmpErrorKind } from '../ip/icmp-error.js';
import type { Output } from '../ip/output.js';
import type { IpPacket } from '../ip/packet.js';
import { nextLowerPlateau } from '../ip/path-mtu.js';
import type { Routes } from '../ip/routes.js';
import type { Routing } from '../ip/routing.js';
import type { TransportProtocol } from '../ip/transport.js';
import { IpAddress } from '../wire/address.js';
import { sum, update } from '../wire/checksum.js';
import * as Icmp from '../wire/icmp.js';
import * as Ipv4 from '../wire/ipv4.js';
import { EchoResponder } from './echo.js';

/** An error must quote the IP header and at least this much behind it (RFC 792). */
const QUOTED_BYTES = 8;

export class IcmpProtocol implements TransportProtocol {
  readonly #context: InternetContext;
  readonly #addresses: HostAddresses;
  readonly #routes: Routes;
  readonly #routing: Routing;
  readonly #toTransport: (error: IcmpError) => void;
  readonly #echo: EchoResponder;
  readonly #error = new IcmpError();

  constructor(
    context: InternetContext,
    addresses: HostAddresses,
    routes: Routes,
    routing: Routing,
    output: Output,
    toTransport: (error: IcmpError) => void,
  ) {
    this.#context = context;
    this.#addresses = addresses;
    this.#routes = routes;
    this.#routing = routing;
    this.#toTransport = toTransport;
    this.#echo = new EchoResponder(output);
  }

  receive(packet: IpPacket): void {
    const { icmp } = this.#context.statistics;
    const { bytes, payloadFrom, payloadTo } = packet;
    icmp.received++;
    if (!Icmp.check(payloadFrom, payloadTo)) icmp.malformed++;
    else if (sum(bytes, payloadFrom, payloadTo) !== 0xffff) icmp.badChecksum++;
    else this.#dispatch(packet, Icmp.type(bytes, payloadFrom));
  }

  /** An error about an ICMP message of ours: an echo reply that did not arrive is not our business. */
  icmpError(): void {}

  #dispatch(packet: IpPacket, type: number): void {
    if (type === Icmp.ECHO_REQUEST) this.#answerEcho(packet);
    else if (type === Icmp.REDIRECT) this.#redirect(packet);
    else if (Icmp.isError(type)) this.#receiveError(packet, type);
    else this.#context.statistics.icmp.unknownType++;
  }

  /** A ping to a broadcast or multicast address is ignored, which RFC 1122 section 3.2.2.6 allows: it is a "smurf" amplifier. */
  #answerEcho(packet: IpPacket): void {
    if (packet.isMulticast || packet.linkBroadcast) return;
    const route = this.#routes.routeBack(packet);
    if (route === undefined) return;
    this.#context.statistics.icmp.echoesAnswered++;
    const { bytes, payloadFrom } = packet;
    const code = Icmp.code(bytes, payloadFrom);
    // "The type code changed to 0" (RFC 792) and nothing else: a code that should not be there goes back, as Linux does it.
    const was = (Icmp.ECHO_REQUEST << 8) | code;
    const checksum = update(Icmp.checksum(bytes, payloadFrom), was, (Icmp.ECHO_REPLY << 8) | code);
    this.#echo.answer(packet, route, Icmp.ECHO_REPLY, code, checksum);
  }

  #receiveError(packet: IpPacket, type: number): void {
    const { icmp } = this.#context.statistics;
    icmp.errorsReceived++;
    // RFC 6633: source quench must be ignored.
    if (type === Icmp.SOURCE_QUENCH || !this.#readQuote(packet)) {
      icmp.errorsIgnored++;
      return;
    }
    const error = this.#error;
    error.type = type;
    error.code = Icmp.code(packet.bytes, packet.payloadFrom);
    error.kind = kindOf(type, error.code);
    error.mtu = 0;
    if (error.kind === ICMP_ERROR.TOO_BIG) {
      const told = Icmp.mtu(packet.bytes, packet.payloadFrom);
      // RFC 1191 section 5: a router that tells nothing; the next size below the one that did not pass.
      error.mtu = told !== 0 ? told : nextLowerPlateau(error.quotedLength);
    }
    this.#toTransport(error);
  }

  /** Reads the quoted packet; false unless it is a whole IPv4 header, with eight bytes more, of a packet from us. */
  #readQuote(packet: IpPacket): boolean {
    const { bytes, payloadTo } = packet;
    const from = packet.payloadFrom + Icmp.HEADER_BYTES;
    if (payloadTo - from < Ipv4.HEADER_BYTES || bytes[from]! >>> 4 !== 4) return false;
    const headerBytes = Ipv4.headerLength(bytes, from);
    if (headerBytes < Ipv4.HEADER_BYTES || payloadTo - from < headerBytes + QUOTED_BYTES) return false;
    const source = Ipv4.source(bytes, from);
    if (!this.#addresses.isOurV4(source) || Ipv4.fragmentOffset(bytes, from) !== 0) return false;
    const error = this.#error;
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
   * RFC 1122 section 3.2.2.2: obeyed only from the first hop in use for that destination, and only towards another
   * neighbour on the link. All four codes count for the one host (section 3.3.1.2).
   */
  #redirect(packet: IpPacket): void {
    const { icmp } = this.#context.statistics;
    if (this.#readQuote(packet) && this.#followRedirect(packet)) icmp.redirectsFollowed++;
    else icmp.redirectsIgnored++;
  }

  #followRedirect(packet: IpPacket): boolean {
    const gateway = IpAddress.v4(Icmp.rest(packet.bytes, packet.payloadFrom));
    const local = IpAddress.v4(this.#error.local3);
    const route = this.#routes.find(local, IpAddress.v4(this.#error.remote3));
    if (route === undefined || !route.isVia(packet)) return false;
    const isUsable = this.#routing.isOnLink(gateway) && !this.#addresses.isOurs(gateway) && !gateway.isUnspecified;
    if (!isUsable || this.#addresses.isBroadcastV4(gateway.word3)) return false;
    route.redirect = gateway;
    return this.#routes.renew(route);
  }
}

/** What an error means to a transport: RFC 1122 section 4.2.3.9, with RFC 5927's caution left to the transport. */
function kindOf(type: number, code: number): IcmpErrorKind {
  if (type !== Icmp.DESTINATION_UNREACHABLE) return ICMP_ERROR.SOFT;
  if (code === Icmp.FRAGMENTATION_NEEDED) return ICMP_ERROR.TOO_BIG;
  const isHard = code === Icmp.PROTOCOL_UNREACHABLE || code === Icmp.PORT_UNREACHABLE;
  return isHard ? ICMP_ERROR.HARD : ICMP_ERROR.SOFT;
}
