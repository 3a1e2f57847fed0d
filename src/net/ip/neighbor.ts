/**
 * One neighbour on the link: its Ethernet address and how sure we are of it.
 *
 * ARP (RFC 826) says how to learn an address and little about forgetting it; RFC 1122 section 2.3.2.1 asks for
 * time-outs, unicast polls and advice from above. RFC 4861 section 7.3 (Neighbor Unreachability Detection) is the
 * worked-out form of just that, so both families share it:
 *
 *     NONE ──send──▶ INCOMPLETE ──answer──▶ REACHABLE ──30 s──▶ STALE ──send──▶ DELAY ──5 s──▶ PROBE
 *                        │ 3 requests           ▲                                 │              │ 3 unicast requests
 *                        ▼                      └────── answer, or progress ──────┴──────────────┤
 *                     REMOVED ◀──────────────────────────────────────────────────────────────────┘
 *
 * The machine itself is in `neighbor-cache.ts`. A route may keep its `Neighbor`: once REMOVED it is dead, and the route
 * looks up a new one.
 */
import type { Clock } from '../clock.js';
import type { IpAddress } from '../wire/address.js';
import type { PendingFrames } from './pending-frames.js';

export const NEIGHBOR = {
  /** Known by address only; not asked for yet. */
  NONE: 0,
  /** Asked; frames wait. */
  INCOMPLETE: 1,
  REACHABLE: 2,
  /** The Ethernet address is known but not recently confirmed: used, and then verified. */
  STALE: 3,
  /** Used while STALE: upper layers have a moment to confirm it. */
  DELAY: 4,
  /** Being verified by unicast requests. */
  PROBE: 5,
  /** Unreachable or evicted: no longer in the cache. */
  REMOVED: 6,
} as const;

export type NeighborState = (typeof NEIGHBOR)[keyof typeof NEIGHBOR];

const CONFIRMED_AT = 0;
const DEADLINE = 1;

export class Neighbor {
  readonly address: IpAddress;
  /** Six bytes; meaningful in REACHABLE, STALE, DELAY and PROBE. */
  readonly mac = new Uint8Array(6);
  state: NeighborState = NEIGHBOR.NONE;
  /** Requests sent in the present state. */
  requests = 0;
  /** It has said that it is a router (NDP's router flag, RFC 4861 section 7.2.5). */
  isRouter = false;
  /** Set by each use, cleared by the eviction hand (second chance). */
  touched = false;
  /** Frames waiting for its Ethernet address; null if none. */
  pending: PendingFrames | null = null;

  readonly #clock: Clock;
  /** Times in the clock's unit; a typed array because V8 would box each double stored in a field. */
  readonly #times = new Float64Array(2);

  constructor(address: IpAddress, clock: Clock) {
    this.address = address;
    this.#clock = clock;
  }

  /** True while a frame may be sent to `mac`. */
  get hasMac(): boolean {
    return this.state >= NEIGHBOR.REACHABLE && this.state !== NEIGHBOR.REMOVED;
  }

  /**
   * The "neighbour" of a group: its Ethernet address follows from the IP address (RFC 1112 section 6.4, RFC 2464
   * section 7) and is never doubted.
   */
  static ofGroup(address: IpAddress, mac: Uint8Array, clock: Clock): Neighbor {
    const group = new Neighbor(address, clock);
    group.mac.set(mac);
    group.state = NEIGHBOR.REACHABLE;
    group.#times[CONFIRMED_AT] = Number.POSITIVE_INFINITY;
    return group;
  }

  /**
   * Advice from TCP (RFC 1122 section 2.3.2.1, RFC 4861 section 7.3.1): our packets have arrived, so the neighbour is
   * reachable. TCP calls it when an acknowledgement moves SND.UNA.
   */
  confirm(): void {
    if (!this.hasMac) return;
    this.#times[CONFIRMED_AT] = this.#clock.now;
    this.state = NEIGHBOR.REACHABLE;
  }

  /**
   * The opposite advice: our packets are not answered. The entry stays in use and is verified (RFC 1122 section
   * 2.3.2.1, RFC 9293 SHLD-10).
   */
  suspect(): void {
    if (this.state === NEIGHBOR.REACHABLE) this.state = NEIGHBOR.STALE;
  }

  /** When it was last known to be reachable. */
  get confirmedAt(): number {
    return this.#times[CONFIRMED_AT]!;
  }

  /** When the timer of INCOMPLETE, DELAY or PROBE runs out. */
  get deadline(): number {
    return this.#times[DEADLINE]!;
  }

  set deadline(at: number) {
    this.#times[DEADLINE] = at;
  }
}
