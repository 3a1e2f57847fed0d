/**
 * Where a packet goes first: RFC 1122 section 3.3.1.1 ("is it on the link? else a gateway") and RFC 4861 section 5.2
 * (prefix list, default router list).
 *
 * `generation` grows with every change; a route that remembers an older one asks again before it sends.
 */
import type { Clock } from '../clock.js';
import { IpAddress, IpNetwork } from '../wire/address.js';
import { isLinkLocal } from '../wire/ipv6.js';

/** Bounds the routers and prefixes that hostile advertisements can make us keep. */
const MAX_ROUTERS = 8;
const MAX_PREFIXES = 16;

interface Router {
  readonly address: IpAddress;
  validUntil: number;
  /** Configured: no advertisement changes it. */
  readonly isFixed: boolean;
}

/** A network behind a router of IPv4. The router 0.0.0.0: the network is on the link. */
export interface Ipv4Route {
  readonly network: IpNetwork;
  readonly router: IpAddress;
}

interface OnLinkPrefix {
  readonly network: IpNetwork;
  validUntil: number;
  readonly isFixed: boolean;
}

const EVERYTHING = new IpNetwork(IpAddress.v4(0), 0);

export class Routing {
  generation = 1;
  readonly #clock: Clock;
  /** Routes of IPv4, the longest prefix first. */
  #routes: readonly Ipv4Route[] = [];
  readonly #routers: Router[] = [];
  readonly #prefixes: OnLinkPrefix[] = [];

  /** @param networks our addresses: each one's network is on the link */
  constructor(clock: Clock, networks: readonly IpNetwork[], gateway?: IpAddress, gateway6?: IpAddress) {
    this.#clock = clock;
    if (gateway !== undefined) this.#routes = [{ network: EVERYTHING, router: gateway }];
    const validUntil = Number.POSITIVE_INFINITY;
    for (const network of networks) this.#prefixes.push({ network, validUntil, isFixed: true });
    if (gateway6 !== undefined) this.#routers.push({ address: gateway6, validUntil, isFixed: true });
  }

  /** The first hop towards `remote`: itself if it is on the link, else a router; undefined if there is no way. */
  nextHop(remote: IpAddress, isReachable: (router: IpAddress) => boolean): IpAddress | undefined {
    if (this.isOnLink(remote)) return remote;
    if (remote.isV4) return this.#nextHopV4(remote);
    const alive = this.#routers.filter((router) => router.validUntil > this.#clock.now);
    // RFC 4861 section 6.3.6: a router that is known to be reachable comes before one that is only listed.
    return (alive.find((router) => isReachable(router.address)) ?? alive[0])?.address;
  }

  /** True if `remote` is a neighbour. */
  isOnLink(remote: IpAddress): boolean {
    if (!remote.isV4 && isLinkLocal(remote.word0)) return true;
    const now = this.#clock.now;
    return this.#prefixes.some((prefix) => prefix.validUntil > now && prefix.network.contains(remote));
  }

  /** True if `address` is a router of IPv4. */
  isGateway(address: IpAddress): boolean {
    return this.#routes.some(({ router }) => router.equals(address));
  }

  /** Takes these routes of IPv4 in place of those that there are. The caller bounds their number. */
  setRoutesV4(routes: readonly Ipv4Route[]): void {
    this.#routes = [...routes].sort((a, b) => b.network.prefixLength - a.network.prefixLength);
    this.generation++;
  }

  /** The network of an address of ours is on the link from now on. */
  addNetwork(network: IpNetwork): void {
    this.#prefixes.push({ network, validUntil: Number.POSITIVE_INFINITY, isFixed: true });
    this.generation++;
  }

  /** The opposite: the address is no longer ours. */
  removeNetwork(network: IpNetwork): void {
    const index = this.#prefixes.findIndex((prefix) => prefix.isFixed && prefix.network === network);
    if (index >= 0) this.#prefixes.splice(index, 1);
    this.generation++;
  }

  /** A default router until `validUntil`, µs; a time in the past takes it off the list (RFC 4861 section 6.3.4). */
  setRouter(address: IpAddress, validUntil: number): void {
    const known = this.#routers.find((router) => router.address.equals(address));
    this.#dropExpired();
    if (known !== undefined) {
      if (known.isFixed) return;
      known.validUntil = validUntil;
    } else if (validUntil > this.#clock.now && this.#routers.length < MAX_ROUTERS) {
      this.#routers.push({ address, validUntil, isFixed: false });
    }
    this.generation++;
  }

  /** Takes a router off the list: it has said that it is no longer one (RFC 4861 section 7.2.5). */
  removeRouter(address: IpAddress): void {
    const index = this.#routers.findIndex((router) => router.address.equals(address) && !router.isFixed);
    if (index < 0) return;
    this.#routers.splice(index, 1);
    this.generation++;
  }

  /** A prefix whose addresses are neighbours until `validUntil`, µs. */
  setPrefix(network: IpNetwork, validUntil: number): void {
    const known = this.#prefixes.find(
      (prefix) => prefix.network.prefixLength === network.prefixLength && prefix.network.contains(network.address),
    );
    this.#dropExpired();
    if (known !== undefined) {
      if (known.isFixed) return;
      known.validUntil = validUntil;
    } else if (validUntil > this.#clock.now && this.#prefixes.length < MAX_PREFIXES) {
      this.#prefixes.push({ network, validUntil, isFixed: false });
    }
    this.generation++;
  }

  /** Tells that something else changed that routes depend on: a router became unreachable, an address is gone. */
  changed(): void {
    this.generation++;
  }

  #nextHopV4(remote: IpAddress): IpAddress | undefined {
    const router = this.#routes.find(({ network }) => network.contains(remote))?.router;
    return router?.isUnspecified === true ? remote : router;
  }

  #dropExpired(): void {
    const now = this.#clock.now;
    for (const list of [this.#routers, this.#prefixes] as { validUntil: number }[][]) {
      for (let i = list.length - 1; i >= 0; i--) if (list[i]!.validUntil <= now) list.splice(i, 1);
    }
  }
}
