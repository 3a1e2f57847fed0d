/**
 * The internet layer of one host (interface first, implementation follows in the next commits).
 */
import type { Clock } from '../clock.js';
import type { Device } from '../device/device.js';
import type { IncomingFrame, OutgoingFrame } from '../device/frame.js';
import type { Random } from '../random.js';
import type { IpAddress, IpNetwork } from '../wire/address.js';
import type { IpPacket } from './packet.js';
import type { Route } from './route.js';
import type { InternetStatistics } from './statistics.js';
import type { TransportProtocol } from './transport.js';

/** What can be set; everything has a default. */
export interface InternetOptions {
  /** TTL and hop limit of what we send; 64 (RFC 1700). */
  readonly hopLimit?: number;
  /** Probe our addresses before use, as RFC 5227 and RFC 4862 ask; default true. False: use them at once, and announce. */
  readonly probeAddresses?: boolean;
  /** Another host uses one of our addresses. */
  readonly onConflict?: (address: IpAddress, mac: Uint8Array) => void;
}

export interface InternetLayerParts {
  readonly device: Device;
  readonly clock: Clock;
  readonly random: Random;
  readonly addresses: readonly IpNetwork[];
  /** Default routers, one of each family at most. */
  readonly gateway?: IpAddress | undefined;
  readonly gateway6?: IpAddress | undefined;
  readonly statistics: InternetStatistics;
  readonly options?: InternetOptions | undefined;
}

export declare class InternetLayer {
  constructor(parts: InternetLayerParts);
  readonly statistics: InternetStatistics;
  /** Gives datagrams of this protocol number, and ICMP errors about it, to `transport`. */
  register(protocol: number, transport: TransportProtocol): void;
  /** Takes one frame through the layer, up to the transport's return. */
  receive(frame: IncomingFrame): void;
  /** The way to `remote`, from `local` or the address RFC 6724 prefers; undefined if there is none. */
  routeTo(remote: IpAddress, local?: IpAddress): Route | undefined;
  /** The way back to where `packet` came from, with its destination as our address. Allocates nothing when known. */
  routeBack(packet: IpPacket): Route | undefined;
  /**
   * Puts IP and Ethernet headers in front of `frame.start` and sends the frame, or keeps a copy while the neighbour is
   * being resolved. TCP goes with DF set; other protocols are fragmented if larger than the path MTU. Returns false if
   * the frame was dropped (like any other loss).
   */
  send(frame: OutgoingFrame, route: Route, protocol: number, trafficClass: number): boolean;
  /** Probes and announces our addresses (RFC 5227; RFC 4862), and asks for routers (RFC 4861). */
  start(): void;
  runTimers(): void;
  /** When `runTimers` has something to do, µs of the clock; Infinity: nothing. */
  nextDeadline(): number;
  /** True if `address` is ours and in use. */
  isLocal(address: IpAddress): boolean;
  /** Complains about `packet` to its sender, unless RFC 1122 section 3.2.2 or the rate limit forbids it. `parameter`: bytes 4 to 7 (a pointer, an MTU). */
  sendIcmpError(packet: IpPacket, type: number, code: number, parameter?: number): void;
}
