/**
 * Complains about a packet to its sender: RFC 1122 section 3.2.2 and RFC 4443 section 2.4 mostly say when not to.
 */
import { OutgoingFrame } from '../device/frame.js';
import type { InternetContext } from '../ip/context.js';
import type { HostAddresses } from '../ip/host-addresses.js';
import type { IcmpErrorOutput } from '../ip/icmp-error.js';
import type { Output } from '../ip/output.js';
import type { IpPacket } from '../ip/packet.js';
import type { Route } from '../ip/route.js';
import type { Routes } from '../ip/routes.js';
import { IpAddress } from '../wire/address.js';
import { finish, sum } from '../wire/checksum.js';
import * as Icmp from '../wire/icmp.js';
import * as Icmpv6 from '../wire/icmpv6.js';
import * as Ipv4 from '../wire/ipv4.js';
import * as Ipv6 from '../wire/ipv6.js';
import { PROTOCOL } from '../wire/protocol.js';
import { SummedBytes } from '../wire/summed-bytes.js';
import { RateLimit } from './rate-limit.js';

/** The largest error: in IPv4 by RFC 1812 section 4.3.2.3, in IPv6 by RFC 4443 section 2.4 c. */
const MAX_V4 = 576;
const MAX_V6 = 1280;

/** The field of RFC 1349 without its last bit, which must be zero. */
const TOS_BITS = 0x1c;
const NETWORK_CONTROL = 0xc0;

export class IcmpErrorSender implements IcmpErrorOutput {
  readonly #context: InternetContext;
  readonly #addresses: HostAddresses;
  readonly #routes: Routes;
  readonly #output: Output;
  readonly #limit: RateLimit;
  readonly #frame = new OutgoingFrame();

  constructor(context: InternetContext, addresses: HostAddresses, routes: Routes, output: Output) {
    this.#context = context;
    this.#addresses = addresses;
    this.#routes = routes;
    this.#output = output;
    this.#limit = new RateLimit(context.clock, context.random, context.options.icmpErrorsPerSecond);
  }

  /**
   * Sends an error of this type and code about `packet`, quoting it, unless a rule or the rate limit forbids it.
   * @param parameter bytes 4 to 7 of the message: a pointer, an MTU, 0
   */
  send(packet: IpPacket, type: number, code: number, parameter = 0): void {
    const { statistics } = this.#context;
    const isAllowed = packet.isV6 ? mayAnswerV6(packet, type, code) : mayAnswerV4(packet);
    if (!isAllowed) return;
    if (!this.#limit.take()) {
      statistics.icmp.rateLimited++;
      return;
    }
    const route = this.#routeFor(packet);
    if (route === undefined) return;
    statistics.icmp.errorsSent++;
    this.#emit(packet, route, type, code, parameter);
  }

  /** From the address asked; about a multicast packet, from our own unicast address (RFC 4443 section 2.2). */
  #routeFor(packet: IpPacket): Route | undefined {
    if (!packet.isMulticast) return this.#routes.routeBack(packet);
    const remote = new IpAddress(packet.source0, packet.source1, packet.source2, packet.source3);
    return this.#routes.routeTo(remote, this.#addresses.sourceFor(remote));
  }

  #emit(packet: IpPacket, route: Route, type: number, code: number, parameter: number): void {
    const room = packet.isV6 ? MAX_V6 - Ipv6.HEADER_BYTES : MAX_V4 - Ipv4.HEADER_BYTES;
    const quoted = Math.min(packet.payloadTo - packet.headerFrom, room - Icmp.HEADER_BYTES);
    const quoteTo = packet.headerFrom + quoted;
    const frame = this.#frame;
    frame.reset();
    frame.end = frame.start + Icmp.HEADER_BYTES;
    Icmp.emit(frame.header, frame.start, type, code, 0, parameter);
    let partial = sum(frame.header, frame.start, frame.end) + sum(packet.bytes, packet.headerFrom, quoteTo);
    if (packet.isV6) partial += route.addressSum + PROTOCOL.ICMPV6 + quoted + Icmp.HEADER_BYTES;
    Icmp.emit(frame.header, frame.start, type, code, finish(partial), parameter);
    frame.addFragment(SummedBytes.plain(packet.bytes), packet.headerFrom, quoted);
    if (packet.isV6) this.#output.send(frame, route, PROTOCOL.ICMPV6, 0);
    else this.#output.send(frame, route, PROTOCOL.ICMP, typeOfService(packet));
  }
}

/**
 * RFC 1812 section 4.3.2.5: the TOS of the packet that it is about, and the precedence of network control. Linux does
 * the same; its ECN bits are left out.
 */
function typeOfService({ trafficClass }: IpPacket): number {
  return (trafficClass & TOS_BITS) | NETWORK_CONTROL;
}

/**
 * RFC 1122 section 3.2.2: no error about an ICMP error, a broadcast or multicast, or a later fragment. (Sources that
 * are not one host were dropped on entry, and fragments go to reassembly only.)
 */
function mayAnswerV4(packet: IpPacket): boolean {
  if (packet.linkBroadcast || packet.isMulticast) return false;
  if (packet.protocol !== PROTOCOL.ICMP) return true;
  return packet.payloadTo > packet.payloadFrom && !Icmp.isError(Icmp.type(packet.bytes, packet.payloadFrom));
}

/** RFC 4443 section 2.4 e: the same, but too-big and an unknown option may answer a multicast. */
function mayAnswerV6(packet: IpPacket, type: number, code: number): boolean {
  const tellsMulticast =
    type === Icmpv6.PACKET_TOO_BIG || (type === Icmpv6.PARAMETER_PROBLEM && code === Icmpv6.UNKNOWN_OPTION);
  if ((packet.linkBroadcast || packet.isMulticast) && !tellsMulticast) return false;
  const noSource = (packet.source0 | packet.source1 | packet.source2 | packet.source3) === 0;
  if (noSource || Ipv6.isMulticast(packet.source0)) return false;
  if (packet.protocol !== PROTOCOL.ICMPV6) return true;
  if (packet.payloadTo <= packet.payloadFrom) return false;
  const quotedType = Icmpv6.type(packet.bytes, packet.payloadFrom);
  return !Icmpv6.isError(quotedType) && quotedType !== Icmpv6.REDIRECT;
}
