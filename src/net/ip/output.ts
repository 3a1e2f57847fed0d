/**
 * The way out: IP header, Ethernet header, device. RFC 791 section 3.2, RFC 8200 section 3; RFC 1122 section 3.2.1.
 *
 * Headers are written from the back to the front into the room that `OutgoingFrame` has for them. For a resolved
 * neighbour this allocates nothing, and the IPv4 checksum is a constant of the route plus the few fields that vary.
 */
import type { OutgoingFrame } from '../device/frame.js';
import * as Ethernet from '../wire/ethernet.js';
import * as Ipv4 from '../wire/ipv4.js';
import * as Ipv6 from '../wire/ipv6.js';
import { PROTOCOL } from '../wire/protocol.js';
import type { InternetContext } from './context.js';
import { Fragmenter, type FragmentOutput } from './fragmenter.js';
import type { Neighbor } from './neighbor.js';
import type { NeighborCache } from './neighbor-cache.js';
import type { IpPacket } from './packet.js';
import type { Route } from './route.js';
import type { Routes } from './routes.js';
import { putEthernetHeader } from './vlan.js';

export class Output implements FragmentOutput {
  readonly #context: InternetContext;
  readonly #neighbors: NeighborCache;
  readonly #routes: Routes;
  readonly #fragmenter: Fragmenter;
  readonly #vlan: number;
  #hopLimit6: number;

  constructor(context: InternetContext, neighbors: NeighborCache, routes: Routes) {
    this.#context = context;
    this.#neighbors = neighbors;
    this.#routes = routes;
    this.#fragmenter = new Fragmenter(this);
    this.#vlan = context.options.vlan;
    this.#hopLimit6 = context.options.hopLimit;
  }

  /**
   * Puts IP and Ethernet headers in front of `frame.start` and sends the frame; keeps a copy while the neighbour is
   * being resolved. Anything but TCP is fragmented if the path needs it; TCP cuts its segments itself. Returns false
   * if the frame is lost already.
   * @param arriving the packet that is being answered: its sender's Ethernet address may be learnt from it; or null
   */
  send(
    frame: OutgoingFrame,
    route: Route,
    protocol: number,
    trafficClass: number,
    arriving: IpPacket | null = null,
  ): boolean {
    if (!this.#routes.isCurrent(route) && !this.#routes.renew(route)) {
      this.#context.statistics.ip.noRoute++;
      return false;
    }
    const length = frame.end - frame.start + frame.payloadLength;
    const headerBytes = route.isV6 ? Ipv6.HEADER_BYTES : Ipv4.HEADER_BYTES;
    if (protocol !== PROTOCOL.TCP && length + headerBytes > route.mtu) {
      return this.#fragmenter.send(frame, route, protocol, trafficClass, length);
    }
    if (route.isV6) {
      this.putV6(frame, route, protocol, trafficClass, length);
    } else {
      const whole = route.dontFragment && (protocol === PROTOCOL.TCP || frame.dontFragment);
      // A packet that is never cut needs no id (RFC 6864 section 4.1), and a counter would tell how much we send. Linux
      // sends 0, too.
      const id = whole ? 0 : this.takeId(route);
      this.putV4(frame, route, protocol, trafficClass, length, id, whole ? Ipv4.DONT_FRAGMENT : 0);
    }
    this.#context.statistics.ip.sent++;
    if (arriving !== null && !route.neighbor.hasMac) this.#routes.learn(route, arriving);
    return this.transmit(frame, route.neighbor);
  }

  /** The hop limit of IPv6 packets that ask for none. */
  get hopLimit6(): number {
    return this.#hopLimit6;
  }

  /** IPv6 packets have this hop limit from now on: a router advises it (RFC 4861 section 6.3.4). */
  adviseHopLimit6(hopLimit: number): void {
    this.#hopLimit6 = hopLimit;
  }

  /** Counts a datagram that left in `count` fragments, for the fragmenter. */
  countFragments(count: number): void {
    this.#context.statistics.ip.sent++;
    this.#context.statistics.ip.fragmentsSent += count;
  }

  /** The Identification for the route's next packet. */
  takeId(route: Route): number {
    const id = route.nextId;
    route.nextId = (id + 1) | 0;
    return id;
  }

  /** Puts an IPv4 header before `length` bytes. A super-segment too long for the field gets 0 (Linux "BIG TCP"). */
  putV4(
    frame: OutgoingFrame,
    route: Route,
    protocol: number,
    tos: number,
    length: number,
    id: number,
    flagsOffset: number,
  ): void {
    const total = length + Ipv4.HEADER_BYTES;
    frame.start -= Ipv4.HEADER_BYTES;
    Ipv4.emit(
      frame.header,
      frame.start,
      tos,
      total > Ipv4.MAX_PACKET_BYTES ? 0 : total,
      id & 0xffff,
      flagsOffset,
      frame.hopLimit || this.#context.options.hopLimit,
      protocol,
      route.local.word3,
      route.remote.word3,
      route.addressSum,
    );
  }

  /** Puts an IPv6 header in front of `length` bytes. */
  putV6(frame: OutgoingFrame, route: Route, next: number, trafficClass: number, length: number): void {
    frame.start -= Ipv6.HEADER_BYTES;
    const { header, start } = frame;
    Ipv6.emit(header, start, trafficClass, route.flowLabel, length, next, frame.hopLimit || this.#hopLimit6);
    route.local.writeV6(header, start + Ipv6.SOURCE);
    route.remote.writeV6(header, start + Ipv6.DESTINATION);
  }

  /** Sends a frame that begins with its IP header to a neighbour, now or when its Ethernet address is known. */
  transmit(frame: OutgoingFrame, neighbor: Neighbor): boolean {
    if (!this.#neighbors.isReady(neighbor)) {
      this.#neighbors.hold(frame, neighbor);
      return true;
    }
    const isV6 = frame.header[frame.start]! >>> 4 === 6;
    return this.sendLink(frame, neighbor.mac, isV6 ? Ethernet.TYPE_IPV6 : Ethernet.TYPE_IPV4);
  }

  /** Puts an Ethernet header in front and gives the frame to the device. */
  sendLink(frame: OutgoingFrame, destination: Uint8Array, etherType: number): boolean {
    const { device, statistics } = this.#context;
    putEthernetHeader(frame, destination, device.mac, this.#vlan, etherType);
    if (device.send(frame)) {
      statistics.ethernet.sent++;
      return true;
    }
    statistics.ethernet.sendFailures++;
    return false;
  }
}
