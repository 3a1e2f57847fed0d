/** The addresses of both ends, under the names of net.Socket. */
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import type { IpAddress } from '../net/wire/address.js';

/** The addresses of both ends of a connection. */
export interface Ends {
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
}

/** A stream over a connection. Before the connection is there the ends have no addresses. */
export abstract class StreamWithEndpoints extends Duplex {
  /** Null before the connection is established. */
  protected abstract readonly ends: Ends | null;

  /** Our end; an empty object before it is known. */
  address(): AddressInfo | Record<string, never> {
    if (this.ends === null) return {};
    const { localAddress, localPort } = this.ends;
    return { address: localAddress.toString(), family: familyOf(localAddress), port: localPort };
  }

  get localAddress(): string | undefined {
    return this.ends?.localAddress.toString();
  }

  get localPort(): number | undefined {
    return this.ends?.localPort;
  }

  get localFamily(): string | undefined {
    return this.ends === null ? undefined : familyOf(this.ends.localAddress);
  }

  get remoteAddress(): string | undefined {
    return this.ends?.remoteAddress.toString();
  }

  get remotePort(): number | undefined {
    return this.ends?.remotePort;
  }

  get remoteFamily(): string | undefined {
    return this.ends === null ? undefined : familyOf(this.ends.remoteAddress);
  }
}

function familyOf(address: IpAddress): 'IPv4' | 'IPv6' {
  return address.isV4 ? 'IPv4' : 'IPv6';
}
