/**
 * The internet layer of one host: Ethernet, ARP, IPv4 and ICMP, and beside them IPv6, ICMPv6 and neighbour discovery.
 * RFC 1122 sections 2 and 3 are the requirements; RFC 8200, 4443, 4861 and 4862 the same for IPv6.
 *
 *     device ──frame──▶ receive ──▶ ARP                                   (arp/)
 *                          ├──────▶ IPv4 input ──▶ reassembly ──┐         (ip/)
 *                          └──────▶ IPv6 input ──▶ reassembly ──┴▶ deliver ──▶ TCP, UDP, ICMP (icmp/), NDP (ndp/)
 *     device ◀──frame── output ◀── neighbours ◀── route ◀── send
 *
 * This file only joins the parts; each is a file of its own. Like the whole stack it is passive: frames come by
 * `receive`, time by `clock` and `runTimers`.
 */
import { AddressClaims } from './arp/address-claim.js';
import { ArpProtocol } from './arp/arp.js';
import type { Clock } from './clock.js';
import type { Device } from './device/device.js';
import type { IncomingFrame, OutgoingFrame } from './device/frame.js';
import { IcmpErrorSender } from './icmp/error-sender.js';
import { IcmpInput } from './icmp/icmp-input.js';
import { IcmpProtocol } from './icmp/icmp-protocol.js';
import { Icmpv6Protocol } from './icmp/icmpv6-protocol.js';
import { refuse, refusePort } from './icmp/refusal.js';
import { Igmp } from './igmp/igmp.js';
import { type InternetContext, type InternetOptions, withDefaults } from './ip/context.js';
import { ExtensionHeaders } from './ip/extension-headers.js';
import { ADDRESS, type HostAddress, HostAddresses } from './ip/host-addresses.js';
import { IcmpError } from './ip/icmp-error.js';
import { Ipv4Input } from './ip/ipv4-input.js';
import { Ipv6Input } from './ip/ipv6-input.js';
import type { Neighbor } from './ip/neighbor.js';
import { NeighborCache, type NeighborEvents } from './ip/neighbor-cache.js';
import { Output } from './ip/output.js';
import type { IpPacket } from './ip/packet.js';
import type { InternetParts } from './ip/parts.js';
import { Reassembly } from './ip/reassembly.js';
import type { Route } from './ip/route.js';
import { Routes } from './ip/routes.js';
import { type Ipv4Route, Routing } from './ip/routing.js';
import type { InternetStatistics } from './ip/statistics.js';
import type { DatagramInternet, TransportProtocol } from './ip/transport.js';
import { describeUndeliverable } from './ip/undeliverable.js';
import { NO_VLAN, untag } from './ip/vlan.js';
import type { AutomaticLease } from './ndp/address-configuration.js';
import { NdpProtocol } from './ndp/ndp.js';
import type { Random } from './random.js';
import type { IpAddress, IpNetwork } from './wire/address.js';
import * as Arp from './wire/arp.js';
import * as Ethernet from './wire/ethernet.js';
import * as Icmp from './wire/icmp.js';
import * as Icmpv6 from './wire/icmpv6.js';
import { PROTOCOL } from './wire/protocol.js';

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

export class InternetLayer implements DatagramInternet {
  readonly statistics: InternetStatistics;
  readonly #context: InternetContext;
  readonly #vlan: number;
  readonly #addresses: HostAddresses;
  readonly #neighbors: NeighborCache;
  readonly #routing: Routing;
  readonly #routes: Routes;
  readonly #output: Output;
  readonly #arp: ArpProtocol;
  readonly #claims: AddressClaims;
  readonly #ndp: NdpProtocol;
  readonly #igmp: Igmp;
  readonly #reassembly: Reassembly;
  readonly #ipv4: Ipv4Input;
  readonly #ipv6: Ipv6Input;
  readonly #errors: IcmpErrorSender;
  readonly #error = new IcmpError();
  /** The packet that a transport is looking at: frames that it sends meanwhile answer it. Null outside of `receive`. */
  #arriving: IpPacket | null = null;
  /** TCP and UDP once more, with call sites of their own: each of them sees one class, and V8 inlines the call. */
  #tcp: TransportProtocol | undefined;
  #udp: TransportProtocol | undefined;
  readonly #transports = new Array<TransportProtocol | undefined>(256).fill(undefined);

  constructor(parts: InternetLayerParts) {
    const { device, clock, random, statistics } = parts;
    const context = { device, clock, random, statistics, options: optionsOf(parts) };
    const addresses = new HostAddresses(clock);
    const routing = new Routing(clock, parts.addresses, parts.gateway, parts.gateway6);
    const neighbors = new NeighborCache(clock, random, this.#neighborEvents(), context.options.neighbors);
    const routes = new Routes(context, addresses, neighbors, routing);
    const output = new Output(context, neighbors, routes);
    this.statistics = statistics;
    this.#context = context;
    this.#vlan = context.options.vlan;
    this.#addresses = addresses;
    for (const network of parts.addresses) addresses.add(network);
    this.#neighbors = neighbors;
    this.#routing = routing;
    this.#routes = routes;
    this.#output = output;
    this.#claims = new AddressClaims(context, addresses, routing, (sender, targetMac, target) =>
      this.#arp.send(Arp.REQUEST, sender, targetMac, target, Ethernet.BROADCAST),
    );
    this.#arp = new ArpProtocol(context, addresses, neighbors, routing, output, this.#claims);
    this.#ndp = new NdpProtocol({ context, addresses, neighbors, routing, routes, output });
    this.#igmp = new Igmp(context, addresses, output);
    this.#errors = new IcmpErrorSender(context, addresses, routes, output);
    this.#reassembly = new Reassembly(context, (first) => this.#reassemblyTimedOut(first));
    const deliver = (packet: IpPacket) => this.#deliver(packet);
    this.#ipv4 = new Ipv4Input(context, addresses, this.#reassembly, deliver);
    this.#ipv6 = new Ipv6Input(context, addresses, this.#reassembly, this.#errors, deliver);
    const toTransport = (error: IcmpError) => this.#transports[error.protocol]?.icmpError(error);
    const icmp = new IcmpProtocol(context, addresses, routes, routing);
    const icmpv6 = new Icmpv6Protocol(addresses, routes, this.#ndp);
    this.register(PROTOCOL.ICMP, new IcmpInput(context, output, icmp, toTransport));
    this.register(PROTOCOL.IGMP, this.#igmp);
    this.register(PROTOCOL.ICMPV6, new IcmpInput(context, output, icmpv6, toTransport));
  }

  /** The parts, for the early path that goes around this layer. */
  get parts(): InternetParts {
    return {
      context: this.#context,
      addresses: this.#addresses,
      neighbors: this.#neighbors,
      routes: this.#routes,
      output: this.#output,
      answering: (packet) => {
        this.#arriving = packet;
      },
    };
  }

  /** Gives datagrams of this protocol number, and ICMP errors about it, to `transport`. */
  register(protocol: number, transport: TransportProtocol): void {
    this.#transports[protocol] = transport;
    if (protocol === PROTOCOL.TCP) this.#tcp = transport;
    else if (protocol === PROTOCOL.UDP) this.#udp = transport;
  }

  /** Begins to use our addresses: checks that no other host has them, and announces them (RFC 5227, RFC 4862). */
  start(): void {
    for (const entry of this.#addresses.all) if (entry.address.isV4) this.#claims.claim(entry);
    if (this.#context.options.ipv6) this.#ndp.start();
  }

  /** Takes one frame through the layer, up to the transport's return. */
  receive(frame: IncomingFrame): void {
    const { ethernet } = this.statistics;
    const { bytes, from } = frame;
    ethernet.received++;
    if (!Ethernet.check(from, frame.to)) {
      ethernet.short++;
      return;
    }
    if (!Ethernet.isAddress(bytes, from, this.#context.device.mac) && !Ethernet.isGroup(bytes, from)) {
      ethernet.notForUs++;
      return;
    }
    const type = Ethernet.type(bytes, from);
    if (type === Ethernet.TYPE_VLAN || this.#vlan !== NO_VLAN) this.#receiveTagged(frame);
    else this.#receiveType(frame, type);
  }

  /** The way to `remote`, from `local` or the best of our addresses; undefined if there is none. */
  routeTo(remote: IpAddress, local?: IpAddress): Route | undefined {
    return this.#routes.routeTo(remote, local);
  }

  /** The way back to where `packet` came from, with its destination as our address. Allocates nothing when known. */
  routeBack(packet: IpPacket): Route | undefined {
    return this.#routes.routeBack(packet);
  }

  /**
   * Puts IP and Ethernet headers in front of `frame.start` and sends the frame, or keeps a copy while the neighbour is
   * being resolved. TCP goes with DF set; other protocols are fragmented if larger than the path MTU. Returns false if
   * the frame is lost already (no way there, device full): like any other loss.
   */
  send(frame: OutgoingFrame, route: Route, protocol: number, trafficClass: number): boolean {
    return this.#output.send(frame, route, protocol, trafficClass, this.#arriving);
  }

  findRoute(local: IpAddress, remote: IpAddress): Route | undefined {
    return this.#routes.find(local, remote);
  }

  routeToGroup(group: IpAddress, local?: IpAddress): Route | undefined {
    return this.#routes.routeToGroup(group, local);
  }

  isGroup(address: IpAddress): boolean {
    return this.#routes.isGroup(address);
  }

  joinGroup(group: IpAddress): void {
    if (this.#addresses.joinGroup(group)) this.#groupChanged(group, true);
  }

  leaveGroup(group: IpAddress): void {
    if (this.#addresses.leaveGroup(group)) this.#groupChanged(group, false);
  }

  takeUnconfigured(port: number): void {
    this.#addresses.unconfiguredPort = port;
  }

  /**
   * Takes one more IPv4 address, with its network on the link; call it after `start`. It is checked and announced as
   * those of the start are. Nothing happens if we have it already.
   */
  addAddress(network: IpNetwork): void {
    if (!network.address.isV4) throw new RangeError(`not an IPv4 address: ${network}`);
    if (this.#addresses.find(network.address) !== undefined) return;
    this.#routing.addNetwork(network);
    this.#claims.claim(this.#addresses.add(network));
  }

  /** Gives an IPv4 address up, and the network with it. Nothing is sent from it any more. See `Stack.removeAddress`. */
  removeAddress(address: IpAddress): void {
    const entry = this.#addresses.find(address);
    if (entry === undefined || !address.isV4) return;
    this.#claims.forget(entry);
    this.#addresses.remove(entry);
    this.#routing.removeNetwork(entry.network);
  }

  /** Takes these routes of IPv4 in place of the default router and all others that there were. */
  setRoutesV4(routes: readonly Ipv4Route[]): void {
    this.#routing.setRoutesV4(routes);
  }

  /** The largest IPv4 packet on our link, bytes, if that is less than the device's. */
  setLinkMtuV4(mtu: number): void {
    this.#routes.setLinkMtu4(mtu);
  }

  refusePort(packet: IpPacket): void {
    refusePort(packet, this.#errors);
  }

  /** True if `address` is ours and in use. */
  isLocal(address: IpAddress): boolean {
    return this.#addresses.isOurs(address);
  }

  /** True if the IPv4 address with this value (int32) is ours and in use. */
  isLocalV4(word: number): boolean {
    return this.#addresses.isOurV4(word);
  }

  /** True if `address` is ours, in use or still being checked; false if another host has it. */
  hasAddress(address: IpAddress): boolean {
    const entry = this.#addresses.find(address);
    return entry !== undefined && entry.state !== ADDRESS.DUPLICATE;
  }

  /** Goes on with an IPv6 address that another stack of this host has made of a prefix. Call it after `start`. */
  adoptAutomatic(lease: AutomaticLease): void {
    this.#ndp.configuration.adopt(lease);
  }

  /** The DNS servers that routers of IPv6 have named (RFC 8106), as text. Nothing here asks them. */
  get dnsServers6(): string[] {
    return this.#ndp.routers.dnsServers;
  }

  /** Our addresses with their states. */
  get addresses(): readonly HostAddress[] {
    return this.#addresses.all;
  }

  /**
   * Complains about `packet` to its sender, unless RFC 1122 section 3.2.2, RFC 4443 section 2.4 or the rate limit
   * forbids it. @param parameter bytes 4 to 7 of the message: a pointer, an MTU
   */
  sendIcmpError(packet: IpPacket, type: number, code: number, parameter = 0): void {
    this.#errors.send(packet, type, code, parameter);
  }

  /** When `runTimers` has something to do, µs of the clock; Infinity: nothing. */
  nextDeadline(): number {
    const resolving = Math.min(this.#neighbors.nextDeadline(), this.#claims.nextDeadline());
    const groups = Math.min(this.#igmp.nextDeadline(), this.#ndp.nextDeadline());
    return Math.min(resolving, groups, this.#reassembly.nextDeadline());
  }

  /** Runs the timers that are due: requests to neighbours, probes and announcements, fragments given up. */
  runTimers(): void {
    this.#neighbors.runTimers();
    this.#claims.runTimers();
    this.#ndp.runTimers();
    this.#igmp.runTimers();
    this.#reassembly.runTimers();
  }

  /** Tells routers and switches, once the device is up. */
  #groupChanged(group: IpAddress, isJoined: boolean): void {
    if (group.isV4) this.#igmp.groupChanged(group, isJoined);
    else if (this.#context.options.ipv6) this.#ndp.groupChanged(group, isJoined);
  }

  #receiveType(frame: IncomingFrame, type: number): void {
    if (type === Ethernet.TYPE_IPV4) this.#ipv4.receive(frame);
    else if (type === Ethernet.TYPE_IPV6 && this.#context.options.ipv6) this.#ipv6.receive(frame);
    else if (type === Ethernet.TYPE_ARP) this.#arp.receive(frame.bytes, frame.from + Ethernet.HEADER_BYTES, frame.to);
    else this.statistics.ethernet.unknownType++;
  }

  /** A frame that has a tag, or should have one. */
  #receiveTagged(frame: IncomingFrame): void {
    if (untag(frame, this.#vlan)) this.#receiveType(frame, Ethernet.type(frame.bytes, frame.from));
    else this.statistics.ethernet.otherVlan++;
  }

  #deliver(packet: IpPacket): void {
    const { protocol } = packet;
    this.#arriving = packet;
    if (protocol === PROTOCOL.TCP && this.#tcp !== undefined) {
      this.statistics.ip.delivered++;
      this.#tcp.receive(packet);
    } else if (protocol === PROTOCOL.UDP && this.#udp !== undefined) {
      this.statistics.ip.delivered++;
      this.#udp.receive(packet);
    } else {
      this.#deliverOther(packet);
    }
    this.#arriving = null;
  }

  #deliverOther(packet: IpPacket): void {
    const transport = this.#transports[packet.protocol];
    if (transport !== undefined) {
      this.statistics.ip.delivered++;
      transport.receive(packet);
    } else {
      this.statistics.ip.unknownProtocol++;
      refuse(packet, this.#errors);
    }
  }

  /** Time exceeded, code 1, in either family (RFC 1122 section 3.3.2, RFC 8200 section 4.5). */
  #reassemblyTimedOut(first: IpPacket): void {
    if (!first.isV6) {
      this.#errors.send(first, Icmp.TIME_EXCEEDED, Icmp.REASSEMBLY_TIMEOUT);
      return;
    }
    new ExtensionHeaders().skipToUpperLayer(first);
    this.#errors.send(first, Icmpv6.TIME_EXCEEDED, Icmpv6.REASSEMBLY_TIMEOUT);
  }

  #neighborEvents(): NeighborEvents {
    return {
      solicit: (neighbor, toKnownMac) => {
        if (neighbor.address.isV4) this.#arp.solicit(neighbor, toKnownMac);
        else this.#ndp.solicit(neighbor, toKnownMac);
      },
      transmit: (frame, neighbor) => this.#output.transmit(frame, neighbor),
      unreachable: (neighbor, frame) => this.#unreachable(neighbor, frame),
      pendingDropped: (count) => {
        this.statistics.ip.pendingDropped += count;
      },
    };
  }

  /** The neighbour does not answer: the transport whose frame waited for it is told. */
  #unreachable(neighbor: Neighbor, frame: OutgoingFrame | undefined): void {
    if (neighbor.address.isV4) this.statistics.arp.unresolved++;
    else this.statistics.ndp.unresolved++;
    if (frame === undefined || !describeUndeliverable(this.#error, frame)) return;
    this.#transports[this.#error.protocol]?.icmpError(this.#error);
  }
}

/** The options with their defaults; IPv6 is on if something of it was given. */
function optionsOf({ options, addresses, gateway6 }: InternetLayerParts): InternetContext['options'] {
  const hasV6 = gateway6 !== undefined || addresses.some(({ address }) => !address.isV4);
  return withDefaults({ ...options, ipv6: options?.ipv6 ?? hasV6 });
}
