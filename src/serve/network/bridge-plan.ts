/**
 * Which addresses to use on a bridge: the network is there already, with other hosts in it (containers, virtual
 * machines, a whole LAN), and the machine's own end is the bridge's address. A pure function, called by
 * network/plan.ts.
 *
 * If the user asks for no address, the candidates begin at the end of the bridge's network, because docker, libvirt
 * and most DHCP servers give addresses out from its start. Only the neighbours know which candidate is free
 * (address-question.ts).
 */
import type { IpNetwork } from '../../net/wire/address.js';
import { faultOf } from '../faults.js';
import { ServeError } from '../serve-error.js';
import { addressBits, hostAt, withPrefixOf } from './arithmetic.js';
import { checkHost } from './checks.js';
import { dynamicOf, fixedAddresses } from './dynamic-plan.js';
import { addressesOf, type HostView } from './host-view.js';
import type { NetworkPlan, NetworkWish } from './network-plan.js';

/** We ask for this many addresses before we give up. One question takes a second. */
const MAX_CANDIDATES = 16;
/** The last addresses of a network are often a router's. */
const SPARED = 4;

/** @throws {ServeError} `bad-option` or `address-taken` */
export function planOnBridge(wish: NetworkWish, interfaceName: string, bridge: string, view: HostView): NetworkPlan {
  checkBridge(wish, interfaceName, bridge, view);
  const host = addressesOf(view, bridge);
  const dynamic = dynamicOf(wish);
  const candidates = wish.addresses === undefined ? candidatesOn(bridge, host, view) : [];
  const asked = wish.addresses === undefined ? candidates.slice(0, 1) : fixedAddresses(wish);
  const addresses = asked.map((address) => withPrefixOf(host, address));
  for (const address of addresses) checkAddress(address, bridge, host, view);
  return {
    interfaceName,
    exists: view.interfaceNames.includes(interfaceName),
    bridge,
    hostInterface: bridge,
    host: dynamic === undefined ? host.filter((end) => addresses.some(({ address }) => end.contains(address))) : host,
    addresses,
    candidates,
    ...(dynamic !== undefined && { dynamic }),
    gateway: wish.gateway ?? (dynamic?.dhcp ? undefined : gatewayOn(bridge, host, view, true)),
    gateway6: wish.gateway6 ?? (dynamic?.auto ? undefined : gatewayOn(bridge, host, view, false)),
    notes: [],
  };
}

function checkBridge(wish: NetworkWish, interfaceName: string, bridge: string, view: HostView): void {
  if (!view.bridges.includes(bridge)) {
    const isThere = view.interfaceNames.includes(bridge);
    const known = view.bridges.length === 0 ? '' : `; there is ${view.bridges.join(', ')}`;
    throw faultOf(
      ['network', 'bridge'],
      isThere ? `${bridge} is no bridge${known}` : `there is no bridge ${bridge}${known}`,
      `Make one first: sudo ip link add ${bridge} type bridge`,
    );
  }
  const present = view.bridgeOf.get(interfaceName);
  if (present !== undefined && present !== bridge) {
    throw new ServeError(
      'interface-taken',
      `${interfaceName} is a port of the bridge ${present}`,
      `Use that one: --bridge ${present}, or take it out first: sudo ip link set ${interfaceName} nomaster`,
    );
  }
  checkNoHost(wish, bridge);
}

/** On a bridge the machine's end is there already. @throws {ServeError} `bad-option` */
export function checkNoHost({ host }: NetworkWish, bridge: string): void {
  if (host === undefined) return;
  throw faultOf(
    ['network', 'host'],
    `--host does not go with a bridge: this machine's end is the address of ${bridge}`,
    'Leave --host away.',
  );
}

/** Addresses from the far end of the bridge's IPv4 network that the machine itself does not have. */
function candidatesOn(bridge: string, host: readonly IpNetwork[], view: HostView): IpNetwork[] {
  const end = host.find(({ address }) => address.isV4);
  if (end === undefined) {
    throw new ServeError(
      'bad-option',
      `${bridge} has no IPv4 address, so its network is not known`,
      'Name our address with its length: --address 192.168.1.50/24',
    );
  }
  const hosts = 2 ** (addressBits(end) - end.prefixLength);
  const candidates: IpNetwork[] = [];
  for (let number = hosts - 2 - SPARED; number > 1 && candidates.length < MAX_CANDIDATES; number--) {
    const candidate = hostAt(end, number);
    if (!view.addresses.some(({ network }) => network.address.equals(candidate.address))) candidates.push(candidate);
  }
  if (candidates.length > 0) return candidates;
  throw new ServeError('address-taken', `${end} has too little room to look for a free address`, 'Name one: --address');
}

/** Ours must be a host in one of the bridge's networks, if it has one of that family, and not the machine's own. */
function checkAddress(ours: IpNetwork, bridge: string, host: readonly IpNetwork[], view: HostView): void {
  checkHost(ours, 'address');
  const holder = view.addresses.find(({ network }) => network.address.equals(ours.address));
  if (holder !== undefined) {
    const message = `${ours.address} is an address of the machine itself (${holder.interfaceName})`;
    const advice = 'Name another one, or leave --address away and a free one is found.';
    throw faultOf(['network', 'address'], message, advice, { code: 'address-taken' });
  }
  const ends = host.filter(({ address }) => address.isV4 === ours.address.isV4);
  if (ends.length === 0 || ends.some((end) => end.contains(ours.address))) return;
  throw faultOf(
    ['network', 'address'],
    `${ours.address} is not in a network of ${bridge} (${ends.join(', ')})`,
    'Name an address there, or leave --address away and a free one is found.',
  );
}

/** The machine's own router if it lies behind the bridge (a LAN); else the machine, which may route for us. */
function gatewayOn(bridge: string, host: readonly IpNetwork[], view: HostView, isV4: boolean) {
  const router = view.gateways.find(({ interfaceName, address }) => interfaceName === bridge && address.isV4 === isV4);
  return router?.address ?? host.find(({ address }) => address.isV4 === isV4)?.address;
}
