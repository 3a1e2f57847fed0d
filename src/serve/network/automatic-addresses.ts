/**
 * With `--address auto`: the IPv6 addresses that we have made of routers' prefixes, for `fastpath status`. Every worker
 * follows the advertisements by itself, and all make the same addresses, so the first worker tells of its own.
 */
import type { Present } from '../../dhcp/record.js';
import { MILLISECOND } from '../../net/clock.js';
import { ADDRESS, type AddressState, type HostAddress } from '../../net/ip/host-addresses.js';
import type { Stack } from '../../net/stack.js';
import { IpAddress, IpNetwork } from '../../net/wire/address.js';

/** An IPv6 address that we have made of a router's prefix (RFC 4862). @see {@link Snapshot} */
export interface AutomaticAddress {
  /** Our address with the length of the prefix. */
  readonly network: string;
  /** The router that announced the prefix last: its address on the link. */
  readonly router: string;
  /** Whether it is in use, still being checked (RFC 4862 section 5.4), or another node's. */
  readonly state: 'assigned' | 'tentative' | 'duplicate';
  /** Milliseconds since 1970: until when we open connections from it, and until when it is ours. Null: for ever. */
  readonly preferredUntil: number | null;
  readonly validUntil: number | null;
}

/** What routers of IPv6 have given us. @see {@link Snapshot} */
export interface AutomaticView {
  readonly addresses: readonly AutomaticAddress[];
  /** The DNS servers that they name (RFC 8106). A server asks no names: they are shown, and nothing more. */
  readonly dnsServers: readonly string[];
}

const STATES: Readonly<Record<AddressState, AutomaticAddress['state']>> = {
  [ADDRESS.TENTATIVE]: 'tentative',
  [ADDRESS.ASSIGNED]: 'assigned',
  [ADDRESS.DUPLICATE]: 'duplicate',
};

/** Tells of every change. */
export class AutomaticWatch {
  readonly #internet: Stack['internet'];
  readonly #tell: (view: AutomaticView) => void;
  #told = '';

  constructor(internet: Stack['internet'], tell: (view: AutomaticView) => void) {
    this.#internet = internet;
    this.#tell = tell;
  }

  /** Called a few times a second. @param now the stack's clock, µs @param epochMs the same moment since 1970, ms */
  look(now: number, epochMs: number): void {
    const made = this.#internet.addresses.filter(({ isAutomatic }) => isAutomatic);
    const dnsServers = this.#internet.dnsServers6;
    // Times of the stack's clock: by the wall clock, each look would find them another millisecond off.
    const facts = JSON.stringify([...made.map(factsOf), dnsServers]);
    if (facts === this.#told) return;
    this.#told = facts;
    this.#tell({ addresses: made.map((each) => automaticOf(each, { now, epochMs })), dnsServers });
  }
}

function factsOf({ network, router, state, preferredUntil, validUntil }: HostAddress): unknown[] {
  return [String(network), String(router), state, preferredUntil, validUntil];
}

/** The address as plain data. */
function automaticOf({ network, router, state, preferredUntil, validUntil }: HostAddress, present: Present) {
  const at = (until: number) => (until === Number.POSITIVE_INFINITY ? null : epochAt(until, present));
  return {
    network: String(network),
    router: String(router),
    state: STATES[state],
    preferredUntil: at(preferredUntil),
    validUntil: at(validUntil),
  };
}

/** The opposite, for a stack that goes on with the address. */
export function leaseOf({ network, router, preferredUntil, validUntil }: AutomaticAddress, { now, epochMs }: Present) {
  const clockAt = (ms: number | null) => (ms === null ? Number.POSITIVE_INFINITY : now + (ms - epochMs) * MILLISECOND);
  return {
    network: IpNetwork.parse(network),
    router: IpAddress.parse(router),
    preferredUntil: clockAt(preferredUntil),
    validUntil: clockAt(validUntil),
  };
}

function epochAt(until: number, { now, epochMs }: Present): number {
  return Math.round(epochMs + (until - now) / MILLISECOND);
}
