/** What is wished of the network, and what is planned. plan.ts makes the one of the other. */
import type { IpAddress, IpNetwork } from '../../net/wire/address.js';
import type { AddressWish } from '../../site/values.js';
import type { DynamicPlan } from './dynamic-plan.js';

/**
 * What the user asked for. What is left out is chosen here.
 *
 * @example
 * ```ts
 * import { IpNetwork, type NetworkWish } from 'fastpath';
 *
 * export const fixed: NetworkWish = { interfaceName: 'fp0', addresses: [IpNetwork.parse('10.77.0.2/24')] };
 * export const dynamic: NetworkWish = { bridge: 'br0', addresses: ['dhcp', 'auto'] };
 * ```
 */
export interface NetworkWish {
  readonly interfaceName?: string | undefined;
  /** The machine's end of the link. */
  readonly host?: IpNetwork | undefined;
  /** Our own addresses, and how to get others: `dhcp`, `auto`. */
  readonly addresses?: readonly AddressWish[] | undefined;
  /** Our name, for the tables of the DHCP server. */
  readonly hostName?: string | undefined;
  /** The bridge of which our interface becomes a port. */
  readonly bridge?: string | undefined;
  /** The default routers, one of each family. */
  readonly gateway?: IpAddress | undefined;
  readonly gateway6?: IpAddress | undefined;
}

export interface NetworkPlan {
  readonly interfaceName: string;
  /** The interface is there already: a persistent TAP that was made before. */
  readonly exists: boolean;
  /** The bridge of which the interface is, or becomes, a port; undefined: a link of its own. */
  readonly bridge: string | undefined;
  /** The interface that carries the machine's end: ours, or the bridge. */
  readonly hostInterface: string;
  /** What the machine's end is to have; an existing interface may have it already, a bridge has it. */
  readonly host: readonly IpNetwork[];
  /** Ours. The first one is in the URL. */
  readonly addresses: readonly IpNetwork[];
  /**
   * On a bridge, if the user asks for no address: addresses to try until one is free. `addresses` has the first of
   * them.
   */
  readonly candidates: readonly IpNetwork[];
  /** Addresses that the network gives us; undefined: there are none, and `addresses` never change. */
  readonly dynamic?: DynamicPlan | undefined;
  /** Our default routers. */
  readonly gateway: IpAddress | undefined;
  readonly gateway6: IpAddress | undefined;
  /** What the user should know about the choice. */
  readonly notes: readonly string[];
}
