/** Checks whether an address, a network or a router fits its place. Called by network/plan.ts and bridge-plan.ts. */
import type { IpNetwork } from '../../net/wire/address.js';
import { faultOf } from '../faults.js';
import type { ServeError } from '../serve-error.js';
import { isLinkLocal, overlap, single, whyNoHost } from './arithmetic.js';
import type { HostView } from './host-view.js';
import type { NetworkPlan, NetworkWish } from './network-plan.js';

/**
 * Each end of a link is a host: no group, no broadcast address, not "no address". `key`: where it stands.
 * @throws {ServeError} `bad-option`
 */
export function checkHost(end: IpNetwork, key: 'host' | 'address'): void {
  const reason = whyNoHost(end);
  if (reason === undefined) return;
  throw faultOf(['network', key], `${end.address} cannot be a host: it is ${reason}`, 'Name another address.');
}

/** An address is named once. @throws {ServeError} `bad-option` */
export function checkTwins({ addresses = [] }: Pick<NetworkWish, 'addresses'>): void {
  const names = addresses.map((each) => (typeof each === 'string' ? each : String(each.address)));
  const twin = names.find((name, i) => names.indexOf(name) < i);
  if (twin !== undefined) throw faultOf(['network', 'address'], `${twin} stands there twice`, 'Name it once.');
}

/**
 * No other interface may have the machine's end, nor a route to its network or to a part of it.
 * @throws {ServeError}
 */
export function checkHostAddress(host: IpNetwork, others: HostView): void {
  const holder = others.addresses.find(({ network }) => network.address.equals(host.address));
  if (holder !== undefined) {
    throw taken('host', `${host.address} is already an address of this machine (${holder.interfaceName})`);
  }
  const route = others.routes.find(
    ({ network }) => network.prefixLength >= host.prefixLength && host.contains(network.address),
  );
  if (route !== undefined)
    throw taken('host', `the network of ${host} is in use: ${route.interfaceName} has ${route.network}`);
}

/** Our address lies in a network of the machine's end, and the machine itself does not have it. @throws {ServeError} */
export function checkOurAddress(ours: IpNetwork, hosts: readonly IpNetwork[], view: HostView, others: HostView): void {
  const holder = view.addresses.find(({ network }) => network.address.equals(ours.address));
  if (holder !== undefined || hosts.some((host) => host.address.equals(ours.address))) {
    const where = holder?.interfaceName ?? '--host';
    throw taken('address', `${ours.address} is an address of the machine itself (${where})`);
  }
  if (hosts.some((host) => host.contains(ours.address))) return;
  const list = hosts.join(', ');
  const where = overlapping(single(ours.address), others);
  throw faultOf(
    ['network', 'address'],
    `${ours.address} is not in the network of the host's end (${list})${where === undefined ? '' : `; ${where}`}`,
    'Both ends of the link share one network: --host 10.77.0.1/24 --address 10.77.0.2',
  );
}

function taken(key: 'host' | 'address', message: string): ServeError {
  const advice = 'Name a free network: --host 10.99.0.1/24 --address 10.99.0.2, or leave both away and one is chosen.';
  return faultOf(['network', key], message, advice, { code: 'address-taken' });
}

/**
 * A router is a neighbour: its address lies in a network of ours, or is link-local.
 * @throws {ServeError} `bad-option`
 */
export function checkGateways(wish: NetworkWish, plan: NetworkPlan): void {
  for (const [key, gateway] of [
    ['gateway', wish.gateway],
    ['gateway6', wish.gateway6],
  ] as const) {
    if (gateway === undefined || isLinkLocal(gateway)) continue;
    if (plan.addresses.some((ours) => ours.contains(gateway) && !ours.address.equals(gateway))) continue;
    throw faultOf(
      ['network', key],
      `--${key} ${gateway} is no neighbour of ours: it is not another address in ${plan.addresses.join(', ')}`,
      'Name a router on the same link.',
    );
  }
}

/** The interface that uses a part of `network`, as text (`eth0 has 10.77.0.0/16`); undefined: the network is free. */
export function overlapping(network: IpNetwork, view: HostView): string | undefined {
  const clash = [...view.routes, ...view.addresses].find(({ network: other }) => overlap(network, other));
  return clash && `${clash.interfaceName} has ${clash.network}`;
}
