/** The addresses of both ends, under the names of net.Socket. */
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import type { Connection } from '../net/tcp/handler.js';
import type { IpAddress } from '../net/wire/address.js';

/** A stream over a connection. Before the connection is there the ends have no addresses. */
export abstract class StreamWithEndpoints extends Duplex {
  /**
   * The connection under the stream: TCP's own view, for those who want to know (`info()`); null before it is
   * established.
   */
  abstract readonly connection: Connection | null;

  /** Our end; an empty object before it is known. */
  address(): AddressInfo | Record<string, never> {
    if (this.connection === null) return {};
    const { localAddress, localPort } = this.connection;
    return { address: localAddress.toString(), family: familyOf(localAddress), port: localPort };
  }

  get localAddress(): string | undefined {
    return this.connection?.localAddress.toString();
  }

  get localPort(): number | undefined {
    return this.connection?.localPort;
  }

  get localFamily(): string | undefined {
    return this.connection === null ? undefined : familyOf(this.connection.localAddress);
  }

  get remoteAddress(): string | undefined {
    return this.connection?.remoteAddress.toString();
  }

  get remotePort(): number | undefined {
    return this.connection?.remotePort;
  }

  get remoteFamily(): string | undefined {
    return this.connection === null ? undefined : familyOf(this.connection.remoteAddress);
  }
}

function familyOf(address: IpAddress): 'IPv4' | 'IPv6' {
  return address.isV4 ? 'IPv4' : 'IPv6';
}
