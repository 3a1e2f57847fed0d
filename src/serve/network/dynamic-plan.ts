/**
 * The part of a plan that the network decides: an IPv4 address from a DHCP server (`--address dhcp`), IPv6 addresses
 * from a router's advertisements (`--address auto`). dynamic-addresses.ts asks for them.
 */
import type { LeaseRecord } from '../../dhcp/record.js';
import { IpAddress, IpNetwork } from '../../net/wire/address.js';
import { faultOf } from '../faults.js';
import type { ServeError } from '../serve-error.js';
import type { AutomaticAddress, AutomaticView } from './automatic-addresses.js';
import type { NetworkPlan, NetworkWish } from './network-plan.js';

/** What the network decides. Plain data: it goes to the workers, and to the next process. */
export interface DynamicPlan {
  readonly dhcp: boolean;
  readonly auto: boolean;
  readonly hostName?: string | undefined;
  /** The addresses that stay, as text. `addresses` of the plan has the others too. */
  readonly fixed: readonly string[];
  /** The lease that the start got; undefined: none yet. */
  readonly lease?: LeaseRecord | undefined;
  /** The addresses of routers' prefixes that the process before us had; undefined: there was none. */
  readonly automatic?: readonly AutomaticAddress[] | undefined;
}

/** The addresses that the user names. */
export function fixedAddresses({ addresses = [] }: Pick<NetworkWish, 'addresses'>): IpNetwork[] {
  return addresses.filter((each) => typeof each !== 'string');
}

/** Undefined: the network decides nothing. */
export function dynamicOf(wish: NetworkWish): DynamicPlan | undefined {
  const dhcp = wish.addresses?.includes('dhcp') ?? false;
  const auto = wish.addresses?.includes('auto') ?? false;
  if (!dhcp && !auto) return undefined;
  return { dhcp, auto, hostName: wish.hostName, fixed: fixedAddresses(wish).map(String) };
}

/** @throws {ServeError} `bad-option` for wishes that do not go together, on whatever machine */
export function checkDynamicWish(wish: NetworkWish): void {
  if (dynamicOf(wish)?.dhcp !== true) {
    if (wish.hostName === undefined) return;
    throw refused('hostname', '--hostname is for a DHCP server', 'Add --address dhcp.');
  }
  if (fixedAddresses(wish).some(({ address }) => address.isV4)) {
    throw refused('address', 'an IPv4 address and --address dhcp', 'Name one of the two.');
  }
  if (wish.gateway !== undefined) {
    const message = '--gateway does not go with --address dhcp: the DHCP server names the router';
    throw refused('gateway', message, 'Leave it away.');
  }
}

/** @throws {ServeError} `bad-option` for such wishes, and where no server can be */
export function checkDynamic(wish: NetworkWish, plan: NetworkPlan): void {
  checkDynamicWish(wish);
  const { dynamic } = plan;
  if (dynamic === undefined || plan.bridge !== undefined || plan.host.length > 0) return;
  const [word, who] = dynamic.dhcp ? ['dhcp', 'DHCP server'] : ['auto', 'router'];
  throw refused(
    'address',
    `--address ${word} needs a network with a ${who}, and ${plan.interfaceName} would be a link of its own, ` +
      'with this machine as the only neighbour',
    `Join a bridge: --bridge br0. If this machine itself is the ${who} there, name its end: --host 10.77.0.1/24`,
  );
}

function refused(key: 'address' | 'hostname' | 'gateway', message: string, advice: string): ServeError {
  return faultOf(['network', key], message, advice);
}

/** The plan with the addresses of routers' prefixes as they are now; undefined: nobody has told of any yet. */
export function withAutomatic(plan: NetworkPlan, view: AutomaticView | undefined): NetworkPlan {
  const { dynamic } = plan;
  if (dynamic?.auto !== true || view === undefined) return plan;
  const automatic = view.addresses.filter(({ state }) => state === 'assigned');
  const isOther = (each: IpNetwork) => dynamic.fixed.includes(String(each)) || String(each) === dynamic.lease?.network;
  const addresses = [...plan.addresses.filter(isOther), ...automatic.map(({ network }) => IpNetwork.parse(network))];
  return { ...plan, addresses, dynamic: { ...dynamic, automatic } };
}

/** The plan with the lease as it is now; undefined: there is none at this moment. */
export function withLease(plan: NetworkPlan, lease: LeaseRecord | undefined): NetworkPlan {
  const { dynamic } = plan;
  if (dynamic === undefined || !dynamic.dhcp) return plan;
  const others = plan.addresses.filter((each) => String(each) !== dynamic.lease?.network);
  const leased = lease === undefined ? [] : [IpNetwork.parse(lease.network)];
  const router = lease?.routes.find(([network]) => network === '0.0.0.0/0')?.[1];
  return {
    ...plan,
    addresses: [...leased, ...others],
    gateway: router === undefined ? undefined : IpAddress.parse(router),
    dynamic: { ...dynamic, lease },
  };
}
