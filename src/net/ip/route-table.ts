/**
 * The routes in use, found by their two addresses: a hash table with a bound.
 *
 * Looked up for each new connection and each stateless answer (a RST, an echo reply), so it allocates nothing when the
 * route is known. When full, the oldest route that was not used since the hand last passed makes room (second chance).
 * A connection whose route has left the table keeps it and works on; it only no longer shares a path MTU.
 */
import type { Route } from './route.js';

/** Bounds the memory that a flood from forged addresses can take: about 300 bytes each. */
export const MAX_ROUTES = 4096;

export class RouteTable {
  readonly #buckets: (Route | null)[];
  readonly #ring: Route[] = [];
  readonly #limit: number;
  #hand = 0;

  constructor(limit = MAX_ROUTES) {
    this.#limit = limit;
    this.#buckets = new Array<Route | null>(powerOfTwo(limit)).fill(null);
  }

  get size(): number {
    return this.#ring.length;
  }

  /** The route from local address l to remote address r, given as words; null if there is none. */
  find(l0: number, l1: number, l2: number, l3: number, r0: number, r1: number, r2: number, r3: number): Route | null {
    let route: Route | null = this.#buckets[this.#bucketOf(l3, r0, r1, r2, r3)]!;
    for (; route !== null; route = route.nextInBucket) {
      const { local, remote } = route;
      const sameRemote = remote.word3 === r3 && remote.word2 === r2 && remote.word1 === r1 && remote.word0 === r0;
      if (!sameRemote) continue;
      if (local.word3 === l3 && local.word2 === l2 && local.word1 === l1 && local.word0 === l0) {
        route.touched = true;
        return route;
      }
    }
    return null;
  }

  /** Adds a route that `find` did not find. */
  add(route: Route): void {
    if (this.#ring.length < this.#limit) {
      this.#ring.push(route);
    } else {
      while (this.#ring[this.#hand]!.touched) {
        this.#ring[this.#hand]!.touched = false;
        this.#hand = (this.#hand + 1) % this.#limit;
      }
      this.#unlink(this.#ring[this.#hand]!);
      this.#ring[this.#hand] = route;
      this.#hand = (this.#hand + 1) % this.#limit;
    }
    const bucket = this.#bucket(route);
    route.nextInBucket = this.#buckets[bucket]!;
    this.#buckets[bucket] = route;
  }

  /** All routes: for changes of the link's MTU, and for display. */
  [Symbol.iterator](): Iterator<Route> {
    return this.#ring[Symbol.iterator]();
  }

  #unlink(route: Route): void {
    const bucket = this.#bucket(route);
    let link = this.#buckets[bucket]!;
    if (link === route) {
      this.#buckets[bucket] = route.nextInBucket;
    } else {
      while (link !== null && link.nextInBucket !== route) link = link.nextInBucket!;
      if (link !== null) link.nextInBucket = route.nextInBucket;
    }
    route.nextInBucket = null;
  }

  #bucket(route: Route): number {
    const { local, remote } = route;
    return this.#bucketOf(local.word3, remote.word0, remote.word1, remote.word2, remote.word3);
  }

  #bucketOf(l3: number, r0: number, r1: number, r2: number, r3: number): number {
    let hash = Math.imul(r3 ^ Math.imul(r2, 0x85ebca6b) ^ Math.imul(r1, 0xc2b2ae35) ^ r0, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ l3, 0x85ebca6b);
    return (hash ^ (hash >>> 13)) & (this.#buckets.length - 1);
  }
}

function powerOfTwo(atLeast: number): number {
  let size = 1;
  while (size < atLeast) size *= 2;
  return size;
}
