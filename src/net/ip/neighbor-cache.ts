/**
 * The neighbours on the link and their states: RFC 4861 section 7.3 for IPv6, and for IPv4 what RFC 1122 section
 * 2.3.2.1 asks of an ARP cache. The states and their drawing are in `neighbor.ts`; read that first.
 *
 * `Output` asks `isReady` for each frame; only if the answer is no does anything slower happen. REACHABLE has no timer:
 * its age is compared with the clock when the entry is used, so an idle stack has no deadlines.
 */
import type { Clock } from '../clock.js';
import { SECOND } from '../clock.js';
import type { OutgoingFrame } from '../device/frame.js';
import type { Random } from '../random.js';
import type { IpAddress } from '../wire/address.js';
import { copyAddress } from '../wire/ethernet.js';
import { NEIGHBOR, Neighbor } from './neighbor.js';
import { PendingFrames } from './pending-frames.js';

/**
 * Entries kept: a full /22 of neighbours. It bounds what a scan of the link can do; mostly there is one peer or
 * gateway.
 */
export const MAX_NEIGHBORS = 1024;
/** Requests before giving up: MAX_MULTICAST_SOLICIT and MAX_UNICAST_SOLICIT of RFC 4861 section 10. */
const MAX_REQUESTS = 3;
/** DELAY_FIRST_PROBE_TIME, RFC 4861 section 10. */
const DELAY_TIME = 5 * SECOND;
/** REACHABLE_TIME before its random factor, and RETRANS_TIMER (also RFC 1122's "at most one a second"). */
export const BASE_REACHABLE_TIME = 30 * SECOND;
export const REQUEST_INTERVAL = 1 * SECOND;

/** The calls that the cache makes to ARP or NDP, and to the layer. */
export interface NeighborEvents {
  /** Ask for the neighbour's Ethernet address: all stations, or, to verify it, the address that is known. */
  solicit(neighbor: Neighbor, toKnownMac: boolean): void;
  /** The address is known: send this frame that waited for it. */
  transmit(frame: OutgoingFrame, neighbor: Neighbor): void;
  /** It does not answer; `frame` was waiting for it (and `undefined` if none was). */
  unreachable(neighbor: Neighbor, frame: OutgoingFrame | undefined): void;
  /** A frame that waited was dropped for a newer one. */
  pendingDropped(count: number): void;
}

export class NeighborCache {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #events: NeighborEvents;
  readonly #limit: number;
  readonly #neighbors = new Map<number | string, Neighbor>();
  /** Those with a running timer: INCOMPLETE, DELAY or PROBE. */
  readonly #timed = new Set<Neighbor>();
  #nextDeadline = Number.POSITIVE_INFINITY;
  #reachableTime = 0;
  #requestInterval = REQUEST_INTERVAL;

  constructor(clock: Clock, random: Random, events: NeighborEvents, limit = MAX_NEIGHBORS) {
    this.#clock = clock;
    this.#random = random;
    this.#events = events;
    this.#limit = limit;
    this.setReachableTime(BASE_REACHABLE_TIME);
  }

  /** Takes a base reachable time, µs, times a random factor from 0.5 to 1.5 (RFC 4861 section 6.3.2). */
  setReachableTime(base: number): void {
    const fraction = (this.#random.nextInt32() >>> 0) / 0x1_0000_0000;
    this.#reachableTime = Math.round(base * (0.5 + fraction));
  }

  /** The time between two requests, µs: a router may lengthen it (RFC 4861 section 6.3.4). */
  setRequestInterval(interval: number): void {
    this.#requestInterval = Math.max(interval, REQUEST_INTERVAL);
  }

  get size(): number {
    return this.#neighbors.size;
  }

  /** The entry for `address`, if there is one. */
  find(address: IpAddress): Neighbor | undefined {
    return this.#neighbors.get(keyOf(address));
  }

  /** The entry for an IPv4 address as int32, if there is one. */
  findV4(word: number): Neighbor | undefined {
    return this.#neighbors.get(word);
  }

  /** The entry for `address`, made if need be. */
  obtain(address: IpAddress): Neighbor {
    const key = keyOf(address);
    const known = this.#neighbors.get(key);
    if (known !== undefined) {
      known.touched = true;
      return known;
    }
    if (this.#neighbors.size >= this.#limit) this.#evict();
    const neighbor = new Neighbor(address, this.#clock);
    this.#neighbors.set(key, neighbor);
    return neighbor;
  }

  /** True if a frame can go to `neighbor.mac` at once. Begins to verify an address that was not confirmed lately. */
  isReady(neighbor: Neighbor): boolean {
    neighbor.touched = true;
    if (neighbor.state === NEIGHBOR.REACHABLE) {
      if (this.#clock.now - neighbor.confirmedAt < this.#reachableTime) return true;
      neighbor.state = NEIGHBOR.STALE;
    }
    if (neighbor.state === NEIGHBOR.STALE) this.#enter(neighbor, NEIGHBOR.DELAY, DELAY_TIME);
    return neighbor.hasMac;
  }

  /**
   * Keeps a copy of `frame` (from its IP header on) until the neighbour answers, and asks if that has not been done.
   */
  hold(frame: OutgoingFrame, neighbor: Neighbor): void {
    neighbor.pending ??= new PendingFrames();
    const dropped = neighbor.pending.keep(frame);
    if (dropped > 0) this.#events.pendingDropped(dropped);
    if (neighbor.state !== NEIGHBOR.NONE) return;
    this.#enter(neighbor, NEIGHBOR.INCOMPLETE, this.#requestInterval);
    neighbor.requests = 1;
    this.#events.solicit(neighbor, false);
  }

  /**
   * A hint from the neighbour's own traffic: used only where nothing is known, and to be verified (STALE). Never
   * changes an entry that has an address.
   */
  learn(neighbor: Neighbor, bytes: Uint8Array, macAt: number): void {
    if (neighbor.hasMac || neighbor.state === NEIGHBOR.REMOVED) return;
    copyAddress(bytes, macAt, neighbor.mac, 0);
    neighbor.state = NEIGHBOR.STALE;
    this.#release(neighbor);
  }

  /**
   * The neighbour says, unasked, that this is its Ethernet address: if that is news, it is used and verified (STALE).
   */
  update(neighbor: Neighbor, bytes: Uint8Array, macAt: number): void {
    if (neighbor.hasMac && sameMac(neighbor.mac, bytes, macAt)) return;
    copyAddress(bytes, macAt, neighbor.mac, 0);
    neighbor.state = NEIGHBOR.STALE;
    this.#release(neighbor);
  }

  /** The neighbour answered our request with this Ethernet address: REACHABLE. */
  answered(neighbor: Neighbor, bytes: Uint8Array, macAt: number): void {
    copyAddress(bytes, macAt, neighbor.mac, 0);
    neighbor.state = NEIGHBOR.STALE;
    neighbor.confirm();
    this.#release(neighbor);
  }

  /** There is a reason to doubt a confirmed address: it will be verified when it is next used. */
  doubt(neighbor: Neighbor): void {
    if (neighbor.state === NEIGHBOR.REACHABLE) neighbor.state = NEIGHBOR.STALE;
  }

  /** Forgets the entry: a route that holds it looks up a new one. */
  remove(neighbor: Neighbor): void {
    if (neighbor.state === NEIGHBOR.REMOVED) return;
    neighbor.state = NEIGHBOR.REMOVED;
    this.#neighbors.delete(keyOf(neighbor.address));
    this.#timed.delete(neighbor);
    const pending = neighbor.pending;
    neighbor.pending = null;
    if (pending !== null) this.#events.pendingDropped(pending.count);
  }

  /** When the next request is due, µs; Infinity if none. */
  nextDeadline(): number {
    return this.#nextDeadline;
  }

  /** Sends the requests that are due and gives up those without answer. */
  runTimers(): void {
    if (this.#clock.now < this.#nextDeadline) return;
    let next = Number.POSITIVE_INFINITY;
    for (const neighbor of this.#timed) {
      if (isTimed(neighbor) && neighbor.deadline <= this.#clock.now) this.#expire(neighbor);
      if (!isTimed(neighbor)) this.#timed.delete(neighbor);
      else next = Math.min(next, neighbor.deadline);
    }
    this.#nextDeadline = next;
  }

  #expire(neighbor: Neighbor): void {
    if (neighbor.state === NEIGHBOR.DELAY) {
      neighbor.requests = 0;
      neighbor.state = NEIGHBOR.PROBE;
    }
    if (neighbor.requests >= MAX_REQUESTS) {
      this.#giveUp(neighbor);
      return;
    }
    neighbor.requests++;
    neighbor.deadline = this.#clock.now + this.#requestInterval;
    this.#events.solicit(neighbor, neighbor.state === NEIGHBOR.PROBE);
  }

  #giveUp(neighbor: Neighbor): void {
    const pending = neighbor.pending;
    neighbor.pending = null;
    this.remove(neighbor);
    let frame = pending?.take();
    do {
      this.#events.unreachable(neighbor, frame);
      frame = pending?.take();
    } while (frame !== undefined);
  }

  #enter(neighbor: Neighbor, state: typeof NEIGHBOR.INCOMPLETE | typeof NEIGHBOR.DELAY, time: number): void {
    neighbor.state = state;
    neighbor.deadline = this.#clock.now + time;
    this.#timed.add(neighbor);
    this.#nextDeadline = Math.min(this.#nextDeadline, neighbor.deadline);
  }

  /** Sends the frames that waited for the address. */
  #release(neighbor: Neighbor): void {
    const pending = neighbor.pending;
    if (pending === null) return;
    neighbor.pending = null;
    for (let frame = pending.take(); frame !== undefined; frame = pending.take()) {
      this.#events.transmit(frame, neighbor);
    }
  }

  /**
   * Second chance (the "clock" algorithm): the oldest entry that was not used since the hand last passed goes. The Map
   * keeps the order of insertion, so an entry that is spared moves to its end.
   */
  #evict(): void {
    for (let turn = 0; turn <= this.#limit; turn++) {
      const [key, oldest] = this.#neighbors.entries().next().value!;
      if (!oldest.touched || turn === this.#limit) {
        this.remove(oldest);
        return;
      }
      oldest.touched = false;
      this.#neighbors.delete(key);
      this.#neighbors.set(key, oldest);
    }
  }
}

function isTimed(neighbor: Neighbor): boolean {
  return (
    neighbor.state === NEIGHBOR.INCOMPLETE || neighbor.state === NEIGHBOR.DELAY || neighbor.state === NEIGHBOR.PROBE
  );
}

function sameMac(mac: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 6; i++) if (mac[i] !== bytes[at + i]) return false;
  return true;
}

/** IPv4 addresses by their word, IPv6 by text: allocated only when a route is made or NDP speaks. */
function keyOf(address: IpAddress): number | string {
  if (address.isV4) return address.word3;
  return `${address.word0},${address.word1},${address.word2},${address.word3}`;
}
