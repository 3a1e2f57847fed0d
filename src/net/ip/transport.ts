/**
 * The line between IP and what runs over it: TCP, and whatever else registers for a protocol number.
 *
 * Both sides of it are small. The internet layer calls a `TransportProtocol` with what has arrived; a transport sends
 * through `Internet`. Neither knows more of the other, so a test can stand in for either.
 */
import type { OutgoingFrame } from '../device/frame.js';
import type { IpAddress } from '../wire/address.js';
import type { IcmpError } from './icmp-error.js';
import type { IpPacket } from './packet.js';
import type { Route } from './route.js';

/** The calls that the internet layer makes to a transport: one transport for each protocol number. */
export interface TransportProtocol {
  /** A whole datagram for us; `packet` is valid until this returns. The transport checksum has not been looked at. */
  receive(packet: IpPacket): void;
  /** An ICMP error about something this protocol sent; `error` is valid until this returns. */
  icmpError(error: IcmpError): void;
}

/** The further services that datagrams need: groups, and complaints about closed ports. */
export interface DatagramInternet extends Internet {
  /** The known route between two addresses; undefined if nothing was sent that way lately. */
  findRoute(local: IpAddress, remote: IpAddress): Route | undefined;
  /** The way to a broadcast or multicast address, from `local` or the best of our addresses. */
  routeToGroup(group: IpAddress, local?: IpAddress): Route | undefined;
  /** True for a multicast address and for a broadcast address of our link. */
  isGroup(address: IpAddress): boolean;
  /** Listens to a group for one more member. @throws {NetworkError} ENOBUFS if the host is in too many. */
  joinGroup(group: IpAddress): void;
  leaveGroup(group: IpAddress): void;
  /** Tells the sender that nobody listens at this port, where RFC 1122 section 3.2.2 and the rate limit allow it. */
  refusePort(packet: IpPacket): void;
  /**
   * From now on datagrams to this UDP port of our Ethernet address are for us, whatever their IP address (RFC 2131
   * section 4.1); 0: no longer.
   */
  takeUnconfigured(port: number): void;
}

/** The services that a transport needs from the internet layer: RFC 1122 section 3.4, RFC 9293 section 3.9.2. */
export interface Internet {
  /** The way to `remote`, from `local` or the best of our addresses; undefined if there is none. */
  routeTo(remote: IpAddress, local?: IpAddress): Route | undefined;
  /**
   * The way back to where `packet` came from, with its destination as our address; undefined if there is none.
   * Allocates nothing when the route is known.
   */
  routeBack(packet: IpPacket): Route | undefined;
  /**
   * Puts IP and Ethernet headers in front of `frame.start` and sends the frame. Returns false if it is lost already (no
   * way there, device full): like any other loss.
   */
  send(frame: OutgoingFrame, route: Route, protocol: number, trafficClass: number): boolean;
  /** True if `address` is ours and in use. */
  isLocal(address: IpAddress): boolean;
  /** True if `address` is ours, in use or about to be: a program may listen there. */
  hasAddress(address: IpAddress): boolean;
}
