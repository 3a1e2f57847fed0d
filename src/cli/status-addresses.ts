/** `fastpath status`: the addresses that the network has given, and for how long. docs/dhcp.md explains them. */
import type { AutomaticAddress, AutomaticView } from '../serve/network/automatic-addresses.js';
import { describeEnd, describeNetwork, describeTime, type LeaseView } from '../serve/network/lease-desk.js';
import { formatDuration } from '../words/numbers.js';

/** What a server tells of them; undefined: it asks no DHCP server, no router. */
export interface GivenAddresses {
  readonly lease?: LeaseView;
  readonly automatic?: AutomaticView;
}

/** One line for each address. @param now milliseconds since 1970 */
export function describeAddresses({ lease, automatic }: GivenAddresses, now: number): string[] {
  return [
    ...(lease === undefined ? [] : [describeLeased(lease, now)]),
    ...(automatic === undefined ? [] : describeAutomatic(automatic, now)),
  ];
}

/** The leased address, its end, and when it is to be extended (T1, T2). */
function describeLeased({ lease, state }: LeaseView, now: number): string {
  if (lease === undefined) return `  no address is leased at this moment; the DHCP client is ${state}`;
  const { network, server, renewAt, rebindAt, expiresAt } = lease;
  const times = [
    ...(expiresAt === null ? [] : [timeLeft(expiresAt, now)]),
    ...(renewAt === null ? [] : [`T1 ${describeTime(renewAt)}`]),
    ...(rebindAt === null ? [] : [`T2 ${describeTime(rebindAt)}`]),
  ];
  const when = times.length === 0 ? '' : ` (${times.join(', ')})`;
  return `  ${network} is leased from ${server} ${describeEnd(lease)}${when}, ${state}${describeNetwork(lease)}`;
}

function describeAutomatic({ addresses, dnsServers }: AutomaticView, now: number): string[] {
  if (addresses.length === 0) return ['  no router has announced a prefix that an address is made of'];
  const dns = dnsServers.length === 0 ? '' : `; DNS ${dnsServers.join(' ')}`;
  return addresses.map((address) => `${describeMade(address, now)}${dns}`);
}

/** `  fd50::2/64 is made of a prefix of fe80::1 until 2026-11-30 14:03:22 UTC (2 h 0 min left), preferred` */
function describeMade({ network, router, state, preferredUntil, validUntil }: AutomaticAddress, now: number): string {
  const head = `  ${network} is made of a prefix of ${router}`;
  if (state === 'duplicate') return `${head}, but another node has it`;
  const end = describeEnd({ expiresAt: validUntil });
  const left = validUntil === null ? '' : ` (${timeLeft(validUntil, now)})`;
  const isPreferred = preferredUntil === null || preferredUntil > now;
  const use = isPreferred ? 'preferred' : 'deprecated: new connections of ours leave from another';
  const until = isPreferred && preferredUntil !== null ? ` for ${formatDuration(preferredUntil - now)} more` : '';
  return `${head} ${end}${left}, ${state === 'tentative' ? 'not yet known to be free' : `${use}${until}`}`;
}

function timeLeft(until: number, now: number): string {
  return `${formatDuration(Math.max(until - now, 0))} left`;
}
