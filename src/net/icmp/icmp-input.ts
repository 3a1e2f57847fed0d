/**
 * An arriving ICMP or ICMPv6 message: what both do alike. RFC 1122 section 3.2.2, RFC 4443 sections 2.4 and 4.2.
 *
 *     receive ─▶ length, checksum ─┬▶ echo request ─▶ EchoResponder
 *                                  ├▶ error ────────▶ the transport that sent the quoted packet
 *                                  └▶ the family's own: redirects, neighbour discovery
 *
 * `icmp-protocol.ts` and `icmpv6-protocol.ts` are the two families.
 */
import type { InternetContext } from '../ip/context.js';
import { IcmpError } from '../ip/icmp-error.js';
import type { Output } from '../ip/output.js';
import type { IpPacket } from '../ip/packet.js';
import type { Route } from '../ip/route.js';
import type { TransportProtocol } from '../ip/transport.js';
import { fold, sum } from '../wire/checksum.js';
import * as IcmpHeader from '../wire/icmp-header.js';
import { EchoResponder } from './echo.js';

/** What differs between ICMP and ICMPv6. */
export interface IcmpFamily {
  readonly echoRequest: number;
  readonly echoReply: number;
  /** True for types that report an error about a packet. */
  isError(type: number): boolean;
  /** The way to answer this echo request; undefined if it is not answered. */
  echoRoute(packet: IpPacket): Route | undefined;
  /** Fills in `error` from the message, whose type is an error's. Returns false if the message must be ignored. */
  readError(packet: IpPacket, error: IcmpError): boolean;
  /** Takes a message that only this family has. Returns false if it has none of this type. */
  receiveOther(packet: IpPacket, type: number): boolean;
  /** An error about an ICMP message of ours. */
  ownError(error: IcmpError): void;
}

export class IcmpInput implements TransportProtocol {
  readonly #context: InternetContext;
  readonly #family: IcmpFamily;
  readonly #toTransport: (error: IcmpError) => void;
  readonly #echo: EchoResponder;
  readonly #error = new IcmpError();

  /** @param toTransport hands an error to the transport whose packet it quotes */
  constructor(context: InternetContext, output: Output, family: IcmpFamily, toTransport: (error: IcmpError) => void) {
    this.#context = context;
    this.#family = family;
    this.#toTransport = toTransport;
    this.#echo = new EchoResponder(output);
  }

  receive(packet: IpPacket): void {
    const { icmp } = this.#context.statistics;
    const { bytes, payloadFrom, payloadTo } = packet;
    icmp.received++;
    if (!IcmpHeader.check(payloadFrom, payloadTo)) icmp.malformed++;
    else if (!checksumIsGood(packet)) icmp.badChecksum++;
    else this.#dispatch(packet, IcmpHeader.type(bytes, payloadFrom));
  }

  icmpError(error: IcmpError): void {
    this.#family.ownError(error);
  }

  #dispatch(packet: IpPacket, type: number): void {
    const family = this.#family;
    if (type === family.echoRequest) this.#answerEcho(packet);
    else if (family.receiveOther(packet, type)) return;
    else if (family.isError(type)) this.#receiveError(packet, type);
    else this.#context.statistics.icmp.unknownType++;
  }

  #answerEcho(packet: IpPacket): void {
    const route = this.#family.echoRoute(packet);
    if (route === undefined) return;
    this.#context.statistics.icmp.echoesAnswered++;
    this.#echo.answer(packet, route, this.#family.echoReply);
  }

  #receiveError(packet: IpPacket, type: number): void {
    const { icmp } = this.#context.statistics;
    icmp.errorsReceived++;
    const error = this.#error;
    error.type = type;
    error.code = IcmpHeader.code(packet.bytes, packet.payloadFrom);
    if (this.#family.readError(packet, error)) this.#toTransport(error);
    else icmp.errorsIgnored++;
  }
}

/** ICMPv6 covers the pseudo-header too (RFC 8200 section 8.1); ICMP does not. */
function checksumIsGood(packet: IpPacket): boolean {
  const { bytes, payloadFrom, payloadTo } = packet;
  const message = sum(bytes, payloadFrom, payloadTo);
  return (packet.isV6 ? fold(packet.pseudoSum(payloadTo - payloadFrom) + message) : message) === 0xffff;
}
