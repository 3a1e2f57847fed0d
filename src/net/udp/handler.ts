/**
 * The line between UDP and a program: RFC 768 "User Interface", RFC 1122 section 4.1.4.
 *
 *     stack.bind(53, { received: (query, port) => port.reply(answerTo(query), query) })
 *
 * A handler is called inside the receive path: before the next frame is read. So it should not take long.
 */
import type { IcmpError } from '../ip/icmp-error.js';
import type { IpChoices } from '../ip/ip-choices.js';
import type { ErrorCode } from '../network-error.js';
import type { IpAddress } from '../wire/address.js';
import type { Datagram } from './datagram.js';
import type { UdpPort } from './udp-port.js';

/**
 * The calls that a bound port makes to its program. One handler may serve many ports.
 *
 * @example
 * ```ts
 * import { type DatagramHandler, SummedBytes } from 'fastpath';
 *
 * // Sends back what comes. Call `stack.bind(7, echo)`.
 * export const echo: DatagramHandler = {
 *   received: (datagram, port) => void port.reply(SummedBytes.plain(datagram.copy()), datagram),
 *   icmpError: (error, code) => console.warn(`${error.remoteAddress} can't be reached: ${code ?? error.type}`),
 * };
 * ```
 */
export interface DatagramHandler {
  /** A datagram has arrived. The object and its bytes are valid until this returns: copy what is needed later. */
  received(datagram: Datagram, port: UdpPort): void;
  /**
   * An ICMP error has come about a datagram of this port (RFC 1122 section 4.1.3.3). Anybody on the path can forge one:
   * it is a hint (RFC 8085 section 5.2). `error` is valid until this returns.
   * @param code its meaning as in errno(3): ECONNREFUSED for a closed port, EMSGSIZE for "too big" (the route has
   *   learnt the size already); undefined for an error that no RFC gives a meaning
   */
  icmpError?(error: IcmpError, code: ErrorCode | undefined, port: UdpPort): void;
  /** The stack has closed the port: it is shutting down. Not called for the program's own `close`. */
  closed?(port: UdpPort): void;
}

/**
 * One end of a conversation: an address and a port.
 *
 * @example
 * ```ts
 * import { type Endpoint, IpAddress } from 'fastpath';
 *
 * export const server: Endpoint = { address: IpAddress.parse('10.77.0.1'), port: 53 };
 * ```
 */
export interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/**
 * The choices of a program for a port. `trafficClass` may have ECN bits here (RFC 8085 section 3.1.7).
 *
 * @example
 * ```ts
 * import { type BindOptions, IpAddress } from 'fastpath';
 *
 * export const options: BindOptions = { address: IpAddress.parse('10.77.0.2'), isShared: true, timeToLive: 1 };
 * ```
 */
export interface BindOptions extends IpChoices {
  /**
   * Only datagrams to this address of ours, or to this group, which is joined. Default, or `::`: all addresses;
   * `0.0.0.0`: all of IPv4. A port with an address takes precedence over one for all addresses.
   */
  readonly address?: IpAddress | undefined;
  /** Only datagrams of one family; for `::` without IPv4. Default: both. */
  readonly family?: 4 | 6 | undefined;
  /** A connected port: only datagrams from there, and `send` goes there. It takes precedence over all others. */
  readonly remote?: Endpoint | undefined;
  /**
   * Several ports of this kind may have the same number. Each member gets a datagram to a group; one gets the others.
   */
  readonly isShared?: boolean | undefined;
  /** Allow datagrams to a broadcast address. Default false. */
  readonly allowsBroadcast?: boolean | undefined;
  /** TTL or hop limit of datagrams to groups, 0 to 255. Default 1: they stay on the link (RFC 1112 section 6.1). */
  readonly multicastTimeToLive?: number | undefined;
  /**
   * What is larger than the path takes: refuse it with EMSGSIZE instead of cutting it into fragments. Default false.
   * What fits goes with DF set in both cases, so that the path's MTU is found.
   */
  readonly neverFragments?: boolean | undefined;
  /**
   * The port of a host that has no address yet (DHCP, RFC 2131 section 4.1): it takes datagrams to any IPv4 address
   * that come to our Ethernet address, and may send to 255.255.255.255 from 0.0.0.0. One port of a host at most.
   * Default false.
   */
  readonly isUnconfigured?: boolean | undefined;
  /** Send no checksum over IPv4 (RFC 1122 section 4.1.3.4). Over IPv6 there always is one. Default false. */
  readonly omitsChecksum?: boolean | undefined;
  /** Drop what comes without a checksum (RFC 1122 section 4.1.3.4). Default false. */
  readonly requiresChecksum?: boolean | undefined;
}
