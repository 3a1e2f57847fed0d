/**
 * Which interface and which addresses to use. A pure function of the options and of what the machine looks like, so
 * that every case can be tested without a network.
 *
 * The link is a network of its own between two hosts: the machine (`10.77.0.1`) and us (`10.77.0.2`). The machine
 * must not use its prefix already, or we would take traffic away from others. If the user asks for no network, the
 * first free one of a short list is chosen. If that is not the first of the list, a note says so. If the user asks
 * for a network that is in use, that is an error. On a bridge we join a network that is there (bridge-plan.ts).
 *
 * A wider route that covers our network (a VPN's 10.0.0.0/8, say) makes the next default the better choice, but it is
 * no error when the user insists: the longer prefix wins, as routing always does.
 */

import { IpNetwork } from '../../net/wire/address.js';
import { ServeError } from '../serve-error.js';
import { hostAt, neighborOf, withPrefixOf } from './arithmetic.js';
import { checkNoHost, planOnBridge } from './bridge-plan.js';
import { checkGateways, checkHost, checkHostAddress, checkOurAddress, checkTwins, overlapping } from './checks.js';
import { checkDynamic, checkDynamicWish, dynamicOf, fixedAddresses } from './dynamic-plan.js';
import { addressesOf, type HostView } from './host-view.js';
import type { NetworkPlan, NetworkWish } from './network-plan.js';

/** The name of our interface unless another is asked for. */
export const DEFAULT_INTERFACE = 'fp0';

/** A name to try when this one is taken: fp1 after fp0. */
export function anotherName(name: string): string {
  const [, stem = '', digits = ''] = /^(.*?)(\d{0,3})$/.exec(name) ?? [];
  return `${stem.slice(0, 11)}${Number(digits) + 1}`;
}

/**
 * The networks to try, in this order. The first three are rarely used corners of the private blocks (RFC 1918); the
 * last is a piece of the block for benchmarks (RFC 2544), which nothing else should use.
 */
const DEFAULT_NETWORKS = ['10.77.0.0/24', '172.30.77.0/24', '192.168.177.0/24', '198.18.77.0/24'];

/**
 * Chooses.
 * @throws {ServeError} `address-taken` or `bad-option`.
 */
export function planNetwork(wish: NetworkWish, view: HostView): NetworkPlan {
  checkTwins(wish);
  const interfaceName = wish.interfaceName ?? DEFAULT_INTERFACE;
  const exists = view.interfaceNames.includes(interfaceName);
  const bridge = wish.bridge ?? view.bridgeOf.get(interfaceName);
  const plan =
    bridge === undefined
      ? planLink(wish, interfaceName, exists, view)
      : planOnBridge(wish, interfaceName, bridge, view);
  checkDynamic(wish, plan);
  checkGateways(wish, plan);
  return plan;
}

/** A machine of which nothing is known. */
const UNKNOWN: HostView = {
  ...{ interfaceNames: [], addresses: [], routes: [], gateways: [] },
  ...{ bridges: [], bridgeOf: new Map() },
};

/**
 * What is wrong with a wish on whatever machine, for `fastpath check`. An interface or a bridge that is there may have
 * networks of its own, so only a wish that names the machine's end can be judged as a whole.
 * @throws {ServeError} `bad-option`, `address-taken`
 */
export function checkWish(wish: NetworkWish): void {
  if (wish.bridge !== undefined) checkNoHost(wish, wish.bridge);
  if (wish.host !== undefined) {
    planNetwork(wish, UNKNOWN);
    return;
  }
  checkTwins(wish);
  for (const address of fixedAddresses(wish)) checkHost(address, 'address');
  checkDynamicWish(wish);
}

/** A link of its own between the machine and us. */
function planLink(wish: NetworkWish, interfaceName: string, exists: boolean, view: HostView): NetworkPlan {
  const others = withoutInterface(view, interfaceName);
  const present = exists ? addressesOf(view, interfaceName) : [];
  const notes: string[] = [];
  const dynamic = dynamicOf(wish);
  const ends = dynamic === undefined ? chooseEnds(wish, present, others, notes) : endsOf(wish, present);
  const addresses = ends.addresses.map((address) => withPrefixOf(ends.host, address));
  // Only what somebody typed is judged: the other end was made from it, or comes from the interface that is there.
  if (wish.host !== undefined) checkHost(wish.host, 'host');
  if (wish.addresses !== undefined) for (const address of addresses) checkHost(address, 'address');
  for (const host of ends.host) checkHostAddress(host, others);
  for (const address of addresses) checkOurAddress(address, ends.host, view, others);
  return {
    interfaceName,
    exists,
    bridge: undefined,
    hostInterface: interfaceName,
    host: ends.host,
    addresses,
    candidates: [],
    ...(dynamic !== undefined && { dynamic }),
    ...gatewaysOf(wish, addresses, ends.host),
    notes,
  };
}

/** The machine is the router, unless the user names another. On a link of our own it is the only neighbour. */
function gatewaysOf(wish: NetworkWish, addresses: readonly IpNetwork[], host: readonly IpNetwork[]) {
  const hostOf = (isV4: boolean) => {
    const ours = addresses.filter(({ address }) => address.isV4 === isV4);
    return host.find((end) => ours.some(({ address }) => end.contains(address)))?.address;
  };
  return { gateway: wish.gateway ?? hostOf(true), gateway6: wish.gateway6 ?? hostOf(false) };
}

interface Ends {
  readonly host: readonly IpNetwork[];
  readonly addresses: readonly IpNetwork[];
}

/** With an address from the network: the machine's end is what the user names or the interface has, if anything. */
function endsOf(wish: NetworkWish, present: readonly IpNetwork[]): Ends {
  return { host: wish.host === undefined ? present : [wish.host], addresses: fixedAddresses(wish) };
}

/** Both ends of the link: as the user asks, else the address of an existing interface, else the list of defaults. */
function chooseEnds(wish: NetworkWish, present: readonly IpNetwork[], others: HostView, notes: string[]): Ends {
  const wishedHost = wish.host === undefined ? undefined : [wish.host];
  const addresses = fixedAddresses(wish);
  if (addresses.length > 0) {
    const covered = present.length > 0 ? present : undefined;
    return { host: wishedHost ?? covered ?? hostsFor(addresses), addresses };
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

/** The machine's end in each of our networks, one for each family: the first address that is not ours. */
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

function withoutInterface(view: HostView, name: string): HostView {
  return {
    ...view,
    interfaceNames: view.interfaceNames.filter((each) => each !== name),
    addresses: view.addresses.filter(({ interfaceName }) => interfaceName !== name),
    routes: view.routes.filter(({ interfaceName }) => interfaceName !== name),
  };
}
