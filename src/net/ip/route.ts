/**
 * The way to one remote address: its first neighbour, the largest packet that it takes, and all header fields that stay
 * the same. Shared by every connection between the same two addresses (RFC 1191 section 3: the path MTU
 * belongs to the destination, not to a connection).
 *
 * A connection holds its route for all of its life. Routing may change under it (redirect, router gone, neighbour
 * unreachable): `InternetLayer.send` notices by `generation` and by the neighbour's state, and looks again.
 */
import type { Clock } from '../clock.js';
import type { Random } from '../random.js';
import type { IpAddress } from '../wire/address.js';
import { PROTOCOL } from '../wire/protocol.js';
import type { Neighbor } from './neighbor.js';
import { addressSum, type IpPacket } from './packet.js';
import { IPV4_LEAST_PATH_MTU, IPV6_MINIMUM_MTU, PATH_MTU_LIFETIME } from './path-mtu.js';

export class Route {
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly isV6: boolean;
  /** The partial sum of both addresses and TCP's protocol number: the constant part of TCP's pseudo-header. */
  readonly pseudoSum: number;
  /** The partial sum of both addresses: the constant part of an IPv4 header's checksum. */
  readonly addressSum: number;
  /** The most bytes of transport header and payload in one frame: a super-segment over IPv6 stays below 64 KiB. */
  readonly maxTransportBytes: number;

  /** The first hop. Only the internet layer sets it. */
  neighbor: Neighbor;
  /** A router told us of a better first hop (ICMP redirect); null: routing decides. Only the internet layer sets it. */
  redirect: IpAddress | null = null;
  /** The internet layer's routing generation when `neighbor` was chosen. */
  generation = 0;
  /** IPv4: routers must not fragment (path MTU discovery). Off once the path takes less than we are willing to send. */
  dontFragment = true;
  /**
   * The Identification of the next packet that may be cut, int32. It counts from a random start (RFC 6864, RFC 7739).
   */
  nextId: number;
  /** IPv6: one label for all between the two addresses (RFC 6437 section 3), unrelated to `nextId`. */
  readonly flowLabel: number;
  /** To a broadcast or multicast address: it has no first hop that could change. */
  readonly isGroup: boolean;
  /** Set by each look-up, cleared by the eviction hand of the route table (second chance). */
  touched = false;
  /** The next route in the same bucket of the route table. */
  nextInBucket: Route | null = null;

  readonly #clock: Clock;
  #linkMtu: number;
  #pathMtu: number;
  /** When the path MTU was last reduced; unused while it is the link's. */
  #reducedAt = 0;

  constructor(
    local: IpAddress,
    remote: IpAddress,
    neighbor: Neighbor,
    linkMtu: number,
    random: Random,
    clock: Clock,
    isGroup = false,
  ) {
    this.local = local;
    this.remote = remote;
    this.isV6 = !remote.isV4;
    this.isGroup = isGroup;
    this.neighbor = neighbor;
    this.nextId = random.nextInt32();
    this.flowLabel = random.nextInt32() & 0xfffff;
    this.#clock = clock;
    this.#linkMtu = linkMtu;
    this.#pathMtu = linkMtu;
    this.addressSum = addressSum(local) + addressSum(remote);
    this.pseudoSum = this.addressSum + PROTOCOL.TCP;
    this.maxTransportBytes = this.isV6 ? 0xffff : 0x7fff_ffff;
  }

  /** The largest IP packet that our own link takes, bytes. The MSS that we offer comes from it (RFC 6691). */
  get linkMtu(): number {
    return this.#linkMtu;
  }

  /** The largest IP packet, bytes, that the path takes now; forgets a reduction that is ten minutes old. */
  get mtu(): number {
    if (this.#pathMtu !== this.#linkMtu && this.#clock.now - this.#reducedAt >= PATH_MTU_LIFETIME) {
      this.#pathMtu = this.#linkMtu;
      this.dontFragment = true;
    }
    return this.#pathMtu;
  }

  /**
   * The path takes only `mtu` bytes, as a believed ICMP message or a black hole showed. It never raises the path MTU
   * (RFC 1191 section 3); IPv6 ignores less than 1280 (RFC 8201 section 4). Returns true if the path MTU became
   * smaller.
   */
  reducePathMtu(mtu: number): boolean {
    if (this.isV6 && mtu < IPV6_MINIMUM_MTU) return false;
    if (mtu >= this.mtu) return false;
    const least = Math.min(IPV4_LEAST_PATH_MTU, this.#linkMtu);
    if (!this.isV6 && mtu < least) this.dontFragment = false;
    const next = this.isV6 ? mtu : Math.max(mtu, least);
    const isLess = next < this.#pathMtu;
    this.#pathMtu = next;
    this.#reducedAt = this.#clock.now;
    return isLess;
  }

  /** True if the packet's sender is the router that this route goes through: only it may redirect us. */
  isVia(packet: IpPacket): boolean {
    return packet.isFrom(this.neighbor.address) && !packet.isFrom(this.remote);
  }

  /** The link's own MTU changed (a router's advertisement, RFC 4861 section 6.3.4). */
  setLinkMtu(mtu: number): void {
    const wasReduced = this.#pathMtu !== this.#linkMtu;
    this.#linkMtu = mtu;
    if (!wasReduced || this.#pathMtu > mtu) this.#pathMtu = mtu;
  }
}
