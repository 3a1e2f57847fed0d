/**
 * Connections in TIME-WAIT: RFC 9293 section 3.6, and RFC 6191 for their reuse. There can be very many (each connection
 * that we close first stays a minute), so only what the state needs is kept. All wait equally long: a ring in the order
 * of arrival is also in the order of expiry, and the ring's size is the bound. When it is full, the oldest gives way. (A
 * repeated FIN is acknowledged but, as in Linux, does not begin the wait anew.)
 */

import type { IpPacket } from '../../ip/packet.js';
import type { Route } from '../../ip/route.js';
import type { Random } from '../../random.js';
import type { IpAddress } from '../../wire/address.js';
import type { Sequence } from '../sequence.js';
import type { TcpStatistics } from '../statistics.js';
import { ConnectionTable } from './connection-table.js';

/** What a control block leaves behind. */
interface Ending {
  readonly route: Route;
  readonly localPort: number;
  readonly remotePort: number;
  readonly snd: { readonly nxt: Sequence };
  readonly rcv: { readonly nxt: Sequence };
  readonly timestamps: { readonly enabled: boolean; readonly recent: number; readonly offset: number };
}

/** One of them; used again when it is over. */
export class TimeWait {
  hash = 0;
  route!: Route;
  localPort = 0;
  remotePort = 0;
  /** SND.NXT and RCV.NXT, after both FINs. */
  sndNxt: Sequence = 0;
  rcvNxt: Sequence = 0;
  /** The window field of the last ACKs. */
  window = 0;
  timestamps = false;
  timestampRecent = 0;
  timestampOffset = 0;
  /** When it is over, microseconds; 0 when not in use. */
  until = 0;

  get localAddress(): IpAddress {
    return this.route.local;
  }

  get remoteAddress(): IpAddress {
    return this.route.remote;
  }
}

const FIRST_CAPACITY = 1024;

export class TimeWaitTable {
  readonly #table: ConnectionTable<TimeWait>;
  #ring: TimeWait[] = [];
  #first = 0;
  #count = 0;
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

  /** Takes over from a control block that has reached TIME-WAIT. */
  add(tcb: Ending, windowField: number, until: number): void {
    const entry = this.#claim();
    entry.route = tcb.route;
    entry.localPort = tcb.localPort;
    entry.remotePort = tcb.remotePort;
    entry.sndNxt = tcb.snd.nxt;
    entry.rcvNxt = tcb.rcv.nxt;
    entry.window = windowField;
    entry.timestamps = tcb.timestamps.enabled;
    entry.timestampRecent = tcb.timestamps.recent;
    entry.timestampOffset = tcb.timestamps.offset;
    entry.until = until;
    this.#table.add(entry);
    this.#statistics.timeWaits++;
  }

  /** Ends one early: a new connection takes its place (RFC 6191). Its place in the ring stays until its time. */
  delete(entry: TimeWait): void {
    this.#table.delete(entry);
    entry.until = 0;
  }

  /** When the oldest is over; Infinity if there is none. */
  next(): number {
    while (this.#count > 0 && this.#ring[this.#first]!.until === 0) this.#dropFirst();
    return this.#count > 0 ? this.#ring[this.#first]!.until : Number.POSITIVE_INFINITY;
  }

  /** Ends all whose time has come. */
  expire(now: number): void {
    while (this.next() <= now) this.#endFirst();
  }

  /** A place at the end of the ring. */
  #claim(): TimeWait {
    if (this.#count === this.#ring.length) {
      if (this.#ring.length < this.#maximum) this.#grow();
      else {
        if (this.#ring[this.#first]!.until !== 0) this.#statistics.timeWaitsDropped++;
        this.#endFirst();
      }
    }
    const entry = this.#ring[(this.#first + this.#count) % this.#ring.length]!;
    this.#count++;
    return entry;
  }

  #endFirst(): void {
    const entry = this.#ring[this.#first]!;
    if (entry.until !== 0) this.delete(entry);
    this.#dropFirst();
  }

  #dropFirst(): void {
    this.#first = (this.#first + 1) % this.#ring.length;
    this.#count--;
  }

  #grow(): void {
    const straight = [...this.#ring.slice(this.#first), ...this.#ring.slice(0, this.#first)];
    const capacity = Math.min(this.#maximum, Math.max(FIRST_CAPACITY, 2 * straight.length));
    while (straight.length < capacity) straight.push(new TimeWait());
    this.#ring = straight;
    this.#first = 0;
  }
}
