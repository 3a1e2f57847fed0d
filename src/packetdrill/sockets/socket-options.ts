/**
 * Keeps the options of a socket, and gives them to the connection as soon as there is one. A socket that is accepted
 * has the options of its listener.
 */

import { MILLISECOND, SECOND } from '../../net/clock.js';
import type { Connection, KeepAlive } from '../../net/tcp/handler.js';
import type { ListenOptions } from '../../net/tcp/listener.js';

/** What a new socket of a host begins with; see `profile.ts`. */
export interface SocketDefaults {
  /** Bytes that may be queued for sending. */
  readonly sendBuffer: number;
  /** What SO_RCVBUF says before it is set. */
  readonly receiveBuffer: number;
  /** Linux doubles what SO_SNDBUF and SO_RCVBUF ask for, to have room for its book-keeping, and reports the double. */
  readonly bufferFactor: number;
  /** FreeBSD rounds the receive buffer of a connection up to whole segments. */
  readonly wholeSegments: boolean;
  /** The congestion control of all connections of the stack. */
  readonly congestionControl: string;
  /** How often the stack sends a SYN again, and how long it keeps an orphan in FIN-WAIT-2. */
  readonly synRetries: number;
  readonly finWait2Seconds: number;
  /** What SO_KEEPALIVE switches on if no other option changes it. */
  readonly keepAlive: KeepAlive;
}

export class SocketOptions {
  /** Bytes that may be queued, as `getsockopt` reports them. */
  sendBuffer: number;
  /** What the script asked for; 0: the stack's own. */
  receiveBuffer = 0;
  noDelay = false;
  cork = false;
  /** 0: not set. */
  maxSegment = 0;
  userTimeoutMs = 0;
  /** Seconds of SO_LINGER; -1: off. */
  lingerSeconds = -1;
  keepAlive = false;
  keepAliveIdleSeconds: number;
  keepAliveIntervalSeconds: number;
  keepAliveCount: number;
  trafficClass = 0;
  timeToLive = 0;
  /** Bytes that must be there before a socket is readable. */
  lowWater = 1;
  /** Options without an effect here, as they were set. */
  readonly others = new Map<string, number>();

  constructor(readonly defaults: SocketDefaults) {
    this.sendBuffer = defaults.sendBuffer;
    this.keepAliveIdleSeconds = defaults.keepAlive.idle / SECOND;
    this.keepAliveIntervalSeconds = defaults.keepAlive.interval / SECOND;
    this.keepAliveCount = defaults.keepAlive.probes;
  }

  /** Copies the options for an accepted connection. */
  inherit(): SocketOptions {
    const copy = new SocketOptions(this.defaults);
    const { others, defaults: _, ...own } = this;
    Object.assign(copy, own);
    for (const [name, value] of others) copy.others.set(name, value);
    return copy;
  }

  /** Gives all options to a new connection. */
  apply(connection: Connection): void {
    if (this.noDelay) connection.noDelay = true;
    if (this.cork) connection.cork = true;
    if (this.maxSegment > 0) connection.maxSegment = this.maxSegment;
    if (this.receiveBuffer > 0) connection.receiveBuffer = this.receiveBuffer;
    if (this.trafficClass > 0) connection.trafficClass = this.trafficClass;
    if (this.timeToLive > 0) connection.timeToLive = this.timeToLive;
    if (this.userTimeoutMs > 0) connection.userTimeout = this.userTimeoutMs * MILLISECOND;
    if (this.keepAlive) this.applyKeepAlive(connection);
  }

  applyKeepAlive(connection: Connection): void {
    const { keepAliveIdleSeconds, keepAliveIntervalSeconds, keepAliveCount } = this;
    connection.keepAlive = this.keepAlive
      ? { idle: keepAliveIdleSeconds * SECOND, interval: keepAliveIntervalSeconds * SECOND, probes: keepAliveCount }
      : null;
  }

  /** The options that the stack has to know before the first SYN. */
  beforeSyn(): Pick<ListenOptions, 'maxSegment' | 'receiveBuffer' | 'noDelay' | 'trafficClass' | 'timeToLive'> {
    return {
      ...(this.maxSegment > 0 ? { maxSegment: this.maxSegment } : {}),
      ...(this.receiveBuffer > 0 ? { receiveBuffer: this.receiveBuffer } : {}),
      ...(this.noDelay ? { noDelay: true } : {}),
      ...(this.trafficClass > 0 ? { trafficClass: this.trafficClass } : {}),
      ...(this.timeToLive > 0 ? { timeToLive: this.timeToLive } : {}),
    };
  }
}
