/**
 * What this machine's network looks like just now: its interfaces, addresses and routes, as far as choosing a network
 * of our own needs them. Read from /proc/net, which always shows the network namespace of the process that asks (what
 * is mounted at /sys may show another one), and needs no privilege.
 */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { formatV4, IpAddress, IpNetwork } from '../net/wire/address.js';

/** A network that the machine reaches through an interface. */
export interface HostRoute {
  readonly interfaceName: string;
  readonly network: IpNetwork;
}

/** An address of the machine itself, with the length of its network's prefix. */
export interface HostAddress {
  readonly interfaceName: string;
  readonly network: IpNetwork;
}

export interface HostView {
  readonly interfaceNames: readonly string[];
  readonly addresses: readonly HostAddress[];
  /** Without routes that lead (nearly) everywhere: they are in nobody's way. */
  readonly routes: readonly HostRoute[];
}

/**
 * A shorter prefix than this is no network but a default route, or a piece of one: VPNs route 0.0.0.0/1 and
 * 128.0.0.0/1, or 2000::/3, to win over the default route without removing it.
 */
const SHORTEST_PREFIX = 8;

/** Looks at the machine. What cannot be read is taken as empty. */
export function readHostView(): HostView {
  return {
    interfaceNames: parseInterfaceNames(readOrEmpty('/proc/net/dev')),
    addresses: readAddresses(),
    routes: [...parseRoutes(readOrEmpty('/proc/net/route')), ...parseRoutes6(readOrEmpty('/proc/net/ipv6_route'))],
  };
}

/** The interface names in the text of /proc/net/dev: those that are down or have no address too. */
export function parseInterfaceNames(text: string): string[] {
  return text
    .split('\n')
    .slice(2)
    .map((line) => line.slice(0, line.lastIndexOf(':')).trim())
    .filter((name) => name !== '');
}

/** The routes in the text of /proc/net/route: little-endian hexadecimal words. */
export function parseRoutes(text: string): HostRoute[] {
  const routes: HostRoute[] = [];
  for (const line of text.split('\n').slice(1)) {
    const [interfaceName, destination, , , , , , mask] = line.trim().split(/\s+/);
    if (interfaceName === undefined || destination === undefined || mask === undefined) continue;
    const prefixLength = countOnes(Number.parseInt(mask, 16));
    if (prefixLength < SHORTEST_PREFIX) continue;
    const address = IpAddress.parse(formatV4(swapBytes(Number.parseInt(destination, 16))));
    routes.push({ interfaceName, network: new IpNetwork(address, prefixLength) });
  }
  return routes;
}

/** The routes in the text of /proc/net/ipv6_route, without link-local, multicast and loopback ones. */
export function parseRoutes6(text: string): HostRoute[] {
  const routes: HostRoute[] = [];
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const [hex, length, interfaceName] = [fields[0], fields[1], fields[9]];
    if (hex === undefined || length === undefined || interfaceName === undefined || interfaceName === 'lo') continue;
    const prefixLength = Number.parseInt(length, 16);
    if (prefixLength < SHORTEST_PREFIX || /^f(f|e[89ab])/.test(hex)) continue;
    const address = IpAddress.parse(hex.replace(/(.{4})(?=.)/g, '$1:'));
    routes.push({ interfaceName, network: new IpNetwork(address, prefixLength) });
  }
  return routes;
}

function readAddresses(): HostAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([interfaceName, addresses]) =>
    (addresses ?? []).flatMap(({ cidr }) => (cidr === null ? [] : [{ interfaceName, network: IpNetwork.parse(cidr) }])),
  );
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function swapBytes(word: number): number {
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

function countOnes(word: number): number {
  let ones = 0;
  for (let rest = word >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) ones++;
  return ones;
}
