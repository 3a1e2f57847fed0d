/**
 * Bounds for each client: how many connections and unfinished requests it may have, and how fast it may ask. So no
 * single client can take all of a server.
 *
 * A client is an IPv4 address or an IPv6 network of 64 bits, since a network of that size is what one household or one
 * machine gets (RFC 6177, RFC 7934 section 6). Many people behind a NAT are one client too, so the bounds must be wide
 * enough for them (limits.ts).
 *
 * Each data-path worker has a table of its own. The kernel chooses the worker of a connection by a hash, so with
 * several workers a client may hold up to that many times the bounds.
 *
 * A client is known while it has a connection. With a bound on its rate it is remembered a little longer: until it
 * could begin afresh anyway. Otherwise a client would only have to connect again.
 */
import { type Clock, SECOND } from '../../net/clock.js';
import type { IpAddress } from '../../net/wire/address.js';
import type { HttpLimits } from '../limits.js';

/** Clients that are remembered at most, those with connections aside. Beyond it the oldest are forgotten. */
const MAX_REMEMBERED = 65_536;
/** The table's buckets: a power of two. */
const BUCKETS = 4_096;

/** One client. `Clients` makes them. */
export class Client {
  connections = 0;
  /** Requests of which a part has come. */
  unfinished = 0;
  /** When the next request is due if the client keeps to its rate: microseconds of the clock. */
  due = 0;
  /** The next client of the same bucket. */
  next: Client | null = null;

  constructor(
    readonly high: number,
    readonly low: number,
  ) {}
}

/** The clients of one thread. Limits of 0 bound nothing. */
export class Clients {
  readonly #limits: HttpLimits;
  readonly #clock: Clock;
  readonly #buckets: (Client | null)[] = new Array<Client | null>(BUCKETS).fill(null);
  /** Clients without a connection, in the order in which they left. Only with a bound on the rate. */
  readonly #remembered = new Set<Client>();
  #size = 0;

  constructor(limits: HttpLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Clients that are known now. */
  get size(): number {
    return this.#size;
  }

  /** The client with this address has one more connection. Null: it has too many, and this one is to be refused. */
  opened(address: IpAddress): Client | null {
    const client = this.#find(address) ?? this.#add(address);
    const { connectionsPerClient } = this.#limits;
    if (connectionsPerClient > 0 && client.connections >= connectionsPerClient) return null;
    if (client.connections === 0) this.#remembered.delete(client);
    client.connections++;
    return client;
  }

  closed(client: Client): void {
    client.connections--;
    if (client.connections > 0) return;
    if (!this.#owesTime(client)) {
      this.#remove(client);
      return;
    }
    this.#remembered.add(client);
  }

  /** A part of a request has come. */
  began(client: Client): void {
    client.unfinished++;
  }

  /** Whether more requests of this client are unfinished than may be. */
  hasTooMany(client: Client): boolean {
    const { unfinishedPerClient } = this.#limits;
    return unfinishedPerClient > 0 && client.unfinished > unfinishedPerClient;
  }

  /** Such a request is whole, or was given up. */
  finished(client: Client): void {
    client.unfinished--;
  }

  /**
   * A request has come: whether the client keeps to its rate. A token bucket of `requestBurst`, written as the time at
   * which it will be full (the "generic cell rate algorithm" of ATM). If not, it may ask again within a second, since
   * no rate is less than one a second.
   */
  mayAsk(client: Client): boolean {
    const { requestRate, requestBurst } = this.#limits;
    if (requestRate === 0) return true;
    const { now } = this.#clock;
    const interval = SECOND / requestRate;
    const due = Math.max(client.due, now);
    if (due - now > interval * (requestBurst - 1)) return false;
    client.due = due + interval;
    return true;
  }

  #owesTime(client: Client): boolean {
    return this.#limits.requestRate > 0 && client.due > this.#clock.now;
  }

  /** Those whose time is over, and the oldest where there are too many. */
  #forget(): void {
    for (const client of this.#remembered) {
      if (this.#owesTime(client) && this.#remembered.size < MAX_REMEMBERED) return;
      this.#remembered.delete(client);
      this.#remove(client);
    }
  }

  #find(address: IpAddress): Client | null {
    const high = highOf(address);
    const low = lowOf(address);
    for (let client = this.#buckets[bucketOf(high, low)] ?? null; client !== null; client = client.next) {
      if (client.high === high && client.low === low) return client;
    }
    return null;
  }

  #add(address: IpAddress): Client {
    this.#forget();
    const client = new Client(highOf(address), lowOf(address));
    const bucket = bucketOf(client.high, client.low);
    client.next = this.#buckets[bucket] ?? null;
    this.#buckets[bucket] = client;
    this.#size++;
    return client;
  }

  #remove(client: Client): void {
    const bucket = bucketOf(client.high, client.low);
    this.#size--;
    let before = this.#buckets[bucket] ?? null;
    if (before === client) {
      this.#buckets[bucket] = client.next;
      return;
    }
    while (before !== null && before.next !== client) before = before.next;
    if (before !== null) before.next = client.next;
  }
}

/** The upper 32 bits of what names a client. IPv4 has none: no host on the internet has an address in ::/32. */
function highOf(address: IpAddress): number {
  return address.isV4 ? 0 : address.word0;
}

function lowOf(address: IpAddress): number {
  return address.isV4 ? address.word3 : address.word1;
}

/** Fibonacci hashing. Whoever has many addresses can fill one bucket, but then each costs a connection of theirs. */
function bucketOf(high: number, low: number): number {
  return (Math.imul(high ^ Math.imul(low, 0x85eb_ca6b), 0x9e37_79b1) >>> 20) & (BUCKETS - 1);
}
