/**
 * Which connections a server has, as a number each: short enough to be told every second. The inspector learns from it
 * that a connection is over whose last frames it has not seen.
 */
import { IpAddress } from '../net/wire/address.js';

/** An end of a connection. */
export interface End {
  readonly address: IpAddress;
  readonly port: number;
}

/**
 * The key of a connection, 32 bits, whichever end is named first. Two connections may have the same key: among 10,000
 * that happens to one in 400,000, and then a connection that is over counts as one that is not.
 */
export function liveKey(one: End, other: End): number {
  return (endKey(one) + endKey(other)) >>> 0;
}

/** An end as the analyzer writes it: `10.0.0.1 port 80`. @throws {RangeError} if it is none */
export function endOf(text: string): End {
  const [address = '', port = ''] = text.split(' port ');
  return { address: IpAddress.parse(address), port: Number(port) };
}

function endKey({ address, port }: End): number {
  let hash = port;
  for (const word of [address.word0, address.word1, address.word2, address.word3]) {
    hash = Math.imul(hash ^ word, 0x85ebca6b);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0xc2b2ae35);
    hash ^= hash >>> 13;
  }
  return hash;
}
