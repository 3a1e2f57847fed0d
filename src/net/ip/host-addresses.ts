/**
 * Our own addresses: which are in use, which are the link's broadcast addresses, and which is the source of a packet.
 *
 * RFC 1122 section 3.3.4 (one interface, several addresses), RFC 4862 section 2 for the states, RFC 6724 for the
 * choice of a source address, reduced to one interface.
 */
import type { Clock } from '../clock.js';
import { NetworkError } from '../network-error.js';
import type { IpAddress, IpNetwork } from '../wire/address.js';
import { isLinkLocal } from '../wire/ipv6.js';

/**
 * Groups that the programs of a host may join. A switch or router keeps a state for each. Linux's bound is 20 a socket.
 */
const MAX_GROUPS = 64;
/** The first word of ff02::/16, the groups of a link. */
const LINK_GROUP = 0xff020000 | 0;

export const ADDRESS = {
  /** It is being checked whether another host has it: not ours yet. */
  TENTATIVE: 0,
  /** In use. */
  ASSIGNED: 1,
  /** Another host has it: never used (RFC 5227 section 2.4, RFC 4862 section 5.4.5). */
  DUPLICATE: 2,
} as const;

export type AddressState = (typeof ADDRESS)[keyof typeof ADDRESS];

export class HostAddress {
  readonly network: IpNetwork;
  readonly address: IpAddress;
  state: AddressState = ADDRESS.TENTATIVE;
  /** In use although the check has not finished (RFC 4429). */
  isOptimistic = false;
  /** Made from a router's prefix (RFC 4862), as opposed to given. */
  isAutomatic = false;
  /** Who announced that prefix last. */
  router: IpAddress | undefined;
  /** Until when it is used for new connections, and until when it is ours, µs (RFC 4862 section 5.5.4). */
  preferredUntil = Number.POSITIVE_INFINITY;
  validUntil = Number.POSITIVE_INFINITY;

  constructor(network: IpNetwork) {
    this.network = network;
    this.address = network.address;
  }
}

export class HostAddresses {
  readonly #clock: Clock;
  #all: HostAddress[] = [];
  /** The IPv4 addresses in use and the broadcast addresses of their networks, for the hot path. */
  #v4 = new Int32Array(0);
  #broadcasts = new Int32Array(0);
  #v6: IpAddress[] = [];
  /** Groups that programs have joined, each with the number of its members. */
  readonly #groups = new Map<string, { readonly group: IpAddress; members: number }>();
  #groupsV4 = new Int32Array(0);
  #groupsV6: IpAddress[] = [];
  /**
   * The UDP port of a program that asks for an address of ours; 0: there is none. Datagrams to it are for us whatever
   * their IPv4 address: a DHCP server sends them to the address that it is about to give (RFC 2131 section 4.1).
   */
  unconfiguredPort = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Adds an address, tentative until `assign`. */
  add(network: IpNetwork): HostAddress {
    const added = new HostAddress(network);
    this.#all.push(added);
    return added;
  }

  /** Every address, whatever its state. */
  get all(): readonly HostAddress[] {
    return this.#all;
  }

  /** The entry of `address`, whatever its state. */
  find(address: IpAddress): HostAddress | undefined {
    return this.#all.find((entry) => entry.address.equals(address));
  }

  /** Changes an address's state. */
  setState(entry: HostAddress, state: AddressState): void {
    entry.state = state;
    this.#refresh();
  }

  /** Drops an address. */
  remove(entry: HostAddress): void {
    this.#all = this.#all.filter((other) => other !== entry);
    this.#refresh();
  }

  /** True if this IPv4 address, as int32, is ours and in use. */
  isOurV4(word: number): boolean {
    const list = this.#v4;
    for (let i = 0; i < list.length; i++) if (list[i] === word) return true;
    return false;
  }

  /** True if this IPv6 address, as words, is ours and in use. */
  isOurV6(word0: number, word1: number, word2: number, word3: number): boolean {
    for (let i = 0; i < this.#v6.length; i++) {
      const own = this.#v6[i]!;
      if (own.word3 === word3 && own.word2 === word2 && own.word1 === word1 && own.word0 === word0) return true;
    }
    return false;
  }

  /**
   * Listens to a group for one more member. True if it is the first. @throws {NetworkError} ENOBUFS beyond the bound
   */
  joinGroup(group: IpAddress): boolean {
    const key = group.toString();
    const known = this.#groups.get(key);
    if (known !== undefined) {
      known.members++;
      return false;
    }
    if (this.#groups.size >= MAX_GROUPS) throw new NetworkError('ENOBUFS', `a host joins ${MAX_GROUPS} groups at most`);
    this.#groups.set(key, { group, members: 1 });
    this.#refreshGroups();
    return true;
  }

  /** One member less. True if it was the last: then we do not listen any more. */
  leaveGroup(group: IpAddress): boolean {
    const key = group.toString();
    const known = this.#groups.get(key);
    if (known === undefined || --known.members > 0) return false;
    this.#groups.delete(key);
    this.#refreshGroups();
    return true;
  }

  /** The groups of one family that programs have joined. */
  joinedGroups(isV4: boolean): IpAddress[] {
    return [...this.#groups.values()].map(({ group }) => group).filter((group) => group.isV4 === isV4);
  }

  /** True if a program has joined this IPv4 group, given as int32. */
  isOurGroupV4(word: number): boolean {
    const list = this.#groupsV4;
    for (let i = 0; i < list.length; i++) if (list[i] === word) return true;
    return false;
  }

  /**
   * True for our IPv6 groups: all nodes, the solicited-node groups of our addresses (RFC 4291 section 2.8), and those
   * that programs have joined.
   */
  isOurGroupV6(word0: number, word1: number, word2: number, word3: number): boolean {
    for (let i = 0; i < this.#groupsV6.length; i++) {
      const group = this.#groupsV6[i]!;
      if (group.word3 === word3 && group.word2 === word2 && group.word1 === word1 && group.word0 === word0) return true;
    }
    if (word0 !== LINK_GROUP || word1 !== 0) return false;
    if (word2 === 0) return word3 === 1;
    if (word2 !== 1 || word3 >>> 24 !== 0xff) return false;
    return this.#all.some(({ address }) => !address.isV4 && (address.word3 ^ word3) << 8 === 0);
  }

  /** True if `address` is ours and in use. */
  isOurs(address: IpAddress): boolean {
    if (address.isV4) return this.isOurV4(address.word3);
    return this.isOurV6(address.word0, address.word1, address.word2, address.word3);
  }

  /** True for 255.255.255.255 and for the directed broadcast addresses of our networks (RFC 1122 section 3.3.6). */
  isBroadcastV4(word: number): boolean {
    if (word === -1) return true;
    const list = this.#broadcasts;
    for (let i = 0; i < list.length; i++) if (list[i] === word) return true;
    return false;
  }

  /**
   * The source address for packets to `remote`: one of the same family that is in use. Better ones have the same scope,
   * are preferred and not deprecated, and are on the remote's network (RFC 6724 section 5, rules 2, 3 and 8). Undefined
   * if there is none.
   */
  sourceFor(remote: IpAddress): IpAddress | undefined {
    let best: HostAddress | undefined;
    let bestScore = -1;
    for (const entry of this.#all) {
      if (entry.state !== ADDRESS.ASSIGNED || entry.address.isV4 !== remote.isV4) continue;
      const score = this.#score(entry, remote);
      if (score > bestScore) {
        best = entry;
        bestScore = score;
      }
    }
    return best?.address;
  }

  #score(entry: HostAddress, remote: IpAddress): number {
    const sameScope = remote.isV4 || isLinkLocal(entry.address.word0) === isLinkLocal(remote.word0);
    const preferred = entry.preferredUntil > this.#clock.now;
    return (sameScope ? 4 : 0) + (preferred ? 2 : 0) + (entry.network.contains(remote) ? 1 : 0);
  }

  #refreshGroups(): void {
    this.#groupsV4 = Int32Array.from(this.joinedGroups(true), ({ word3 }) => word3);
    this.#groupsV6 = this.joinedGroups(false);
  }

  #refresh(): void {
    const used = this.#all.filter((entry) => entry.state === ADDRESS.ASSIGNED);
    const v4 = used.filter((entry) => entry.address.isV4);
    this.#v4 = Int32Array.from(v4, (entry) => entry.address.word3);
    const wide = v4.filter((entry) => entry.network.prefixLength <= 30);
    this.#broadcasts = Int32Array.from(wide, (entry) => entry.network.broadcastWord);
    this.#v6 = used.filter((entry) => !entry.address.isV4).map((entry) => entry.address);
  }
}
