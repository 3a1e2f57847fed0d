/**
 * Finds and makes routes: from our address to a remote one, through a neighbour (RFC 1122 section 3.3.1, RFC 4861
 * section 5.2). The first packet to an address comes here; later ones reuse its `Route`.
 */
import { IpAddress } from '../wire/address.js';
import { isMulticast as isMulticastV4 } from '../wire/ipv4.js';
import { isMulticast as isMulticastV6 } from '../wire/ipv6.js';
import type { InternetContext } from './context.js';
import { groupMac } from './group-mac.js';
import type { HostAddresses } from './host-addresses.js';
import { NEIGHBOR, Neighbor } from './neighbor.js';
import type { NeighborCache } from './neighbor-cache.js';
import type { IpPacket } from './packet.js';
import { Route } from './route.js';
import { RouteTable } from './route-table.js';
import type { Routing } from './routing.js';

export class Routes {
  readonly #context: InternetContext;
  readonly #addresses: HostAddresses;
  readonly #neighbors: NeighborCache;
  readonly #routing: Routing;
  readonly #table: RouteTable;
  readonly #isReachable: (router: IpAddress) => boolean;
  #linkMtu4: number;
  #linkMtu6: number;

  constructor(context: InternetContext, addresses: HostAddresses, neighbors: NeighborCache, routing: Routing) {
    this.#context = context;
    this.#addresses = addresses;
    this.#neighbors = neighbors;
    this.#routing = routing;
    this.#table = new RouteTable(context.options.routes);
    this.#isReachable = (router) => this.#neighbors.find(router)?.hasMac ?? false;
    this.#linkMtu4 = context.device.mtu;
    this.#linkMtu6 = context.device.mtu;
  }

  /** The way to `remote`, from `local` or the best of our addresses; undefined if there is none. */
  routeTo(remote: IpAddress, local = this.#addresses.sourceFor(remote)): Route | undefined {
    if (local === undefined) return undefined;
    const known = this.#find(local, remote);
    return known === null ? this.#make(local, remote) : this.#current(known);
  }

  /**
   * The way to a broadcast or multicast address: its Ethernet address follows from it. From `local` or the best of our
   * addresses; undefined if we have none of that family. A host without an address may name 0.0.0.0 (RFC 1122 section
   * 3.2.1.3).
   */
  routeToGroup(group: IpAddress, local = this.#addresses.sourceFor(group)): Route | undefined {
    if (local === undefined) return undefined;
    const known = this.#find(local, group);
    return known === null ? this.#makeToGroup(local, group) : this.#current(known);
  }

  /** True for a group and for a broadcast address of our link (RFC 1122 section 3.3.6). */
  isGroup(address: IpAddress): boolean {
    if (!address.isV4) return isMulticastV6(address.word0);
    return isMulticastV4(address.word3) || this.#addresses.isBroadcastV4(address.word3);
  }

  /**
   * The way back to where `packet` came from, with its destination as our address. Allocates nothing when known. If
   * the neighbour's Ethernet address is unknown, it is learnt from the packet.
   */
  routeBack(packet: IpPacket): Route | undefined {
    const known = this.#table.find(
      packet.destination0,
      packet.destination1,
      packet.destination2,
      packet.destination3,
      packet.source0,
      packet.source1,
      packet.source2,
      packet.source3,
    );
    const route = known !== null ? this.#current(known) : this.#makeBack(packet);
    if (route === undefined) this.#context.statistics.ip.noRoute++;
    else this.learn(route, packet);
    return route;
  }

  /** True if the route's neighbour is still the right one. */
  isCurrent(route: Route): boolean {
    return route.generation === this.#routing.generation && route.neighbor.state !== NEIGHBOR.REMOVED;
  }

  /** Chooses the route's neighbour again; false if there is no way any more. */
  renew(route: Route): boolean {
    // A first hop learnt by redirect that went away is forgotten (RFC 1122 section 3.3.1.4, RFC 4861 section 7.3.3).
    if (route.redirect !== null && route.neighbor.state === NEIGHBOR.REMOVED) route.redirect = null;
    if (!this.#maySendFrom(route.local, route.isGroup)) return false;
    if (route.isGroup) {
      route.generation = this.#routing.generation;
      return true;
    }
    const nextHop = route.redirect ?? this.#routing.nextHop(route.remote, this.#isReachable);
    if (nextHop === undefined) return false;
    route.neighbor = this.#neighbors.obtain(nextHop);
    route.generation = this.#routing.generation;
    return true;
  }

  /** The known route between two addresses. */
  find(local: IpAddress, remote: IpAddress): Route | undefined {
    return this.#find(local, remote) ?? undefined;
  }

  /** A router told the IPv6 link's MTU (RFC 4861 section 6.3.4). */
  setLinkMtu6(mtu: number): void {
    this.#linkMtu6 = Math.min(mtu, this.#context.device.mtu);
    for (const route of this.#table) if (route.isV6) route.setLinkMtu(this.#linkMtu6);
  }

  /** The same for IPv4: a DHCP server named the MTU (RFC 2132 section 5.1). */
  setLinkMtu4(mtu: number): void {
    this.#linkMtu4 = Math.min(mtu, this.#context.device.mtu);
    for (const route of this.#table) if (!route.isV6) route.setLinkMtu(this.#linkMtu4);
  }

  [Symbol.iterator](): Iterator<Route> {
    return this.#table[Symbol.iterator]();
  }

  #find(local: IpAddress, remote: IpAddress): Route | null {
    return this.#table.find(
      local.word0,
      local.word1,
      local.word2,
      local.word3,
      remote.word0,
      remote.word1,
      remote.word2,
      remote.word3,
    );
  }

  /** The route, its neighbour chosen again if need be; undefined if there is no way any more. */
  #current(route: Route): Route | undefined {
    return this.isCurrent(route) || this.renew(route) ? route : undefined;
  }

  #makeBack(packet: IpPacket): Route | undefined {
    const local = new IpAddress(packet.destination0, packet.destination1, packet.destination2, packet.destination3);
    const remote = new IpAddress(packet.source0, packet.source1, packet.source2, packet.source3);
    return this.#make(local, remote);
  }

  #make(local: IpAddress, remote: IpAddress): Route | undefined {
    if (local.isV4 !== remote.isV4 || !this.#addresses.isOurs(local) || !this.#isHost(remote)) return undefined;
    const nextHop = this.#routing.nextHop(remote, this.#isReachable);
    if (nextHop === undefined) return undefined;
    const { clock, random } = this.#context;
    const neighbor = this.#neighbors.obtain(nextHop);
    const route = new Route(local, remote, neighbor, this.#linkMtuTo(remote), random, clock);
    route.generation = this.#routing.generation;
    this.#table.add(route);
    return route;
  }

  #makeToGroup(local: IpAddress, group: IpAddress): Route | undefined {
    if (local.isV4 !== group.isV4 || !this.#maySendFrom(local, true)) return undefined;
    const { clock, random } = this.#context;
    const neighbor = Neighbor.ofGroup(group, groupMac(group), clock);
    const route = new Route(local, group, neighbor, this.#linkMtuTo(group), random, clock, true);
    route.generation = this.#routing.generation;
    this.#table.add(route);
    return route;
  }

  #linkMtuTo(remote: IpAddress): number {
    return remote.isV4 ? this.#linkMtu4 : this.#linkMtu6;
  }

  /** Our addresses; to a group also 0.0.0.0. */
  #maySendFrom(local: IpAddress, isToGroup: boolean): boolean {
    return this.#addresses.isOurs(local) || (isToGroup && local.isV4 && local.isUnspecified);
  }

  /** True for the address of one other host: not a group, not the unspecified address, not ours. */
  #isHost(remote: IpAddress): boolean {
    return !remote.isUnspecified && !this.#addresses.isOurs(remote) && !this.isGroup(remote);
  }

  /**
   * Takes the Ethernet address of a neighbour from the packet that it has just sent us, if we know nothing better.
   *
   * RFC 826 learns from ARP only and RFC 4861 section 7.2.3 from solicitations. Neither proves more than this frame
   * does. As RFC 4861 does with an unproven address, we make the entry STALE: it may be used, and a unicast request
   * verifies it 5 s later unless TCP confirms it before. We learn only from a sender on the link that spoke to us
   * directly, only when we are about to answer, and never change an entry that has an address.
   *
   * It also serves workers that share one Ethernet address: an ARP reply may come to another worker's queue, but a
   * request is answered on the queue that it came to.
   */
  learn(route: Route, packet: IpPacket): void {
    const { neighbor } = route;
    if (neighbor.hasMac || !neighbor.address.equals(route.remote)) return;
    if (!this.#context.options.learnFromTraffic || packet.linkBroadcast || !packet.isFrom(route.remote)) return;
    if ((packet.linkBytes[packet.sourceMacFrom]! & 1) !== 0) return;
    this.#neighbors.learn(neighbor, packet.linkBytes, packet.sourceMacFrom);
  }
}
