/**
 * Which interface and which addresses to use. A pure function of the options and of what the machine looks like, so
 * that every case can be tested without a network.
 *
 * The link is a network of its own between two hosts: the machine (`10.77.0.1`) and us (`10.77.0.2`). Its prefix must
 * not be one that the machine already uses, or we would take traffic away from others: if nobody asked for certain
 * addresses the next free one of a short list is chosen and said aloud; if somebody did, a clash is an error.
 *
 * A wider route that covers our network (a VPN's 10.0.0.0/8, say) is a reason to prefer another default, but no error
 * when the user insists: the longer prefix wins, as routing always does.
 */
import { IpNetwork } from '../net/wire/address.js';
import type { HostView } from './host-view.js';
import { hostAt, isLinkLocal, neighborOf, overlap, single, whyNoHost } from './network-arithmetic.js';
import { ServeError } from './serve-error.js';

/** The name of our interface unless another is asked for. */
export const DEFAULT_INTERFACE = 'fp0';

/** A name to try when this one is taken: fp1 after fp0. */
export function anotherName(name: string): string {
  const [, stem = '', digits = ''] = /^(.*?)(\d{0,3})$/.exec(name) ?? [];
  return `${stem.slice(0, 11)}${Number(digits) + 1}`;
}

/**
 * Networks to try, in this order: corners of each private block (RFC 1918) that are rarely used, then a piece of the
 * block set aside for benchmarks (RFC 2544), which nothing else should use.
 */
const DEFAULT_NETWORKS = ['10.77.0.0/24', '172.30.77.0/24', '192.168.177.0/24', '198.18.77.0/24'];

/** What the user asked for; nothing means: choose. */
export interface NetworkWish {
  readonly interfaceName?: string | undefined;
  /** The machine's end of the link. */
  readonly host?: IpNetwork | undefined;
  /** Our own addresses. */
  readonly addresses?: readonly IpNetwork[] | undefined;
}

export interface NetworkPlan {
  readonly interfaceName: string;
  /** The interface is there already: a persistent TAP that somebody made for us. */
  readonly exists: boolean;
  /** What the machine's end is to have; an existing interface may have it already. */
  readonly host: readonly IpNetwork[];
  /** Ours. The first one is in the URL. */
  readonly addresses: readonly IpNetwork[];
  /** What the user should know about the choice. */
  readonly notes: readonly string[];
}

/**
 * Chooses.
 * @throws {ServeError} `address-taken` or `bad-option`.
 */
export function planNetwork(wish: NetworkWish, view: HostView): NetworkPlan {
  const interfaceName = wish.interfaceName ?? DEFAULT_INTERFACE;
  const exists = view.interfaceNames.includes(interfaceName);
  const others = withoutInterface(view, interfaceName);
  const present = exists ? addressesOf(view, interfaceName) : [];
  const notes: string[] = [];
  const ends = chooseEnds(wish, present, others, notes);
  for (const end of [...ends.host, ...ends.addresses]) checkHost(end);
  for (const host of ends.host) checkHostAddress(host, others);
  for (const address of ends.addresses) checkOurAddress(address, ends.host, view, others);
  return { interfaceName, exists, ...ends, notes };
}

interface Ends {
  readonly host: readonly IpNetwork[];
  readonly addresses: readonly IpNetwork[];
}

/** Both ends of the link: from the wish, else from what an existing interface has, else from the list of defaults. */
function chooseEnds(wish: NetworkWish, present: readonly IpNetwork[], others: HostView, notes: string[]): Ends {
  const wishedHost = wish.host === undefined ? undefined : [wish.host];
  if (wish.addresses !== undefined && wish.addresses.length > 0) {
    const covered = present.length > 0 ? present : undefined;
    return { host: wishedHost ?? covered ?? hostsFor(wish.addresses), addresses: wish.addresses };
  }
  const host = wishedHost ?? (present.length > 0 ? present.slice(0, 1) : undefined);
  if (host !== undefined) return { host, addresses: [otherEnd(host[0]!, 2)] };
  const network = chooseNetwork(others, notes);
  const end = hostAt(network, 1);
  return { host: [end], addresses: [otherEnd(end, 2)] };
}

/** The first default network that no route of the machine touches. */
function chooseNetwork(others: HostView, notes: string[]): IpNetwork {
  const networks = DEFAULT_NETWORKS.map((text) => IpNetwork.parse(text));
  const chosen = networks.find((network) => overlapping(network, others) === undefined);
  if (chosen === undefined) {
    throw new ServeError(
      'address-taken',
      `each of the networks ${DEFAULT_NETWORKS.join(', ')} is in use on this machine`,
      'Name a free one: --host 10.99.0.1/24 --address 10.99.0.2',
    );
  }
  if (chosen !== networks[0]) {
    const taken = overlapping(networks[0]!, others);
    notes.push(`${networks[0]} is in use on this machine (${taken}); using ${chosen} instead.`);
  }
  return chosen;
}

/** Who uses a part of `network`: `eth0 has 10.77.0.0/16`; undefined when nobody does. */
function overlapping(network: IpNetwork, view: HostView): string | undefined {
  const clash = [...view.routes, ...view.addresses].find(({ network: other }) => overlap(network, other));
  return clash && `${clash.interfaceName} has ${clash.network}`;
}

/** The machine's end for each of our networks, one of each family, unless the user named it: the first other address. */
function hostsFor(addresses: readonly IpNetwork[]): IpNetwork[] {
  const v4 = addresses.find(({ address }) => address.isV4);
  const v6 = addresses.find(({ address }) => !address.isV4);
  return [v4, v6].filter((each) => each !== undefined).map((each) => otherEnd(each, 1));
}

/** The other host of the link. @throws {ServeError} if there is room for one only. */
function otherEnd(end: IpNetwork, preferred: number): IpNetwork {
  const other = neighborOf(end, preferred);
  if (other !== undefined) return other;
  throw new ServeError('bad-option', `${end} has no room for a second host`, 'Name both ends: --host and --address.');
}

/** An end of the link is one host: no group, no broadcast address, nobody. */
function checkHost(end: IpNetwork): void {
  const reason = whyNoHost(end);
  if (reason === undefined) return;
  throw new ServeError('bad-option', `${end.address} cannot be a host: it is ${reason}`, 'Name another address.');
}

/** The machine's end must be nobody else's address, and its network no network (or part of one) that is in use. */
function checkHostAddress(host: IpNetwork, others: HostView): void {
  const holder = others.addresses.find(({ network }) => network.address.equals(host.address));
  if (holder !== undefined) {
    throw taken(`${host.address} is already an address of this machine (${holder.interfaceName})`);
  }
  const route = others.routes.find(
    ({ network }) => network.prefixLength >= host.prefixLength && host.contains(network.address),
  );
  if (route !== undefined) throw taken(`the network of ${host} is in use: ${route.interfaceName} has ${route.network}`);
}

/** Our address must be in a network of the host's end, must not be that end, and not be the machine's elsewhere. */
function checkOurAddress(ours: IpNetwork, hosts: readonly IpNetwork[], view: HostView, others: HostView): void {
  const holder = view.addresses.find(({ network }) => network.address.equals(ours.address));
  if (holder !== undefined || hosts.some((host) => host.address.equals(ours.address))) {
    throw taken(`${ours.address} is an address of the machine itself (${holder?.interfaceName ?? '--host'})`);
  }
  if (hosts.some((host) => host.contains(ours.address))) return;
  const list = hosts.join(', ');
  const where = overlapping(single(ours.address), others);
  throw new ServeError(
    'bad-option',
    `${ours.address} is not in the network of the host's end (${list})${where === undefined ? '' : `; ${where}`}`,
    'Both ends of the link share one network: --host 10.77.0.1/24 --address 10.77.0.2',
  );
}

function taken(message: string): ServeError {
  return new ServeError(
    'address-taken',
    message,
    'Name a free network: --host 10.99.0.1/24 --address 10.99.0.2, or leave both away and one is chosen.',
  );
}

function withoutInterface(view: HostView, name: string): HostView {
  return {
    interfaceNames: view.interfaceNames.filter((each) => each !== name),
    addresses: view.addresses.filter(({ interfaceName }) => interfaceName !== name),
    routes: view.routes.filter(({ interfaceName }) => interfaceName !== name),
  };
}

/** What an interface has, IPv4 first, without link-local IPv6 addresses. */
function addressesOf(view: HostView, name: string): IpNetwork[] {
  const networks = view.addresses.filter((each) => each.interfaceName === name).map(({ network }) => network);
  const usable = networks.filter(({ address }) => !isLinkLocal(address));
  return usable.sort((a, b) => Number(b.address.isV4) - Number(a.address.isV4));
}
