/**
 * Calculating with networks when a host is configured: cold code, so an address is simply one large number here.
 */
import { IpAddress, IpNetwork } from '../../net/wire/address.js';

const IPV6_LOOPBACK = IpAddress.parse('::1');

/** Bits in an address of the network's family. */
export function addressBits({ address }: IpNetwork): number {
  return address.isV4 ? 32 : 128;
}

/** True if the two networks have an address in common: then one lies in the other. */
export function overlap(a: IpNetwork, b: IpNetwork): boolean {
  return a.prefixLength <= b.prefixLength ? a.contains(b.address) : b.contains(a.address);
}

/** The network of this single address (/32 or /128). */
export function single(address: IpAddress): IpNetwork {
  return new IpNetwork(address, address.isV4 ? 32 : 128);
}

/** The host with this number in the network: number 2 of 10.77.0.0/24 is 10.77.0.2/24. */
export function hostAt(network: IpNetwork, number: number): IpNetwork {
  const hostBits = BigInt(addressBits(network) - network.prefixLength);
  const prefix = (toNumber(network.address) >> hostBits) << hostBits;
  return new IpNetwork(fromNumber(prefix | BigInt(number), network.address.isV4), network.prefixLength);
}

/**
 * Another host in the network of `end`: number `preferred`, or the next if that is `end` itself. In a network of two
 * addresses (RFC 3021, RFC 6164) both are hosts: the other one. Undefined when there is no second host.
 */
export function neighborOf(end: IpNetwork, preferred: number): IpNetwork | undefined {
  const hostBits = addressBits(end) - end.prefixLength;
  if (hostBits === 0) return undefined;
  if (hostBits === 1) return hostAt(end, hostAt(end, 0).address.equals(end.address) ? 1 : 0);
  const candidate = hostAt(end, preferred);
  return candidate.address.equals(end.address) ? hostAt(end, preferred === 1 ? 2 : 1) : candidate;
}

/** Our address with the prefix length of the end that shares its network: a mask belongs to the link. */
export function withPrefixOf(ends: readonly IpNetwork[], ours: IpNetwork): IpNetwork {
  const end = ends.find((each) => each.contains(ours.address));
  return end === undefined ? ours : new IpNetwork(ours.address, end.prefixLength);
}

/** True for fe80::/10. Every interface has such an address, so it says nothing about how the machine is configured. */
export function isLinkLocal(address: IpAddress): boolean {
  return !address.isV4 && address.word0 >>> 22 === 0x3fa;
}

/** Says why no single host can have this address; undefined if a host can. A loopback address counts as a host's. */
export function whyNoHost(end: IpNetwork): string | undefined {
  const { address, prefixLength } = end;
  if (address.isUnspecified) return 'the unspecified address';
  if (address.equals(IPV6_LOOPBACK)) return 'the loopback address';
  if (!address.isV4) return address.word0 >>> 24 === 0xff ? 'a multicast address' : undefined;
  if (address.word3 >>> 24 === 0) return 'in the block of hosts that have no address yet';
  if (address.word3 >>> 24 === 127) return 'a loopback address';
  if (address.word3 >>> 28 === 14) return 'a multicast address';
  if (address.word3 >>> 28 === 15) return 'in a reserved block';
  if (prefixLength > 30) return undefined; // RFC 3021: with two addresses both are hosts
  if (address.word3 === end.broadcastWord) return `the broadcast address of ${end}`;
  return address.equals(hostAt(end, 0).address) ? `the number of the network ${end}` : undefined;
}

function toNumber(address: IpAddress): bigint {
  const words = address.isV4 ? [address.word3] : [address.word0, address.word1, address.word2, address.word3];
  return words.reduce((number, word) => (number << 32n) | BigInt(word >>> 0), 0n);
}

function fromNumber(number: bigint, isV4: boolean): IpAddress {
  const word = (shift: bigint) => Number(BigInt.asIntN(32, number >> shift));
  return isV4 ? IpAddress.v4(word(0n)) : new IpAddress(word(96n), word(64n), word(32n), word(0n));
}
