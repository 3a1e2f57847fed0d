/**
 * Connections in TIME-WAIT: RFC 9293 section 3.6, and RFC 6191 for their reuse. There can be very many of them, since
 * each connection that we close first stays a minute. So only what the state needs is kept. All wait equally long. So
 * a list in the order in which the waits began is also in the order of expiry, and a wait that starts anew moves to
 * the end. When the table is full, the wait that would end first ends at once.
 */

import type { IpPacket } from '../../ip/packet.js';
import type { Route } from '../../ip/route.js';
import type { Random } from '../../random.js';
import type { IpAddress } from '../../wire/address.js';
import { type Sequence, ZERO } from '../sequence.js';
import type { TcpStatistics } from '../statistics.js';
import { ConnectionTable } from './connection-table.js';

/** What a control block leaves behind. */
interface Ending {
  readonly route: Route;
  readonly localPort: number;
  readonly remotePort: number;
  readonly snd: { readonly nxt: Sequence; readonly tsOffset: number };
  readonly rcv: { readonly nxt: Sequence; readonly tsRecent: number };
  readonly usesTimestamps: boolean;
  readonly preferences: {
    readonly trafficClass: number;
    readonly timeToLive: number;
    readonly minimumTimeToLive: number;
  };
}

/** One connection in TIME-WAIT; the object is used again when the wait is over. */
export class TimeWait {
  hash = 0;
  route!: Route;
  localPort = 0;
  remotePort = 0;
  /** SND.NXT and RCV.NXT, after both FINs. */
  sndNxt: Sequence = ZERO;
  rcvNxt: Sequence = ZERO;
  /** The window field of the last ACKs. */
  window = 0;
  timestamps = false;
  timestampRecent = 0;
  timestampOffset = 0;
  /** As the connection had them. */
  trafficClass = 0;
  timeToLive = 0;
  minimumTimeToLive = 0;
  /** When it is over, microseconds. */
  until = 0;
  /** When a segment that does not fit was last acknowledged, microseconds. */
  outOfWindowAt = Number.NEGATIVE_INFINITY;
  /** Its neighbours in the list of those that wait; `next` also links those not in use. */
  previous: TimeWait | null = null;
  next: TimeWait | null = null;

  get localAddress(): IpAddress {
    return this.route.local;
  }

  get remoteAddress(): IpAddress {
    return this.route.remote;
  }
}

export class TimeWaitTable {
  readonly #table: ConnectionTable<TimeWait>;
  /** Those that wait, the first to end first. */
  #first: TimeWait | null = null;
  #last: TimeWait | null = null;
  /** Entries to be used again. */
  #free: TimeWait | null = null;
  readonly #maximum: number;
  readonly #statistics: TcpStatistics;

  constructor(random: Random, maximum: number, statistics: TcpStatistics) {
    this.#table = new ConnectionTable(random);
    this.#maximum = maximum;
    this.#statistics = statistics;
  }

  get size(): number {
    return this.#table.size;
  }

  find(packet: IpPacket, remotePort: number, localPort: number): TimeWait | null {
    return this.#table.size === 0 ? null : this.#table.find(packet, remotePort, localPort);
  }

  /** The one between these two ends, or null. */
  findTuple(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): TimeWait | null {
    return this.#table.findTuple(local, localPort, remote, remotePort);
  }

  /**
   * Takes over from a control block that has reached TIME-WAIT, until `until` (microseconds; never before the last
   * one's).
   */
  add(tcb: Ending, windowField: number, until: number): void {
    const entry = this.#claim();
    entry.route = tcb.route;
    entry.localPort = tcb.localPort;
    entry.remotePort = tcb.remotePort;
    entry.sndNxt = tcb.snd.nxt;
    entry.rcvNxt = tcb.rcv.nxt;
    entry.window = windowField;
    entry.timestamps = tcb.usesTimestamps;
    entry.timestampRecent = tcb.rcv.tsRecent;
    entry.timestampOffset = tcb.snd.tsOffset;
    entry.trafficClass = tcb.preferences.trafficClass;
    entry.timeToLive = tcb.preferences.timeToLive;
    entry.minimumTimeToLive = tcb.preferences.minimumTimeToLive;
    entry.until = until;
    entry.outOfWindowAt = Number.NEGATIVE_INFINITY;
    this.#append(entry);
    this.#table.add(entry);
    this.#statistics.timeWaits++;
  }

  /** Starts a wait anew: it lasts until `until`, which lies at or after the end of every other wait. */
  restart(entry: TimeWait, until: number): void {
    entry.until = until;
    if (entry === this.#last) return;
    this.#unlink(entry);
    this.#append(entry);
  }

  /** Ends one: at its time, or early when a reset (RFC 1337) or a new connection (RFC 6191) ends it. */
  delete(entry: TimeWait): void {
    this.#table.delete(entry);
    this.#unlink(entry);
    entry.next = this.#free;
    this.#free = entry;
  }

  /** When the first is over, microseconds; Infinity if there is none. */
  next(): number {
    return this.#first === null ? Number.POSITIVE_INFINITY : this.#first.until;
  }

  /** Ends all whose time has come. */
  expire(now: number): void {
    for (let first = this.#first; first !== null && first.until <= now; first = this.#first) this.delete(first);
  }

  #claim(): TimeWait {
    if (this.#table.size >= this.#maximum && this.#first !== null) {
      this.#statistics.timeWaitsDropped++;
      this.delete(this.#first);
    }
    const entry = this.#free;
    if (entry === null) return new TimeWait();
    this.#free = entry.next;
    entry.next = null;
    return entry;
  }

  #append(entry: TimeWait): void {
    entry.previous = this.#last;
    if (this.#last === null) this.#first = entry;
    else this.#last.next = entry;
    this.#last = entry;
  }

  #unlink(entry: TimeWait): void {
    const { previous, next } = entry;
    if (previous === null) this.#first = next;
    else previous.next = next;
    if (next === null) this.#last = previous;
    else next.previous = previous;
    entry.previous = null;
    entry.next = null;
  }
}
