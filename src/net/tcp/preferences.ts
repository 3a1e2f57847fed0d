/**
 * What the program may set for each connection beyond its ports and addresses. An object of this class never changes,
 * so all connections of a listener share one until a program sets something for one of them.
 */

import { checkedTrafficClass } from '../ip/ip-choices.js';
import type { KeepAlive } from './handler.js';
import type { TcpSettings } from './settings.js';

type Choices = Partial<Pick<Preferences, 'trafficClass' | 'timeToLive' | 'minimumTimeToLive'>>;
type Defaults = Pick<
  TcpSettings,
  'dscp' | 'userTimeout' | 'keepAlive' | 'keepAliveIdle' | 'keepAliveInterval' | 'keepAliveProbes'
>;

export class Preferences {
  constructor(
    /** DSCP, in the upper six bits of the TOS byte or traffic class. */
    readonly trafficClass: number,
    /** TTL or hop limit; 0: the host's. */
    readonly timeToLive: number,
    /** A packet with a smaller one is dropped (RFC 5082). */
    readonly minimumTimeToLive: number,
    /** R2 of RFC 9293 section 3.8.3 as a time, microseconds; 0: by the number of resends alone. */
    readonly userTimeout: number,
    /** When to probe a silent peer (RFC 9293 section 3.8.4); null: never (MUST-25). */
    readonly keepAlive: KeepAlive | null,
  ) {}

  /** The host's settings, and what a listener chooses. */
  static of(settings: Defaults, choices: Choices = {}): Preferences {
    const { keepAliveIdle: idle, keepAliveInterval: interval, keepAliveProbes: probes } = settings;
    return new Preferences(
      checkedTrafficClass(choices.trafficClass ?? settings.dscp << 2),
      choices.timeToLive ?? 0,
      choices.minimumTimeToLive ?? 0,
      settings.userTimeout,
      settings.keepAlive ? { idle, interval, probes } : null,
    );
  }

  /** The same with some of them changed. */
  with(changes: Partial<Preferences>): Preferences {
    return new Preferences(
      changes.trafficClass ?? this.trafficClass,
      changes.timeToLive ?? this.timeToLive,
      changes.minimumTimeToLive ?? this.minimumTimeToLive,
      changes.userTimeout ?? this.userTimeout,
      changes.keepAlive === undefined ? this.keepAlive : changes.keepAlive,
    );
  }
}
