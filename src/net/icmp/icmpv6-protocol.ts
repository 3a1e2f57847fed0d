/**
 * ICMPv6, received: echo answered, errors checked and handed to the transport, neighbour discovery passed on.
 * RFC 4443; section 2.4 are the rules of processing.
 */
import type { InternetContext } from '../ip/context.js';
import { ExtensionHeaders } from '../ip/extension-headers.js';
import type { HostAddresses } from '../ip/host-addresses.js';
import { ICMP_ERROR, IcmpError, type IcmpErrorKind } from '../ip/icmp-error.js';
import type { Output } from '../ip/output.js';
import { IpPacket } from '../ip/packet.js';
import { IPV6_MINIMUM_MTU } from '../ip/path-mtu.js';
import type { Routes } from '../ip/routes.js';
import type { TransportProtocol } from '../ip/transport.js';
import { setAddresses } from '../ip/undeliverable.js';
import { IpAddress } from '../wire/address.js';
import { finish, fold, sum } from '../wire/checksum.js';
import * as Icmpv6 from '../wire/icmpv6.js';
import * as Ipv6 from '../wire/ipv6.js';
import { PROTOCOL } from '../wire/protocol.js';
import { EchoResponder } from './echo.js';

/** What a transport needs of the quote to know its connection: ports and a sequence number. */
const QUOTED_BYTES = 8;

/** Takes the messages of neighbour discovery, whose checksum is right. */
export interface NeighborMessages {
  receive(packet: IpPacket, type: number): void;
}

export class Icmpv6Protocol implements TransportProtocol {
  readonly #context: InternetContext;
  readonly #addresses: HostAddresses;
  readonly #routes: Routes;
  readonly #neighborMessages: NeighborMessages;
  readonly #toTransport: (error: IcmpError) => void;
  readonly #echo: EchoResponder;
  readonly #error = new IcmpError();
  readonly #quote = new IpPacket();
  readonly #walk = new ExtensionHeaders();

  constructor(
    context: InternetContext,
    addresses: HostAddresses,
    routes: Routes,
    output: Output,
    neighborMessages: NeighborMessages,
    toTransport: (error: IcmpError) => void,
  ) {
    this.#context = context;
    this.#addresses = addresses;
    this.#routes = routes;
    this.#neighborMessages = neighborMessages;
    this.#toTransport = toTransport;
    this.#echo = new EchoResponder(output);
  }

  receive(packet: IpPacket): void {
    const { icmp } = this.#context.statistics;
    const { bytes, payloadFrom, payloadTo } = packet;
    icmp.received++;
    if (!Icmpv6.check(payloadFrom, payloadTo)) {
      icmp.malformed++;
      return;
    }
    const length = payloadTo - payloadFrom;
    if (fold(packet.pseudoSum(length) + sum(bytes, payloadFrom, payloadTo)) !== 0xffff) {
      icmp.badChecksum++;
      return;
    }
    const type = Icmpv6.type(bytes, payloadFrom);
    if (type === Icmpv6.ECHO_REQUEST) this.#answerEcho(packet);
    else if (Icmpv6.isError(type)) this.#receiveError(packet, type);
    else if (type >= Icmpv6.LISTENER_QUERY && type <= Icmpv6.REDIRECT) this.#neighborMessages.receive(packet, type);
    else icmp.unknownType++;
  }

  /** "Too big" about an echo reply of ours: the next one goes in fragments. The quote shows that we sent it. */
  icmpError(error: IcmpError): void {
    if (error.kind !== ICMP_ERROR.TOO_BIG || error.bytes[error.quoteFrom] !== Icmpv6.ECHO_REPLY) return;
    const local = new IpAddress(error.local0, error.local1, error.local2, error.local3);
    const remote = new IpAddress(error.remote0, error.remote1, error.remote2, error.remote3);
    this.#routes.find(local, remote)?.reducePathMtu(error.mtu);
  }

  /** Section 4.2: from the address asked; if that was a group, from our own unicast address. */
  #answerEcho(packet: IpPacket): void {
    const route = packet.isMulticast ? this.#routeToSource(packet) : this.#routes.routeBack(packet);
    if (route === undefined) return;
    this.#context.statistics.icmp.echoesAnswered++;
    const { bytes, payloadFrom, payloadTo } = packet;
    const length = payloadTo - payloadFrom;
    const behindSum = sum(bytes, payloadFrom + 4, payloadTo);
    const pseudo = route.addressSum + PROTOCOL.ICMPV6 + length;
    // A code that should not be there goes back, as in Linux and with IPv4.
    const code = Icmpv6.code(bytes, payloadFrom);
    const checksum = finish(pseudo + ((Icmpv6.ECHO_REPLY << 8) | code) + behindSum);
    this.#echo.answer(packet, route, Icmpv6.ECHO_REPLY, code, checksum);
  }

  #routeToSource(packet: IpPacket) {
    return this.#routes.routeTo(new IpAddress(packet.source0, packet.source1, packet.source2, packet.source3));
  }

  #receiveError(packet: IpPacket, type: number): void {
    const { icmp } = this.#context.statistics;
    const { bytes, payloadFrom } = packet;
    icmp.errorsReceived++;
    const error = this.#error;
    error.type = type;
    error.code = Icmpv6.code(bytes, payloadFrom);
    error.kind = kindOf(type, error.code);
    error.mtu = error.kind === ICMP_ERROR.TOO_BIG ? Icmpv6.rest(bytes, payloadFrom) >>> 0 : 0;
    // RFC 8201 section 4: a report below the minimum MTU is discarded.
    const isTooLow = error.kind === ICMP_ERROR.TOO_BIG && error.mtu < IPV6_MINIMUM_MTU;
    if (isTooLow || !this.#readQuote(packet)) icmp.errorsIgnored++;
    else this.#toTransport(error);
  }

  /** Reads the quoted packet; false unless it is one of ours and shows enough of what it carried. */
  #readQuote(packet: IpPacket): boolean {
    const { bytes, payloadTo } = packet;
    const from = packet.payloadFrom + Icmpv6.HEADER_BYTES;
    if (payloadTo - from < Ipv6.HEADER_BYTES || bytes[from]! >>> 4 !== 6) return false;
    const error = this.#error;
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

/** What an error means to a transport. An unknown error counts too (section 2.4 a), as one that may pass. */
function kindOf(type: number, code: number): IcmpErrorKind {
  if (type === Icmpv6.PACKET_TOO_BIG) return ICMP_ERROR.TOO_BIG;
  const noPort = type === Icmpv6.DESTINATION_UNREACHABLE && code === Icmpv6.PORT_UNREACHABLE;
  const noProtocol = type === Icmpv6.PARAMETER_PROBLEM && code === Icmpv6.UNKNOWN_NEXT_HEADER;
  return noPort || noProtocol ? ICMP_ERROR.HARD : ICMP_ERROR.SOFT;
}
