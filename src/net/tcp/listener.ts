/**
 * A port in LISTEN: what it accepts, and how many connections may be on their way there (RFC 9293 section 3.9.1.1).
 */
import type { IpAddress } from '../wire/address.js';
import type { Acceptor } from './handler.js';

export interface ListenOptions {
  /** Connections in SYN-RECEIVED at a time; more SYNs are ignored, and the client tries again. */
  readonly backlog?: number;
  /** Only connections to this address of ours. */
  readonly address?: IpAddress;
  /** Send small segments at once (Nagle's algorithm off), as servers do that write whole answers. */
  readonly noDelay?: boolean;
}

export class Listener {
  /** Connections of this listener in SYN-RECEIVED. */
  halfOpen = 0;

  constructor(
    readonly port: number,
    readonly accept: Acceptor,
    readonly backlog: number,
    readonly address: IpAddress | undefined,
    readonly noDelay: boolean,
  ) {}
}
