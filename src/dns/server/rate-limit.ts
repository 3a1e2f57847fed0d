/**
 * Limits what a sender that may be forged can make us send: response rate limiting, as BIND and NSD have it, and a
 * bound on bytes. A sender is a network: /24 of IPv4, /56 of IPv6.
 *
 * - Answers alike (one name, or "not there" in one zone) to one sender: so many a second.
 * - Bytes: an answer may have three times the bytes of its query for nothing. What goes beyond that is paid from an
 *   account of the sender, which fills at a fixed rate.
 *
 * What goes beyond a limit is dropped, or answered with "truncated", which is no larger than the query plus a cookie: a
 * real client asks again over TCP.
 */
import type { Clock } from '../../net/clock.js';
import type { IpPacket } from '../../net/ip/packet.js';

/** Limits for senders without a server cookie. */
export interface RateLimits {
  /** Answers alike to one network, a second; 0: no limit. */
  readonly responsesPerSecond: number;
  /** Every so many of the answers beyond the limit says "truncated"; the others are dropped. 0: all are dropped. */
  readonly slip: number;
  /** Bytes a second to one network beyond three times what it sent; 0: no limit. */
  readonly excessBytesPerSecond: number;
}

/** NSD's figures for answers and slip; the bytes are those of about 700 large answers. */
export const DEFAULT_RATE_LIMITS: RateLimits = { responsesPerSecond: 200, slip: 2, excessBytesPerSecond: 1_048_576 };

/** What may become of an answer. */
export const VERDICT = { SEND: 0, TRUNCATE: 1, DROP: 2 } as const;

/** What an unverified sender gets for nothing, in lengths of its query: RFC 9000 section 8 has the same figure. */
export const FREE_FACTOR = 3;
/** Senders that are remembered at a time, a power of two: 12 bytes each. */
const BUCKETS = 1 << 16;
/** An account holds what flows in within this time. */
const BURST_SECONDS = 1;

export class RateLimiter {
  readonly limits: RateLimits;
  readonly #responses: Buckets;
  readonly #excess: Buckets;
  #limited = 0;

  /** @param seed makes it unpredictable which senders share an account */
  constructor(limits: RateLimits, clock: Clock, seed: number) {
    this.limits = limits;
    this.#responses = new Buckets(clock, seed);
    this.#excess = new Buckets(clock, seed ^ 0x5bd1e995);
  }

  /** @param alike a number that answers alike have in common */
  check(sender: IpPacket, alike: number, queryBytes: number, answerBytes: number): number {
    const { responsesPerSecond, excessBytesPerSecond } = this.limits;
    const network = sender.isV6
      ? Math.imul(sender.source0, 0x9e3779b1) ^ (sender.source1 & 0xffffff00)
      : sender.source3 & 0xffffff00;
    if (responsesPerSecond > 0 && !this.#responses.pay(network, alike, 1, responsesPerSecond)) return this.#verdict();
    const excess = answerBytes - FREE_FACTOR * queryBytes;
    if (excess <= 0 || excessBytesPerSecond === 0) return VERDICT.SEND;
    return this.#excess.pay(network, 0, excess, excessBytesPerSecond) ? VERDICT.SEND : this.#verdict();
  }

  #verdict(): number {
    const { slip } = this.limits;
    if (slip === 0) return VERDICT.DROP;
    this.#limited = (this.#limited + 1) % slip;
    return this.#limited === 0 ? VERDICT.TRUNCATE : VERDICT.DROP;
  }
}

/** Accounts in a table of fixed size. Of two whose places collide, the one that came last has the place. */
class Buckets {
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #keys = new Int32Array(BUCKETS);
  readonly #tokens = new Float32Array(BUCKETS);
  /** Milliseconds of the clock. */
  readonly #times = new Int32Array(BUCKETS);

  constructor(clock: Clock, seed: number) {
    this.#clock = clock;
    this.#seed = seed;
  }

  /** Takes `cost` from an account that fills at `rate` a second. False: it has less. */
  pay(network: number, alike: number, cost: number, rate: number): boolean {
    const now = this.#clock.milliseconds | 0;
    let key = Math.imul(network ^ this.#seed, 0x85ebca6b) ^ Math.imul(alike, 0xc2b2ae35);
    key = Math.imul(key ^ (key >>> 13), 0x27d4eb2f);
    key = (key ^ (key >>> 15)) | 1;
    const slot = (key >>> 8) & (BUCKETS - 1);
    const most = rate * BURST_SECONDS;
    let tokens = most;
    if (this.#keys[slot] === key) {
      const passed = (now - this.#times[slot]!) | 0;
      tokens = Math.min(most, this.#tokens[slot]! + (Math.max(0, passed) * rate) / 1000);
    }
    const isEnough = tokens >= cost;
    this.#keys[slot] = key;
    this.#times[slot] = now;
    this.#tokens[slot] = isEnough ? tokens - cost : tokens;
    return isEnough;
  }
}
