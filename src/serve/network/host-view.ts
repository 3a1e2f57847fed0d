/**
 * What this machine's network looks like just now: its interfaces, bridges, addresses and routes, as far as choosing a
 * network of our own needs them. It comes from rtnetlink and /proc/net, which always show the network namespace of the
 * process that asks (what is mounted at /sys may show another one). Reading them needs no privilege.
 */
import { readFileSync } from 'node:fs';
import { type Link, readLinkAddresses, readLinks } from '../../net/device/rtnetlink.js';
import { formatV4, IpAddress, IpNetwork } from '../../net/wire/address.js';
import { isLinkLocal } from './arithmetic.js';

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

/** A default route of the machine: the router's address, and the interface that leads to it. */
export interface HostGateway {
  readonly interfaceName: string;
  readonly address: IpAddress;
}

export interface HostView {
  readonly interfaceNames: readonly string[];
  readonly addresses: readonly HostAddress[];
  /** Default routes, and routes that are parts of one, are left out: a longer prefix always wins over them. */
  readonly routes: readonly HostRoute[];
  readonly gateways: readonly HostGateway[];
  /** The names of the bridges. */
  readonly bridges: readonly string[];
  /** The bridge of each interface that is a port of one. */
  readonly bridgeOf: ReadonlyMap<string, string>;
}

/**
 * A prefix shorter than this is a default route, or a piece of one, and no network: VPNs route 0.0.0.0/1 and
 * 128.0.0.0/1, or 2000::/3, to win over the default route without removing it.
 */
const SHORTEST_PREFIX = 8;

/** The addresses of an interface, IPv4 first, without link-local IPv6 addresses. */
export function addressesOf(view: HostView, name: string): IpNetwork[] {
  const networks = view.addresses.filter((each) => each.interfaceName === name).map(({ network }) => network);
  const usable = networks.filter(({ address }) => !isLinkLocal(address));
  return usable.sort((a, b) => Number(b.address.isV4) - Number(a.address.isV4));
}

/** Looks at the machine. A file of /proc/net that cannot be read is taken as empty. @throws {SystemError} */
export function readHostView(): HostView {
  const links = readLinks();
  const [routes, routes6] = [readOrEmpty('/proc/net/route'), readOrEmpty('/proc/net/ipv6_route')];
  return {
    interfaceNames: links.map(({ name }) => name),
    addresses: addressesOn(links),
    routes: [...parseRoutes(routes), ...parseRoutes6(routes6)],
    gateways: [...parseGateways(routes), ...parseGateways6(routes6)],
    bridges: links.filter(({ kind }) => kind === 'bridge').map(({ name }) => name),
    bridgeOf: portsOf(links),
  };
}

function addressesOn(links: readonly Link[]): HostAddress[] {
  const names = new Map(links.map(({ index, name }) => [index, name]));
  return readLinkAddresses().flatMap(({ index, network }) => {
    const interfaceName = names.get(index);
    return interfaceName === undefined ? [] : [{ interfaceName, network }];
  });
}

function portsOf(links: readonly Link[]): Map<string, string> {
  const bridges = new Map(links.filter(({ kind }) => kind === 'bridge').map(({ index, name }) => [index, name]));
  const ports = new Map<string, string>();
  for (const { name, master } of links) {
    const bridge = master === undefined ? undefined : bridges.get(master);
    if (bridge !== undefined) ports.set(name, bridge);
  }
  return ports;
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
    routes.push({ interfaceName, network: new IpNetwork(addressOfHex(hex), prefixLength) });
  }
  return routes;
}

/** The routers of the default routes in the text of /proc/net/route, the preferred one (least metric) first. */
export function parseGateways(text: string): HostGateway[] {
  const found: (HostGateway & { metric: number })[] = [];
  for (const line of text.split('\n').slice(1)) {
    const [interfaceName, destination, gateway, , , , metric, mask] = line.trim().split(/\s+/);
    if (interfaceName === undefined || gateway === undefined || gateway === '00000000') continue;
    if (destination !== '00000000' || mask !== '00000000') continue;
    const address = IpAddress.parse(formatV4(swapBytes(Number.parseInt(gateway, 16))));
    found.push({ interfaceName, address, metric: Number(metric) });
  }
  return inOrder(found);
}

/** The same for the text of /proc/net/ipv6_route. */
export function parseGateways6(text: string): HostGateway[] {
  const found: (HostGateway & { metric: number })[] = [];
  for (const line of text.split('\n')) {
    const [destination, length, , , gateway = '', metric = '', , , , interfaceName] = line.trim().split(/\s+/);
    if (interfaceName === undefined || length !== '00' || !/^0+$/.test(destination ?? '')) continue;
    if (!/[^0]/.test(gateway)) continue;
    found.push({ interfaceName, address: addressOfHex(gateway), metric: Number.parseInt(metric, 16) });
  }
  return inOrder(found);
}

function inOrder(found: (HostGateway & { metric: number })[]): HostGateway[] {
  return found.sort((a, b) => a.metric - b.metric).map(({ interfaceName, address }) => ({ interfaceName, address }));
}

function addressOfHex(hex: string): IpAddress {
  return IpAddress.parse(hex.replace(/(.{4})(?=.)/g, '$1:'));
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
