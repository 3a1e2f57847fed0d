/** The front proxies whose word about the client is believed: addresses and networks. */
import { BlockList, isIP } from 'node:net';

/** Says of an address whether it is one of a list. */
export class TrustList {
  readonly #list = new BlockList();
  readonly #isEmpty: boolean;

  /** @throws {RangeError} for an entry that is neither an address nor a network */
  constructor(entries: readonly string[]) {
    this.#isEmpty = entries.length === 0;
    for (const entry of entries) this.#add(entry);
  }

  /** `address`: as a socket tells it; undefined: a Unix socket, or one that is closed. */
  has(address: string | undefined): boolean {
    if (this.#isEmpty || address === undefined) return false;
    const plain = plainAddress(address);
    const family = isIP(plain);
    return family !== 0 && this.#list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  }

  #add(entry: string): void {
    const [address = '', length] = entry.split('/');
    const family = isIP(address);
    const most = family === 4 ? 32 : 128;
    const bits = length === undefined ? most : Number(length);
    const isLength = length === undefined || (/^\d{1,3}$/.test(length) && bits <= most);
    if (family === 0 || !isLength) throw new RangeError(`${entry} is neither an address nor a network`);
    this.#list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  }
}

/** `::ffff:192.0.2.1` is 192.0.2.1, and a zone (`%eth0`) is our own affair. */
export function plainAddress(address: string): string {
  const [bare = ''] = address.includes('%') ? address.split('%') : [address];
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(bare) ? bare.slice(7) : bare;
}
