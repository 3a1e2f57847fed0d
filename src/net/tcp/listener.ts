/**
 * A port in LISTEN: what it accepts, and how many half-open connections it may have (RFC 9293 section 3.9.1.1).
 */

import { checkedTrafficClass, type IpChoices } from '../ip/ip-choices.js';
import type { IpPacket } from '../ip/packet.js';
import type { IpAddress } from '../wire/address.js';
import type { Acceptor } from './handler.js';
import { Preferences } from './preferences.js';
import type { TcpSettings } from './settings.js';

/**
 * Options for the connections that a port accepts.
 *
 * @example
 * ```ts
 * import { IpAddress, type ListenOptions } from 'fastpath';
 *
 * export const options: ListenOptions = { address: IpAddress.parse('10.77.0.2'), backlog: 128, noDelay: true };
 * ```
 */
export interface ListenOptions extends IpChoices {
  /** Connections in SYN-RECEIVED at a time; more SYNs are ignored, and the client tries again. */
  readonly backlog?: number;
  /**
   * Only connections to this address of ours. Default, or `::`: all addresses; `0.0.0.0`: all of IPv4. A listener
   * with an address takes precedence over one for all addresses.
   */
  readonly address?: IpAddress;
  /** Send small segments at once (Nagle's algorithm off), as servers do that write whole answers. */
  readonly noDelay?: boolean;
  /** The largest MSS that its connections offer, bytes. */
  readonly maxSegment?: number;
  /** Received bytes kept for a program that does not read, bytes; the window offered. If given, it does not grow. */
  readonly receiveBuffer?: number;
}

/**
 * A port in LISTEN, as `Stack.listen` gives it.
 *
 * @example
 * ```ts
 * import type { Acceptor, Stack } from 'fastpath';
 *
 * // Listens for as long as the action takes.
 * export async function listening(stack: Stack, accept: Acceptor, action: () => Promise<void>): Promise<void> {
 *   const listener = stack.listen(7, accept);
 *   try {
 *     await action();
 *   } finally {
 *     stack.unlisten(listener);
 *   }
 * }
 * ```
 */
export class Listener {
  /** Connections of this listener in SYN-RECEIVED. */
  halfOpen = 0;
  /** How exactly it names its address: 0 all, 1 all of IPv4, 2 one. */
  readonly exactness: 0 | 1 | 2;
  /** The next listener on the same port, no more exact than this one (`Listeners`). */
  next: Listener | null = null;

  readonly address: IpAddress | undefined;
  /** As in `ListenOptions`. What is changed later applies to connections whose SYN comes after that. */
  backlog: number;
  noDelay: boolean;
  maxSegment: number | undefined;
  receiveBuffer: number | undefined;
  /** Shared by all its connections. @internal */
  preferences: Preferences;

  /** @internal */
  constructor(
    readonly port: number,
    readonly accept: Acceptor,
    options: ListenOptions,
    settings: TcpSettings,
  ) {
    this.backlog = options.backlog ?? settings.backlog;
    const { address } = options;
    if (address?.isUnspecified) this.exactness = address.isV4 ? 1 : 0;
    else this.exactness = address === undefined ? 0 : 2;
    this.address = this.exactness === 0 ? undefined : address;
    this.noDelay = options.noDelay ?? false;
    this.maxSegment = options.maxSegment;
    this.receiveBuffer = options.receiveBuffer;
    this.preferences = Preferences.of(settings, options);
  }

  get trafficClass(): number {
    return this.preferences.trafficClass;
  }

  set trafficClass(value: number) {
    this.preferences = this.preferences.with({ trafficClass: checkedTrafficClass(value) });
  }

  /** 0: the host's. */
  get timeToLive(): number {
    return this.preferences.timeToLive;
  }

  set timeToLive(hops: number) {
    this.preferences = this.preferences.with({ timeToLive: hops });
  }

  get minimumTimeToLive(): number {
    return this.preferences.minimumTimeToLive;
  }

  set minimumTimeToLive(hops: number) {
    this.preferences = this.preferences.with({ minimumTimeToLive: hops });
  }

  /** True if connections to the packet's destination are for this listener. @internal */
  isFor(packet: IpPacket): boolean {
    if (this.exactness === 0) return true;
    return this.exactness === 1 ? !packet.isV6 : packet.isTo(this.address!);
  }

  /** True if `other` names the same address. @internal */
  hasAddressOf(other: Listener): boolean {
    if (this.exactness !== other.exactness) return false;
    return this.exactness !== 2 || this.address!.equals(other.address!);
  }
}
