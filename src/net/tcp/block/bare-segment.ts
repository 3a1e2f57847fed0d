/**
 * A segment that belongs to no control block: a reset, an ACK from TIME-WAIT, a SYN cookie. It has no data. A host has
 * one object for all of them, used again for each.
 */
import type { Route } from '../../ip/route.js';
import { type Sequence, ZERO } from '../sequence.js';

export class BareSegment {
  route!: Route;
  localPort = 0;
  remotePort = 0;
  sequence: Sequence = ZERO;
  acknowledgment: Sequence = ZERO;
  flags = 0;
  /** The window field, scaled. */
  window = 0;
  /** TOS byte or traffic class, and TTL or hop limit (0: the host's). */
  trafficClass = 0;
  timeToLive = 0;
  /** Bytes of options, which are in the host's frame already. */
  optionBytes = 0;

  /** @param hostTrafficClass the default of `trafficClass` */
  constructor(readonly hostTrafficClass: number) {}

  /** Begins a segment between these ends: with no number, window or option yet. */
  begin(route: Route, localPort: number, remotePort: number, flags: number): this {
    this.route = route;
    this.localPort = localPort;
    this.remotePort = remotePort;
    this.flags = flags;
    this.sequence = ZERO;
    this.acknowledgment = ZERO;
    this.window = 0;
    this.trafficClass = this.hostTrafficClass;
    this.timeToLive = 0;
    this.optionBytes = 0;
    return this;
  }
}
