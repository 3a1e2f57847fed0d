/**
 * A port in LISTEN: what it accepts, and how many connections may be on their way there (RFC 9293 section 3.9.1.1).
 */
import type { IpAddress } from '../wire/address.js';
import type { Acceptor } from './handler.js';

/** What can be said of the connections that a port accepts. */
export interface ListenOptions {
  /** Connections in SYN-RECEIVED at a time; more SYNs are ignored, and the client tries again. */
  readonly backlog?: number;
  /** Only connections to this address of ours. */
  readonly address?: IpAddress;
  /** Send small segments at once (Nagle's algorithm off), as servers do that write whole answers. */
  readonly noDelay?: boolean;
  /** The largest MSS that its connections offer, bytes. */
  readonly maxSegment?: number;
  /** Received bytes kept for a program that does not read, bytes; the window offered. */
  readonly receiveBuffer?: number;
}

/** A port in LISTEN, as `Stack.listen` gives it. */
export class Listener {
  /** Connections of this listener in SYN-RECEIVED. */
  halfOpen = 0;

  readonly backlog: number;
  readonly address: IpAddress | undefined;
  readonly noDelay: boolean;
  readonly maxSegment: number | undefined;
  readonly receiveBuffer: number | undefined;

  constructor(
    readonly port: number,
    readonly accept: Acceptor,
    options: ListenOptions,
    defaultBacklog: number,
  ) {
    this.backlog = options.backlog ?? defaultBacklog;
    this.address = options.address;
    this.noDelay = options.noDelay ?? false;
    this.maxSegment = options.maxSegment;
    this.receiveBuffer = options.receiveBuffer;
  }
}
