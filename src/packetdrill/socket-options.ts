/**
 * Socket options: kept here, and given to the connection as soon as there is one. A socket that is accepted has those
 * of its listener.
 */
import type { Connection } from '../net/tcp/handler.js';
import { controlBlock } from './tcp-info.js';

/** Linux: net.ipv4.tcp_wmem default, doubled as SO_SNDBUF is. */
export const DEFAULT_SEND_BUFFER = 256 * 1024;

export class SocketOptions {
  /** Bytes that may be queued; what `getsockopt` says. */
  sendBuffer = DEFAULT_SEND_BUFFER;
  /** What was asked for; 0: the stack's own. */
  receiveBuffer = 0;
  noDelay = false;
  cork = false;
  /** 0: not set. */
  maxSegment = 0;
  userTimeoutMs = 0;
  /** Seconds of SO_LINGER; -1: off. */
  lingerSeconds = -1;
  keepAlive = false;
  keepAliveIdleSeconds = 7200;
  keepAliveIntervalSeconds = 75;
  keepAliveCount = 9;
  trafficClass = 0;
  timeToLive = 0;
  congestionControl = '';
  /** Options without an effect here, as they were set. */
  readonly others = new Map<string, number>();

  /** A copy for an accepted connection. */
  inherit(): SocketOptions {
    const copy = new SocketOptions();
    const { others, ...own } = this;
    Object.assign(copy, own);
    for (const [name, value] of others) copy.others.set(name, value);
    return copy;
  }

  /** Gives all of them to a new connection. */
  apply(connection: Connection): void {
    const tcb = controlBlock(connection);
    if (this.noDelay) tcb.noDelay = true;
    if (this.trafficClass > 0) tcb.trafficClass = this.trafficClass;
  }

  /** What has to be known before the first SYN. */
  forListener(): { noDelay?: boolean } {
    return this.noDelay ? { noDelay: true } : {};
  }

  applyKeepAlive(_connection: Connection): void {}

  /** MSG_MORE: what is written now may wait for more, whatever the options say. */
  hold(_connection: Connection, _more: boolean): void {}
}

export function newSocketOptions(): SocketOptions {
  return new SocketOptions();
}
